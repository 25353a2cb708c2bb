package taxii_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVectors runs the exchanges of testdata/vectors. Each file is a conversation with a fresh world: exchanges are in order
// and see what earlier ones changed. An exchange is
//
//	== what it shows (section)
//	> METHOD path
//	> Header: value           Accept and the user default to a TAXII client and alice; "-" leaves the header out
//	| body
//	< status
//	< Header: value           "*" any value, "-" no such header
//	body                      JSON, equal but for "$any", "$uuid", "$time" and "$name=pattern", which remembers as {name}
//
// and its body is not looked at where there is none in the file.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no vectors", err)
	}
	total := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		exchanges := parseVectors(t, string(text))
		total += len(exchanges)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			cfg, users := worldConfig()
			h := serverFor(t, world(t), cfg, users)
			known := map[string]string{}
			for _, x := range exchanges {
				t.Run(x.title, func(t *testing.T) { x.run(t, h, known) })
			}
		})
	}
	if total < 80 {
		t.Errorf("%d exchanges, want 80 or more", total)
	}
}

type exchange struct {
	title, method, path string
	request             [][2]string
	body                string
	status              int
	response            [][2]string
	want                string
}

func parseVectors(t *testing.T, text string) (out []*exchange) {
	t.Helper()
	var x *exchange
	for i, line := range strings.Split(text, "\n") {
		mark, rest, _ := strings.Cut(line, " ")
		name, value, _ := strings.Cut(rest, ": ")
		switch {
		case mark == "==":
			x = &exchange{title: rest}
			out = append(out, x)
		case x == nil || strings.HasPrefix(line, "#"):
		case mark == ">" && x.method == "":
			x.method, x.path, _ = strings.Cut(rest, " ")
		case mark == ">":
			x.request = append(x.request, [2]string{name, value})
		case mark == "|":
			x.body += rest + "\n"
		case mark == "<" && x.status == 0:
			if _, err := fmt.Sscan(rest, &x.status); err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
		case mark == "<":
			x.response = append(x.response, [2]string{name, value})
		default:
			x.want += line + "\n"
		}
	}
	return out
}

func (x *exchange) run(t *testing.T, h http.Handler, known map[string]string) {
	fill := func(s string) string {
		for name, v := range known {
			s = strings.ReplaceAll(s, "{"+name+"}", v)
		}
		return s
	}
	r := httptest.NewRequestWithContext(t.Context(), x.method, fill(x.path), strings.NewReader(x.body))
	r.Header.Set("Accept", "application/taxii+json;version=2.1")
	r.Header.Set("Authorization", "Bearer alice-token")
	if x.body != "" {
		r.Header.Set("Content-Type", "application/taxii+json;version=2.1")
	}
	for _, f := range x.request {
		switch name, value := f[0], f[1]; {
		case name == "User":
			r.Header.Set("Authorization", "Bearer "+value+"-token")
		case value == "-":
			r.Header.Del(name)
		default:
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != x.status {
		t.Fatalf("status %d, want %d\n%s", w.Code, x.status, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/taxii+json;version=2.1" {
		t.Errorf("Content-Type %q", got)
	}
	for _, f := range x.response {
		got := strings.Join(w.Header().Values(f[0]), ", ")
		if f[1] == "*" && got != "" || f[1] == "-" && got == "" {
			continue
		}
		if got != fill(f[1]) {
			t.Errorf("%s: %q, want %q", f[0], got, f[1])
		}
	}
	if x.status >= 400 {
		checkError(t, w)
	}
	if strings.TrimSpace(x.want) == "" {
		return
	}
	var got, want any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatalf("body: %v\n%s", err, w.Body)
	}
	if err := json.Unmarshal([]byte(fill(x.want)), &want); err != nil {
		t.Fatalf("wanted body: %v\n%s", err, x.want)
	}
	if d := cmp.Diff(match(want, got, known), got); d != "" {
		t.Errorf("body (-want +got):\n%s", d)
	}
}

// checkError checks what section 3.6.1 asks of every error message.
func checkError(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	var msg map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &msg); err != nil || msg["title"] == "" || msg["http_status"] != fmt.Sprint(w.Code) {
		t.Errorf("error message %s: %v", w.Body, err)
	}
}

var forms = map[string]string{
	"$any":  `.*`,
	"$uuid": `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`,
	"$time": `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`,
}

// match puts what was got in the place of the patterns that it fits, so that the two compare equal.
func match(want, got any, known map[string]string) any {
	switch want := want.(type) {
	case map[string]any:
		g, _ := got.(map[string]any)
		for k, v := range want {
			want[k] = match(v, g[k], known)
		}
	case []any:
		g, _ := got.([]any)
		for i, v := range want {
			if i < len(g) {
				want[i] = match(v, g[i], known)
			}
		}
	case string:
		s, ok := got.(string)
		name, form, named := strings.Cut(want, "=")
		if !strings.HasPrefix(want, "$") || !ok {
			return want
		}
		if !named {
			form = want
		}
		if f := forms[form]; f != "" {
			form = f
		}
		if regexp.MustCompile(form).MatchString(s) {
			if named {
				known[strings.TrimPrefix(name, "$")] = s
			}
			return s
		}
	}
	return want
}
