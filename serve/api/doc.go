// Package api is Marque's HTTP API: what the workspace's verbs answer, under /v1, for programs.
//
// In: requests of users that package auth knows. Out: JSON; lists also as NDJSON and CSV, whole; problems as RFC 9457 has them. What there
// is stands in /v1/openapi.json, which is made from the Go types (OpenAPI 3.1).
//
// Invariants:
//   - An answer is made from what its reader may see: the lower of the user's clearance, the request's tlp= and TLP:AMBER+STRICT
//     (TestNothingAboveTheReadersLevel). What is above it answers like what does not exist.
//   - Every operation is described, and exercised by a test (TestEveryOperationIsDescribedAndAnswers).
//   - No input gives a 5xx (FuzzRequests).
//   - GET changes nothing.
//
// Paging is by key: what is stored meanwhile moves nothing that was given out (TestPagesHoldWhileTheStoreGrows).
package api
