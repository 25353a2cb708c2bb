package plain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"marque/internal/plain"
)

const hostile = "a\x1b[31mb\u202ec\u2066d\x00e\u200bf\u00adg\u0085h\U000e0041i\u061cj\u2028k\r\nl\tm"

func TestText(t *testing.T) {
	if got, want := plain.Text(hostile), "a[31mbcdefghijk\nl\tm"; got != want {
		t.Errorf("Text: %q, want %q", got, want)
	}
	if got, want := plain.Line(hostile), "a[31mbcdefghij k  l m"; got != want {
		t.Errorf("Line: %q, want %q", got, want)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		shown := plain.JSON(raw)
		if strings.IndexFunc(string(shown), plain.Hidden) >= 0 {
			t.Errorf("%q still hides something", shown)
		}
		var back string
		if err := json.Unmarshal(shown, &back); err != nil || back != s {
			t.Errorf("%q became %q: %v", s, back, err)
		}
	})
}
