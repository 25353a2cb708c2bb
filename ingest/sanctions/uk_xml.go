package sanctions

import (
	"io"
	"strings"
)

// DecodeUKXML reads UK_Sanctions_List.xml: Designations of Designation.
func DecodeUKXML(r io.Reader) Subjects {
	l := layout{list: UK, root: []string{"Designations"}, entry: map[string]func(*node) (*Subject, *EntryError){"Designation": designation}}
	return l.decode(r)
}

func designation(n *node) (*Subject, *EntryError) {
	s := &Subject{List: UK, ID: n.get("UniqueID"), Kind: Unknown}
	if s.ID == "" {
		return nil, lacks(n, "UniqueID")
	}
	if k, ok := ukKinds[strings.ToLower(n.get("IndividualEntityShip"))]; ok {
		s.Kind = k
	}
	for _, name := range n.all("Names", "Name") {
		s.addName(ukXMLName(name, s.Kind))
	}
	for _, name := range n.all("NonLatinNames", "NonLatinName") {
		s.addName(Name{Full: name.get("NameNonLatinScript"), Kind: Native})
	}
	if len(s.Names) == 0 {
		return nil, lacks(n, "Names")
	}
	s.Programmes = add(s.Programmes, strings.TrimRight(s.ID, "0123456789"))
	s.Programmes = add(s.Programmes, n.get("RegimeName"))
	s.Listed, _ = ParseDate(n.get("DateDesignated"))
	s.Updated, _ = ParseDate(n.get("LastUpdated"))
	s.Remarks = strings.Join(fields(n, "UKStatementofReasons", "OtherInformation"), " ")
	for _, ref := range [][2]string{{"OFSIGroupID", "OFSI group"}, {"UNReferenceNumber", "UN reference"}} {
		s.addIdentifier(Identifier{Kind: OtherID, Value: n.get(ref[0]), Label: ref[1]})
	}
	for _, a := range n.all("Addresses", "Address") {
		s.Addresses = append(s.Addresses, Address{
			Street:  strings.Join(fields(a, "AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4"), ", "),
			City:    strings.Join(fields(a, "AddressLine5", "AddressLine6", "AddressPostalCode"), " "),
			Country: country(a.get("AddressCountry")),
		})
	}
	ukContacts(s, n)
	for _, i := range n.all("IndividualDetails", "Individual") {
		ukIndividual(s, i)
	}
	for _, e := range n.all("EntityDetails", "Entity") {
		for _, b := range e.all("BusinessRegNumbers", "BusinessRegNumber") {
			s.addIdentifier(Identifier{Kind: Registration, Value: b.text})
		}
	}
	for _, ship := range n.all("ShipDetails", "Ship") {
		for _, i := range ship.all("IMONumbers", "IMONumber") {
			s.addIdentifier(Identifier{Kind: IMO, Value: i.text})
		}
		for _, f := range ship.all("CurrentBelievedFlagOfShips", "CurrentBelievedFlagOfShip") {
			s.Nationalities = add(s.Nationalities, country(f.text))
		}
	}
	return s, nil
}

// ukXMLName joins the given names 1 to 5 before the family name 6.
func ukXMLName(n *node, of Kind) Name {
	given := strings.Join(fields(n, "Name1", "Name2", "Name3", "Name4", "Name5"), " ")
	family := n.get("Name6")
	name := Name{Full: clean(given + " " + family), Kind: Alias, Weak: strings.HasPrefix(strings.ToLower(n.get("AliasStrength")), "low")}
	if k, ok := ukNames[strings.ToLower(n.get("NameType"))]; ok {
		name.Kind = k
	}
	if of == Person {
		name.Family, name.Given = family, given
	}
	return name
}

func ukContacts(s *Subject, n *node) {
	for _, c := range []struct {
		list, item string
		kind       IdentifierKind
	}{
		{"PhoneNumbers", "PhoneNumber", Phone}, {"EmailAddresses", "EmailAddress", Email}, {"Websites", "Website", Website},
	} {
		for _, v := range n.all(c.list, c.item) {
			s.addIdentifier(Identifier{Kind: c.kind, Value: v.text})
		}
	}
}

func ukIndividual(s *Subject, i *node) {
	for _, d := range i.all("DOBs", "DOB") {
		s.birthDate(d.text)
	}
	for _, p := range i.all("BirthDetails", "Location") {
		if place := strings.Join(fields(p, "TownOfBirth", "CountryOfBirth"), ", "); place != "" {
			s.birthPlace(place)
		}
	}
	for _, x := range i.all("Nationalities", "Nationality") {
		s.Nationalities = add(s.Nationalities, country(x.text))
	}
	for _, x := range i.all("PassportDetails", "Passport") {
		s.addIdentifier(Identifier{Kind: Passport, Value: x.get("PassportNumber")})
	}
	for _, x := range i.all("NationalIdentifierDetails", "NationalIdentifier") {
		s.addIdentifier(Identifier{Kind: NationalID, Value: x.get("NationalIdentifierNumber")})
	}
	for _, x := range i.all("Positions", "Position") {
		s.Titles = add(s.Titles, x.text)
	}
	for _, x := range i.all("Genders", "Gender") {
		s.Gender = strings.ToLower(clean(x.text))
	}
}
