// Package web is the room where analysts work: pages that the server renders.
//
// In: requests of people who have signed in, or whom the configuration lets in without. Out: HTML that reads without any script, one style
// sheet, and nothing from elsewhere.
//
// Invariants:
//   - The URL is the state: filters, the day as of which one looks, what a judgement is asked to suppose. A link shows the same to whoever
//     may see the same.
//   - A page is made from what its reader may see, and says the highest level of what is on it (TestNothingAboveTheReadersLevel).
//   - Text from documents is data: no markup of it becomes an element (TestHostileTextsAddNothing). The content security policy allows no
//     script, no frame, no foreign address.
//   - GET changes nothing; POST from other sites is refused (TestOtherSitesAreRefused).
//   - Every template is run with its emptiest and its fullest view (TestEveryPage).
//
// The same as data stands under /v1 (package serve/api); each page links to it.
package web
