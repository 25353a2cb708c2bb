package event

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"go.yaml.in/yaml/v3"

	"marque/internal/jsonscan"
)

//go:embed who.yaml
var whoText []byte

// Who is whom an event happened to, as far as it says so: the machine and the account.
type Who struct{ Host, User string }

// maxWho is the longest name that is told.
const maxWho = 256

// Teller reads whom events happened to. It is asked of few events, those that met an indicator, and so reads their lines again rather
// than having every event carry what hardly any is asked for. One goroutine owns it.
type Teller struct {
	*telling
	scan *jsonscan.Scanner
}

// telling is who.yaml made ready.
type telling struct {
	paths *jsonscan.Paths
	ranks map[string]map[string]rank // by format and path
}

// rank says which of both a path tells, and how early it stands among those that do.
type rank struct {
	user bool
	at   int
}

// anyFormat is the entry for formats without one of their own.
const anyFormat = "any"

// NewTeller returns a teller of the formats that come with Marque.
func NewTeller() *Teller {
	t, err := told()
	if err != nil {
		return &Teller{telling: new(telling)} // the embedded file is covered by a test
	}
	return &Teller{telling: t, scan: jsonscan.New(t.paths)}
}

var told = sync.OnceValues(readTelling)

func readTelling() (*telling, error) {
	var file map[string]struct{ Host, User []string }
	if err := yaml.Unmarshal(whoText, &file); err != nil {
		return nil, fmt.Errorf("who.yaml: %w", err)
	}
	t := &telling{ranks: map[string]map[string]rank{}}
	var paths []string
	known := map[string]bool{}
	for format, of := range file {
		ranks := map[string]rank{}
		add := func(list []string, user bool, from int) {
			for i, p := range list {
				if _, ok := ranks[p]; !ok {
					ranks[p] = rank{user, from + i}
				}
				if !known[p] {
					known[p] = true
					paths = append(paths, p)
				}
			}
		}
		add(of.Host, false, 0)
		add(of.User, true, 0)
		if common := file[anyFormat]; format != anyFormat && format != "zeek" && format != "eve" { // whose host is a name asked for, or the sensor
			add(common.Host, false, len(of.Host))
			add(common.User, true, len(of.User))
		}
		t.ranks[format] = ranks
	}
	var err error
	if t.paths, err = jsonscan.Compile(paths); err != nil {
		return nil, fmt.Errorf("who.yaml: %w", err)
	}
	return t, nil
}

// Who reads whom an event happened to. An event without its line, as one of the lake, tells nothing.
func (t *Teller) Who(e *Event) (who Who) {
	if len(e.Line) == 0 || t.scan == nil {
		return who
	}
	values, err := t.scan.Scan(e.Line)
	if err != nil {
		return who
	}
	ranks := t.ranks[e.Format]
	if ranks == nil {
		ranks = t.ranks[anyFormat]
	}
	host, user := len(ranks), len(ranks)
	for i := range values {
		v := &values[i]
		r, ok := ranks[t.paths.Name(int(v.Path))]
		if !ok || v.Type == jsonscan.Bool || len(v.Text) == 0 || len(v.Text) > maxWho || string(v.Text) == "-" {
			continue
		}
		best, name := &host, &who.Host
		if r.user {
			best, name = &user, &who.User
		}
		if r.at < *best {
			*best, *name = r.at, string(bytes.ToValidUTF8(v.Text, []byte("\uFFFD")))
		}
	}
	return who
}
