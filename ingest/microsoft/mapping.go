package microsoft

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"marque/claim"
	"marque/ingest"
	"marque/ingest/entity"
	"marque/stix"
	"marque/store"
)

const maxMapping = 64 << 20

// Reader reads the mapping.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "microsoft".
func (Reader) Name() string { return "microsoft" }

// Detect knows the three names of a record.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	if s := ingest.ShapeOf(head); s.Kind == '[' && s.Has("Threat actor name", "Origin/Threat") {
		return ingest.Certain
	}
	return ingest.No
}

type record struct {
	Name   string `json:"Threat actor name"`
	Origin string `json:"Origin/Threat"`
	Others string `json:"Other names"`
}

// Read reads all records.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	doc, err := in.ReadAll(maxMapping)
	if err != nil {
		return err
	}
	w := entity.NewWriter(out)
	microsoft := w.Organisation("Microsoft")
	return ingest.Elements(doc, "", func(i int, offset int64, raw jsontext.Value) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var r record
		err := json.Unmarshal(raw, &r, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		if err == nil && strings.TrimSpace(r.Name) == "" {
			err = errors.New("record without a threat actor name")
		}
		if err != nil {
			return out.Reject(store.Reject{Place: fmt.Sprintf("record %d", i), Offset: offset, Reason: err.Error(), Raw: raw.Clone()})
		}
		write(w, microsoft, r)
		return w.Err()
	})
}

// threat is what Microsoft writes beside or instead of a country.
var threats = map[string]struct {
	types      []string
	motivation string
	ownAccount bool // the country is where it sits, not who is behind it
}{
	"financially motivated":          {[]string{"criminal"}, "personal-gain", true},
	"private sector offensive actor": {[]string{"private-sector-offensive-actor"}, "organizational-gain", true},
	"influence operations":           {[]string{"influence-operations"}, "dominance", false},
	"group in development":           {[]string{"unknown"}, "", true},
	"covert network":                 {[]string{"unknown"}, "", true},
}

func write(w *entity.Writer, microsoft stix.ID, r record) {
	name := strings.TrimSpace(r.Name)
	id := stix.DerivedID("threat-actor", "microsoft", name)
	codes, rest := entity.Countries(r.Origin)
	actor := stix.ThreatActor{Common: stix.NewCommon(id, entity.Epoch, microsoft), Name: name, Aliases: aliases(r.Others, name)}
	own := false
	for _, what := range rest {
		t, known := threats[strings.ToLower(what)]
		if !known {
			actor.Labels = append(actor.Labels, strings.ToLower(what))
			continue
		}
		actor.Types = append(actor.Types, t.types...)
		actor.PrimaryMotivation = t.motivation
		own = own || t.ownAccount
	}
	if len(codes) > 0 && !own {
		actor.Types = append(actor.Types, "nation-state")
	}
	w.Add(id, actor)
	for _, code := range codes {
		if own {
			w.Relate(microsoft, entity.Epoch, "located-at", id, w.Place(code))
			continue
		}
		document := w.NamedReport("Microsoft", "How Microsoft names threat actors", entity.Epoch, microsoft)
		w.Says(entity.Said{By: microsoft, At: entity.Epoch, Claim: claim.Claim{
			ClaimID: entity.ClaimID("microsoft-mapping", name, "attributed-to"), DocumentRef: document, RootRef: document,
			Speaker: "Microsoft", Quote: r.Origin, Stance: claim.Asserts, Relation: "attributed-to",
			Reliability: "B", Credibility: 2, Status: claim.Accepted, Rule: "microsoft/origin",
		}}, id, w.State(code))
	}
}

func aliases(list, name string) []string {
	var out []string
	for a := range strings.SplitSeq(list, ",") {
		if a = strings.TrimSpace(a); a != "" && a != name && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}
