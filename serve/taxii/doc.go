// Package taxii serves what the store knows by TAXII 2.1 (OASIS Standard, 10 June 2021).
//
// In go a store, users and a [Config]; out comes an http.Handler with every endpoint of sections 4 and 5. A collection is
// either a query over the store, which nobody writes to, or it is its own: it holds what its writers posted and what the owner
// put in with [Add]. Its members are what the importer "taxii:<collection id>" brought; deleting is withdrawing, so nothing is
// lost from the store.
//
// Invariants:
//   - Nobody is shown an object above the own clearance, by any endpoint, and nobody one that is TLP:RED, or that
//     its PAP markings do not permit for what the collection is for: everything is read through store.Share.
//   - Order is the store's order of storing. Each object has a date_added of its own, to the microsecond, and these rise with
//     the order; so paging, by next as by added_after, is complete and without repeats whatever is written meanwhile.
//   - A page is selected once. What is stored while it is written does not change it.
//   - Every response of more than one object is streamed: memory does not grow with the page.
//   - Who has no right to a collection cannot tell that it is there.
//   - Bodies, pages and times are bounded. An error that has begun to be a page ends the connection, so that no client takes
//     half a page for a whole one.
//
// Choices where the standard leaves one: a request without Accept is 406 (section 3.1 demands it), "*/*" is served; objects without
// modified and created have their date_added as version; a response without objects has date headers from which one may continue;
// next is in manifests and versions, too.
package taxii
