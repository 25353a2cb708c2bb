package event

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"net/netip"
	"net/url"
	"strings"
	"unsafe"

	"golang.org/x/net/idna"
)

// canon rewrites values into the one spelling that is hashed, stored and compared. Values that are canonical already are
// returned as they are; others are written to blocks that are never written again, so that they live as long as someone
// holds them.
type canon struct {
	buf []byte
}

const canonBlock = 64 << 10

// maxValue is the longest value that is looked at; longer ones (a data URL, say) are no indicator's equal.
const maxValue = 8 << 10

// view reads b as a string without copying; it must not outlive b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// keep appends to buf through f and returns what was appended.
func (c *canon) keep(f func(buf []byte) []byte) []byte {
	if cap(c.buf)-len(c.buf) < 512 {
		c.buf = make([]byte, 0, canonBlock)
	}
	start := len(c.buf)
	c.buf = f(c.buf)
	return c.buf[start:len(c.buf):len(c.buf)]
}

// addr reads an IPv4 address (dotted quad, no leading zeros) or an IPv6 address. IPv4 within IPv6 is taken as IPv4, zones are
// dropped; RFC 5952 gives the text.
func (c *canon) addr(b []byte) (Kind, []byte, netip.Addr) {
	if a, ok := quad(b); ok {
		return IPv4, b, a
	}
	if len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' {
		b = b[1 : len(b)-1]
	}
	if bytes.IndexByte(b, ':') < 0 || len(b) > 64 {
		return KindNone, nil, netip.Addr{}
	}
	a, err := netip.ParseAddr(view(b))
	if err != nil {
		return KindNone, nil, netip.Addr{}
	}
	a = a.WithZone("").Unmap()
	value := c.keep(a.AppendTo)
	if a.Is4() {
		return IPv4, value, a
	}
	return IPv6, value, a
}

// quadRoom is how many bytes quad looks at: the longest address, and a word of four from any place in it.
const quadRoom = 20

// quad reads a dotted quad. Where its parts end is different in each, so that a loop over the bytes would be mispredicted
// again and again; finding the dots in a word and reading each part at once takes half the time.
func quad(b []byte) (netip.Addr, bool) {
	n := len(b)
	if n < 7 || n > 15 {
		return netip.Addr{}, false
	}
	if cap(b) < quadRoom {
		var padded [quadRoom]byte
		copy(padded[:], b)
		b = padded[:]
	}
	text := (*[quadRoom]byte)(b[:quadRoom])
	lo := binary.LittleEndian.Uint64(text[:]) & (^uint64(0) >> uint(8*max(8-n, 0)))
	hi := binary.LittleEndian.Uint64(text[8:]) & (^uint64(0) >> uint(8*(16-n)))
	if (lo|hi)&highBits != 0 {
		return netip.Addr{}, false
	}
	// Bit i of dots tells whether byte i is a dot.
	dots := uint32(equals(lo, '.')>>7*0x0102040810204080>>56 | equals(hi, '.')>>7*0x0102040810204080>>56<<8)
	if bits.OnesCount32(dots) != 3 {
		return netip.Addr{}, false
	}
	dots |= 1 << n
	var ip, fault uint32 // the highest bit of fault tells one, so that only sizes take a branch
	for start := 0; dots != 0; dots &= dots - 1 {
		end := bits.TrailingZeros32(dots)
		size := end - start
		if size < 1 || size > 3 {
			return netip.Addr{}, false
		}
		// The digits of the part, the last one in the highest byte.
		x := (binary.LittleEndian.Uint32(text[start:]) ^ 0x30303030) << uint(-8*size&31)
		value := x>>8&255*100 + x>>16&255*10 + x>>24
		digits := (x + 0x76767676) & 0x80808080
		fault |= -digits | digits | (value - leastQuad[size]) | (255 - value)
		ip, start = ip<<8|value, end+1
	}
	if fault>>31 != 0 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), true
}

// leastQuad is the least part of an address by its number of digits: zeros do not lead.
var leastQuad = [4]uint32{2: 10, 3: 100}

const (
	eachByte = 0x0101010101010101
	highBits = 0x8080808080808080
)

