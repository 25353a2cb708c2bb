package web

import (
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"marque/attribute"
	"marque/graph"
	"marque/internal/plain"
	"marque/report"
	"marque/stix"
	"marque/workspace"
)

// page is what a template shows.
type page struct {
	name  string // of the template
	Title string
	Level stix.TLP // the highest of what is on the page
	Data  any
	*visit
	room *Room
}

// nav is the rooms, in the order of the navigation.
var nav = []struct{ path, name string }{
	{"/", "Overview"},
	{"/operations", "Operations"},
	{"/actors", "Actors"},
	{"/states", "States"},
	{"/measures", "Measures"},
	{"/documents", "Documents"},
	{"/claims", "Claims"},
	{"/lookup", "Look up"},
	{"/log", "Log"},
}

// NavItem is an entry of the navigation.
type NavItem struct {
	Path, Name string
	Here       bool
}

// Nav is the navigation, with where one is.
func (p *page) Nav() []NavItem {
	var out []NavItem
	for _, n := range nav {
		here := p.URL.Path == n.path || n.path != "/" && strings.HasPrefix(p.URL.Path, n.path+"/")
		out = append(out, NavItem{p.To(n.path), n.name, here})
	}
	return out
}

// Style is the address of the style sheet.
func (p *page) Style() string { return p.room.styleURL }

// Version is Marque's.
func (p *page) Version() string { return p.room.version }

// User is who reads, empty for who came without a name.
func (p *page) User() string { return p.user.Name }

// Clearance is the highest level from which the page is made.
func (p *page) Clearance() stix.TLP { return p.view.Level }

// AsOf is the day as of which the page looks, empty for today.
func (p *page) AsOf() string { return p.q.Get("as_of") }

// LookDown is the level that the address asks for, empty where it asks for none.
func (p *page) LookDown() string { return p.q.Get("tlp") }

// Today is the day on which the page was made.
func (p *page) Today() string { return p.room.now().UTC().Format(time.DateOnly) }

// Asked is a parameter of the address.
func (p *page) Asked(name string) string { return p.q.Get(name) }

// Where is the address within this site.
func (p *page) Where() string { return p.URL.RequestURI() }

// AsData is the address of the same as JSON, empty where there is none.
func (p *page) AsData() string {
	if p.name == "fault" || p.name == "signin" || p.name == "overview" || p.name == "lookup" {
		return ""
	}
	at := p.URL.Path
	if p.name == "state" {
		at = "/states"
	}
	return p.To("/v1" + at)
}

// To is an address from which one looks as from this page.
func (p *page) To(parts ...string) string {
	q := url.Values{}
	for _, keep := range []string{"as_of", "tlp"} {
		if s := p.q.Get(keep); s != "" {
			q.Set(keep, s)
		}
	}
	at, query, _ := strings.Cut(strings.Join(parts, ""), "?")
	more, _ := url.ParseQuery(query) // made here
	maps.Copy(q, more)
	if len(q) == 0 {
		return at
	}
	return at + "?" + q.Encode()
}

// With is this page's address with a parameter changed; an empty value takes it away.
func (p *page) With(name, value string) string {
	q := url.Values{}
	for k, v := range p.q {
		q[k] = slices.Clone(v)
	}
	q.Del("cursor")
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return p.URL.Path
	}
	return p.URL.Path + "?" + q.Encode()
}

// Country is a country's name, its code where no source names it.
func (p *page) Country(code string) string {
	if p.s == nil {
		return code
	}
	return p.s.Graph.CountryName(code)
}

// Countries are countries' names.
func (p *page) Countries(codes []string) string {
	names := make([]string, len(codes))
	for i, c := range codes {
		names[i] = p.Country(c)
	}
	return strings.Join(names, ", ")
}

// functions of the templates.
var functions = template.FuncMap{
	"percent":  report.Percent,
	"words":    attribute.Words,
	"strip":    plain.Line,
	"text":     plain.Text,
	"join":     strings.Join,
	"link":     safeLink,
	"date":     date,
	"sayDash":  func(s string) string { return strings.ReplaceAll(s, "-", " ") },
	"decibans": func(f float64) string { return strings.Replace(fmt.Sprintf("%+.1f", f), "-", "−", 1) },
	"plural":   plural,
	"tlpClass": func(t stix.TLP) string {
		return strings.NewReplacer("tlp:", "", "+", "-").Replace(strings.ToLower(t.String()))
	},
	"width": func(p float64) string { return fmt.Sprintf("%.1f", 100*math.Max(0, math.Min(1, p))) },
	"short": short,
	"first": func(s string) string { return strings.ToUpper(s[:min(1, len(s))]) + s[min(1, len(s)):] }, // words of ours
	"add":   func(a, b int) int { return a + b },
	"lower": strings.ToLower,
}

// parse reads the templates: each page with the layout and what all share.
func (r *Room) parse() error {
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return fmt.Errorf("templates: %w", err)
	}
	r.pages = map[string]*template.Template{}
	for _, n := range names {
		name := strings.TrimSuffix(path.Base(n), ".html")
		if name == "layout" || name == "parts" {
			continue
		}
		t, err := template.New(name).Funcs(functions).ParseFS(templates, "templates/layout.html", "templates/parts.html", n)
		if err != nil {
			return fmt.Errorf("template %s: %w", name, err)
		}
		r.pages[name] = t
	}
	return nil
}

// safeLink is an address that may be linked: http and https.
func safeLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// date is a date to its precision.
func date(d workspace.OperationDate) string {
	t, err := time.Parse(time.DateOnly[:min(len(d.Date), len(time.DateOnly))], d.Date)
	switch {
	case d.Date == "":
		return "date unknown"
	case err != nil:
		return d.Date
	case d.Precision == string(graph.Unknown) && d.Origin == string(graph.Reported):
		return "date unknown, reported " + t.Format("2 January 2006")
	case d.Precision == string(graph.Unknown):
		return "date unknown"
	case len(d.Date) == len("2006"):
		return t.Format("2006")
	case len(d.Date) == len("2006-01"):
		return t.Format("January 2006")
	}
	return t.Format("2 January 2006")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// short cuts a text after n letters at a word.
func short(n int, s string) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		return cut[:i] + " …"
	}
	return cut + "…"
}

// Grades are the Admiralty grades that one may suppose.
func (p *page) Grades() []string {
	var out []string
	for _, r := range "ABCDEF" {
		for c := 1; c <= 6; c++ {
			out = append(out, fmt.Sprintf("%c%d", r, c))
		}
	}
	return out
}

// opsTable is a list of operations for a page.
type opsTable struct {
	P   *page
	Ops []workspace.Operation
}

// Ops is the beginning of a list of operations.
func (p *page) Ops(ops []workspace.Operation) opsTable {
	return opsTable{p, ops[:min(len(ops), perPage)]}
}

// Page is the page of something that was found, empty where it has none.
func (p *page) Page(h workspace.Found) string {
	switch h.Type {
	case "campaign", "incident":
		return p.To("/operations/", string(h.ID))
	case "threat-actor", "intrusion-set":
		return p.To("/actors/", string(h.ID))
	case "report":
		return p.To("/documents/", string(h.ID))
	case "relationship", "note", "opinion", "sighting":
		if c := p.s.ClaimCarriedBy(h.ID); c != nil && c.Document != "" {
			return p.To("/documents/", string(c.Document))
		}
	}
	return p.To("/v1/stix/", string(h.ID))
}
