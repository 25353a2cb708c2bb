package event

import (
	"fmt"

	"github.com/zeebo/xxh3"
)

// Kind is what an observable or an indicator's value is.
type Kind uint8

// The kinds, in the order of the lake's code column.
const (
	KindNone Kind = iota
	IPv4
	IPv6
	CIDR // indicators only
	Domain
	URL
	MD5
	SHA1
	SHA256
	SHA512
	Email
	kinds
)

var kindNames = [kinds]string{"none", "ipv4", "ipv6", "cidr", "domain", "url", "md5", "sha1", "sha256", "sha512", "email"}

// String returns the kind's name as Marque's files and output spell it.
func (k Kind) String() string {
	if k < kinds {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// IsHash reports whether the kind is a file hash.
func (k Kind) IsHash() bool { return k >= MD5 && k <= SHA512 }

// Hash returns the seeded 64-bit hash of a canonical value, the one that tables and the lake's hash columns hold. It is XXH3
// with a seed of its own for each kind, and never 0, which stands for "no value".
func Hash(kind Kind, value []byte, seed uint64) uint64 {
	h := xxh3.HashSeed(value, seed+uint64(kind)*0x9E3779B97F4A7C15)
	if h == 0 {
		return 1
	}
	return h
}