// equals marks, in the high bit of each byte of x, which must be ASCII, those that are ch.
func equals(x uint64, ch byte) uint64 {
	return ^(x ^ eachByte*uint64(ch) + highBits - eachByte) & highBits
}

// between marks the bytes of x, which must be ASCII, from low to high.
func between(x uint64, low, high byte) uint64 {
	return (x + eachByte*uint64(0x80-low)) &^ (x + eachByte*uint64(0x7F-high)) & highBits
}

// maxName is the length of the longest host name (RFC 1035, section 2.3.4, in the usual spelling).
const maxName = 253

// plainName reports whether b is a host name in its canonical spelling, eight bytes at a time: lower-case letters, digits,
// hyphens, underscores and single dots between them.
func plainName(b []byte) bool {
	n := len(b)
	if n < 8 || n > maxName || b[0] == '.' || b[n-1] == '.' {
		return false
	}
	carry := uint64(0) // a dot at the end of the word before
	for i := 0; ; i += 8 {
		if i > n-8 {
			if i == n {
				return true
			}
			i, carry = n-8, 0 // the last word overlaps the one before, whose end it looks at again
		}
		x := binary.LittleEndian.Uint64(b[i:])
		dots := equals(x, '.')
		good := between(x, 'a', 'z') | between(x, '0', '9') | equals(x, '-') | equals(x, '_') | dots
		if good&^x&highBits != highBits || dots&(dots<<8|carry) != 0 {
			return false
		}
		if i+8 == n {
			return true
		}
		carry = dots >> 56
	}
}

// Classes of bytes in a domain name.
const (
	badByte = iota
	nameByte
	upperByte
	dotByte
)

var domainBytes = func() (t [256]uint8) {
	for _, ch := range "abcdefghijklmnopqrstuvwxyz0123456789-_" {
		t[ch] = nameByte
	}
	for ch := 'A'; ch <= 'Z'; ch++ {
		t[ch] = upperByte
	}
	t['.'] = dotByte
	return t
}()

// domain lower-cases a host name, drops its final dot and turns Unicode into punycode (RFC 5891); nil if it is no host name.
func (c *canon) domain(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '.' {
		b = b[:n-1]
	}
	if len(b) == 0 || len(b) > maxName {
		return nil
	}
	if plainName(b) {
		return b
	}
	upper, last := false, uint8(dotByte)
	for _, ch := range b {
		class := domainBytes[ch]
		switch class {
		case badByte:
			if ch >= 0x80 {
				return c.unicodeDomain(b)
			}
			return nil
		case dotByte:
			if last == dotByte {
				return nil
			}
		case upperByte:
			upper = true
		}
		last = class
	}
	if last == dotByte {
		return nil
	}
	if !upper {
		return b
	}
	return c.lower(b)
}

func (c *canon) unicodeDomain(b []byte) []byte {
	ascii, err := idna.Lookup.ToASCII(string(b))
	if err != nil || strings.IndexFunc(ascii, func(r rune) bool { return r >= 0x80 }) >= 0 {
		return nil
	}
	return c.domain([]byte(ascii))
}

func (c *canon) lower(b []byte) []byte {
	return c.keep(func(buf []byte) []byte {
		for _, ch := range b {
			if ch-'A' <= 'Z'-'A' {
				ch |= 0x20
			}
			buf = append(buf, ch)
		}
		return buf
	})
}

var hexBytes = func() (t [256]uint8) {
	for _, ch := range "0123456789abcdef" {
		t[ch] = 1
	}
	for _, ch := range "ABCDEF" {
		t[ch] = 2
	}
	return t
}()

// hash tells the kind of a hex digest from its length and lower-cases it.
func (c *canon) hash(b []byte) (Kind, []byte) {
	var kind Kind
	switch len(b) {
	case 32:
		kind = MD5
	case 40:
		kind = SHA1
	case 64:
		kind = SHA256
	case 128:
		kind = SHA512
	default:
		return KindNone, nil
	}
	if lowerHex(b) {
		return kind, b
	}
	seen, least := uint8(0), uint8(1)
	for _, ch := range b {
		class := hexBytes[ch]
		seen |= class
		least = min(least, class)
	}
	if least == 0 {
		return KindNone, nil
	}
	if seen&2 != 0 {
		b = c.lower(b)
	}
	return kind, b
}

