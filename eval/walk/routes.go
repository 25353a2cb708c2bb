package walk

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"

	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
)

// own is a collection that others write to, shut one that nobody reads.
const (
	own  = "11111111-0000-4000-8000-000000000001"
	shut = "11111111-0000-4000-8000-000000000002"
	apt  = "11111111-0000-4000-8000-000000000003"
)

// reader is who asks: everybody is somebody of this clearance.
type reader stix.TLP

func (r reader) Authenticate(*http.Request) (auth.User, error) {
	return auth.User{Name: "reader", Clearance: stix.TLP(r)}, nil
}

// taxiiServer serves a house to one reader.
func taxiiServer(h *House, level stix.TLP) (*taxii.Server, error) {
	everybody := []string{auth.Everybody}
	return taxii.New(h.Store(), reader(level), nil, taxii.Config{Roots: []taxii.Root{{Path: "marque", Title: "Marque", Collections: []taxii.Collection{
		{ID: taxii.EverythingID, Title: "Everything", Alias: "everything", Readers: everybody},
		{ID: apt, Title: "Actors to block", Types: []string{"threat-actor", "indicator"}, Use: store.Blocking, Readers: everybody},
		{ID: own, Title: "Own", Own: true, Readers: everybody, Writers: everybody},
		{ID: shut, Title: "Shut", Readers: []string{"nobody"}},
	}}}})
}

// machine are the parts of an answer that tell of the machine: when it was asked, when things were stored (which is the version of
// observables), ids that it drew, and what it sealed.
var machine = regexp.MustCompile(`"(2024-1(0-31|1-01)|20(2[6-9]|[3-9][0-9])-[0-9-]{5})T[0-9:.]*Z"|"(request_timestamp|date_added|error_id|next)":"[^"]*"|"id":"[0-9a-f]{8}-[0-9a-f-]{27}","status"`)

// call sends one request and writes down what came back: status, headers, body.
func call(ctx context.Context, s http.Handler, out io.Writer, method, path, body string) []byte {
	q := httptest.NewRequestWithContext(ctx, method, "/marque/"+path, strings.NewReader(body))
	q.Header.Set("Accept", taxii.MediaType)
	if body != "" {
		q.Header.Set("Content-Type", taxii.MediaType)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, q)
	raw := w.Body.Bytes()
	path, _, _ = strings.Cut(path, "next=")
	fmt.Fprintf(out, "%s %s: %d %s\n%s\n", method, path, w.Code, w.Header().Get("Content-Type"), machine.ReplaceAll(raw, []byte(`"of the machine"`)))
	for _, name := range []string{"X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last", "Allow", "Retry-After"} {
		if v := w.Header()[http.CanonicalHeaderKey(name)]; v != nil {
			fmt.Fprintln(out, name, len(v))
		}
	}
	return raw
}

// asks are requests that are always the same.
func asks(method string, paths ...string) func(context.Context, *House, stix.TLP, io.Writer) error {
	return func(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
		s, err := taxiiServer(h, level)
		if err != nil {
			return err
		}
		for _, p := range paths {
			call(ctx, s, out, method, p, "")
		}
		return nil
	}
}

func routes() []Way {
	everything := "collections/" + taxii.EverythingID + "/"
	blocked := "collections/" + apt + "/"
	var byID, versions []string
	for _, oid := range []string{id("threat-actor", 0), id("campaign", 0), id("relationship", 1), id("report", 800), id("marking-definition", 503), "nonsense"} {
		byID = append(byID, everything+"objects/"+oid+"/", everything+"objects/"+oid+"/?match[version]=all", blocked+"objects/"+oid+"/")
		versions = append(versions, everything+"objects/"+oid+"/versions/", everything+"objects/"+oid+"/versions/?limit=1")
	}
	return []Way{
		{Name: "taxii: discovery, roots, collections", Ask: asks("GET", "", "collections/", everything, "collections/everything/", blocked, "collections/"+own+"/",
			"collections/"+shut+"/", "collections/"+shut+"/objects/", "status/11111111-0000-4000-8000-000000000009/")},
		{Name: "taxii: objects", Ask: asks("GET", everything+"objects/", blocked+"objects/")},
		{Name: "taxii: all versions", Ask: asks("GET", everything+"objects/?match[version]=all", everything+"objects/?match[version]=first")},
		{Name: "taxii: manifest", Ask: asks("GET", everything+"manifest/", blocked+"manifest/", everything+"manifest/?match[version]=all")},
		{Name: "taxii: an object", Ask: asks("GET", byID...)},
		{Name: "taxii: versions", Ask: asks("GET", versions...)},
		{Name: "taxii: filters", Ask: asks("GET", everything+"objects/?match[type]=campaign,report", blocked+"objects/?match[type]=campaign",
			everything+"objects/?match[spec_version]=2.0", everything+"objects/?match[id]="+id("threat-actor", 1)+","+id("campaign", 1),
			everything+"objects/?added_after=2024-10-31T00:00:00.000Z", everything+"objects/?added_after=2030-01-01T00:00:00.000Z",
			everything+"objects/?match[version]=2024-01-02T00:00:00.000Z")},
		{Name: "taxii: refusals", Ask: asks("DELETE", everything+"objects/"+id("threat-actor", 0)+"/", "collections/"+own+"/objects/"+id("threat-actor", 0)+"/",
			everything+"objects/", "collections/")},
		{Name: "taxii: bad requests", Ask: asks("GET", everything+"objects/?limit=0", everything+"objects/?next=x", everything+"objects/?added_after=x", "nowhere/", everything+"objects")},
		{Name: "taxii: pages", Ask: pages},
		{Name: "taxii: words above", Ask: words404},
		{Name: "taxii: a writer", Ask: write, Last: true},
	}
}

