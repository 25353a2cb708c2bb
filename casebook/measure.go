package casebook

import (
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/eurepoc"
	"marque/stix"
)

// measure writes a measure, and a claim of whoever announced it for each operation that it answers.
func (w *writer) measure(m measure) {
	id := stix.DerivedID(claim.TypeMeasure, keyspace, m.Key)
	if m.Doc == "" && m.Source != "" {
		m.Doc = w.announcement(m)
	}
	root, doc := w.root(m.Doc)
	for _, check := range []struct {
		what, code string
		of         []claim.Code
	}{{"kind", m.Kind, claim.MeasureKinds}, {"status", m.Status, claim.MeasureStatuses}} {
		if known := claim.Codes(check.of); !slices.Contains(known, check.code) {
			w.fault("measure %s: %s %q: want one of %s", m.Key, check.what, check.code, strings.Join(known, ", "))
		}
	}
	c := stix.NewCommon(id, m.Date.Timestamp, claim.MarqueIdentity)
	c.References = w.references(doc)
	if err := c.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err != nil {
		w.fault("measure %s: %w", m.Key, err)
	}
	v := claim.Measure{
		Common: c, Name: m.Name, Kind: m.Kind, Date: m.Date.Timestamp, By: m.By, AgainstStates: m.States, LegalBasis: m.Basis, Status: m.Status,
		Certainty: m.Certainty, CheckedBy: m.Checked, DocumentRefs: []stix.ID{root},
	}
	for _, key := range m.Against {
		v.AgainstRefs = append(v.AgainstRefs, w.aimedAt(key))
	}
	w.Add(id, v)
	if w.wrong != nil {
		return
	}
	for _, op := range m.Answers {
		w.answers(m, id, op)
	}
}

// announcement is the document of a measure of which only who announced it is known.
func (w *writer) announcement(m measure) string {
	key := "measure:" + m.Key
	d := document{Key: key, Publisher: m.Source, Title: m.Name, Published: m.Date}
	w.docs[key] = d
	w.document(d)
	return key
}

// aimedAt is whom a measure is aimed at: a key of an actor, or a name.
func (w *writer) aimedAt(key string) stix.ID {
	if name, ok := strings.CutPrefix(key, "name:"); ok {
		return w.NamedActor(name)
	}
	return w.end("actor:" + strings.TrimPrefix(key, "actor:"))
}

// answers claims that a measure answers an operation: of the casebook, of EuRepoC by its number, or by a name that the graph looks up
// among the operations that it has.
func (w *writer) answers(m measure, measure stix.ID, of string) {
	kind, name, prefixed := strings.Cut(of, ":")
	if !prefixed {
		kind, name = "op", of
	}
	s := statement{By: w.docs[m.Doc].Publisher, Doc: m.Doc, Says: "answers", Text: m.Name}
	switch kind {
	case "op":
		op, ok := w.ops[name]
		if !ok {
			w.fault("measure %s: operation %q is not in the casebook", m.Key, name)
			return
		}
		w.claim(s, measure, op)
	case "eurepoc":
		w.claim(s, measure, eurepoc.CampaignID(name))
	case "name":
		said := w.said(s, []stix.ID{measure}, nil)
		said.Claim.Objects = []claim.Ref{{Text: name}}
		said.Claim.ClaimID = entity.ClaimID(keyspace, "answers", string(measure), name)
		w.Notes(said, fmt.Sprintf("%s: it answers %s.", m.Name, name), measure)
	default:
		w.fault("measure %s: answers %q: want a key of an operation, eurepoc:ID or name:NAME", m.Key, of)
	}
}
