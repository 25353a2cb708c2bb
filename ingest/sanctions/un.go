package sanctions

import (
	"io"
	"strings"
)

// DecodeUN reads the consolidated list of the Security Council: CONSOLIDATED_LIST with INDIVIDUAL and ENTITY.
func DecodeUN(r io.Reader) Subjects {
	l := layout{list: UN, root: []string{"CONSOLIDATED_LIST"}, entry: map[string]func(*node) (*Subject, *EntryError){
		"INDIVIDUAL": func(n *node) (*Subject, *EntryError) { return unEntry(n, Person, "INDIVIDUAL") },
		"ENTITY":     func(n *node) (*Subject, *EntryError) { return unEntry(n, Organisation, "ENTITY") },
	}}
	return l.decode(r)
}

func unEntry(n *node, kind Kind, prefix string) (*Subject, *EntryError) {
	s := &Subject{List: UN, ID: n.get("DATAID"), Kind: kind}
	if s.ID == "" {
		return nil, lacks(n, "DATAID")
	}
	s.addName(Name{Full: strings.Join(fields(n, "FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"), " "), Kind: Primary})
	if len(s.Names) == 0 {
		return nil, lacks(n, "FIRST_NAME")
	}
	s.addName(Name{Full: n.get("NAME_ORIGINAL_SCRIPT"), Kind: Native})
	for _, a := range n.all(prefix + "_ALIAS") {
		quality := strings.ToLower(a.get("QUALITY"))
		name := Name{Full: a.get("ALIAS_NAME"), Kind: Alias, Weak: quality == "low"}
		if strings.HasPrefix(quality, "f.k.a") {
			name.Kind = Former
		}
		s.addName(name)
	}
	s.Programmes = add(s.Programmes, n.get("UN_LIST_TYPE"))
	s.addIdentifier(Identifier{Kind: OtherID, Value: n.get("REFERENCE_NUMBER"), Label: "UN reference"})
	s.Listed, _ = ParseDate(n.get("LISTED_ON"))
	for _, u := range n.all("LAST_DAY_UPDATED", "VALUE") {
		if d, ok := ParseDate(u.text); ok && d.String() > s.Updated.String() {
			s.Updated = d
		}
	}
	s.Remarks, s.Gender = n.get("COMMENTS1"), strings.ToLower(n.get("GENDER"))
	for _, t := range append(n.all("TITLE", "VALUE"), n.all("DESIGNATION", "VALUE")...) {
		s.Titles = add(s.Titles, t.text)
	}
	for _, x := range n.all("NATIONALITY", "VALUE") {
		s.Nationalities = add(s.Nationalities, country(x.text))
	}
	for _, a := range n.all(prefix + "_ADDRESS") {
		address := Address{
			Street: a.get("STREET"), City: strings.Join(fields(a, "CITY", "STATE_PROVINCE", "ZIP_CODE"), " "), Country: country(a.get("COUNTRY")),
		}
		if address != (Address{}) {
			s.Addresses = append(s.Addresses, address)
		}
	}
	unBirths(s, n)
	for _, d := range n.all("INDIVIDUAL_DOCUMENT") {
		id := Identifier{Kind: OtherID, Value: d.get("NUMBER"), Label: d.get("TYPE_OF_DOCUMENT"), Country: country(d.get("ISSUING_COUNTRY"))}
		switch label := strings.ToLower(id.Label); {
		case strings.Contains(label, "passport"):
			id.Kind = Passport
		case strings.Contains(label, "national"):
			id.Kind = NationalID
		}
		s.addIdentifier(id)
	}
	return s, nil
}

// unBirths reads dates that are EXACT, APPROXIMATELY or BETWEEN two years.
func unBirths(s *Subject, n *node) {
	for _, d := range n.all("INDIVIDUAL_DATE_OF_BIRTH") {
		var b Birth
		var ok bool
		for _, field := range []string{"DATE", "YEAR", "FROM_YEAR"} {
			if b.From, ok = ParseDate(d.get(field)); ok {
				break
			}
		}
		if !ok {
			continue
		}
		b.From.Circa = strings.EqualFold(d.get("TYPE_OF_DATE"), "APPROXIMATELY")
		b.To, _ = ParseDate(d.get("TO_YEAR"))
		s.Births = append(s.Births, b)
	}
	for _, p := range n.all("INDIVIDUAL_PLACE_OF_BIRTH") {
		if place := strings.Join(fields(p, "CITY", "STATE_PROVINCE", "COUNTRY"), ", "); place != "" {
			s.birthPlace(place)
		}
	}
}
