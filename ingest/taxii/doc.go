// Package taxii reads collections from TAXII 2.1 servers (OASIS Standard, 10 June 2021) into the store.
//
// In goes the URL of a server, an API root or a collection; out come STIX objects with the collection as provenance, under the
// importer "taxii-feed:<collection id>", through the same pipeline as files: what is bad goes to the quarantine.
//
// How a collection is paged (section 3.5). With "next" where the server gives it, else with added_after and the header
// X-TAXII-Date-Added-Last. By time, a page is asked for from a microsecond before the last date on, because servers exist that
// give many objects one date and cut a page between them: what comes twice is known to the store and changes nothing.
//
// Invariants:
//   - After each page that is stored the position is kept. A run that was ended goes on from there; the next run asks for what
//     was added since.
//   - It never skips: where a server cannot be read completely, that is an error.
//   - It never loops: a "next" that comes again, pages that come again, empty pages without end and a date that does not
//     advance are told apart from progress, and end the run with ErrLoop if there is no other way on.
//   - Pages are bounded in size, number and time; a page that is cut off or not JSON is asked for again.
//   - Requests go to the server that the user named and to no other, see internal/guard.
package taxii
