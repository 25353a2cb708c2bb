package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"marque/serve/auth"
	"marque/serve/web"
	"marque/stix"
	"marque/workspace"
)

// open serves an empty workspace in which everybody may see TLP:GREEN, and ada, who has the token, AMBER+STRICT.
func open(t testing.TB) (w *workspace.Workspace, s *httptest.Server, token string) {
	t.Helper()
	w, err := workspace.Open(t.Context(), workspace.Options{
		Dir: t.TempDir(), Config: workspace.DefaultConfig(), Now: func() time.Time { return time.Date(2024, 12, 1, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	green := stix.Green
	token, hash := auth.NewToken()
	users, err := auth.New(auth.Config{Anonymous: &green, Users: []auth.Account{{Name: "ada", TokenHashes: []string{hash}, Clearance: stix.AmberStrict}}})
	if err != nil {
		t.Fatal(err)
	}
	room, err := web.New(w, web.Config{Sessions: auth.NewSessions(users, nil), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	s = httptest.NewTLSServer(room) // the session's cookie is for TLS
	t.Cleanup(s.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Client().Jar = jar
	return w, s, token
}

// desk is a server over the casebook.
func desk(t testing.TB) (*workspace.Workspace, *httptest.Server, string) {
	t.Helper()
	w, s, token := open(t)
	if _, err := w.IngestCasebook(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w, s, token
}

func get(t testing.TB, s *httptest.Server, path string) (code int, header http.Header, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(b)
}

func post(t testing.TB, s *httptest.Server, path string, form url.Values, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

var lists = []string{"/", "/operations", "/actors", "/states", "/documents", "/claims", "/measures", "/search", "/search?q=Sandworm", "/lookup", "/log", "/signin"}

// TestEveryPage: each page is whole HTML with one heading, labelled fields and working links within the site, with nothing on record and
// with the casebook.
func TestEveryPage(t *testing.T) {
	_, empty, _ := open(t)
	for _, path := range lists {
		checkPage(t, empty, path)
	}
	w, full, _ := desk(t)
	seen := map[string]bool{}
	queue := slices.Clone(lists)
	if ops, err := w.Operations(t.Context(), workspace.View{Level: stix.Green}, nil); err != nil || len(ops) == 0 {
		t.Fatal(err, len(ops))
	}
	for n := 0; len(queue) > 0 && n < 400; n++ {
		path := queue[0]
		queue = queue[1:]
		if seen[path] || strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/assets/") {
			continue
		}
		seen[path] = true
		queue = append(queue, checkPage(t, full, path)...)
	}
	for _, kind := range []string{"/operations/", "/actors/", "/documents/", "/states/"} {
		if !slices.ContainsFunc(slices.Collect(keys(seen)), func(p string) bool { return strings.HasPrefix(p, kind) }) {
			t.Errorf("no page %s… is linked from anywhere", kind)
		}
	}
}

func keys(m map[string]bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// checkPage checks one page and returns its links within the site.
func checkPage(t *testing.T, s *httptest.Server, path string) (links []string) {
	t.Helper()
	code, header, body := get(t, s, path)
	if code != http.StatusOK {
		t.Errorf("%s: %d %s", path, code, body)
		return nil
	}
	if p := header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") || strings.Contains(p, "script-src") {
		t.Errorf("%s: policy %q", path, p)
	}
	if bad := regexp.MustCompile(`ZgotmplZ|<no value>|%!|&lt;nil`).FindString(body); bad != "" {
		t.Errorf("%s: a template left %q", path, bad)
	}
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	count, ids, labelled := map[string]int{}, map[string]bool{}, map[string]bool{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data != "title" || n.Parent.Data == "head" { // drawings have titles of their own
			count[n.Data]++
		}
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: <%s %s>", path, n.Data, a.Key)
			}
		}
		if id := at["id"]; id != "" {
			if ids[id] {
				t.Errorf("%s: the id %s is there twice", path, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "label":
			labelled[at["for"]] = true
		case "a":
			if strings.HasPrefix(at["href"], "/") {
				links = append(links, at["href"])
			}
		case "input", "select", "textarea":
			inLabel := n.Parent != nil && n.Parent.Data == "label"
			if at["type"] != "hidden" && at["aria-label"] == "" && !inLabel && !labelled[at["id"]] {
				t.Errorf("%s: <%s name=%q> has no label", path, n.Data, at["name"])
			}
		}
	}
	if count["h1"] != 1 || count["main"] != 1 || count["title"] != 1 || count["script"] != 0 {
		t.Errorf("%s: %v", path, count)
	}
	return links
}

// TestWhatIfStandsInTheAddress: the same address shows the same supposition, and says that it is one.
func TestWhatIfStandsInTheAddress(t *testing.T) {
	w, s, _ := desk(t)
	ops, err := w.Operations(t.Context(), workspace.View{Level: stix.Green}, nil)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(ops, func(o workspace.Operation) bool { return strings.Contains(o.Names[0], "Kyivstar") })
	path := "/operations/" + string(ops[i].ID)
	_, _, stands := get(t, s, path)
	root := regexp.MustCompile(`name="without" value="([^"]+)"`).FindStringSubmatch(stands)
	if root == nil || strings.Contains(stands, "You suppose") {
		t.Fatalf("no source to leave out: %.300s", stands)
	}
	_, _, supposed := get(t, s, path+"?without="+url.QueryEscape(root[1])+"&prior.unknown=30")
	if !strings.Contains(supposed, "You suppose something") || !strings.Contains(supposed, `class="was"`) || !strings.Contains(supposed, `value="30"`) || !strings.Contains(supposed, " checked ") {
		t.Errorf("no supposition: %s", supposed)
	}
	if _, _, again := get(t, s, path+"?without="+url.QueryEscape(root[1])+"&prior.unknown=30"); again != supposed {
		t.Error("the same address shows something else")
	}
	for _, bad := range []string{"?without=nobody", "?prior.unknown=300", "?prior.unknown=much", "?grade.x=Z9"} {
		if code, _, body := get(t, s, path+bad); code != http.StatusUnprocessableEntity || strings.Count(body, "<h1>") != 1 {
			t.Errorf("%s: %d", bad, code)
		}
	}
}

func TestSignIn(t *testing.T) {
	_, s, token := desk(t)
	if code, body := post(t, s, "/signin", url.Values{"name": {""}, "secret": {"wrong"}, "to": {"/claims"}}); code != http.StatusUnauthorized || !strings.Contains(body, "not known") {
		t.Errorf("wrong token: %d", code)
	}
	code, body := post(t, s, "/signin", url.Values{"secret": {token}, "to": {"/claims"}})
	if code != http.StatusOK || !strings.Contains(body, "Signed in as ada") || !strings.Contains(body, "<h1>Claims</h1>") || !strings.Contains(body, "TLP:AMBER&#43;STRICT or below") {
		t.Errorf("signed in: %d %.400s", code, body)
	}
	if _, body := post(t, s, "/signout", url.Values{}); strings.Contains(body, "Signed in as") {
		t.Error("signed out, and still in")
	}
	for _, to := range []string{"https://elsewhere.example/", "//elsewhere.example", `/\elsewhere.example`, "javascript:alert(1)", ""} {
		client := *s.Client()
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/signin", strings.NewReader(url.Values{"secret": {token}, "to": {to}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if at := res.Header.Get("Location"); at != "/" {
			t.Errorf("to %q leads to %q", to, at)
		}
	}
}

// TestOtherSitesAreRefused: a form that another site sends does nothing.
func TestOtherSitesAreRefused(t *testing.T) {
	_, s, token := desk(t)
	for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://elsewhere.example"}} {
		for _, path := range []string{"/signin", "/signout", "/lookup"} {
			if code, _ := post(t, s, path, url.Values{"secret": {token}}, header...); code != http.StatusForbidden {
				t.Errorf("%v %s: %d", header, path, code)
			}
		}
	}
}

func ingest(t testing.TB, w *workspace.Workspace, bundle string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.json")
	if err := os.WriteFile(path, []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ingest(t.Context(), workspace.IngestOptions{}, path); err != nil {
		t.Fatal(err)
	}
}

const stamps = `"spec_version":"2.1","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z"`

// bundle is an operation, an actor, a report and what joins them, with one text in every field, marked with a level.
func bundle(text, marking string) string {
	text = fmt.Sprintf("%q", text)
	return `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111110","objects":[` + strings.NewReplacer("TEXT", text, "STAMPS", stamps, "MARK", `"object_marking_refs":["`+marking+`"]`).Replace(`
{"type":"identity","id":"identity--11111111-1111-4111-8111-111111111111",STAMPS,"name":TEXT,MARK},
{"type":"campaign","id":"campaign--11111111-1111-4111-8111-111111111112",STAMPS,"name":TEXT,"description":TEXT,"aliases":[TEXT],"created_by_ref":"identity--11111111-1111-4111-8111-111111111111",MARK},
{"type":"intrusion-set","id":"intrusion-set--11111111-1111-4111-8111-111111111114",STAMPS,"name":TEXT,"description":TEXT,"aliases":[TEXT],"created_by_ref":"identity--11111111-1111-4111-8111-111111111111",MARK},
{"type":"report","id":"report--11111111-1111-4111-8111-111111111115",STAMPS,"published":"2024-01-01T00:00:00Z","name":TEXT,"description":TEXT,"object_refs":["campaign--11111111-1111-4111-8111-111111111112"],"external_references":[{"source_name":TEXT,"url":TEXT}],MARK},
{"type":"relationship","id":"relationship--11111111-1111-4111-8111-111111111117",STAMPS,"relationship_type":"attributed-to","description":TEXT,"source_ref":"campaign--11111111-1111-4111-8111-111111111112","target_ref":"intrusion-set--11111111-1111-4111-8111-111111111114","external_references":[{"source_name":TEXT,"description":TEXT}],MARK}`) + `]}`
}

var marked = []string{
	"/operations/campaign--11111111-1111-4111-8111-111111111112", "/actors/intrusion-set--11111111-1111-4111-8111-111111111114",
	"/documents/report--11111111-1111-4111-8111-111111111115",
}

// TestHostileTextsAddNothing: whatever texts hold, no page gains an element or a handler by them.
func TestHostileTextsAddNothing(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' autofocus onfocus='alert(1)`, `</textarea><svg onload=alert(1)>`, `javascript:alert(1)`,
		`</title></style><iframe src="//x">`, "{{.}}", `<!-- -->`, "a\u202eb\u0000c", `]]><b>`, `&lt;script&gt;`, `<a href="data:text/html,x">`,
	}
	for _, text := range hostile {
		w, s, _ := open(t)
		ingest(t, w, bundle(strings.ReplaceAll(text, "\u0000", ""), string(stix.Clear.MarkingID())))
		for _, path := range append(slices.Clone(marked), lists...) {
			code, _, body := get(t, s, path)
			if code != http.StatusOK {
				t.Errorf("%q: %s: %d", text, path, code)
				continue
			}
			doc, err := html.Parse(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			for n := range doc.Descendants() {
				if n.Type != html.ElementNode {
					continue
				}
				if slices.Contains([]string{"script", "iframe", "img", "b", "object", "embed", "style", "base"}, n.Data) && (n.Data != "b" || n.Parent.Data != "li") {
					t.Errorf("%q: %s has <%s>", text, path, n.Data)
				}
				for _, a := range n.Attr {
					if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && regexp.MustCompile(`(?i)^\s*(javascript|data:text)`).MatchString(a.Val) {
						t.Errorf("%q: %s has %s=%q", text, path, a.Key, a.Val)
					}
				}
			}
			if strings.ContainsAny(body, "\u202e") {
				at := strings.IndexRune(body, 0x202e)
				t.Errorf("%q: %s turns the direction of what follows: %q", text, path, body[max(0, at-80):min(len(body), at+80)])
			}
		}
	}
}

// TestNothingAboveTheReadersLevel: with and without what is above the reader's level, every page has the same bytes.
func TestNothingAboveTheReadersLevel(t *testing.T) {
	for _, level := range []stix.TLP{stix.Amber, stix.Red} {
		_, plain, _ := desk(t)
		w, s, token := desk(t)
		ingest(t, w, bundle("SECRET Affair", string(level.MarkingID())))
		for _, path := range append(append(slices.Clone(marked), lists...), "/search?q=SECRET", "/operations?q=SECRET", "/actors?q=SECRET", "/claims?q=SECRET", "/documents?q=SECRET") {
			code, _, body := get(t, s, path)
			wantCode, _, want := get(t, plain, path)
			if code != wantCode || body != want || strings.Contains(strings.ReplaceAll(body, `value="SECRET"`, ""), "SECRET Affair") {
				t.Errorf("%v: %s tells: %d and %d", level, path, code, wantCode)
			}
		}
		post(t, s, "/signin", url.Values{"secret": {token}, "to": {"/"}})
		code, _, body := get(t, s, marked[0])
		if sees := code == http.StatusOK && strings.Contains(body, "SECRET Affair"); sees != (level == stix.Amber) {
			t.Errorf("%v: who is cleared for AMBER+STRICT sees it: %v", level, sees)
		}
		if level == stix.Amber && !strings.Contains(body, `<p class="tlp amber">TLP:AMBER</p>`) {
			t.Errorf("the page does not say its level: %.900s", body)
		}
	}
}
