package sanctions

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxLine is the longest entity of a FollowTheMoney file.
const maxLine = 16 << 20

// ftmEntity is an entity of FollowTheMoney as OpenSanctions writes it, one a line.
type ftmEntity struct {
	ID         string              `json:"id"`
	Caption    string              `json:"caption"`
	Schema     string              `json:"schema"`
	Datasets   []string            `json:"datasets"`
	Target     *bool               `json:"target"`
	LastChange string              `json:"last_change"`
	FirstSeen  string              `json:"first_seen"`
	Properties map[string][]string `json:"properties"`
}

// ftmKinds are the schemata that are subjects. Others tie subjects together or describe sanctions, and are passed over.
var ftmKinds = map[string]Kind{
	"Person": Person, "Organization": Organisation, "Company": Organisation, "LegalEntity": Unknown, "PublicBody": Organisation,
	"Vessel": Vessel, "Airplane": Aircraft, "CryptoWallet": Wallets,
}

// ftmIdentifiers are the properties that identify, in the order in which they are kept.
var ftmIdentifiers = []struct {
	property string
	kind     IdentifierKind
}{
	{"passportNumber", Passport},
	{"idNumber", NationalID},
	{"taxNumber", Tax},
	{"innCode", Tax},
	{"registrationNumber", Registration},
	{"ogrnCode", Registration},
	{"leiCode", Registration},
	{"imoNumber", IMO},
	{"mmsi", MMSI},
	{"callSign", CallSign},
	{"swiftBic", SWIFT},
	{"email", Email},
	{"website", Website},
	{"phone", Phone},
}

// DecodeOpenSanctions reads FollowTheMoney entities, one JSON object a line ("entities.ftm.json", "targets.nested.json"). Only entities
// that are sanctioned themselves are subjects: those with target true or the topic "sanction"; where a file says neither, all are.
func DecodeOpenSanctions(r io.Reader) Subjects {
	return func(yield func(*Subject, error) bool) {
		lines := bufio.NewReaderSize(r, 64<<10)
		for n := 1; ; n++ {
			line, err := readLine(lines)
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, fmt.Errorf("%s: line %d: %w", OpenSanctions, n, err))
				return
			}
			last := errors.Is(err, io.EOF)
			if text := strings.TrimSpace(string(line)); text != "" {
				s, bad := ftmSubject(text)
				if bad != nil {
					bad.File, bad.Line = OpenSanctions, n
					if !yield(nil, bad) {
						return
					}
				} else if s != nil && !yield(s, nil) {
					return
				}
			}
			if last {
				return
			}
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			return nil, fmt.Errorf("entity longer than %d bytes: %w", maxLine, ErrTooLarge)
		}
		line = append(line, part...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// ftmNested is an entity whose properties may hold other entities; only its texts are read.
func (e *ftmEntity) UnmarshalJSON(b []byte) error {
	type flat ftmEntity
	var v struct {
		flat
		Properties map[string][]json.RawMessage `json:"properties"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	*e = ftmEntity(v.flat)
	e.Properties = make(map[string][]string, len(v.Properties))
	for name, values := range v.Properties {
		for _, raw := range values {
			var s string
			if json.Unmarshal(raw, &s) == nil {
				e.Properties[name] = append(e.Properties[name], s)
			}
		}
	}
	return nil
}

func ftmSubject(text string) (*Subject, *EntryError) {
	var e ftmEntity
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return nil, &EntryError{Reason: err.Error()}
	}
	if e.ID == "" || e.Schema == "" {
		return nil, &EntryError{Field: "id, schema", Reason: "is missing: no FollowTheMoney entity"}
	}
	kind, ok := ftmKinds[e.Schema]
	if !ok || !sanctioned(&e) {
		return nil, nil
	}
	s := &Subject{List: OpenSanctions, ID: e.ID, Kind: kind}
	p := e.Properties
	s.addName(Name{Full: e.Caption, Kind: Primary})
	for _, names := range []struct {
		property string
		kind     NameKind
		weak     bool
	}{{"name", Spelling, false}, {"alias", Alias, false}, {"weakAlias", Alias, true}, {"previousName", Former, false}} {
		for _, n := range p[names.property] {
			k := names.kind
			if len(s.Names) == 0 {
				k = Primary
			}
			s.addName(Name{Full: n, Kind: k, Weak: names.weak})
		}
	}
	if kind == Wallets {
		for _, key := range p["publicKey"] {
			currency := ""
			if len(p["currency"]) > 0 {
				currency = p["currency"][0]
			}
			s.Wallets = append(s.Wallets, Wallet{Currency: currency, Address: clean(key)})
		}
	}
	if len(s.Names) == 0 && len(s.Wallets) == 0 {
		return nil, &EntryError{Field: "name", Reason: fmt.Sprintf("%s %s has none", e.Schema, e.ID)}
	}
	for _, d := range p["birthDate"] {
		s.birthDate(d)
	}
	for _, place := range p["birthPlace"] {
		s.birthPlace(place)
	}
	for _, property := range []string{"nationality", "citizenship", "jurisdiction", "flag"} {
		for _, code := range p[property] {
			s.Nationalities = add(s.Nationalities, strings.ToUpper(code))
		}
	}
	for _, g := range p["gender"] {
		s.Gender = g
	}
	for _, id := range ftmIdentifiers {
		for _, v := range p[id.property] {
			s.addIdentifier(Identifier{Kind: id.kind, Value: v, Label: id.property})
		}
	}
	for _, a := range p["address"] {
		s.Addresses = append(s.Addresses, Address{Street: clean(a)})
	}
	s.Titles = append(s.Titles, p["position"]...)
	for _, programme := range p["programId"] {
		s.Programmes = add(s.Programmes, programme)
	}
	for _, set := range e.Datasets {
		s.Programmes = add(s.Programmes, set)
	}
	for _, property := range []string{"notes", "summary"} {
		s.Remarks = clean(s.Remarks + " " + strings.Join(p[property], " "))
	}
	s.Updated, _ = ParseDate(e.LastChange)
	return s, nil
}

func sanctioned(e *ftmEntity) bool {
	if e.Target != nil && *e.Target {
		return true
	}
	topics, said := e.Properties["topics"]
	return slices.Contains(topics, "sanction") || e.Target == nil && !said
}
