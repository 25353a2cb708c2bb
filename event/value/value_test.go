package value_test

import (
	"strings"
	"testing"

	"marque/event"
	"marque/event/value"
)

const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		typ, in, want string // a pattern, or the beginning of the reason after "!"
		noted         bool
	}{
		{"domain", "evil[.]test", "[domain-name:value = 'evil.test']", false},
		{"Domain-Name", "EVIL(.)Test.", "[domain-name:value = 'evil.test']", false},
		{"FQDN", "evil [dot] test", "[domain-name:value = 'evil.test']", false},
		{"hostname", "evil{.}co[.]test", "[domain-name:value = 'evil.co.test']", false},
		{"domain", "evil[.test", "[domain-name:value = 'evil.test']", false},
		{"domain", "zürich[.]test", "[domain-name:value = 'xn--zrich-kva.test']", false},
		{"domain", "evil\u200b.te\u00adst", "[domain-name:value = 'evil.test']", false},
		{"domain", "ｅｖｉｌ．test", "[domain-name:value = 'evil.test']", false},
		{"domain", "*.evil.test", "[domain-name:value = 'evil.test']", true},
		{"domain", ".evil.test", "[domain-name:value = 'evil.test']", true},
		{"domain", "||evil.test^", "[domain-name:value = 'evil.test']", false},
		{"domain", "hxxps://evil[.]test/a?b", "[domain-name:value = 'evil.test']", true},
		{"domain", "evil.test:8443", "[domain-name:value = 'evil.test']", true},
		{"domain", "_dmarc.evil.test", "[domain-name:value = '_dmarc.evil.test']", false},
		{"domain", "203.0.113.9", "!value is an IP address", false},
		{"domain", "two words.test", "!value is no host name", false},
		{"domain", "evil..test", "!value is no host name", false},
		{"domain", "localhost", "!value is no domain", false},
		{"domain", "1.2.3", "!value is no domain", false},
		{"domain", strings.Repeat("a", 64) + ".test", "!value is no host name", false},
		{"domain", "*", "!value is no host name", false},
		{"domain", "  ", "!value is empty", false},

		{"ip", "203[.]0[.]113[.]9", "[ipv4-addr:value = '203.0.113.9']", false},
		{"ip-dst", " 203.0.113.9 ", "[ipv4-addr:value = '203.0.113.9']", false},
		{"ip:port", "203.0.113.9:443", "[ipv4-addr:value = '203.0.113.9']", true},
		{"ip-dst|port", "203.0.113.9|443", "[ipv4-addr:value = '203.0.113.9']", true},
		{"IPv6", "2001[:]DB8[:][:]9", "[ipv6-addr:value = '2001:db8::9']", false},
		{"ipv6", "[2001:db8::9]:443", "[ipv6-addr:value = '2001:db8::9']", true},
		{"ipv6", "fe80::9%eth0", "[ipv6-addr:value = 'fe80::9']", true},
		{"ipv6", "::ffff:203.0.113.9", "[ipv4-addr:value = '203.0.113.9']", true},
		{"CIDR", "203.0.113.77/24", "[ipv4-addr:value ISSUBSET '203.0.113.0/24']", false},
		{"ip", "203.0.113.9/32", "[ipv4-addr:value = '203.0.113.9']", false},
		{"ip", "203.000.113.009", "[ipv4-addr:value = '203.0.113.9']", true},
		{"ip", "203.0.113.09", "!value is an address with leading zeros", false},
		{"ip", "203.0.113.256", "!value is no IP address", false},
		{"ip", "203.0.113.1-203.0.113.9", "!value is a range", false},
		{"ip", "203.0.113.9/33", "!value is no address block", false},
		{"ip", "203.0.113.9:99999", "!value is no IP address", false},

		{"url", "hxxps[:]//evil[.]test[/]Path", "[url:value = 'https://evil.test/Path']", false},
		{"URL", "meow://evil[.]test/x", "[url:value = 'http://evil.test/x']", false},
		{"uri", "fxp://evil[.]test/x", "[url:value = 'ftp://evil.test/x']", false},
		{"url", "h**p://evil.test/x", "[url:value = 'http://evil.test/x']", false},
		{"url", "http://[2001:db8::9]/x", "[url:value = 'http://[2001:db8::9]/x']", false},
		{"url", "http://evil.test/a[.]b", "[url:value = 'http://evil.test/a.b']", false},
		{"url", "evil.test/x", "[url:value = 'http://evil.test/x']", true},
		{"url", "http:///x", "!value is no URL", false},
		{"url", "http://a b.test/", "!value is no URL", false},
		{"url", "javascript:alert(1)", "!value is no URL", false},

		{"email", "user(at)evil[.]test", "[email-addr:value = 'user@evil.test']", false},
		{"email-src", "User [at] evil [dot] test", "[email-addr:value = 'user@evil.test']", false},
		{"email", "Bad <user@evil.test>", "[email-addr:value = 'user@evil.test']", true},
		{"email", "user[@]evil[.]test", "[email-addr:value = 'user@evil.test']", false},
		{"email", "user@localhost", "!value is no e-mail address", false},
		{"email", "a@b@evil.test", "!value is no e-mail address", false},

		{"FileHash-SHA256", strings.ToUpper(sha256), "[file:hashes.'SHA-256' = '" + sha256 + "']", false},
		{"sha256_hash", "sha256:" + sha256, "[file:hashes.'SHA-256' = '" + sha256 + "']", false},
		{"filename|sha256", "x.exe|" + sha256, "[file:hashes.'SHA-256' = '" + sha256 + "']", true},
		{"hash", sha256[:40], "[file:hashes.'SHA-1' = '" + sha256[:40] + "']", false},
		{"file:hashes.MD5", sha256[:32], "[file:hashes.MD5 = '" + sha256[:32] + "']", false},
		{"md5", sha256, "!value is no MD5: want 32", false},
		{"sha1", strings.Repeat("z", 40), "!value is no SHA-1: want hex", false},
		{"hash", "abc", "!value is no digest", false},

		{"mac-addr", "AA-BB-CC-00-11-22", "[mac-addr:value = 'aa:bb:cc:00:11:22']", false},
		{"mac-address", "aabb.cc00.1122", "[mac-addr:value = 'aa:bb:cc:00:11:22']", false},
		{"mac", "aabb", "!value is no MAC", false},
		{"asn", "AS64500", "[autonomous-system:number = 64500]", false},
		{"filename", `it's.exe`, `[file:name = 'it\'s.exe']`, false},
		{"domian", "evil.test", "!type \"domian\" is not known: did you mean domain", false},
		{"colour", "red", "!type \"colour\" is not known: want", false},
	} {
		v, err := value.Read(tt.typ, tt.in)
		if reason, bad := strings.CutPrefix(tt.want, "!"); bad {
			if err == nil || !strings.HasPrefix(err.Error(), reason) {
				t.Errorf("%s %q: %+v, %v; want %s", tt.typ, tt.in, v, err, reason)
			}
			continue
		}
		if err != nil || v.Pattern() != tt.want || (v.Note != "") != tt.noted {
			t.Errorf("%s %q: %s, %q, %v; want %s", tt.typ, tt.in, v.Pattern(), v.Note, err, tt.want)
		}
	}
}

