package prose_test

import (
	"slices"
	"strings"
	"testing"

	"marque/ingest/prose"
)

// TestFind finds what people mean, however they wrote it, and nothing that only looks like it.
func TestFind(t *testing.T) {
	sha256, md5 := strings.Repeat("0123456789abcdef", 4), strings.Repeat("f7", 16)
	for _, tt := range []struct{ name, in, want string }{
		{"round brackets", "It called evil(.)test.", "domain-name evil.test"},
		{"braces", "It called evil{.}test, then left.", "domain-name evil.test"},
		{"spelt out", "Mail came from ops [at] evil [dot] test today.", "email-addr ops@evil.test"},
		{"at sign in brackets", "Mail came from ops(at)evil[.]test today.", "email-addr ops@evil.test"},
		{"address", "203(.)0(.)113(.)9 answered.", "ipv4-addr 203.0.113.9"},
		{"IPv6", "2001[:]db8[:][:]9 answered.", "ipv6-addr 2001:db8::9"},
		{"scheme and slash", "hxxps[://]evil[.]test[/]path was asked for", "url https://evil.test/path"},
		{"fxp", "fxp://evil[.]test/f", "url ftp://evil.test/f"},
		{"meow", "meow://evil[.]test/f", "url http://evil.test/f"},
		{"other letters", "zürich[.]test", "domain-name xn--zrich-kva.test"},
		{"with a port", "evil[.]test:8080", "domain-name evil.test"},
		{"one bracket", "evil[.test", "domain-name evil.test"},
		{"no scheme", "evil[.]test/gate.php", "url http://evil.test/gate.php"},

		{"balanced bracket", "see https://evil.test/a_(b) there", "url https://evil.test/a_(b)"},
		{"in brackets", "(see https://evil.test/a)", "url https://evil.test/a"},
		{"dash", "https://evil.test/a—then", "url https://evil.test/a"},
		{"typographic quotes", "“https://evil.test/a”", "url https://evil.test/a"},
		{"guillemets", "«https://evil.test/a»", "url https://evil.test/a"},
		{"ellipsis", "https://evil.test/a…", "url https://evil.test/a"},
		{"full stop", "https://evil.test/a.", "url https://evil.test/a"},
		{"question", "Was it https://evil.test/a?", "url https://evil.test/a"},
		{"markdown", "[here](https://evil.test/a)", "url https://evil.test/a"},
		{"angle brackets", "<https://evil.test/a>", "url https://evil.test/a"},
		{"host before a path", "www.evil.com/path and more", "domain-name www.evil.com"},

		{"name of a file", "It held readme.md, main.rs and setup.zip.", ""},
		{"more names", "payload.mov, notes.app, run.sh and x.py", ""},
		{"version", "Version 1.2.3.4 was new.", ""},
		{"versions", "versions 1.2.3.4, 1.2.3.5 and 1.2.3.6", ""},
		{"section", "See section 3.1.4.1 and chapter 10.1.2.3.", ""},
		{"v", "agent v1.2.3.4", ""},
		{"firmware", "firmware 10.0.0.1", ""},
		{"a version, then a server", "Version 1.2.3.4 spoke to 203.0.113.9.", "ipv4-addr 203.0.113.9"},
		{"abbreviation", "e.g. this, i.e. that, U.S. and a.m.", ""},
		{"sentence without a blank", "It ended.Then it began.", ""},
		{"time", "at 10:20:30 on 12.03.2024", ""},
		{"hash of no length", "commit 0123456789abcdef0123", ""},

		{"digest over two lines", "SHA-256: " + sha256[:40] + "\n" + sha256[40:], "file " + sha256},
		{"digest, indented", sha256[:50] + "\n    " + sha256[50:] + "\n", "file " + sha256},
		{"two digests", md5 + "\n" + md5[2:] + "00", "file " + md5},
		{"flaw with dashes", "CVE–2024–12345", "cve CVE-2024-12345"},
		{"flaw with a hyphen that does not break", "CVE‑2024‑12345", "cve CVE-2024-12345"},
		{"flaw in lower case", "cve-2024-12345", "cve CVE-2024-12345"},
	} {
		var got []string
		found := prose.Find(tt.in, false)
		for _, o := range found.Observables {
			if tt.in[o.Start:o.End] != o.Text {
				t.Errorf("%s: %q does not stand at [%d:%d]", tt.name, o.Text, o.Start, o.End)
			}
			typ := o.Type
			if strings.HasPrefix(typ, "md5") || strings.HasPrefix(typ, "sha") {
				typ = "file"
			}
			got = append(got, typ+" "+o.Value)
		}
		for _, c := range found.CVEs {
			got = append(got, "cve "+c)
		}
		if tt.want == "" && len(got) > 0 || tt.want != "" && !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestFindSure leaves the frame of a page alone, but for what somebody defanged.
func TestFindSure(t *testing.T) {
	found := prose.Find("Follow us at times.com or desk@times.com. The server was evil[.]test, 203.0.113.9.", true)
	var got []string
	for _, o := range found.Observables {
		got = append(got, o.Value)
	}
	if want := []string{"evil.test", "203.0.113.9"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
