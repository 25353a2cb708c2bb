package sanctions

import (
	"io"
	"strings"
)

// DecodeOFACXML reads sdn.xml and consolidated.xml: sdnList of sdnEntry.
func DecodeOFACXML(r io.Reader) Subjects {
	l := layout{list: OFAC, root: []string{"sdnList"}, entry: map[string]func(*node) (*Subject, *EntryError){"sdnEntry": sdnEntry}}
	return l.decode(r)
}

func sdnEntry(n *node) (*Subject, *EntryError) {
	s := &Subject{List: OFAC, ID: n.get("uid"), Kind: Unknown}
	if s.ID == "" {
		return nil, lacks(n, "uid")
	}
	if k, ok := ofacKinds[strings.ToLower(n.get("sdnType"))]; ok {
		s.Kind = k
	}
	s.addName(partedName(n, Primary, s.Kind))
	if len(s.Names) == 0 {
		return nil, lacks(n, "lastName")
	}
	for _, p := range n.all("programList", "program") {
		s.Programmes = add(s.Programmes, p.text)
	}
	s.Titles = add(s.Titles, n.get("title"))
	for _, a := range n.all("akaList", "aka") {
		kind := Alias
		if strings.HasPrefix(strings.ToLower(a.get("type")), "f") {
			kind = Former
		}
		name := partedName(a, kind, s.Kind)
		name.Number, name.Weak = a.get("uid"), strings.EqualFold(a.get("category"), "weak")
		if name.Full != "" {
			s.Names = append(s.Names, name)
		}
	}
	for _, a := range n.all("addressList", "address") {
		street := strings.Join(fields(a, "address1", "address2", "address3"), ", ")
		city := strings.Join(fields(a, "city", "stateOrProvince", "postalCode"), " ")
		s.Addresses = append(s.Addresses, Address{Number: a.get("uid"), Street: street, City: city, Country: country(a.get("country"))})
	}
	for _, b := range n.all("dateOfBirthList", "dateOfBirthItem") {
		s.birthDate(b.get("dateOfBirth"))
	}
	for _, b := range n.all("placeOfBirthList", "placeOfBirthItem") {
		s.birthPlace(b.get("placeOfBirth"))
	}
	for _, list := range [][2]string{{"nationalityList", "nationality"}, {"citizenshipList", "citizenship"}} {
		for _, c := range n.all(list[0], list[1]) {
			s.Nationalities = add(s.Nationalities, country(c.get("country")))
		}
	}
	for _, id := range n.all("idList", "id") {
		s.ofacID(id.get("idType"), id.get("idNumber"), country(id.get("idCountry")))
	}
	vessel(s, n)
	s.Remarks = n.get("remarks")
	readRemarks(s, s.Remarks)
	return s, nil
}

func vessel(s *Subject, n *node) {
	if sign := n.get("vesselInfo", "callSign"); sign != "" {
		s.addIdentifier(Identifier{Kind: CallSign, Value: sign})
	}
	if flag := n.get("vesselInfo", "vesselFlag"); flag != "" {
		s.Nationalities = add(s.Nationalities, country(flag))
	}
}

// partedName joins firstName and lastName as OFAC's CSV does: "FAMILY, Given".
func partedName(n *node, kind NameKind, of Kind) Name {
	family, given := n.get("lastName"), n.get("firstName")
	name := Name{Full: family, Kind: kind}
	if given != "" {
		name.Full = strings.TrimPrefix(family+", "+given, ", ")
	}
	if of == Person {
		name.Family, name.Given = family, given
	}
	return name
}

// ofacID sorts an entry of idList, which holds more than numbers: genders, websites, wallets.
func (s *Subject) ofacID(label, value, land string) {
	lower := strings.ToLower(label)
	currency, isWallet := strings.CutPrefix(label, "Digital Currency Address - ")
	switch {
	case value == "":
	case isWallet:
		s.Wallets = append(s.Wallets, Wallet{Currency: currency, Address: value})
	case lower == "gender":
		s.Gender = strings.ToLower(value)
	case lower == "website":
		s.addIdentifier(Identifier{Kind: Website, Value: value})
	case strings.HasPrefix(lower, "email"):
		s.addIdentifier(Identifier{Kind: Email, Value: value})
	default:
		kind := IdentifierKind("")
		for _, k := range remarkKinds {
			if strings.Contains(lower, k.words) || k.kind == IMO && strings.HasPrefix(value, "IMO") {
				kind = k.kind
				break
			}
		}
		// What is no number ("Secondary sanctions risk", "Organization Type") tells nobody from others.
		if kind != "" {
			s.addIdentifier(Identifier{Kind: kind, Value: value, Label: label, Country: land})
		}
	}
}

// fields gives the texts of children that have one.
func fields(n *node, names ...string) []string {
	var out []string
	for _, name := range names {
		if v := n.get(name); v != "" {
			out = append(out, v)
		}
	}
	return out
}
