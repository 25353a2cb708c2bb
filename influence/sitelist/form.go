package sitelist

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"marque/influence/site"
)

//go:embed forms.yaml
var formsText []byte

// form is a kind of table.
type form struct {
	Name       string   `yaml:"name"`
	Has        []string `yaml:"has"`
	Host       []string `yaml:"host"`
	Registered []string `yaml:"registered"`
	Seized     []string `yaml:"seized"`
	Operation  []string `yaml:"operation"`
	Facts      []fact   `yaml:"facts"`
	// Kind and Value are the columns of a table that has one fact a row.
	Kind  string `yaml:"kind"`
	Value string `yaml:"value"`
}

// fact says which columns hold a kind of value, and how they are written.
type fact struct {
	Kind    string   `yaml:"kind"`
	Columns []string `yaml:"columns"`
	As      string   `yaml:"as"`
}

var forms = sync.OnceValues(func() ([]form, error) {
	var file struct {
		Forms []form `yaml:"forms"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(formsText))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("forms of site lists: %w", err)
	}
	return file.Forms, nil
})

// formOf finds the form that columns (in lower case) fit.
func formOf(columns []string) (form, bool) {
	all, err := forms()
	if err != nil {
		panic(err) // the file is part of the program
	}
	for _, f := range all {
		if !slices.ContainsFunc(f.Has, func(c string) bool { return !slices.Contains(columns, c) }) {
			return f, true
		}
	}
	return form{}, false
}

// values reads a cell.
func (f fact) values(cell string) []site.Fact {
	var out []site.Fact
	add := func(v string) {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, site.Fact{Kind: f.Kind, Value: v})
		}
	}
	switch f.As {
	case "list":
		for v := range strings.SplitSeq(cell, ",") {
			add(strings.ToLower(strings.TrimSuffix(strings.TrimSpace(v), ".")))
		}
	case "hosts":
		var hosts []string
		for v := range strings.SplitSeq(cell, ",") {
			if words := strings.Fields(v); len(words) > 0 {
				hosts = append(hosts, strings.ToLower(words[len(words)-1]))
			}
		}
		slices.Sort(hosts)
		add(strings.Join(hosts, "|"))
	case "day":
		if len(cell) >= len("2006-01-02") {
			add(cell[:len("2006-01-02")])
		}
	case "handle":
		v := strings.TrimRight(cell, "/")
		v = strings.ToLower(v[strings.LastIndexByte(v, '/')+1:])
		if !strings.HasPrefix(v, "www.") { // a link to the platform itself
			add(v)
		}
	case "net":
		for v := range strings.SplitSeq(cell, ",") {
			if a, err := netip.ParseAddr(strings.TrimSpace(v)); err == nil && a.Is4() {
				p, _ := a.Prefix(24)
				add(p.String())
			}
		}
	default:
		add(cell)
	}
	return out
}
