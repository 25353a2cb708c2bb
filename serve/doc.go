// Package serve is the one server of Marque: it listens, and hands requests to the surfaces that are mounted on it, such as
// serve/taxii.
//
// In goes a [Config], a logger and handlers; out come HTTP responses. The package knows no surface: each is an http.Handler.
//
// Invariants: it listens on 127.0.0.1 unless it is told otherwise, and beyond this machine only with TLS or behind a proxy
// that has it; on this machine it answers only requests that name this machine, so that no web page can reach it by a DNS
// trick; slow clients are cut off; a panic costs one request; ending waits for requests that are under way.
package serve
