package workspace

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"marque/graph"
	"marque/stix"
)

// Found is something that a search found, and why.
type Found struct {
	ID      stix.ID `json:"id"`
	Type    string  `json:"type"`
	Name    string  `json:"name"`
	Why     string  `json:"why"`               // "its name", "APT41 is called so by Microsoft", "its text"
	Passage string  `json:"passage,omitempty"` // the words around
	rank    int
}

// Ranks of what was found: exact before parts before words before a slip of the finger.
const (
	rankExact = iota
	rankName
	rankWords
	rankText
	rankSlip
)

// refanged turns the spellings in which indicators are made harmless back.
var refanged = strings.NewReplacer("[.]", ".", "(.)", ".", "[dot]", ".", "hxxp", "http", "[:]", ":", "[@]", "@", "[at]", "@")

// Search looks for words in everything that a view shows: names of actors and operations with their other names, objects, claims and their
// quotes, observables (also defanged ones), and the texts of documents.
func (w *Workspace) Search(ctx context.Context, v View, words string, limit int) ([]Found, error) {
	words = refanged.Replace(strings.TrimSpace(words))
	if words == "" {
		return []Found{}, nil
	}
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	out := s.searchNames(words)
	more, err := w.searchObjects(ctx, v, s, words, limit)
	if err != nil {
		return nil, err
	}
	texts, err := w.searchTexts(ctx, v, words)
	if err != nil {
		return nil, err
	}
	best := map[stix.ID]int{}
	var unique []Found
	for _, f := range slices.Concat(out, more, texts) {
		if i, had := best[f.ID]; had {
			if f.rank < unique[i].rank {
				unique[i] = f
			}
			continue
		}
		best[f.ID] = len(unique)
		unique = append(unique, f)
	}
	if len(unique) == 0 {
		unique = s.searchSlips(words)
	}
	slices.SortStableFunc(unique, func(x, y Found) int { return cmp.Or(x.rank-y.rank, weightOf(y.Type)-weightOf(x.Type)) })
	if limit > 0 {
		unique = unique[:min(len(unique), limit)]
	}
	return append([]Found{}, unique...), nil
}

// weightOf is how likely a reader means an object of a type.
func weightOf(typ string) int {
	return map[string]int{"campaign": 4, "incident": 4, "intrusion-set": 4, "threat-actor": 4, "identity": 3, "report": 3, "malware": 2, "tool": 2}[typ]
}

// searchNames finds actors and operations by any name that anybody gives them.
func (s *Snapshot) searchNames(words string) []Found {
	want := graph.NormalName(words)
	var out []Found
	for _, c := range s.Graph.Resolve(words).Candidates {
		out = append(out, Found{ID: c.ID, Type: c.ID.Type(), Name: c.Name, Why: cmp.Or(strings.Join(c.Reasons, "; "), "a name of it"), rank: rankName})
	}
	for _, e := range s.Graph.Entities() {
		rank, why := -1, ""
		switch name := graph.NormalName(e.Name); {
		case want == "" || e.Name == "":
		case string(e.ID) == words:
			rank, why = rankExact, "its id"
		case name == want:
			rank, why = rankExact, "its name"
		case strings.Contains(name, want):
			rank, why = rankName, "in its name"
		}
		for _, x := range e.External {
			if strings.EqualFold(x, words) {
				rank, why = rankExact, "its number "+x
			}
		}
		for _, alias := range e.Aliases {
			if rank != rankExact && graph.NormalName(alias) == want {
				rank, why = rankExact, fmt.Sprintf("%s calls it %s", cmp.Or(s.named(e.CreatedBy), "its source"), alias)
			}
		}
		for _, m := range e.Members {
			if rank < 0 && strings.Contains(graph.NormalName(m.Name), want) && want != "" {
				rank, why = rankName, fmt.Sprintf("%s:%s calls it %s", m.Source, m.Record, m.Name)
			}
		}
		if rank >= 0 {
			out = append(out, Found{ID: e.ID, Type: e.Type, Name: e.Name, Why: why, rank: rank})
		}
	}
	return out
}

func (s *Snapshot) named(id stix.ID) string {
	if e := s.Graph.Entity(id); e != nil {
		return e.Name
	}
	return ""
}

