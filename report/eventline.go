package report

import (
	"fmt"
	"strings"

	"marque/event"
	"marque/match"
)

// EventLine prints how one line of events is read and what it meets.
func (p *Printer) EventLine(x *match.Explained) {
	p.eventLine(x.Explanation)
	if len(x.Hits) == 0 {
		p.Para("It meets no indicator of this workspace.")
		return
	}
	rows := [][]string{{"meets", "matcher", "value", "actor"}}
	for _, h := range x.Hits {
		rows = append(rows, []string{h.Indicator, string(h.By), h.Stored, h.Actor})
	}
	p.Table(rows)
}

// wanted is how many formats are named of those that a line has a part of.
const wanted = 5

func (p *Printer) eventLine(x *event.Explanation) {
	switch {
	case x.Format != "":
		p.Para(fmt.Sprintf("Read as %s (%s).", x.Format, x.File))
	case x.Reason == event.UnknownFormat:
		p.Para("No format is told by its fields.")
		for _, m := range x.Missing[:min(len(x.Missing), wanted)] {
			p.Line(fmt.Sprintf("%s: has %s", m.Format, strings.Join(m.Has, ", ")), "lacks "+strings.Join(m.Lacks, " and "))
		}
	}
	if x.Reason != "" && x.Inside == nil {
		p.Para(fmt.Sprintf("It is set aside: %s.", reasons[x.Reason]))
	}
	if len(x.Fields) > 0 {
		rows := [][]string{{"field", "read as", "line", "", "value"}}
		for _, f := range x.Fields {
			used := "read"
			if !f.Used {
				used = "not used"
			}
			line := ""
			if f.Line > 0 {
				line = fmt.Sprint(f.Line)
			}
			rows = append(rows, []string{f.Path, f.Role, line, used, f.Text})
		}
		p.Table(rows)
	}
	if x.Time != "" {
		p.Field("time", x.Time)
	}
	for _, v := range x.Values {
		p.Field(v.Kind, fmt.Sprintf("%s (%s)", v.Value, v.Field))
	}
	if x.Reason == "" && len(x.Values) == 0 && x.Inside == nil {
		p.Para("No value is found in it that indicators are compared with.")
	}
	if x.Inside != nil {
		p.Para(fmt.Sprintf("It carries %s, which is read in its stead:", x.Carries))
		p.eventLine(x.Inside)
	}
}

// reasons are the reasons of refusal in words.
var reasons = map[event.Reason]string{
	event.BadSyntax: "it is no JSON, and carries none, no CEF, no LEEF and no XML of Windows", event.BadEnd: "its JSON ends early",
	event.BadEncoding: "it is UTF-16, UTF-32 or binary", event.BadDepth: "it is nested too deep", event.BadLength: "it is too long",
	event.NotObject: "it is JSON, and no object", event.UnknownFormat: "no format reads it", event.BadTime: "its time cannot be read, or it has none",
	event.FarTime: "its time cannot be true",
}