// lowerHex reports whether b, of a length that eight divides, is lower-case hex, eight bytes at a time.
func lowerHex(b []byte) bool {
	all := uint64(highBits)
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		digit := x ^ eachByte*0x30  // 0 to 9 for digits
		letter := x ^ eachByte*0x60 // 1 to 6 for a to f
		isDigit := ^(digit + eachByte*0x76)
		isLetter := (letter + eachByte*0x7F) &^ (letter + eachByte*0x79)
		all &= (isDigit | isLetter) &^ x
	}
	return all == highBits
}

// email takes the address out of "Name <user@host>" and lower-cases all of it: no provider in use tells users apart by case.
func (c *canon) email(b []byte) []byte {
	if open := bytes.LastIndexByte(b, '<'); open >= 0 {
		b = b[open+1:]
		if end := bytes.IndexByte(b, '>'); end >= 0 {
			b = b[:end]
		}
	}
	b = bytes.TrimSpace(b)
	at := bytes.LastIndexByte(b, '@')
	if at <= 0 || at == len(b)-1 || len(b) > 320 || bytes.ContainsAny(b, " \t\r\n,;") {
		return nil
	}
	for _, ch := range b {
		if ch-'A' <= 'Z'-'A' {
			return c.lower(b)
		}
	}
	return b
}

// url normalises after RFC 3986, section 6.2: scheme and host in lower case, default port and fragment dropped, empty path
// as "/", dot segments removed, needless percent-encoding undone and the rest in upper case. The path keeps its case. It returns
// the host as well.
func (c *canon) url(b []byte) (value, host []byte) {
	if host := plainURL(b); host != nil {
		return b, host
	}
	value = c.parsedURL(b)
	return value, URLHost(value)
}

func (c *canon) parsedURL(b []byte) []byte {
	text := strings.TrimSpace(string(b))
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Opaque != "" {
		return c.keep(func(buf []byte) []byte { return append(buf, text...) })
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if kind, addr, _ := c.addr([]byte(host)); kind != KindNone {
		host = string(addr)
	} else if name := c.domain([]byte(host)); name != nil {
		host = string(name)
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := u.Port()
	if port != "" && (u.Scheme != "http" || port != "80") && (u.Scheme != "https" || port != "443") && (u.Scheme != "ftp" || port != "21") {
		host += ":" + port
	}
	path := removeDots(percent(u.EscapedPath()))
	return c.keep(func(buf []byte) []byte {
		buf = append(buf, u.Scheme...)
		buf = append(buf, "://"...)
		if u.User != nil {
			buf = append(append(buf, u.User.String()...), '@')
		}
		buf = append(buf, host...)
		buf = append(buf, path...)
		if u.RawQuery != "" || u.ForceQuery {
			buf = append(append(buf, '?'), percent(u.RawQuery)...)
		}
		return buf
	})
}

// removeDots applies remove_dot_segments (RFC 3986, section 5.2.4) to an absolute or empty path.
func removeDots(path string) string {
	if !strings.Contains(path, "/.") {
		return cmp.Or(path, "/")
	}
	parts := strings.Split(path[1:], "/")
	out := parts[:0:0]
	for i, p := range parts {
		if p != "." && p != ".." {
			out = append(out, p)
			continue
		}
		if p == ".." && len(out) > 0 {
			out = out[:len(out)-1]
		}
		if i == len(parts)-1 {
			out = append(out, "")
		}
	}
	return "/" + strings.Join(out, "/")
}

// percent returns s with its percent-encoding normalised: %7e becomes ~, %2f becomes %2F, a space %20.
func percent(s string) string {
	buf := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] >= 0x7F {
			buf = append(buf, '%', upperHex[s[i]>>4], upperHex[s[i]&15])
			continue
		}
		if s[i] != '%' || i+2 >= len(s) || hexBytes[s[i+1]] == 0 || hexBytes[s[i+2]] == 0 {
			buf = append(buf, s[i])
			continue
		}
		ch := nibble(s[i+1])<<4 | nibble(s[i+2])
		if domainBytes[ch] != badByte || ch == '~' {
			buf = append(buf, ch)
		} else {
			buf = append(buf, '%', upperHex[ch>>4], upperHex[ch&15])
		}
		i += 2
	}
	return string(buf)
}

