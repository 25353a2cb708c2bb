package sanctions

import (
	"iter"
	"slices"
	"strings"
)

// Kind is what a subject is.
type Kind string

// Kinds of subjects.
const (
	Person       Kind = "person"
	Organisation Kind = "organisation"
	Vessel       Kind = "vessel"
	Aircraft     Kind = "aircraft"
	Wallets      Kind = "wallets" // a bare list of addresses, without a word on whose they are
	Unknown      Kind = "unknown"
)

// Lists that the package reads.
const (
	OFAC          = "ofac"
	UK            = "uk"
	EU            = "eu"
	UN            = "un"
	OpenSanctions = "opensanctions"
)

// Subject is one entry of a list: who is listed and all that the list says to tell it from others.
type Subject struct {
	List string `json:"list"`
	// ID is the publisher's number or reference, unique within the list.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Names holds the primary name first, as long as the list says which one it is.
	Names []Name `json:"names"`
	// Births are the dates and places of birth that the list gives; several are alternatives.
	Births        []Birth      `json:"births,omitempty"`
	Nationalities []string     `json:"nationalities,omitempty"` // ISO 3166-1 alpha-2 where the name is known, else as written
	Gender        string       `json:"gender,omitempty"`
	Titles        []string     `json:"titles,omitempty"`
	Identifiers   []Identifier `json:"identifiers,omitempty"`
	Addresses     []Address    `json:"addresses,omitempty"`
	Wallets       []Wallet     `json:"wallets,omitempty"`
	// Programmes are the codes of the sanctions programmes or regimes, as the list writes them.
	Programmes []string `json:"programmes,omitempty"`
	Listed     Date     `json:"listed,omitzero"`
	Updated    Date     `json:"updated,omitzero"`
	// LinkedTo names the subjects that the list ties this one to.
	LinkedTo []string `json:"linked_to,omitempty"`
	Remarks  string   `json:"remarks,omitempty"`
}

// Name is one name of a subject.
type Name struct {
	Full string   `json:"full"`
	Kind NameKind `json:"kind"`
	// Weak says that the list itself calls the name of low quality: a nickname or a common word that finds others too.
	Weak bool `json:"weak,omitempty"`
	// Parts are the family name and the others, where the list keeps them apart.
	Family string `json:"family,omitempty"`
	// Number is the list's own number of an alternative name.
	Number string `json:"number,omitempty"`
	Given  string `json:"given,omitempty"`
}

// NameKind is what the list says of a name.
type NameKind string

// Kinds of names.
const (
	Primary  NameKind = "primary"
	Alias    NameKind = "alias"
	Former   NameKind = "former"
	Spelling NameKind = "spelling" // another spelling of the primary name
	Native   NameKind = "native"   // the name in its own writing
)

// Birth is a date and a place of birth. A list may give either without the other.
type Birth struct {
	From Date `json:"from,omitzero"`
	// To is set where the list gives a span; From is its beginning.
	To      Date   `json:"to,omitzero"`
	Place   string `json:"place,omitempty"`
	Country string `json:"country,omitempty"`
}

// Identifier is a number, an address or another mark by which a subject is told exactly.
type Identifier struct {
	Kind  IdentifierKind `json:"kind"`
	Value string         `json:"value"`
	// Label is the publisher's word for the kind.
	Label   string `json:"label,omitempty"`
	Country string `json:"country,omitempty"`
}

// IdentifierKind is a kind of identifier.
type IdentifierKind string

// Kinds of identifiers.
const (
	Passport     IdentifierKind = "passport"
	NationalID   IdentifierKind = "national-id"
	Tax          IdentifierKind = "tax"
	Registration IdentifierKind = "registration"
	IMO          IdentifierKind = "imo"
	MMSI         IdentifierKind = "mmsi"
	CallSign     IdentifierKind = "call-sign"
	TailNumber   IdentifierKind = "tail-number"
	SWIFT        IdentifierKind = "swift"
	Email        IdentifierKind = "email"
	Website      IdentifierKind = "website"
	Phone        IdentifierKind = "phone"
	OtherID      IdentifierKind = "other"
)

// Address is a postal address, as far as the list gives it. OFAC numbers addresses of which it knows nothing too.
type Address struct {
	// Number is the list's own number of the address.
	Number  string `json:"number,omitempty"`
	Street  string `json:"street,omitempty"`
	City    string `json:"city,omitempty"`
	Country string `json:"country,omitempty"`
}

// Wallet is an address of a crypto currency.
type Wallet struct {
	// Currency is the list's code: XBT, ETH, USDT, XMR.
	Currency string `json:"currency"`
	Address  string `json:"address"`
}

// Name returns the primary name, or the first one.
func (s *Subject) Name() string {
	for _, n := range s.Names {
		if n.Kind == Primary {
			return n.Full
		}
	}
	if len(s.Names) > 0 {
		return s.Names[0].Full
	}
	return ""
}

// addName adds a name unless it is empty or there already.
func (s *Subject) addName(n Name) {
	n.Full = clean(n.Full)
	if n.Full == "" || slices.ContainsFunc(s.Names, func(m Name) bool { return m.Full == n.Full }) {
		return
	}
	s.Names = append(s.Names, n)
}

// add adds a value to a list of values unless it is empty or there already.
func add(list []string, value string) []string {
	if value = clean(value); value == "" || slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

func (s *Subject) addIdentifier(id Identifier) {
	id.Value = clean(id.Value)
	if id.Value == "" || slices.ContainsFunc(s.Identifiers, func(o Identifier) bool { return o.Kind == id.Kind && o.Value == id.Value }) {
		return
	}
	s.Identifiers = append(s.Identifiers, id)
}

// clean makes runs of white space one space and takes off those at the ends.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }

// Subjects is what a decoder gives: subjects, and between them a [*EntryError] for what could not be read. Any other error ends reading and
// comes last.
type Subjects = iter.Seq2[*Subject, error]
