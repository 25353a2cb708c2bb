package statement

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"marque/stix"
)

// Draft is a statement before anybody has signed it.
type Draft struct {
	Title     string
	Sentences []string // each one line; what signers make reservations on
	Published time.Time
	Author    stix.ID        // who drafted it; an identity, may be empty
	Objects   []*stix.Object // what it is about, published with it: the operation, the assessment, measures, identities
	Level     stix.TLP       // at which it is published
	Attribution
}

// Build makes the text and the envelope to sign. The same draft always gives the same bytes. It returns every problem at once.
func (d *Draft) Build() (text []byte, e *Envelope, err error) {
	if err := d.validate(); err != nil {
		return nil, nil, fmt.Errorf("draft: %w", err)
	}
	if text, err = d.bundle(); err != nil {
		return nil, nil, fmt.Errorf("draft: %w", err)
	}
	if _, err := readText(text, d.Level); err != nil {
		return nil, nil, fmt.Errorf("draft: %w", err)
	}
	a := d.Attribution
	if a.Reservations == nil {
		a.Reservations = []Reservation{}
	}
	p, err := payload(text, AttributionPredicate, a)
	if err != nil {
		return nil, nil, fmt.Errorf("draft: %w", err)
	}
	e, err = NewEnvelope(PayloadType, p)
	return text, e, err
}