const upperHex = "0123456789ABCDEF"

func nibble(ch byte) byte {
	if ch <= '9' {
		return ch - '0'
	}
	return ch&0xDF - 'A' + 10
}

// plainURL returns the host of an http or https URL that is canonical as it stands, or nil.
func plainURL(b []byte) []byte {
	host, path := splitURL(b)
	if !plainName(host) || !plainPath(path) {
		return nil
	}
	return host
}

// splitURL returns what stands before and behind the first slash of an http or https URL, or nothing.
func splitURL(b []byte) (host, path []byte) {
	start := 0
	switch {
	case len(b) > 8 && view(b[:8]) == "https://":
		start = 8
	case len(b) > 7 && view(b[:7]) == "http://":
		start = 7
	default:
		return nil, nil
	}
	n := bytes.IndexByte(b[start:], '/')
	if n <= 0 {
		return nil, nil
	}
	return b[start : start+n], b[start+n:]
}

// plainPath reports whether a URL's path and query need no rewriting, eight bytes at a time: none but the bytes that stay as they
// are, and no slash with a dot behind it. It may refuse others that are rare.
func plainPath(b []byte) bool {
	if len(b) < 8 {
		padded := [8]byte{'a', 'a', 'a', 'a', 'a', 'a', 'a', 'a'}
		copy(padded[:], b)
		b = padded[:]
	}
	n, carry := len(b), uint64(0) // a slash at the end of the word before
	for i := 0; ; i += 8 {
		if i > n-8 {
			i, carry = n-8, 0 // the last word overlaps the one before, whose end it looks at again
		}
		x := binary.LittleEndian.Uint64(b[i:])
		slashes := equals(x, '/')
		signs := equals(x|eachByte*0x06, '?') | equals(x, '_') | equals(x, '~') // the first: 9 ; = ?
		good := between(x, '&', '9') | between(x, '@', 'Z') | between(x, 'a', 'z') | signs
		if good&^x&highBits != highBits || equals(x, '.')&(slashes<<8|carry) != 0 {
			return false
		}
		if i+8 == n {
			return true
		}
		carry = slashes >> 56
	}
}

// URLHost returns the host of a canonical URL without port and user.
func URLHost(b []byte) []byte {
	_, host, ok := bytes.Cut(b, []byte("://"))
	if !ok {
		return nil
	}
	if i := bytes.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	if i := bytes.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if i := bytes.LastIndexByte(host, ':'); i >= 0 && bytes.IndexByte(host, ']') < i {
		host = host[:i]
	}
	return host
}

// Canonical returns the kind and the one spelling under which a value of a kind is looked up; ok is false if the value is not
// of that kind. IPv4 and IPv6 stand for each other, as do the hashes, and a CIDR of a single address becomes that address.
func Canonical(kind Kind, value string) (Kind, string, bool) {
	var c canon
	b := []byte(value)
	switch kind {
	case IPv4, IPv6:
		k, v, _ := c.addr(b)
		return k, string(v), k != KindNone
	case CIDR:
		p, err := netip.ParsePrefix(value)
		if err != nil {
			k, v, _ := c.addr(b)
			return k, string(v), k != KindNone
		}
		if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		if p.IsSingleIP() {
			k, v, _ := c.addr([]byte(p.Addr().String()))
			return k, string(v), k != KindNone
		}
		return CIDR, p.Masked().String(), true
	case Domain:
		v := c.domain(b)
		return Domain, string(v), v != nil
	case URL:
		v, _ := c.url(b)
		return URL, string(v), v != nil
	case MD5, SHA1, SHA256, SHA512:
		k, v := c.hash(b)
		return k, string(v), k != KindNone
	case Email:
		v := c.email(b)
		return Email, string(v), v != nil
	}
	return KindNone, "", false
}
