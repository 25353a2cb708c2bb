package statement

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What a payload says, as the type of its predicate.
const (
	AttributionPredicate = "https://marque.invalid/attribution/v1"
	AccessionPredicate   = "https://marque.invalid/accession/v1"
	WithdrawalPredicate  = "https://marque.invalid/withdrawal/v1"
)

const (
	inTotoType = "https://in-toto.io/Statement/v1"
	textName   = "statement.json"
)

// Attribution is what a statement says beside its text.
type Attribution struct {
	AsOf         string        `json:"asOf"` // day of the knowledge it rests on
	Confidence   string        `json:"confidence"`
	Responsible  string        `json:"responsible"`
	Reservations []Reservation `json:"reservations"`
	Evidence     *Sealed       `json:"evidence,omitzero"`
}

// Reservation says which sentence a signer does not share, and why.
type Reservation struct {
	State    string `json:"state"`             // ISO 3166-1 alpha-2
	Sentence int    `json:"sentence,omitzero"` // from 1, of the text; 0 is the text as a whole
	Text     string `json:"text"`
}

// Accession signs a statement that others signed before, with reservations that its payload does not hold.
type Accession struct {
	Signs        string        `json:"signs"` // digest of the statement's payload
	On           string        `json:"on,omitzero"`
	Reservations []Reservation `json:"reservations"`
}

// Withdrawal takes the word of its signers back. It deletes nothing.
type Withdrawal struct {
	Withdraws string `json:"withdraws"`   // digest of the statement's payload
	On        string `json:"on,omitzero"` // day from which on; today where it says none
	Reason    string `json:"reason"`
}

// inToto is an in-toto Statement v1.
type inToto struct {
	Type          string         `json:"_type"`
	Subject       []subject      `json:"subject"`
	PredicateType string         `json:"predicateType"`
	Predicate     jsontext.Value `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// payload is the canonical JSON of a predicate on a text.
func payload(text []byte, predicateType string, predicate any) ([]byte, error) {
	p, err := json.Marshal(predicate)
	if err != nil {
		return nil, fmt.Errorf("predicate: %w", err)
	}
	raw, err := json.Marshal(inToto{
		Type: inTotoType, Subject: []subject{{textName, map[string]string{"sha256": digest(text)}}},
		PredicateType: predicateType, Predicate: p,
	}, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("in-toto statement: %w", err)
	}
	return canonicalize(raw)
}

// readPayload reads the payload of an envelope, which must speak of one text, and decodes its predicate, which must be of the given
// type. It returns the SHA-256 of the text.
func readPayload(e *Envelope, predicateType string, predicate any) (textDigest string, err error) {
	if e.PayloadType != PayloadType {
		return "", fmt.Errorf("payload of type %.80q, want %q: %w", e.PayloadType, PayloadType, ErrForm)
	}
	var s inToto
	if err := json.Unmarshal(e.Payload, &s); err != nil {
		return "", fmt.Errorf("payload: %w: %w", err, ErrForm)
	}
	switch {
	case s.Type != inTotoType:
		return "", fmt.Errorf("payload: _type %.80q, want %q: %w", s.Type, inTotoType, ErrForm)
	case s.PredicateType != predicateType:
		return "", fmt.Errorf("payload: predicateType %.80q, want %q: %w", s.PredicateType, predicateType, ErrForm)
	case len(s.Subject) != 1 || s.Subject[0].Digest["sha256"] == "":
		return "", fmt.Errorf("payload: want one subject with its sha256: %w", ErrForm)
	}
	if err := json.Unmarshal(s.Predicate, predicate); err != nil {
		return "", fmt.Errorf("payload: predicate: %w: %w", err, ErrForm)
	}
	return s.Subject[0].Digest["sha256"], nil
}

// parseDay reads year-month-day; an empty one is the zero time.
func parseDay(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("day %.40q: want year-month-day: %w", s, ErrForm)
	}
	return t, nil
}
