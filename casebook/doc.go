// Package casebook reads casebooks: operations, actors under the names that public sources give them, denials, and the measures
// that followed, written by hand as facts, each with the document it rests on. In goes YAML; out come STIX objects as
// docs/model.md says.
//
// One casebook comes with Marque ([Source], data/*.yaml): the operations that the reports behind it tell of, in our own words.
// It shows what a kept case looks like and feeds `marque demo`. It is not a feed: it is as complete as its files. Analysts
// can keep their own: the format is that of data/*.yaml: joined under the line "casebook: 1", or as
// files that are read together. A key that is not known is an error with its line.
//
// Invariants: keys become ids, so a corrected fact is a new version of its object, and reading a file again changes nothing;
// a claim of a casebook is accepted, because a person wrote it; a fact that names what is not there is set aside by its key.
package casebook
