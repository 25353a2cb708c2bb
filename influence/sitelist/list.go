package sitelist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"marque/influence/site"
	"marque/ingest/metathreat"
	"marque/ingest/table"
	"marque/internal/unpack"
)

const maxFile = 1 << 30

// ErrColumns is a table of which no column says where the sites stand.
var ErrColumns = errors.New("no column is called domain, host, site or url, nor are they the columns of a known table")

// LineError is a line that could not be used.
type LineError struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

func (e *LineError) Error() string { return fmt.Sprintf("%s, line %d: %s", e.File, e.Line, e.Reason) }

// shown is how many unusable lines are told one by one.
const shown = 100

// List is what was read of one file or several.
type List struct {
	// Forms are the forms that the files had, by name of the file.
	Forms map[string]string
	// Sites are the sites in the order in which they came, each once.
	Sites []site.Site
	// Unusable counts the lines that could not be used; Bad are the first hundred of them.
	Unusable int
	Bad      []*LineError
	// Passed counts names that a file lists and that are no sites to watch: redirects that are thrown away after use.
	Passed int

	at map[string]int
}

// Read reads files, "-" being none of them. An error is about a file as a whole.
func Read(ctx context.Context, paths ...string) (*List, error) {
	l := &List{Forms: map[string]string{}, at: map[string]int{}}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read list: %w", err)
		}
		data, err := unpack.All(ctx, f, maxFile)
		if err == nil {
			err = l.Add(path, data)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read list %s: %w", path, err)
		}
	}
	return l, nil
}

// Add reads the bytes of one more file.
func (l *List) Add(name string, data []byte) error {
	if l.at == nil {
		l.at, l.Forms = map[string]int{}, map[string]string{}
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	head, _, _ := bytes.Cut(data, []byte("\n"))
	if metathreat.Is(head) {
		return l.meta(name, data)
	}
	columns := strings.Split(strings.ToLower(string(head)), ",")
	for i := range columns {
		columns[i] = strings.Trim(columns[i], "\" \t\r")
	}
	f, known := formOf(columns)
	switch {
	case known:
		return l.table(name, data, f)
	case len(columns) > 1 && head[0] != '#':
		return fmt.Errorf("columns %.200q: %w", head, ErrColumns)
	}
	l.lines(name, data)
	return nil
}

// lines reads names one a line, and files of hosts (address, name).
func (l *List) lines(name string, data []byte) {
	l.Forms[name] = "names one a line"
	number := 0
	for line := range bytes.Lines(data) {
		number++
		text, _, _ := strings.Cut(string(line), "#")
		words := strings.Fields(text)
		if len(words) == 2 {
			if _, err := netip.ParseAddr(words[0]); err == nil {
				words = words[1:]
			}
		}
		switch len(words) {
		case 0:
		case 1:
			l.take(name, number, site.Site{Host: words[0]})
		default:
			l.bad(name, number, fmt.Sprintf("%.80q: want one name a line", strings.TrimSpace(text)))
		}
	}
}

// table reads a table of a known form.
func (l *List) table(name string, data []byte, f form) error {
	l.Forms[name] = f.Name
	t, err := table.Open(data)
	if err != nil {
		return err
	}
	spelt := map[string]string{}
	for _, c := range t.Header {
		spelt[strings.ToLower(c)] = c
	}
	return t.Each(func(row *table.Row) error {
		first := func(columns []string) string {
			for _, c := range columns {
				if v := row.Get(spelt[c]); v != "" {
					return v
				}
			}
			return ""
		}
		if row.Err != nil {
			l.bad(name, row.Line, row.Err.Error())
			return nil
		}
		s := site.Site{Host: first(f.Host), Operation: first(f.Operation)}
		s.Registered = l.day(name, row.Line, "registered", first(f.Registered))
		s.Seized = l.day(name, row.Line, "seized", first(f.Seized))
		for _, kind := range f.Facts {
			s.Facts = append(s.Facts, kind.values(first(kind.Columns))...)
		}
		if f.Kind != "" && row.Get(spelt[f.Value]) != "" {
			s.Facts = append(s.Facts, site.Fact{Kind: row.Get(spelt[f.Kind]), Value: row.Get(spelt[f.Value])})
		}
		l.take(name, row.Line, s)
		return nil
	})
}

// meta reads the sites of a file of Meta's; rows about other things are passed over.
func (l *List) meta(name string, data []byte) error {
	l.Forms[name] = "Meta's threat research"
	operation := metathreat.Title(name, "")
	return metathreat.Parse(data, func(r metathreat.Row, raw *table.Row) error {
		switch {
		case raw.Err != nil:
			l.bad(name, raw.Line, raw.Err.Error())
		case r.Site() != "" && r.Redirect():
			l.Passed++
		case r.Site() != "" && !strings.HasSuffix(r.Kind, "-addr"):
			l.take(name, r.Line, site.Site{Host: r.Site(), Registered: r.Registered, Operation: operation})
		}
		return nil
	})
}

// day reads a day; what is none is told, and the site stays without.
func (l *List) day(name string, line int, what, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if len(text) > len(time.DateOnly) && (text[10] == 'T' || text[10] == ' ') {
		if d, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)]); err == nil {
			return d
		}
	}
	d, ok := metathreat.ParseDay(text)
	if !ok {
		l.bad(name, line, fmt.Sprintf("%s %.40q: want a day such as 2024-06-30; the site is kept without", what, text))
	}
	return d
}

// take enters a site, or what is new of one.
func (l *List) take(file string, line int, s site.Site) {
	n, err := site.Parse(Host(s.Host))
	if err != nil {
		l.bad(file, line, fmt.Sprintf("%.80q: %v", s.Host, err))
		return
	}
	s.Host = n.Host
	i, known := l.at[s.Host]
	if !known {
		l.at[s.Host] = len(l.Sites)
		l.Sites = append(l.Sites, s)
		return
	}
	old := &l.Sites[i]
	if old.Operation == "" {
		old.Operation = s.Operation
	}
	if old.Registered.IsZero() || !s.Registered.IsZero() && s.Registered.Before(old.Registered) {
		old.Registered = s.Registered
	}
	if old.Seized.IsZero() {
		old.Seized = s.Seized
	}
	for _, f := range s.Facts {
		if !slices.Contains(old.Facts, f) {
			old.Facts = append(old.Facts, f)
		}
	}
}

func (l *List) bad(file string, line int, reason string) {
	l.Unusable++
	if len(l.Bad) < shown {
		l.Bad = append(l.Bad, &LineError{file, line, reason})
	}
}

// Host is the host name in a value: a name, a wildcard of a certificate, or an address, defanged or not.
func Host(value string) string {
	v := strings.Trim(metathreat.Refang(value), "'\"` \t\r")
	if _, rest, ok := strings.Cut(v, "://"); ok {
		v = rest
	}
	if end := strings.IndexAny(v, "/?#"); end >= 0 {
		v = v[:end]
	}
	v = v[strings.LastIndexByte(v, '@')+1:]
	if h, _, err := net.SplitHostPort(v); err == nil {
		v = h
	}
	return strings.TrimPrefix(v, "*.")
}