func (d *Draft) validate() error {
	var problems []error
	if strings.TrimSpace(d.Title) == "" {
		problems = append(problems, errors.New("no title"))
	}
	if len(d.Sentences) == 0 || len(d.Objects) == 0 {
		problems = append(problems, errors.New("want at least one sentence, and one object that it is about"))
	}
	for i, s := range d.Sentences {
		if strings.TrimSpace(s) == "" || strings.ContainsAny(s, "\r\n") {
			problems = append(problems, fmt.Errorf("sentence %d: want one line with words", i+1))
		}
	}
	if d.Published.IsZero() {
		problems = append(problems, errors.New("no time of publication"))
	}
	if t, err := parseDay(d.AsOf); err != nil || t.IsZero() {
		problems = append(problems, fmt.Errorf("as of %q: want year-month-day", d.AsOf))
	}
	if err := checkReservations(d.Reservations, len(d.Sentences)); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// bundle is the canonical STIX of the draft: the report, and the objects by id.
func (d *Draft) bundle() ([]byte, error) {
	objects := slices.Clone(d.Objects)
	slices.SortFunc(objects, func(a, b *stix.Object) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var ids []stix.ID
	parts := []string{d.Title, d.Published.UTC().Format(time.RFC3339Nano), strings.Join(d.Sentences, "\n")}
	for _, o := range objects {
		h, err := o.Digest()
		if err != nil {
			return nil, err
		}
		ids, parts = append(ids, o.ID), append(parts, h)
	}
	report := stix.Report{
		Common: stix.NewCommon(stix.DerivedID("report", append([]string{"statement"}, parts...)...), stix.At(d.Published.UTC()), d.Author),
		Name:   d.Title, Description: strings.Join(d.Sentences, "\n"), Published: stix.At(d.Published.UTC()), ObjectRefs: slices.Compact(ids),
	}
	report.Labels = []string{"joint-attribution"}
	report.MarkingRefs = []stix.ID{d.Level.MarkingID()}
	head, err := stix.New(report)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(struct {
		Type    string         `json:"type"`
		ID      stix.ID        `json:"id"`
		Objects []*stix.Object `json:"objects"`
	}{"bundle", stix.DerivedID("bundle", string(head.ID)), append([]*stix.Object{head}, objects...)})
	if err != nil {
		return nil, err
	}
	return canonicalize(raw)
}

// Text is a statement's text as it was published.
type Text struct {
	Report    stix.Report
	Sentences []string
	Objects   []*stix.Object
}

// readText reads a text, which must be canonical and hold nothing above a level.
func readText(text []byte, ceiling stix.TLP) (*Text, error) {
	canonical, err := canonicalize(text)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	if !bytes.Equal(canonical, text) {
		return nil, fmt.Errorf("text: not canonical: the bytes that were signed are those of RFC 8785, without spaces and with sorted names: %w", ErrDigest)
	}
	t := &Text{}
	err = stix.ReadBundle(bytes.NewReader(text), func(o *stix.Object) error {
		t.Objects = append(t.Objects, o)
		return nil
	}, func(bad *stix.BadObjectError) error { return bad })
	if err != nil {
		return nil, fmt.Errorf("text: %w: %w", err, ErrForm)
	}
	report := slices.IndexFunc(t.Objects, func(o *stix.Object) bool { return o.Type == "report" })
	if report < 0 {
		return nil, fmt.Errorf("text: no report in the bundle: %w", ErrForm)
	}
	if err := t.Objects[report].Decode(&t.Report); err != nil {
		return nil, fmt.Errorf("text: %w: %w", err, ErrForm)
	}
	if t.Report.Description != "" {
		t.Sentences = strings.Split(t.Report.Description, "\n")
	}
	return t, t.restricted(ceiling)
}

// LevelOf is the level at which a text may be read: that of its strictest object. A text that cannot be read is an error.
func LevelOf(text []byte) (stix.TLP, error) {
	var err error
	for level := stix.Clear; level <= stix.Red; level++ {
		if _, err = readText(text, level); err == nil {
			return level, nil
		}
	}
	return stix.Red, err
}

// restricted names the first object above a level. A marking that is neither of TLP nor defined in the text counts as above: nobody
// can tell what it forbids.
func (t *Text) restricted(ceiling stix.TLP) error {
	defined := map[stix.ID]stix.TLP{}
	for _, o := range t.Objects {
		if o.Type == "marking-definition" {
			level, err := markingLevel(o)
			if err != nil {
				return fmt.Errorf("text: %s: %w: %w", o.ID, err, ErrRestricted)
			}
			defined[o.ID] = level
		}
	}
	for _, o := range t.Objects {
		refs := slices.Clone(o.MarkingRefs)
		for _, g := range o.Granular {
			if g.MarkingRef != "" {
				refs = append(refs, g.MarkingRef)
			}
		}
		for _, ref := range refs {
			level, known := stix.MarkingLevel(ref)
			if !known {
				level, known = defined[ref]
			}
			if !known {
				return fmt.Errorf("text: %s: marking %s is neither of TLP nor in the text: %w", o.ID, ref, ErrRestricted)
			}
			if level > ceiling {
				return fmt.Errorf("text: %s is %s, and the text is published at %s: %w", o.ID, level, ceiling, ErrRestricted)
			}
		}
	}
	return nil
}

// markingLevel is the TLP level that a marking definition of any id stands for; CLEAR where it is no TLP marking.
func markingLevel(o *stix.Object) (stix.TLP, error) {
	var m struct {
		Definition struct {
			TLP string `json:"tlp"`
		} `json:"definition"`
		Extensions map[string]struct {
			TLP string `json:"tlp_2_0"`
		} `json:"extensions"`
	}
	if err := o.Decode(&m); err != nil {
		return stix.Red, err
	}
	level := stix.Clear
	names := []string{m.Definition.TLP}
	for _, e := range m.Extensions {
		names = append(names, e.TLP)
	}
	for _, name := range names {
		if name == "" {
			continue
		}
		l, err := stix.ParseTLP(name)
		if err != nil {
			return stix.Red, err
		}
		level = max(level, l)
	}
	return level, nil
}

// checkReservations checks that each names a state and a sentence that is there.
func checkReservations(rs []Reservation, sentences int) error {
	for i, r := range rs {
		if r.State == "" || r.Sentence < 0 || r.Sentence > sentences {
			return fmt.Errorf("reservation %d: want a state and a sentence from 1 to %d, or 0 for the whole: %w", i+1, sentences, ErrForm)
		}
	}
	return nil
}

// Evidence is what a statement rests on. It is kept by the signers and never published: only its digest is, which the salt keeps from
// being guessed.
type Evidence struct {
	Salt  string         `json:"salt"` // hexadecimal
	Items []EvidenceItem `json:"items"`
}

// EvidenceItem is one object of the evidence, in exactly this version, with its level.
type EvidenceItem struct {
	ID     stix.ID `json:"id"`
	SHA256 string  `json:"sha256"` // of the canonical form
	TLP    string  `json:"tlp,omitzero"`
}

// Sealed is evidence as a statement names it.
type Sealed struct {
	SHA256 string `json:"sha256"` // of the canonical list
	Items  int    `json:"items"`
}

// NewEvidence lists objects; random is where the salt comes from.
func NewEvidence(objects []*stix.Object, random io.Reader) (*Evidence, error) {
	salt := make([]byte, 32)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("salt of the evidence: %w", err)
	}
	ev := &Evidence{Salt: hex.EncodeToString(salt), Items: []EvidenceItem{}}
	for _, o := range objects {
		h, err := o.Digest()
		if err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
		item := EvidenceItem{ID: o.ID, SHA256: h}
		if level, ok := o.TLP(); ok {
			item.TLP = level.String()
		}
		ev.Items = append(ev.Items, item)
	}
	slices.SortFunc(ev.Items, func(a, b EvidenceItem) int { return strings.Compare(string(a.ID)+a.SHA256, string(b.ID)+b.SHA256) })
	return ev, nil
}

// Seal is what the statement says of the evidence. Whoever has the list can check that it is the one that was signed.
func (ev *Evidence) Seal() (*Sealed, error) {
	raw, err := json.Marshal(ev)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	canonical, err := canonicalize(raw)
	if err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return &Sealed{SHA256: digest(canonical), Items: len(ev.Items)}, nil
}
