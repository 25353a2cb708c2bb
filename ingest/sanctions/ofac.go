package sanctions

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"marque/ingest/entity"
)

// OFACFiles are the files of OFAC's SDN or consolidated list, as published: no head row, "-0-" for nothing. Only SDN must be there.
// Comments continue the remarks that do not fit into SDN.
type OFACFiles struct {
	SDN, Alt, Add, Comments io.Reader
}

// Columns of the files, after OFAC's "SDN data formats": SDN ent_num, name, type, programme, title, call sign, vessel type, tonnage,
// GRT, flag, owner, remarks; ALT ent_num, alt_num, type, name, remarks; ADD ent_num, add_num, street, city, country, remarks; COMMENTS
// ent_num, remarks. The quotes of a remark are not escaped, so that one with a quote may come in several fields.
const (
	sdnColumns = 12
	altColumns = 5
	addColumns = 5
)

// DecodeOFAC reads OFAC's CSV files side by side.
func DecodeOFAC(f OFACFiles) Subjects {
	return func(yield func(*Subject, error) bool) {
		sdn := newTable("sdn", f.SDN)
		side := func(file string, r io.Reader, cols int) *cursor {
			if r == nil {
				return nil
			}
			return &cursor{t: newTable(file, r), cols: cols, less: numerically}
		}
		alt, addr, comments := side("alt", f.Alt, altColumns), side("add", f.Add, addColumns), side("comments", f.Comments, 2)
		report := func(err error) bool { return yield(nil, err) }
		last := ""
		for row := sdn.row(report); row != nil; row = sdn.row(report) {
			if bad := checkSDN(sdn, row); bad != nil {
				if !report(bad) || errors.Is(bad, ErrColumns) {
					return
				}
				continue
			}
			if last != "" && numerically(row[0], last) && (alt != nil || addr != nil || comments != nil) {
				report(fmt.Errorf("sdn: line %d: %s after %s: %w; sort the file by its first column", sdn.line, row[0], last, ErrOrder))
				return
			}
			last = strings.Clone(row[0])
			s, remarks := sdnSubject(row)
			joins := []struct {
				c    *cursor
				each func([]string)
			}{
				{alt, func(r []string) { altName(s, r) }},
				{addr, func(r []string) { addAddress(s, r) }},
				{comments, func(r []string) { remarks = goOn(remarks, null(strings.Join(r[1:], ","))) }},
			}
			for _, j := range joins {
				ok, err := j.c.take(last, j.each, report)
				if err != nil {
					report(err)
				}
				if !ok {
					return
				}
			}
			s.Remarks = remarks
			readRemarks(s, remarks)
			if !yield(s, nil) {
				return
			}
		}
	}
}

// goOn joins a remark with its continuation, whose first part is one of its own where the remark ends with a full stop.
func goOn(remark, more string) string {
	if whole, ok := strings.CutSuffix(remark, "."); ok {
		return whole + "; " + more
	}
	return strings.TrimSpace(remark + " " + more)
}

// checkSDN says what is wrong with a row. Without a number in front, the file has a head or other columns.
func checkSDN(t *table, row []string) error {
	if strings.Trim(row[0], "0123456789") != "" || row[0] == "" {
		if t.line == 1 {
			return fmt.Errorf("sdn: line 1: begins with %.40q, want ent_num, a number: %w", row[0], ErrColumns)
		}
		return t.problem("ent_num", "%.40q is no number", row[0])
	}
	if len(row) < sdnColumns {
		return t.problem("", "%d fields, want %d", len(row), sdnColumns)
	}
	return nil
}

// null is OFAC's "-0-".
func null(s string) string {
	if s = clean(s); s == "-0-" {
		return ""
	}
	return s
}

var ofacKinds = map[string]Kind{"individual": Person, "vessel": Vessel, "aircraft": Aircraft, "": Organisation, "entity": Organisation}

