package taxii

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/serve/seal"
	"marque/stix"
	"marque/store"
)

// filter is the query of a URL (section 3.4).
type filter struct {
	addedAfter   time.Time
	limit        int // 0: none
	afterSeq     int64
	ids          []stix.ID
	types        []string
	specVersions []string // nil: the latest
	pick         store.Pick
	all          bool // all versions

	openNext func(string) (int64, error) // seal.ErrForeign for what is no next
}

var specVersionForm = regexp.MustCompile(`^[0-9]{1,3}\.[0-9]{1,3}$`)

// maxValues bounds the values of one parameter.
const maxValues = 1000

// filter reads the query of a request. What is malformed is an error (section 3.4: 400); parameters that the specification does not know
// are passed over, and so are those without a value, which forms and scripts send for what was not filled in.
func (s *Server) filter(q *request) (filter, error) {
	f := filter{pick: store.Pick{Last: true}, openNext: func(next string) (int64, error) { return s.next.Open(q.Context(), next) }}
	values, err := url.ParseQuery(q.URL.RawQuery)
	if err != nil {
		return f, malformed("query", "is not a URL query")
	}
	for name, vs := range values {
		parse, known := map[string]func(string) error{
			"added_after": f.parseAddedAfter, "limit": f.parseLimit, "next": f.parseNext,
			"match[id]": f.parseIDs, "match[type]": f.parseTypes, "match[version]": f.parseVersions, "match[spec_version]": f.parseSpecVersions,
		}[name]
		if vs = slices.DeleteFunc(vs, func(v string) bool { return v == "" }); !known || len(vs) == 0 {
			continue
		}
		if len(vs) > 1 {
			return f, malformed(name, "occurs %d times", len(vs))
		}
		if err := parse(vs[0]); err != nil {
			return f, err
		}
	}
	return f, nil
}

func malformed(name, format string, args ...any) error {
	return fault(http.StatusBadRequest, "bad-parameter", "%s %s", name, fmt.Sprintf(format, args...))
}

func (f *filter) parseAddedAfter(s string) error {
	t, err := stix.ParseTimestamp(s)
	if err != nil {
		return malformed("added_after", "is not a timestamp such as 2024-10-15T08:30:00.000000Z")
	}
	f.addedAfter = t.Time()
	return nil
}

func (f *filter) parseLimit(s string) error {
	if s == "" || strings.Trim(s, "0123456789") != "" || strings.Trim(s, "0") == "" {
		return malformed("limit", "is not a whole number greater than zero")
	}
	n, err := strconv.Atoi(s)
	if err != nil { // more than fits: more than anybody has
		n = 1<<31 - 1
	}
	f.limit = n
	return nil
}

func (f *filter) parseNext(s string) error {
	seq, err := f.openNext(s)
	if errors.Is(err, seal.ErrForeign) {
		return malformed("next", "is not a value that this server gave")
	}
	f.afterSeq = seq
	return err
}

func split(name, s string) ([]string, error) {
	vs := strings.Split(s, ",")
	switch {
	case len(vs) > maxValues:
		return nil, malformed(name, "has more than %d values", maxValues)
	case slices.Contains(vs, ""):
		return nil, malformed(name, "has an empty value")
	}
	return vs, nil
}

func (f *filter) parseIDs(s string) error {
	vs, err := split("match[id]", s)
	for _, v := range vs {
		f.ids = append(f.ids, stix.ID(v))
	}
	return err
}

func (f *filter) parseTypes(s string) (err error) {
	f.types, err = split("match[type]", s)
	return err
}

func (f *filter) parseSpecVersions(s string) (err error) {
	const name = "match[spec_version]"
	f.specVersions, err = split(name, s)
	for _, v := range f.specVersions {
		if !specVersionForm.MatchString(v) {
			return malformed(name, "has a value that is no version such as 2.1")
		}
	}
	return err
}

func (f *filter) parseVersions(s string) error {
	const name = "match[version]"
	vs, err := split(name, s)
	if err != nil {
		return err
	}
	f.pick = store.Pick{}
	seen := map[string]bool{}
	for _, v := range vs {
		if seen[v] {
			return malformed(name, "has the same value twice")
		}
		seen[v] = true
		switch v {
		case "all":
			f.all = true
		case "first":
			f.pick.First = true
		case "last":
			f.pick.Last = true
		default:
			t, err := stix.ParseTimestamp(v)
			if err != nil {
				return malformed(name, "has a value that is neither all, first, last nor a timestamp")
			}
			f.pick.At = append(f.pick.At, t.Time())
		}
	}
	if f.all && len(vs) > 1 {
		return malformed(name, "has all beside other values")
	}
	return nil
}

// served tells whether the specification versions that are asked for include the one that is served: objects of STIX 2.0 are
// lifted when they are read, so the latest version of each is 2.1.
func (f *filter) served() bool {
	return f.specVersions == nil || slices.Contains(f.specVersions, "2.1")
}
