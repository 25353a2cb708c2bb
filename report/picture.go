package report

import (
	"cmp"
	_ "embed"
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"marque/internal/plain"
	"marque/stix"
)

// Picture is a part of the graph to be drawn: who stands in which relation to whom, on how many independent sources.
type Picture struct {
	Title string
	Level stix.TLP
	Nodes []Node // the first is in the middle
	Edges []Line
	Left  int // how many nodes did not fit
}

// Node is an entity of a picture.
type Node struct {
	ID, Name, Type string
	Depth          int
}

// Line is a relation of a picture. Denied relations are drawn broken.
type Line struct {
	From, To, Relation string
	Roots              int
	Denied             bool
}

// DOT writes a picture for Graphviz.
func (p *Picture) DOT(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\ndigraph marque {\n  graph [label=%s, overlap=false]; node [shape=box, style=rounded, fontname=Helvetica]; edge [fontname=Helvetica, fontsize=9];\n", p.Level, quoted(p.Title))
	for _, n := range p.Nodes {
		fmt.Fprintf(&b, "  %s [label=%s, tooltip=%s];\n", quoted(n.ID), quoted(n.Name), quoted(n.Type))
	}
	for _, e := range p.Edges {
		style := "solid"
		if e.Denied {
			style = "dashed"
		}
		fmt.Fprintf(&b, "  %s -> %s [label=%s, penwidth=%d, style=%s];\n", quoted(e.From), quoted(e.To), quoted(e.caption()), min(5, max(1, e.Roots)), style)
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted is a string of the DOT language.
func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain.Line(s)) + `"`
}

func (e *Line) caption() string {
	return fmt.Sprintf("%s (%s)", words(e.Relation), plural(e.Roots, "root", "roots"))
}

// GraphML writes a picture for Gephi, yEd, Cytoscape and others (http://graphml.graphdrawing.org).
func (p *Picture) GraphML(w io.Writer) error {
	var b strings.Builder
	b.WriteString(xml.Header + `<graphml xmlns="http://graphml.graphdrawing.org/xmlns">` + "\n")
	for _, k := range [][3]string{{"name", "node", "string"}, {"type", "node", "string"}, {"depth", "node", "int"}, {"relation", "edge", "string"}, {"roots", "edge", "int"}, {"denied", "edge", "boolean"}, {"tlp", "graph", "string"}} {
		fmt.Fprintf(&b, `<key id="%s" for="%s" attr.name="%s" attr.type="%s"/>`+"\n", k[0], k[1], k[0], k[2])
	}
	fmt.Fprintf(&b, `<graph edgedefault="directed"><data key="tlp">%s</data>`+"\n", p.Level)
	for _, n := range p.Nodes {
		fmt.Fprintf(&b, `<node id="%s"><data key="name">%s</data><data key="type">%s</data><data key="depth">%d</data></node>`+"\n", docxText(n.ID), docxText(n.Name), docxText(n.Type), n.Depth)
	}
	for _, e := range p.Edges {
		fmt.Fprintf(&b, `<edge source="%s" target="%s"><data key="relation">%s</data><data key="roots">%d</data><data key="denied">%t</data></edge>`+"\n", docxText(e.From), docxText(e.To), docxText(e.Relation), e.Roots, e.Denied)
	}
	b.WriteString("</graph></graphml>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

//go:embed assets/picture.html
var pictureShell string

// HTML writes a picture as one self-contained page: SVG that needs no script, with the same relations as a table below.
func (p *Picture) HTML(w io.Writer) error {
	t, err := template.New("picture").Funcs(template.FuncMap{
		"strip": unbroken, "svg": p.svg, "colour": func() string { return colours[p.Level] }, "words": words,
		"name": func(id string) string { return p.Nodes[max(0, p.index(id))].Name },
		"nodes": func() string {
			return plural(len(p.Nodes), "entity", "entities") + ", " + plural(len(p.Edges), "relation", "relations")
		},
	}).Parse(pictureShell)
	if err == nil {
		err = t.Execute(w, p)
	}
	if err != nil {
		return fmt.Errorf("picture as HTML: %w", err)
	}
	return nil
}

func (p *Picture) index(id string) int {
	return slices.IndexFunc(p.Nodes, func(n Node) bool { return n.ID == id })
}

type point struct{ x, y float64 }

// Measures of the drawing.
const (
	pictureSize  = 1200.0
	pictureSteps = 300
)

// place lays the nodes out: springs along edges, repulsion between all (Fruchterman and Reingold, 1991), the first held in the middle. It
// begins from a circle whose order follows from the ids, so the same graph gives the same picture.
func (p *Picture) place() []point {
	n := len(p.Nodes)
	at := make([]point, n)
	for i := range at {
		h := fnv.New32a()
		_, _ = io.WriteString(h, p.Nodes[i].ID) // a hash does not fail
		angle := 2 * math.Pi * float64(h.Sum32()) / (1 << 32)
		r := pictureSize * .15 * float64(p.Nodes[i].Depth) * (1 + .3*math.Sin(float64(i)))
		at[i] = point{r * math.Cos(angle), r * math.Sin(angle)}
	}
	k := pictureSize * .55 / math.Sqrt(float64(n)+1)
	for step := range pictureSteps {
		move := make([]point, n)
		for i := range n {
			for j := range i {
				dx, dy := at[i].x-at[j].x, at[i].y-at[j].y
				d := math.Max(1, math.Hypot(dx, dy))
				f := k * k / (d * d)
				move[i].x, move[i].y = move[i].x+dx*f, move[i].y+dy*f
				move[j].x, move[j].y = move[j].x-dx*f, move[j].y-dy*f
			}
		}
		for _, e := range p.Edges {
			i, j := p.index(e.From), p.index(e.To)
			if i < 0 || j < 0 {
				continue
			}
			dx, dy := at[i].x-at[j].x, at[i].y-at[j].y
			f := math.Hypot(dx, dy) / k
			move[i].x, move[i].y = move[i].x-dx*f*.3, move[i].y-dy*f*.3
			move[j].x, move[j].y = move[j].x+dx*f*.3, move[j].y+dy*f*.3
		}
		heat := pictureSize * .08 * (1 - float64(step)/pictureSteps)
		for i := 1; i < n; i++ {
			d := math.Max(1e-9, math.Hypot(move[i].x, move[i].y))
			at[i].x, at[i].y = at[i].x+move[i].x/d*math.Min(d, heat), at[i].y+move[i].y/d*math.Min(d, heat)
		}
	}
	return at
}

// svg draws it.
func (p *Picture) svg() template.HTML {
	at := p.place()
	low, high := point{}, point{}
	for _, q := range at {
		low, high = point{min(low.x, q.x), min(low.y, q.y)}, point{max(high.x, q.x), max(high.y, q.y)}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="%.0f %.0f %.0f %.0f" role="img" aria-label="%s">`, low.x-90, low.y-40, high.x-low.x+180, high.y-low.y+80, template.HTMLEscapeString(unbroken(p.Title)))
	b.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>`)
	edges := slices.SortedFunc(slices.Values(p.Edges), func(x, y Line) int {
		return cmp.Or(x.Roots-y.Roots, cmp.Compare(x.From, y.From), cmp.Compare(x.To, y.To))
	})
	for _, e := range edges {
		i, j := p.index(e.From), p.index(e.To)
		if i < 0 || j < 0 {
			continue
		}
		class := "edge"
		if e.Denied {
			class += " denied"
		}
		x, y := at[i], at[j]
		d := math.Max(1, math.Hypot(y.x-x.x, y.y-x.y))
		tip := point{y.x - (y.x-x.x)/d*10, y.y - (y.y-x.y)/d*10}
		fmt.Fprintf(&b, `<line class="%s" x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" stroke-width="%s" marker-end="url(#tip)"><title>%s %s %s</title></line>`, class, x.x, x.y, tip.x, tip.y,
			strconv.FormatFloat(math.Min(5, .8+.7*float64(e.Roots)), 'f', 1, 64), template.HTMLEscapeString(unbroken(p.Nodes[i].Name)), template.HTMLEscapeString(e.caption()), template.HTMLEscapeString(unbroken(p.Nodes[j].Name)))
	}
	for i, n := range p.Nodes {
		class := "node " + strings.Map(func(r rune) rune {
			if r == '-' || r >= 'a' && r <= 'z' {
				return r
			}
			return -1
		}, n.Type)
		r := 6
		if i == 0 {
			class, r = class+" middle", 10
		}
		name := []rune(unbroken(n.Name))
		if len(name) > 34 {
			name = append(name[:33], '…')
		}
		fmt.Fprintf(&b, `<g class="%s"><title>%s (%s)</title><circle cx="%.0f" cy="%.0f" r="%d"/><text x="%.0f" y="%.0f">%s</text></g>`, class, template.HTMLEscapeString(unbroken(n.Name)),
			template.HTMLEscapeString(n.Type), at[i].x, at[i].y, r, at[i].x, at[i].y+float64(r)+13, template.HTMLEscapeString(string(name)))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // text is escaped above
}
