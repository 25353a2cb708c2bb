package workspace

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"marque/graph"
)

// StateRow counts the operations for which a state is the likeliest, at "likely" or more, and what is on record of answers to them.
type StateRow struct {
	State      string `json:"state"` // ISO 3166-1 alpha-2
	Name       string `json:"name"`
	Operations int    `json:"operations"`
	Contested  int    `json:"contested"`
	Answered   int    `json:"answered"`
	Silent     int    `json:"asked_and_silent"` // a record asked, and has none
	Unknown    int    `json:"unknown"`          // nobody asked
	AsVictim   int    `json:"as_victim"`        // operations with victims in this country, whoever did them
}

// States counts operations by state, those with most operations first.
func (w *Workspace) States(ctx context.Context, v View) ([]StateRow, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	ops, err := w.Operations(ctx, v, nil)
	if err != nil {
		return nil, err
	}
	byCode := map[string]*StateRow{}
	of := func(code string) *StateRow {
		if byCode[code] == nil {
			byCode[code] = &StateRow{State: code, Name: s.Graph.CountryName(code)}
		}
		return byCode[code]
	}
	for i := range ops {
		for _, c := range ops[i].Countries {
			of(c).AsVictim++
		}
		if code := ops[i].LikelyState(); code != "" {
			of(code).count(&ops[i])
		}
	}
	out := make([]StateRow, 0, len(byCode))
	for _, st := range byCode {
		out = append(out, *st)
	}
	slices.SortFunc(out, func(a, b StateRow) int {
		return cmp.Or(cmp.Compare(b.Operations, a.Operations), cmp.Compare(b.AsVictim, a.AsVictim), cmp.Compare(a.State, b.State))
	})
	return out, nil
}

func (r *StateRow) count(o *Operation) {
	r.Operations++
	if o.Contested {
		r.Contested++
	}
	switch o.Answer {
	case Answered:
		r.Answered++
	case AskedAndSilent:
		r.Silent++
	default:
		r.Unknown++
	}
}

// LikelyState is the state that stands behind the operation at "likely" or more, ISO 3166-1 alpha-2; empty where none does.
func (o *Operation) LikelyState() string {
	if len(o.States) == 0 || o.States[0].Probability < Likely {
		return ""
	}
	return o.States[0].State
}

// OperationFilter chooses operations. Empty fields choose all.
type OperationFilter struct {
	Text         string // a part of a name of the operation or of an actor among the hypotheses
	Actor        string // a part of a name of an actor among the hypotheses
	State        string // LikelyState
	Country      string // of victims
	Since, Until string // day, month or year in which it began at the earliest or latest; what has no date is left out
	Answer       string
	Contested    bool
	Named        bool
}

// Keeps tells whether an operation is chosen.
func (f OperationFilter) Keeps(o *Operation) bool {
	var actors []string
	if f.Text != "" || f.Actor != "" {
		for i := range o.Hypotheses {
			actors = append(append(actors, o.Hypotheses[i].Actor), o.Hypotheses[i].ActorNames...)
		}
	}
	has := func(want string, in []string) bool {
		want = graph.NormalName(want)
		return want == "" || slices.ContainsFunc(in, func(s string) bool { return strings.Contains(graph.NormalName(s), want) })
	}
	first := o.First.Date
	if o.First.Precision == string(graph.Unknown) {
		first = "" // the day that stands for it says nothing
	}
	return (has(f.Text, o.Names) || has(f.Text, actors)) && has(f.Actor, actors) &&
		(f.State == "" || strings.EqualFold(f.State, o.LikelyState())) &&
		(f.Country == "" || slices.ContainsFunc(o.Countries, func(c string) bool { return strings.EqualFold(c, f.Country) })) &&
		(f.Since == "" || first != "" && first >= f.Since[:min(len(first), len(f.Since))]) &&
		(f.Until == "" || first != "" && first[:min(len(first), len(f.Until))] <= f.Until) &&
		(f.Answer == "" || f.Answer == o.Answer) && (!f.Contested || o.Contested) && (!f.Named || o.Named)
}