func TestGuess(t *testing.T) {
	for in, want := range map[string]string{
		"evil[.]test": "domain-name:value", "203.0.113.9": "ipv4-addr:value", "203.0.113.0/24": "ipv4-addr:value", "2001:db8::9": "ipv6-addr:value",
		"hxxp://evil.test/": "url:value", "evil.test/x": "url:value", "user@evil.test": "email-addr:value", sha256: "file:hashes.'SHA-256'",
		"203.0.113.9:80": "ipv4-addr:value", "*.evil.test": "domain-name:value", "evil.test.": "domain-name:value",
		"a word": "", "word": "", "300.0.113.9": "", "1.2.3": "", "": "",
	} {
		if v, err := value.Guess(in); v.Path != want && (want != "" || err == nil) {
			t.Errorf("%q: %q, %v; want %q", in, v.Path, err, want)
		}
	}
}

// FuzzRead holds that what is returned can be met by an event, and is read as itself.
func FuzzRead(f *testing.F) {
	for _, typ := range []string{"ip", "domain", "url", "email", "hash", "mac", "x:y", "ip|port"} {
		f.Add(typ, "hxxp[:]//e[.]test|x")
		f.Add(typ, "203.0.113.9:80")
		f.Add(typ, "\u00ad*.[.]ä@")
	}
	f.Fuzz(func(t *testing.T, typ, in string) {
		v, err := value.Read(typ, in)
		if err != nil {
			return
		}
		if v.Kind == event.KindNone {
			return
		}
		if _, _, ok := event.Canonical(v.Kind, v.Text); !ok {
			t.Errorf("%q %q: %+v can be met by nothing", typ, in, v)
		}
		if again, err := value.Of(v.Kind, v.Text); err != nil || again.Text != v.Text {
			t.Errorf("%q %q: %+v is read as %+v, %v", typ, in, v, again, err)
		}
	})
}

func TestInPattern(t *testing.T) {
	for _, tt := range []struct{ typ, text string }{
		{"domain-name:value", "evil.example"},
		{"ip", "198.51.100.7"},
		{"cidr", "198.51.100.0/24"},
		{"sha256", strings.Repeat("ab", 32)},
		{"url", `http://evil.example/a'b\c`},
		{"filename", "it's.exe"},
		{"network-traffic:dst_port", "443"},
	} {
		want, err := value.Read(tt.typ, tt.text)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := value.InPattern(want.Pattern())
		if !ok || got.Text != want.Text || got.Kind != want.Kind {
			t.Errorf("%s: %+v %v, want %+v", want.Pattern(), got, ok, want)
		}
	}
	for _, other := range []string{"", "[a:b = 'c' AND d:e = 'f']", "[a:b LIKE 'c']", "[ipv4-addr:value = 'x']", "[a:b = 'c'] FOLLOWEDBY [a:b = 'd']"} {
		if v, ok := value.InPattern(other); ok {
			t.Errorf("%s: %+v", other, v)
		}
	}
}
