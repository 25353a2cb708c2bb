package taxii_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"marque/ingest/taxii"
)

// TestServersAsTheyAre: more is missing, a string or a number, and next goes on all the same.
func TestServersAsTheyAre(t *testing.T) {
	for name, more := range map[string]func(bool) string{
		"missing":  func(bool) string { return "" },
		"null":     func(bool) string { return `"more":null,` },
		"a string": func(m bool) string { return fmt.Sprintf(`"more":"%v",`, m) },
		"a title": func(m bool) string {
			return fmt.Sprintf(`"more":"%s",`, map[bool]string{true: "True", false: "False"}[m])
		},
		"a number":      func(m bool) string { return fmt.Sprintf(`"more":%d,`, map[bool]int{true: 1}[m]) },
		"as it ought":   func(m bool) string { return fmt.Sprintf(`"more":%v,`, m) },
		"a number text": func(m bool) string { return fmt.Sprintf(`"more":"%d",`, map[bool]int{true: 1}[m]) },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(0, 1, 0)
			f.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
				next := ""
				if n < 4 {
					next = fmt.Sprintf(`"next":"page%d",`, n)
				}
				fmt.Fprintf(w, `{%s%s"objects":[%s]}`, more(n < 4), next, tool(n))
				return true
			}
			r := start(t, f)
			if res := r.mustRun(); res.Added != 4 {
				t.Errorf("%d of 4 objects", res.Added)
			}
		})
	}
}

// TestAServerThatAlwaysHasANext: where more is missing, an empty page is the end, whatever its next says.
func TestAServerThatAlwaysHasANext(t *testing.T) {
	f := newFeed(0, 1, 0)
	f.before = func(n int, w http.ResponseWriter, _ *http.Request) bool {
		list := ""
		if n < 3 {
			list = tool(n)
		}
		fmt.Fprintf(w, `{"next":"page%d","objects":[%s]}`, n, list)
		return true
	}
	if res := start(t, f).mustRun(); res.Added != 2 {
		t.Errorf("%d of 2 objects", res.Added)
	}
}

// TestWrongTypes: the property is named, and nobody asks again.
func TestWrongTypes(t *testing.T) {
	for body, want := range map[string]string{
		`{"more":[],"objects":[]}`:      "more: want true or false",
		`{"more":"perhaps"}`:            "more: want true or false",
		`{"more":true,"next":{"a":1}}`:  "next: want a string",
		`{"more":false,"objects":{}}`:   "objects: want a list",
		`{"more":false,"objects":"no"}`: "objects: want a list",
	} {
		f := newFeed(3, 1, 0)
		f.before = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			fmt.Fprint(w, body)
			return true
		}
		r := start(t, f)
		if _, err := r.run(); !errors.Is(err, taxii.ErrRefused) || !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: %v", body, err)
		}
		if len(f.requests) != 1 {
			t.Errorf("%s: asked %d times", body, len(f.requests))
		}
	}
}
