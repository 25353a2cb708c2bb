package guard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"marque/internal/guard"
)

func TestPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "::ffff:127.0.0.1": false,
		"::7f00:1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "2001:db8::1": false,
	} {
		if got := guard.Public(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %v", ip, got)
		}
	}
}

// TestInside: a client whose user named a public server does not reach this machine, whatever a name resolves to.
func TestInside(t *testing.T) {
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer srv.Close()
	there, _ := url.Parse(srv.URL)
	for _, c := range []struct {
		named string
		allow bool
		want  error
	}{
		{"https://taxii.example/", false, guard.ErrPrivate},
		{"http://127.0.0.2/", false, guard.ErrPrivate},
		{"https://taxii.example/", true, nil},
		{srv.URL, false, nil},
		{"http://localhost:" + there.Port(), false, nil},
	} {
		named, _ := url.Parse(c.named)
		client, err := guard.Client(named, guard.Config{AllowPrivate: c.allow})
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
		before := asked
		res, err := client.Do(r)
		if !errors.Is(err, c.want) || (asked > before) != (c.want == nil) {
			t.Errorf("named %s: %v", c.named, err)
		}
		if err == nil {
			_ = res.Body.Close()
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"https://a/x", "https://A:443/y", true},
		{"http://a", "http://a:80", true},
		{"https://a", "http://a", false},
		{"https://a", "https://a:444", false},
		{"https://a", "https://b", false},
		{"https://a", "https://a.b", false},
	} {
		a, _ := url.Parse(c.a)
		b, _ := url.Parse(c.b)
		if got := guard.Same(a, b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}

func TestFiles(t *testing.T) {
	u, _ := url.Parse("https://taxii.example/")
	for _, cfg := range []guard.Config{{CA: "no such file"}, {CA: "guard_test.go"}, {Certificate: "guard_test.go"}, {Key: "x"}} {
		if _, err := guard.Client(u, cfg); err == nil || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}
