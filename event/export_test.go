package event

import (
	"net/netip"
)

// Quad, PlainName and PlainURL are tested against slower and simpler versions of themselves.
func Quad(b []byte) (netip.Addr, bool) { return quad(b) }

// PlainName reports whether b is a host name in its canonical spelling.
func PlainName(b []byte) bool { return plainName(b) }

// PlainURL returns the host of a URL that needs no rewriting.
func PlainURL(b []byte) []byte { return plainURL(b) }

// RewriteURL normalises a URL without looking whether it needs to be.
func RewriteURL(b []byte) []byte {
	var c canon
	return c.parsedURL(b)
}
