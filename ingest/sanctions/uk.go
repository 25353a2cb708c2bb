package sanctions

import (
	"io"
	"slices"
	"strings"
)

// UKFiles are the tables of the United Kingdom's list: subjects, their names, the countries of birth, nationality and address.
type UKFiles struct {
	Subjects, Names, Countries io.Reader
}

var (
	ukSubjectColumns = []string{"unique_id", "subject_type", "date_designated", "last_updated"}
	ukNameColumns    = []string{"unique_id", "name_type", "alias_strength", "full_name"}
	ukCountryColumns = []string{"unique_id", "country_type", "iso", "raw_value"}
	ukKinds          = map[string]Kind{"individual": Person, "entity": Organisation, "ship": Vessel}
	ukNames          = map[string]NameKind{
		"primary": Primary, "primary name": Primary, "alias": Alias, "primary_variation": Spelling, "primary name variation": Spelling,
	}
)

// ukCountries are the codes of one subject.
type ukCountries struct{ birth, nationality, address []string }

// DecodeUK reads the tables side by side. Subjects and names are joined in order. The table of countries comes in one order for each of
// its kinds; of it the distinct codes of each subject are held.
func DecodeUK(f UKFiles) Subjects {
	return func(yield func(*Subject, error) bool) {
		report := func(err error) bool { return yield(nil, err) }
		subjects, err := newHeadedTable("subjects", f.Subjects, ',', ukSubjectColumns...)
		if err != nil {
			report(err)
			return
		}
		var names *cursor
		if f.Names != nil {
			t, err := newHeadedTable("subject_names", f.Names, ',', ukNameColumns...)
			if err != nil {
				report(err)
				return
			}
			names = &cursor{t: t, cols: 1, less: func(a, b string) bool { return a < b }}
			if i := t.columns["unique_id"]; i != 0 {
				names.t.swapFirst(i)
			}
		}
		lands, goOn, err := readUKCountries(f.Countries, report)
		if err != nil {
			report(err)
		}
		if err != nil || !goOn {
			return
		}
		for row := subjects.row(report); row != nil; row = subjects.row(report) {
			s, bad := ukSubject(subjects, row)
			if bad != nil {
				if !report(bad) {
					return
				}
				continue
			}
			ok, err := names.take(s.ID, func(r []string) { ukName(s, names.t, r) }, report)
			if err != nil {
				report(err)
			}
			if !ok {
				return
			}
			slices.SortStableFunc(s.Names, func(a, b Name) int { return nameOrder(a) - nameOrder(b) })
			s.take(lands[s.ID])
			if !yield(s, nil) {
				return
			}
		}
	}
}

// swapFirst makes column i the first of each row that follows, so that a cursor finds its key.
func (t *table) swapFirst(i int) {
	t.first = i
	for name, j := range t.columns {
		switch j {
		case i:
			t.columns[name] = 0
		case 0:
			t.columns[name] = i
		}
	}
}

func nameOrder(n Name) int {
	if n.Kind == Primary {
		return 0
	}
	return 1
}

func ukSubject(t *table, row []string) (*Subject, error) {
	s := &Subject{List: UK, ID: strings.Clone(t.get(row, "unique_id")), Kind: Unknown}
	if s.ID == "" {
		return nil, t.problem("unique_id", "is empty")
	}
	if k, ok := ukKinds[strings.ToLower(t.get(row, "subject_type"))]; ok {
		s.Kind = k
	}
	for _, d := range []struct {
		column string
		into   *Date
	}{{"date_designated", &s.Listed}, {"last_updated", &s.Updated}} {
		if text := t.get(row, d.column); text != "" {
			var ok bool
			if *d.into, ok = ParseDate(text); !ok {
				return nil, t.problem(d.column, "%.40q is no date", text)
			}
		}
	}
	s.Programmes = add(s.Programmes, strings.TrimRight(s.ID, "0123456789"))
	for _, c := range []string{"un_reference_number", "ofsi_group_id"} {
		if v := t.get(row, c); v != "" {
			s.addIdentifier(Identifier{Kind: OtherID, Value: strings.Clone(v), Label: c})
		}
	}
	return s, nil
}

func ukName(s *Subject, t *table, row []string) {
	n := Name{Full: t.get(row, "full_name"), Kind: Alias, Weak: t.get(row, "alias_strength") == "low_quality_aka"}
	if k, ok := ukNames[strings.ToLower(t.get(row, "name_type"))]; ok {
		n.Kind = k
	}
	if s.Kind == Person {
		n.Family = t.get(row, "name_6")
		var given []string
		for _, c := range []string{"name_1", "name_2", "name_3", "name_4", "name_5"} {
			if v := t.get(row, c); v != "" {
				given = append(given, v)
			}
		}
		n.Given = strings.Join(given, " ")
	}
	if n.Full = clean(n.Full); n.Full != "" {
		s.Names = append(s.Names, n)
	}
}

func (s *Subject) take(c *ukCountries) {
	if c == nil {
		return
	}
	s.Nationalities = append(s.Nationalities, c.nationality...)
	for _, code := range c.birth {
		s.Births = append(s.Births, Birth{Country: code})
	}
	for _, code := range c.address {
		s.Addresses = append(s.Addresses, Address{Country: code})
	}
}

func readUKCountries(r io.Reader, report func(error) bool) (map[string]*ukCountries, bool, error) {
	if r == nil {
		return nil, true, nil
	}
	t, err := newHeadedTable("subject_countries", r, ',', ukCountryColumns...)
	if err != nil {
		return nil, false, err
	}
	by := map[string]*ukCountries{}
	for row := t.row(report); row != nil; row = t.row(report) {
		id, code := t.get(row, "unique_id"), t.get(row, "iso")
		if code == "" {
			code = country(t.get(row, "raw_value"))
		}
		c := by[id]
		if c == nil {
			c = &ukCountries{}
			by[strings.Clone(id)] = c
		}
		switch t.get(row, "country_type") {
		case "birth":
			c.birth = add(c.birth, code)
		case "nationality":
			c.nationality = add(c.nationality, code)
		case "address":
			c.address = add(c.address, code)
		default:
			if !report(t.problem("country_type", "%.40q is none of birth, nationality, address", t.get(row, "country_type"))) {
				return nil, false, nil
			}
		}
	}
	return by, t.ended, nil
}
