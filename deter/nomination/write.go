package nomination

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"marque/stix"
)

// draft is what every form says of itself.
const draft = "Draft. What sources say, in their words and on their responsibility; nothing here is found to be true."

// Markdown writes the package as Markdown.
func (p *Package) Markdown(w io.Writer) error {
	var b strings.Builder
	section := func(title string) { fmt.Fprintf(&b, "\n## %s\n\n", title) }
	fmt.Fprintf(&b, "# Nomination: %s\n\n%s\n", plainText(p.Name), draft)
	if len(p.Names) > 0 {
		section("Other names")
		for _, n := range p.Names {
			fmt.Fprintf(&b, "- %s (%s)\n", plainText(n.Name), plainText(strings.Join(n.By, ", ")))
		}
	}
	section("Statement of reasons")
	for i, s := range p.Statement {
		fmt.Fprintf(&b, "%d. %s\n", i+1, sentenceText(s))
	}
	if len(p.Against) > 0 {
		section("What speaks against it")
		for _, s := range p.Against {
			fmt.Fprintf(&b, "- %s\n", sentenceText(s))
		}
	}
	if len(p.Listed) > 0 {
		section("Perhaps listed already")
		for _, h := range p.Listed {
			fmt.Fprintf(&b, "- %s %s: %s (%.2f, %s)\n", h.Subject.List, h.Subject.ID, plainText(h.Name.Full), h.Score, h.Grade)
		}
	}
	if len(p.Identifiers) > 0 {
		section("Identifiers, from those entries")
		for _, id := range p.Identifiers {
			fmt.Fprintf(&b, "- %s: %s\n", id.Kind, plainText(strings.TrimSpace(id.Value+" "+id.Country)))
		}
	}
	if len(p.Missing) > 0 {
		section("What is missing")
		for _, m := range p.Missing {
			fmt.Fprintf(&b, "- %s\n", m)
		}
	}
	section("References")
	for _, r := range p.References {
		fmt.Fprintf(&b, "%d. %s\n", r.Number, plainText(r.text()))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// text is a reference in one line.
func (r Reference) text() string {
	var parts []string
	for _, s := range []string{r.Publisher, r.Title, r.Date, r.URL} {
		// Where a document has no title, its address stands for it.
		if s != "" && !slices.Contains(parts, s) {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

func sentenceText(s Sentence) string {
	var text strings.Builder
	text.WriteString(plainText(s.Text))
	for _, n := range s.Refs {
		fmt.Fprintf(&text, " [%d]", n)
	}
	if s.Roots == 1 {
		text.WriteString(" (one source)")
	}
	return text.String()
}

// plainText keeps a source's words from being Markdown, HTML or a line of their own.
func plainText(s string) string {
	return markdownMarks.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownMarks = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "#", `\#`, "|", `\|`, "\u202e", "", "\u202d", "",
)

//go:embed nomination.html
var page string

var pageTemplate = template.Must(template.New("nomination").Funcs(template.FuncMap{"reference": Reference.text}).Parse(page))

// HTML writes the package as a page that prints.
func (p *Package) HTML(w io.Writer) error {
	return pageTemplate.Execute(w, struct {
		*Package
		Draft string
	}{p, draft})
}

// Report is the package as a STIX report: the statement as its text, the subject, operations and sources as its objects. by creates it, at
// dates it.
func (p *Package) Report(by stix.ID, at stix.Timestamp) (*stix.Object, error) {
	var text strings.Builder
	if err := p.Markdown(&text); err != nil {
		return nil, err
	}
	r := stix.Report{
		Common: stix.NewCommon(stix.DerivedID("report", "nomination", string(p.Subject), at.String()), at, by),
		Name:   "Nomination: " + p.Name, Description: text.String(), Published: at, ObjectRefs: append([]stix.ID{p.Subject}, p.Operations...),
	}
	r.Labels = []string{"nomination"}
	for _, ref := range p.References {
		r.ObjectRefs = append(r.ObjectRefs, ref.ID)
		r.References = append(r.References, stix.ExternalReference{SourceName: firstOf(ref.Publisher, ref.Title, "source"), Description: ref.Title, URL: ref.URL})
	}
	return stix.New(r)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