// searchObjects asks the store's index.
func (w *Workspace) searchObjects(ctx context.Context, v View, s *Snapshot, words string, limit int) ([]Found, error) {
	recs, err := w.Reader(v).Search(ctx, words, max(limit, 50))
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	var out []Found
	for _, rec := range recs {
		var view struct {
			Name        string `json:"name"`
			Value       string `json:"value"`
			Description string `json:"description"`
			Content     string `json:"content"`
			Pattern     string `json:"pattern"`
		}
		if rec.Revoked || rec.Decode(&view) != nil {
			continue
		}
		f := Found{ID: rec.ID, Type: rec.Type, Name: cmp.Or(view.Name, view.Value, s.named(rec.ID)), rank: rankWords}
		for _, place := range []struct{ why, text string }{
			{"its value", view.Value}, {"in its name", view.Name}, {"in its pattern", view.Pattern}, {"in its description", view.Description}, {"in its text", view.Content},
		} {
			if f.Why == "" && holds(place.text, words) {
				f.Why = place.why
				if place.text != f.Name {
					f.Passage = passage(place.text, words)
				}
			}
		}
		if c := s.claimOf(rec.ID); c != nil {
			f.Type, f.Name = "claim", s.Graph.Name(c.Source)+": "+s.linksOf(c)
			if holds(c.Quote, words) {
				f.Why, f.Passage = "in its quote", passage(c.Quote, words)
			}
		}
		f.Why = cmp.Or(f.Why, "its words, in another form")
		f.Name = cmp.Or(f.Name, string(f.ID))
		out = append(out, f)
	}
	return out, nil
}

// claimOf is the claim that an object carries.
func (s *Snapshot) claimOf(id stix.ID) *graph.Claim {
	switch id.Type() {
	case "relationship", "note", "opinion", "sighting":
	default:
		return nil
	}
	s.carriersOnce.Do(func() {
		s.carriers = map[stix.ID]*graph.Claim{}
		for _, c := range s.Graph.Claims() {
			for _, carrier := range c.Carriers {
				s.carriers[carrier] = c
			}
		}
	})
	return s.carriers[id]
}

func (s *Snapshot) linksOf(c *graph.Claim) string {
	for _, l := range c.Links {
		return strings.TrimSpace(s.Graph.Name(l.From) + " " + l.Relation.Words() + " " + s.named(l.To))
	}
	return c.Relation.Words()
}

// holds tells whether all words stand in a text, in any case.
func holds(text, words string) bool {
	text = strings.ToLower(text)
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return text != ""
}

// passage is the text around the first of the words.
func passage(text, words string) string {
	const around = 90
	first, _, _ := strings.Cut(strings.ToLower(words), " ")
	lower := strings.ToLower(text)
	i := strings.Index(lower, first)
	if i < 0 || len(lower) != len(text) { // letters whose small form has another length: no offset can be trusted
		i = 0
	}
	from, to := max(0, i-around), min(len(text), i+len(first)+around)
	out := strings.Join(strings.Fields(strings.ToValidUTF8(text[from:to], "")), " ")
	if from > 0 {
		out = "…" + out
	}
	if to < len(text) {
		out += "…"
	}
	return out
}

// searchTexts looks through the documents' texts.
func (w *Workspace) searchTexts(ctx context.Context, v View, words string) ([]Found, error) {
	var out []Found
	for d, err := range w.db.ListDocuments(ctx, v.Level) {
		if err != nil {
			return nil, fmt.Errorf("search documents: %w", err)
		}
		if holds(d.Text, words) {
			out = append(out, Found{ID: d.ID, Type: "report", Name: d.Name, Why: "in its text", Passage: passage(d.Text, words), rank: rankText})
		}
	}
	return out, nil
}

// searchSlips offers names that are a slip of the finger away.
func (s *Snapshot) searchSlips(words string) []Found {
	want := graph.NormalName(words)
	var out []Found
	for _, e := range s.Graph.Entities("threat-actor", "intrusion-set", "campaign", "malware", "tool", "identity") {
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			n := graph.NormalName(name)
			if limit := 1 + len(want)/4; edits(n, want, limit) < limit {
				out = append(out, Found{ID: e.ID, Type: e.Type, Name: e.Name, Why: "nearly its name " + name, rank: rankSlip})
				break
			}
		}
	}
	return out
}