// pages goes through a collection page by page, as a client does.
func pages(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
	s, err := taxiiServer(h, level)
	if err != nil {
		return err
	}
	for _, what := range []string{"objects", "manifest"} {
		next := ""
		for range 100 {
			raw := call(ctx, s, out, http.MethodGet, fmt.Sprintf("collections/everything/%s/?limit=3&%s", what, next), "")
			var page struct{ Next string }
			if err := json.Unmarshal(raw, &page); err != nil {
				return err
			}
			if page.Next == "" {
				break
			}
			next = "next=" + url.QueryEscape(page.Next)
		}
	}
	return nil
}

// words404 asks for objects that only those above may know of, by ids that can be computed from a name.
func words404(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
	s, err := taxiiServer(h, level)
	if err != nil {
		return err
	}
	for _, w := range h.words {
		oid, _ := stix.ObservableID("domain-name", map[string]any{"value": strings.ToLower(w) + ".example"})
		for _, below := range []string{"", "versions/"} {
			call(ctx, s, out, http.MethodGet, "collections/everything/objects/"+string(oid)+"/"+below, "")
		}
	}
	return nil
}

// write has a writer post objects that may be known above its clearance, and asks what became of them; then it takes one away again.
// It tries it twice, for what is posted again must not be told from what was known.
func write(ctx context.Context, h *House, level stix.TLP, out io.Writer) error {
	s, err := taxiiServer(h, level)
	if err != nil {
		return err
	}
	objects := []string{
		fmt.Sprintf(`{"type":"threat-actor","spec_version":"2.1","id":%q,%s,"modified":"2024-01-02T00:00:00.000Z","name":"posted"}`, id("threat-actor", 0), created),
		fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":%q,%s,"modified":"2025-01-02T00:00:00.000Z","name":"posted","revoked":true}`, id("campaign", 1), created),
		`{"type":"tool","nothing":"else"}`,
	}
	for _, w := range h.words[:min(2, len(h.words))] {
		value := strings.ToLower(w) + ".example"
		oid, _ := stix.ObservableID("domain-name", map[string]any{"value": value})
		objects = append(objects, fmt.Sprintf(`{"type":"domain-name","spec_version":"2.1","id":%q,"value":%q}`, oid, value))
	}
	var b strings.Builder
	collection, drawn := "collections/"+own+"/", []string{}
	for range 2 {
		raw := call(ctx, s, &b, http.MethodPost, collection+"objects/", `{"objects":[`+strings.Join(objects, ",")+`]}`)
		var st struct{ ID string }
		if err := json.Unmarshal(raw, &st); err != nil {
			return err
		}
		drawn = append(drawn, st.ID, "STATUS")
		call(ctx, s, &b, http.MethodGet, "status/"+st.ID+"/", "")
	}
	call(ctx, s, &b, http.MethodGet, collection+"manifest/", "")
	call(ctx, s, &b, http.MethodGet, "collections/everything/objects/"+id("threat-actor", 0)+"/", "")
	call(ctx, s, &b, http.MethodDelete, collection+"objects/"+id("threat-actor", 0)+"/", "")
	call(ctx, s, &b, http.MethodDelete, collection+"objects/"+id("threat-actor", 0)+"/", "")
	call(ctx, s, &b, http.MethodGet, "collections/everything/objects/", "")
	for _, w := range h.words { // what one posts oneself is no news
		drawn = append(drawn, strings.ToLower(w)+".example", "POSTED")
	}
	_, err = strings.NewReplacer(drawn...).WriteString(out, b.String())
	return err
}