func sdnSubject(row []string) (*Subject, string) {
	s := &Subject{List: OFAC, ID: strings.Clone(row[0]), Kind: Unknown}
	if k, ok := ofacKinds[strings.ToLower(null(row[2]))]; ok {
		s.Kind = k
	}
	s.addName(ofacName(null(row[1]), Primary, s.Kind))
	for p := range strings.SplitSeq(null(row[3]), "] [") {
		s.Programmes = add(s.Programmes, strings.Trim(p, "[] "))
	}
	s.Titles = add(s.Titles, null(row[4]))
	if sign := null(row[5]); sign != "" {
		s.addIdentifier(Identifier{Kind: CallSign, Value: sign})
	}
	if flag := null(row[9]); flag != "" {
		s.Nationalities = add(s.Nationalities, country(flag))
	}
	return s, null(strings.Join(row[sdnColumns-1:], ","))
}

// ofacName splits "FAMILY, Given" of persons.
func ofacName(full string, kind NameKind, of Kind) Name {
	n := Name{Full: full, Kind: kind}
	if family, given, ok := strings.Cut(full, ","); ok && of == Person {
		n.Family, n.Given = clean(family), clean(given)
	}
	return n
}

func altName(s *Subject, row []string) {
	kind := Alias
	if null(row[2]) == "fka" {
		kind = Former
	}
	n := ofacName(null(row[3]), kind, s.Kind)
	n.Number = strings.Clone(clean(row[1]))
	n.Weak = strings.Contains(strings.ToLower(null(strings.Join(row[4:], ","))), "weak")
	// Not addName: OFAC lists a name as often as it has numbers for it, and its counts are checked.
	if n.Full != "" {
		s.Names = append(s.Names, n)
	}
}

func addAddress(s *Subject, row []string) {
	s.Addresses = append(s.Addresses, Address{
		Number: strings.Clone(clean(row[1])), Street: null(row[2]), City: null(row[3]), Country: country(null(row[4])),
	})
}

// country gives the code of a country's name, or the name where it is none.
func country(name string) string {
	name = clean(name)
	if code, ok := entity.CountryCode(name); ok {
		return code
	}
	return name
}

var (
	// remarkID is "alt. Passport RU0313455106 (Russia)": what, number, country, and what may follow ("issued 2010; expires ...").
	remarkID = regexp.MustCompile(`^(?:alt\. )?(.+?)[:,]? (\S*\d\S*|[A-Z0-9]{6,})(?: \(([^)]+)\))?(?: .*)?$`)
	remarkXB = regexp.MustCompile(`^(?:alt\. )?Digital Currency Address - ([A-Z0-9]+) (\S+)`)
	remarkAK = regexp.MustCompile(`^(?:(?:alt\. )?(a|f|n)\.k\.a\.) ['"](.+?)['"]\.?$`)
)

// remarkKinds says by the words of a remark which identifier it is. The first that the label contains holds.
var remarkKinds = []struct {
	words string
	kind  IdentifierKind
}{
	{"passport", Passport},
	{"imo", IMO},
	{"mmsi", MMSI},
	{"tail number", TailNumber},
	{"swift", SWIFT},
	{"tax id", Tax},
	{"r.f.c", Tax},
	{"nit #", Tax},
	{"v.a.t", Tax},
	{"fiscal code", Tax},
	{"fein", Tax},
	{"national id", NationalID},
	{"cedula", NationalID},
	{"c.u.r.p", NationalID},
	{"d.n.i", NationalID},
	{"identification number", NationalID},
	{"identification card", NationalID},
	{"national foreign id", NationalID},
	{"personal id", NationalID},
	{"birth certificate", NationalID},
	{"ssn", NationalID},
	{"registration", Registration},
	{"registry", Registration},
	{"company number", Registration},
	{"commercial", Registration},
	{"matricula", Registration},
	{"folio", Registration},
	{"c.r. no", Registration},
	{"trade license", Registration},
	{"chamber of commerce", Registration},
	{"d-u-n-s", Registration},
	{"enterprise number", Registration},
	{"business number", Registration},
	{"unified social credit", Registration},
	{"legal entity number", Registration},
	{"serial number", OtherID},
	{"phone", Phone},
	{"driver", OtherID},
	{"license", OtherID},
	{"electoral", OtherID},
	{"id no", OtherID},
	{"id card", NationalID},
	{"number", OtherID},
	{"no.", OtherID},
}

