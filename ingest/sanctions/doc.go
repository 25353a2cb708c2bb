// Package sanctions reads the lists of persons, organisations, ships and wallets that states sanction, in the publishers' own formats.
//
// In come: OFAC's SDN and consolidated lists (CSV in its own layout with alternative names, addresses and comments; XML), the list of the
// United Kingdom (CSV, XML), of the European Union (XML, CSV), of the United Nations (XML), OpenSanctions' FollowTheMoney entities (JSON
// lines) and bare lists of crypto addresses. Out comes one [Subject] after the other, with what the list says of it and nothing else.
//
// Invariants:
//   - Memory does not grow with the list: one subject is held at a time. Files that belong together (OFAC's four) are joined by number,
//     for which they must be in order, as they are published; a file that is not is refused with the place.
//   - A row or element that cannot be read is a [EntryError] with its place, and reading goes on; a column that is missing or renamed is
//     named and ends reading, since every row after it would be wrong.
//   - XML with a document type or entities of its own is refused; depth, sizes and counts are limited.
//   - A date has the precision that the list gives it; a year is never made a first of January.
//   - [Compare] of two versions of a list says what was listed, changed and lifted; a version that lacks so much that it must be a
//     part is refused ([ErrTruncated]) and nobody is lifted by it.
package sanctions
