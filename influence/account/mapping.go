package account

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed mappings.yaml
var mappingsYAML []byte

// Mapping says in which columns of an export what stands.
type Mapping struct {
	Name string `yaml:"name"`
	// Has are the columns by which the export is known.
	Has []string `yaml:"has"`
	// List is the member of a JSON object that holds the posts.
	List string `yaml:"list"`
	// The first of the columns that is not empty counts.
	Account  []string `yaml:"account"`
	Time     []string `yaml:"time"`
	Text     []string `yaml:"text"`
	Language []string `yaml:"language"`
	Links    []string `yaml:"links"`
	Hashtags []string `yaml:"hashtags"`
	Media    []string `yaml:"media"`
	// Repost are the values of a column that say that a post is another's; "*" is anything but empty, false and 0.
	Repost map[string][]string `yaml:"repost"`
}

// Mappings are the known exports and the date formats that they use.
type Mappings struct {
	Dates    []string  `yaml:"dates"`
	Mappings []Mapping `yaml:"mappings"`
}

// Builtin are the mappings that come with Marque: mappings.yaml.
func Builtin() (Mappings, error) { return ReadMappings(strings.NewReader(string(mappingsYAML))) }

// ReadMappings reads mappings from YAML. An unknown key, or a mapping without account and time, is an error that names it.
func ReadMappings(r io.Reader) (Mappings, error) {
	var m Mappings
	d := yaml.NewDecoder(r)
	d.KnownFields(true)
	if err := d.Decode(&m); err != nil {
		return Mappings{}, fmt.Errorf("mappings: %w", err)
	}
	var errs []error
	for i, x := range m.Mappings {
		switch {
		case x.Name == "":
			errs = append(errs, fmt.Errorf("mappings: mapping %d: no name", i+1))
		case len(x.Account) == 0 || len(x.Time) == 0:
			errs = append(errs, fmt.Errorf("mappings: %s: say which columns are account and time", x.Name))
		case len(x.Has) == 0:
			errs = append(errs, fmt.Errorf("mappings: %s: say with `has` by which columns it is known", x.Name))
		}
	}
	return m, errors.Join(errs...)
}

// find gives the first mapping whose columns are all there.
func (m Mappings) find(has func(column string) bool) (Mapping, bool) {
next:
	for _, x := range m.Mappings {
		for _, c := range x.Has {
			if !has(c) {
				continue next
			}
		}
		return x, true
	}
	return Mapping{}, false
}

// only is the mapping without columns that are not there.
func (m *Mapping) only(has func(column string) bool) Mapping {
	out := Mapping{Name: m.Name, Repost: map[string][]string{}}
	for from, to := range map[*[]string]*[]string{
		&m.Account: &out.Account, &m.Time: &out.Time, &m.Text: &out.Text, &m.Language: &out.Language,
		&m.Links: &out.Links, &m.Hashtags: &out.Hashtags, &m.Media: &out.Media,
	} {
		for _, c := range *from {
			if has(c) {
				*to = append(*to, c)
			}
		}
	}
	for c, values := range m.Repost {
		if has(c) {
			out.Repost[c] = values
		}
	}
	return out
}

// names lists the mappings for an error message.
func (m Mappings) names() string {
	var b strings.Builder
	for i, x := range m.Mappings {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(x.Name + " (" + strings.Join(x.Has, ", ") + ")")
	}
	return b.String()
}

// row gives the values of a post's columns. A column that is not there is empty.
type row interface {
	// value is a column's only value.
	value(column string) string
	// values are all of them, where a column holds a list.
	values(column string) []string
}

// post reads a row.
func (m *Mapping) post(r row, dates []string) (Post, error) {
	p := Post{
		Account: first(r, m.Account), Text: first(r, m.Text), Language: first(r, m.Language),
		Links: firstList(r, m.Links), Hashtags: firstList(r, m.Hashtags), Media: firstList(r, m.Media),
	}
	if p.Account == "" {
		return p, fmt.Errorf("account: %s: empty", strings.Join(m.Account, ", "))
	}
	at := first(r, m.Time)
	var err error
	if p.Time, err = parseTime(at, dates); err != nil {
		return p, fmt.Errorf("time: %w", err)
	}
	for column, yes := range m.Repost {
		if v := r.value(column); says(v, yes) {
			p.Repost = true
		}
	}
	return p, nil
}

func says(v string, yes []string) bool {
	for _, y := range yes {
		if y == "*" && v != "" && v != "0" && !strings.EqualFold(v, "false") || y != "*" && strings.EqualFold(v, y) {
			return true
		}
	}
	return false
}

func first(r row, columns []string) string {
	for _, c := range columns {
		if v := r.value(c); v != "" {
			return v
		}
	}
	return ""
}

func firstList(r row, columns []string) []string {
	for _, c := range columns {
		if v := r.values(c); len(v) > 0 {
			return v
		}
	}
	return nil
}

// splitList takes apart what tables write for a list: JSON, Python's form of it, or values between commas, semicolons, bars or spaces.
func splitList(v string) []string {
	v = strings.TrimSpace(v)
	if v == "" || v == "[]" || v == "NA" {
		return nil
	}
	v = strings.TrimSuffix(strings.TrimPrefix(v, "["), "]")
	fields := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == '|' || r == ' ' || r == '"' || r == '\'' })
	return fields
}

// Times before the first message on a network and after the next generation's are not dates of posts.
var earliest, latest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)

// parseTime reads a date of an export, UTC where no zone is given.
func parseTime(v string, dates []string) (time.Time, error) {
	t, err := parseDate(strings.TrimSpace(v), dates)
	if err != nil {
		return time.Time{}, err
	}
	if t.Before(earliest) || t.After(latest) {
		return time.Time{}, fmt.Errorf("%.40q: not between 1990 and 2100", v)
	}
	return t, nil
}

func parseDate(v string, dates []string) (time.Time, error) {
	if t, ok := parseISO(v); ok {
		return t, nil
	}
	if v == "" {
		return time.Time{}, errors.New("empty")
	}
	if n, err := strconv.ParseFloat(v, 64); err == nil {
		if n > 1e11 { // milliseconds
			n /= 1000
		}
		if n < 0 || n > 1e11 {
			return time.Time{}, fmt.Errorf("%.40q: no seconds or milliseconds since 1970", v)
		}
		return time.Unix(int64(n), 0).UTC(), nil
	}
	if t, err := time.Parse(time.RFC3339, v); err == nil {
		return t.UTC(), nil
	}
	for _, layout := range dates {
		if t, err := time.Parse(layout, v); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q: no date in a known form", v)
}

// parseISO reads 2006-01-02T15:04:05, with a space for the T, with or without fractions and Z, which nearly all exports write.
func parseISO(v string) (time.Time, bool) {
	if len(v) < 19 || v[4] != '-' || v[7] != '-' || v[10] != 'T' && v[10] != ' ' || v[13] != ':' || v[16] != ':' {
		return time.Time{}, false
	}
	if rest := v[19:]; rest != "" && strings.Trim(strings.TrimSuffix(rest, "Z"), ".0123456789") != "" {
		return time.Time{}, false
	}
	year, ok1 := digits(v[:4])
	month, ok2 := digits(v[5:7])
	d, ok3 := digits(v[8:10])
	hour, ok4 := digits(v[11:13])
	minute, ok5 := digits(v[14:16])
	second, ok6 := digits(v[17:19])
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 || !ok6 || month < 1 || month > 12 || d < 1 || hour > 23 || minute > 59 || second > 60 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), d, hour, minute, second, 0, time.UTC)
	return t, t.Day() == d // 31 February is no date
}

func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
