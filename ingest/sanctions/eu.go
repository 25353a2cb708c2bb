package sanctions

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// DecodeEUXML reads the Union's consolidated list of financial sanctions: export of sanctionEntity, whose data stand in attributes.
func DecodeEUXML(r io.Reader) Subjects {
	l := layout{list: EU, root: []string{"export"}, entry: map[string]func(*node) (*Subject, *EntryError){"sanctionEntity": sanctionEntity}}
	return l.decode(r)
}

func sanctionEntity(n *node) (*Subject, *EntryError) {
	s := &Subject{List: EU, ID: n.at("logicalId"), Kind: Unknown}
	if s.ID == "" {
		return nil, lacks(n, "logicalId")
	}
	for _, t := range n.all("subjectType") {
		s.Kind = euKind(t.at("code"), t.at("classificationCode"))
	}
	for i, a := range n.all("nameAlias") {
		name := Name{Full: a.at("wholeName"), Kind: Alias, Weak: a.at("strong") == "false", Number: a.at("logicalId")}
		if i == 0 {
			name.Kind = Primary
		}
		if s.Kind == Person {
			name.Family, name.Given = a.at("lastName"), clean(a.at("firstName")+" "+a.at("middleName"))
		}
		s.addName(name)
		s.Titles = add(s.Titles, a.at("function"))
		if g := a.at("gender"); g != "" {
			s.Gender = map[string]string{"M": "male", "F": "female"}[g]
		}
	}
	if len(s.Names) == 0 {
		return nil, lacks(n, "nameAlias")
	}
	for _, r := range n.all("regulation") {
		s.Programmes = add(s.Programmes, r.at("programme"))
		if d, ok := ParseDate(r.at("publicationDate")); ok && (s.Listed.IsZero() || d.String() < s.Listed.String()) {
			s.Listed = d
		}
	}
	if d, ok := ParseDate(n.at("designationDate")); ok {
		s.Listed = d
	}
	s.addIdentifier(Identifier{Kind: OtherID, Value: n.at("euReferenceNumber"), Label: "EU reference"})
	s.addIdentifier(Identifier{Kind: OtherID, Value: n.at("unitedNationId"), Label: "UN reference"})
	for _, b := range n.all("birthdate") {
		s.euBirth(b)
	}
	for _, c := range n.all("citizenship") {
		s.Nationalities = add(s.Nationalities, euCountry(c))
	}
	for _, a := range n.all("address") {
		s.Addresses = append(s.Addresses, Address{
			Street: a.at("street"), City: clean(a.at("zipCode") + " " + a.at("city")), Country: euCountry(a),
		})
	}
	for _, i := range n.all("identification") {
		s.addIdentifier(Identifier{
			Kind: euIdentifier(i.at("identificationTypeCode")), Value: i.at("number"), Label: i.at("identificationTypeDescription"),
			Country: euCountry(i),
		})
	}
	s.Remarks = n.get("remark")
	return s, nil
}

// euKind reads the code of a kind: P for a person, E for an enterprise; the newer files write it out.
func euKind(codes ...string) Kind {
	for _, c := range codes {
		switch strings.ToLower(c) {
		case "p", "person":
			return Person
		case "e", "enterprise":
			return Organisation
		}
	}
	return Unknown
}

// euCountry reads a country of two letters; "00" is unknown.
func euCountry(n *node) string {
	if code := n.at("countryIso2Code"); len(code) == 2 && code != "00" {
		return code
	}
	if name := n.at("countryDescription"); !strings.EqualFold(name, "UNKNOWN") {
		return country(name)
	}
	return ""
}

func (s *Subject) euBirth(n *node) {
	b := Birth{Place: n.at("city"), Country: euCountry(n)}
	var ok bool
	for _, field := range []string{"birthdate", "year", "yearRangeFrom"} {
		if b.From, ok = ParseDate(n.at(field)); ok {
			break
		}
	}
	if ok {
		b.To, _ = ParseDate(n.at("yearRangeTo"))
		b.From.Circa = n.at("circa") == "true"
	}
	if b != (Birth{}) {
		s.Births = append(s.Births, b)
	}
}

