package event_test

import (
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"testing"

	"marque/event"
)

var canonicalName = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)

// checkSpellings holds the word-at-a-time checks against the standard library and a regular expression.
func checkSpellings(t *testing.T, in string) {
	t.Helper()
	want, err := netip.ParseAddr(in)
	for _, b := range [][]byte{slices.Clip([]byte(in)), []byte(in + "9.9.9.9.9.9.9.9.9.9.9")[:len(in)]} { // at the end of memory, and before other text
		got, ok := event.Quad(b)
		if four := err == nil && want.Is4(); ok != four || ok && got != want {
			t.Fatalf("%q: quad %v %v, netip %v %v", in, got, ok, want, err)
		}
	}
	if got := event.PlainName([]byte(in)); got != (len(in) >= 8 && len(in) <= 253 && canonicalName.MatchString(in)) {
		t.Fatalf("%q: plain name %v", in, got)
	}
	if host := event.PlainURL([]byte(in)); host != nil {
		if again := event.RewriteURL([]byte(in)); string(again) != in {
			t.Fatalf("%q: taken as canonical, which is %q", in, again)
		}
	}
}

func TestSpellings(t *testing.T) {
	for _, in := range []string{
		"1.2.3.4", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4.", ".1.2.3.4", "1..2.3", "1.2.3.4444", "0.0.0.0", "1.2.3.0x",
		"example.com", "a..example.com", "1234567..com", "12345678..com", "1234567.8.com", ".example.com", "example.com.", "EXAMPLE.com", "exa\x00mple.com",
		"http://example.com/", "http://example.com/a/./b", "http://example.com/.b", "https://example.com/a.b?c=%7e", "http://example.com", "http:///x",
	} {
		checkSpellings(t, in)
	}
	r := rand.New(rand.NewPCG(5, 6))
	const letters = "0123456789.....abz-_/AZ\x00\x80:"
	for range 300_000 {
		b := make([]byte, r.IntN(24))
		span := []int{15, 21, len(letters)}[r.IntN(3)]
		for i := range b {
			b[i] = letters[r.IntN(span)]
		}
		in := string(b)
		if r.IntN(4) == 0 {
			in = "http://example.com/" + in
		}
		checkSpellings(t, in)
	}
	for range 100_000 {
		x := r.Uint32()
		checkSpellings(t, netip.AddrFrom4([4]byte{byte(x), byte(x >> 8), byte(x >> 16), byte(x >> 24)}).String())
	}
}

func FuzzSpellings(f *testing.F) {
	f.Add("192.0.2.1")
	f.Add("www.example.com")
	f.Add("https://www.example.com/a.b?c")
	f.Fuzz(checkSpellings)
}