// readRemarks takes what has a field of its own out of OFAC's remarks, which are separated by semicolons.
func readRemarks(s *Subject, remarks string) {
	for part := range strings.SplitSeq(remarks, ";") {
		part = strings.TrimSuffix(clean(part), ".")
		if part == "" {
			continue
		}
		word, rest, _ := strings.Cut(strings.TrimPrefix(part, "alt. "), " ")
		switch {
		case remarkXB.MatchString(part):
			m := remarkXB.FindStringSubmatch(part)
			s.Wallets = append(s.Wallets, Wallet{Currency: m[1], Address: m[2]})
		case remarkAK.MatchString(part):
			m := remarkAK.FindStringSubmatch(part)
			kind := Alias
			if m[1] == "f" {
				kind = Former
			}
			// In quotes stand the names that OFAC itself calls weak.
			s.addName(Name{Full: m[2], Kind: kind, Weak: true})
		case word == "DOB":
			s.birthDate(rest)
		case word == "POB":
			s.birthPlace(rest)
		case word == "nationality", word == "citizen":
			s.Nationalities = add(s.Nationalities, country(rest))
		case word == "Gender":
			s.Gender = strings.ToLower(rest)
		case strings.HasPrefix(part, "Linked To: "):
			s.LinkedTo = add(s.LinkedTo, strings.TrimPrefix(part, "Linked To: "))
		case word == "Website":
			s.addIdentifier(Identifier{Kind: Website, Value: rest})
		case strings.HasPrefix(part, "Email Address "), strings.HasPrefix(part, "alt. Email Address "):
			_, value, _ := strings.Cut(part, "Email Address ")
			s.addIdentifier(Identifier{Kind: Email, Value: value})
		default:
			remarkIdentifier(s, part)
		}
	}
}

func remarkIdentifier(s *Subject, part string) {
	m := remarkID.FindStringSubmatch(part)
	if m == nil {
		return
	}
	label := strings.ToLower(m[1])
	for _, k := range remarkKinds {
		if strings.Contains(label, k.words) || (k.kind == IMO && strings.HasPrefix(m[2], "IMO")) {
			s.addIdentifier(Identifier{Kind: k.kind, Value: m[2], Label: m[1], Country: country(m[3])})
			return
		}
	}
}

// birthDate reads "28 Oct 1983", "circa 1960", "1960 to 1962". A date joins the first place that has none.
func (s *Subject) birthDate(text string) {
	var b Birth
	from, to, span := strings.Cut(text, " to ")
	var ok bool
	if b.From, ok = ParseDate(from); !ok {
		return
	}
	if span {
		b.To, _ = ParseDate(to)
		b.To.Circa = b.To.Circa || (b.From.Circa && !b.To.IsZero())
	}
	for i := range s.Births {
		if s.Births[i].From.IsZero() {
			s.Births[i].From, s.Births[i].To = b.From, b.To
			return
		}
	}
	s.Births = append(s.Births, b)
}

// birthPlace reads "Riga, Latvia": the last part is the country where it is one.
func (s *Subject) birthPlace(text string) {
	b := Birth{Place: text}
	if i := strings.LastIndex(text, ","); i >= 0 {
		b.Country = country(text[i+1:])
	} else {
		b.Country = country(text)
	}
	if len(b.Country) != 2 {
		b.Country = ""
	}
	for i := range s.Births {
		if s.Births[i].Place == "" {
			s.Births[i].Place, s.Births[i].Country = b.Place, b.Country
			return
		}
	}
	s.Births = append(s.Births, b)
}