func euIdentifier(code string) IdentifierKind {
	switch strings.ToLower(code) {
	case "passport", "diplopassport":
		return Passport
	case "id", "nationalid", "ssn", "residentperm":
		return NationalID
	case "regnumber", "regno", "tradelic":
		return Registration
	case "fiscalcode", "taxid":
		return Tax
	case "swiftbic":
		return SWIFT
	case "imo":
		return IMO
	}
	return OtherID
}

// euColumns are those of the Union's CSV without which a row says nothing. It has a row for each name, address or number of an entity.
var euColumns = []string{"Entity_LogicalId", "Entity_SubjectType", "NameAlias_WholeName"}

// DecodeEU reads the Union's CSV, whose rows of one entity stand together.
func DecodeEU(r io.Reader) Subjects {
	return func(yield func(*Subject, error) bool) {
		t, err := newHeadedTable(EU, r, ';', euColumns...)
		if err != nil {
			yield(nil, err)
			return
		}
		var s *Subject
		for {
			row, err := t.next()
			var p *EntryError
			switch {
			case errors.Is(err, io.EOF):
				if s != nil {
					yield(s, nil)
				}
				return
			case errors.As(err, &p):
				if !yield(nil, p) {
					return
				}
				continue
			case err != nil:
				yield(nil, fmt.Errorf("%s: %w", EU, err))
				return
			}
			id := t.get(row, "Entity_LogicalId")
			if id == "" {
				if !yield(nil, t.problem("Entity_LogicalId", "is empty")) {
					return
				}
				continue
			}
			if s == nil || s.ID != id {
				if s != nil && !yield(s, nil) {
					return
				}
				kind := euKind(t.get(row, "Entity_SubjectType"), t.get(row, "Entity_SubjectType_ClassificationCode"))
				s = &Subject{List: EU, ID: strings.Clone(id), Kind: kind}
			}
			euRow(s, t, row)
		}
	}
}

func euRow(s *Subject, t *table, row []string) {
	get := func(column string) string { return strings.Clone(t.get(row, column)) }
	name := Name{Full: get("NameAlias_WholeName"), Kind: Alias}
	if len(s.Names) == 0 {
		name.Kind = Primary
	}
	if s.Kind == Person {
		name.Family, name.Given = get("NameAlias_LastName"), clean(get("NameAlias_FirstName")+" "+get("NameAlias_MiddleName"))
	}
	s.addName(name)
	s.Titles = add(s.Titles, get("NameAlias_Function"))
	s.Programmes = add(s.Programmes, get("Entity_Regulation_Programme"))
	if d, ok := ParseDate(get("Entity_Regulation_PublicationDate")); ok && (s.Listed.IsZero() || d.String() < s.Listed.String()) {
		s.Listed = d
	}
	if d, ok := ParseDate(get("Entity_DesignationDate")); ok {
		s.Listed = d
	}
	if remark := get("Entity_Remark"); remark != "" {
		s.Remarks = remark
	}
	b := Birth{Place: get("BirthDate_City"), Country: unknownCountry(get("BirthDate_CountryIso2Code"))}
	for _, column := range []string{"BirthDate_BirthDate", "BirthDate_Year"} {
		if d, ok := ParseDate(get(column)); ok {
			b.From = d
			break
		}
	}
	if b != (Birth{}) {
		s.Births = append(s.Births, b)
	}
	s.Nationalities = add(s.Nationalities, unknownCountry(get("Citizenship_CountryIso2Code")))
	a := Address{
		Street: get("Address_Street"), City: clean(get("Address_ZipCode") + " " + get("Address_City")),
		Country: unknownCountry(get("Address_CountryIso2Code")),
	}
	if a != (Address{}) {
		s.Addresses = append(s.Addresses, a)
	}
	s.addIdentifier(Identifier{
		Kind: euIdentifier(get("Identification_TypeCode")), Value: get("Identification_Number"), Label: get("Identification_TypeDescription"),
		Country: unknownCountry(get("Identification_CountryIso2Code")),
	})
}

func unknownCountry(code string) string {
	if code == "00" {
		return ""
	}
	return code
}
