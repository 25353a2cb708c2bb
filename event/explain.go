package event

import (
	"slices"
	"strings"
	"time"

	"marque/internal/jsonscan"
)

// Explanation tells what was read of one line and why, for those who write a mapping or wonder what was missed.
type Explanation struct {
	Format string `json:"format,omitempty"` // the one that read it
	File   string `json:"file,omitempty"`   // the mapping that holds the format
	Reason Reason `json:"reason,omitempty"` // why the line was refused
	Time   string `json:"time,omitempty"`
	// Missing says, where no format reads the line, which fields each lacks that has some of them.
	Missing []Missing `json:"missing,omitempty"`
	Fields  []Field   `json:"fields,omitempty"` // that the format names and the line has
	Values  []Value   `json:"values,omitempty"` // that are looked for
	// Carries names what the line carries or wraps, which Inside explains. It was read in the line's stead where it holds a value.
	Carries string       `json:"carries,omitempty"`
	Inside  *Explanation `json:"inside,omitempty"`
}

// Missing is a format that was nearly met.
type Missing struct {
	Format string   `json:"format"`
	Has    []string `json:"has"`
	Lacks  []string `json:"lacks"`
}

// Field is a field that a format names.
type Field struct {
	Path string `json:"path"`
	Role string `json:"role"`
	Line int    `json:"line,omitempty"` // of the mapping
	Text string `json:"text"`
	Used bool   `json:"used"` // false: no value of its kind, or another field of the role stands before it
}

// Value is a canonical value of an event.
type Value struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	Field string `json:"field"`
}

// Explain reads a line as Decode does, and tells what it did.
func (d *Decoder) Explain(line []byte) *Explanation {
	x := &Explanation{}
	vals, err := d.scan.Scan(line)
	if err != nil {
		x.Reason = reasonOf(err, line)
		if text, name := carriedIn(line); text != nil && d.depth < maxEnvelopes {
			x.Carries, x.Inside = name, d.within().Explain(text)
		}
		return x
	}
	d.explainOwn(x, line, vals)
	if x.Reason == "" && len(x.Values) > 0 && !x.ofItsOwnHost() || d.depth >= maxEnvelopes {
		return x
	}
	for _, l := range letters(line) {
		if in := d.within().Explain(l.text); x.Inside == nil || len(x.Inside.found()) == 0 && len(in.found()) > 0 {
			x.Carries, x.Inside = l.in, in
		}
	}
	return x
}

// found are the values of the event that is read in the end.
func (x *Explanation) found() []Value {
	if x.Inside != nil && len(x.Inside.found()) > 0 {
		return x.Inside.found()
	}
	return x.Values
}

// Refused tells whether nothing of the line is an event.
func (x *Explanation) Refused() bool {
	return x.Reason != "" && (x.Inside == nil || x.Inside.Refused())
}

func (x *Explanation) ofItsOwnHost() bool {
	return !slices.ContainsFunc(x.Values, func(v Value) bool {
		return !strings.HasPrefix(v.Field, "host.") && !strings.HasPrefix(v.Field, "observer.")
	})
}

// explainOwn tells what the values of a line are by themselves.
func (d *Decoder) explainOwn(x *Explanation, line []byte, vals []jsonscan.Value) {
	e, reason := d.own(line, vals)
	x.Reason = reason
	var p plan
	p.make(d.formats, vals)
	if p.format == nil {
		x.Missing = d.formats.missing(vals)
		return
	}
	x.Format, x.File = p.format.Name, p.format.File
	for i := range vals {
		t := p.format.targets[vals[i].Path]
		if t.role == roleNone {
			continue
		}
		f := Field{Path: d.formats.names[vals[i].Path], Role: nameOf(t.role), Text: string(vals[i].Text)}
		f.Line = p.format.Lines[f.Role+" "+f.Path]
		f.Used = t.role < manyRoles && p.single[t.role] == int32(i)
		if e != nil && t.role > manyRoles {
			f.Used = slices.ContainsFunc(e.Observables, func(o Observable) bool { return o.Field == f.Path })
		}
		x.Fields = append(x.Fields, f)
	}
	if e == nil {
		return
	}
	x.Time = e.When().Format(time.RFC3339Nano)
	for _, o := range e.Observables {
		x.Values = append(x.Values, Value{o.Kind.String(), string(o.Value), o.Field})
	}
}

func nameOf(r Role) string {
	for name, role := range roleNames {
		if role == r {
			return name
		}
	}
	return ""
}

// missing tells which formats a line has a part of the conditions of.
func (f *Formats) missing(vals []jsonscan.Value) (out []Missing) {
	has := func(path string) bool {
		return slices.ContainsFunc(vals, func(v jsonscan.Value) bool { return f.names[v.Path] == path })
	}
	for i := range f.list {
		c := &f.list[i]
		m := Missing{Format: c.Name}
		for _, path := range c.When {
			if has(path) {
				m.Has = append(m.Has, path)
			} else {
				m.Lacks = append(m.Lacks, path)
			}
		}
		if len(c.WhenAny) > 0 {
			if n := slices.IndexFunc(c.WhenAny, has); n >= 0 {
				m.Has = append(m.Has, c.WhenAny[n])
			} else {
				m.Lacks = append(m.Lacks, "one of "+strings.Join(c.WhenAny, ", "))
			}
		}
		if len(m.Has) > 0 {
			out = append(out, m)
		}
	}
	return out
}
