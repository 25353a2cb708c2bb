package web

import (
	"bufio"
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"marque/claim"
	"marque/deter/measure"
	"marque/graph"
	"marque/ledger"
	"marque/report"
	"marque/serve/problem"
	"marque/stix"
	"marque/workspace"
)

// perPage is how many rows a list shows.
const perPage = 50

// rows is a part of a list, with where its pages are.
type rows[T any] struct {
	Items          []T
	Total, From    int // From: the number of the first, from 1
	Previous, Next string
}

// part cuts the page out of a list that the address asks for.
func part[T any](v *visit, all []T) rows[T] {
	at, _ := strconv.Atoi(v.q.Get("page")) // anything else is the first page
	at = max(1, min(at, (len(all)+perPage-1)/perPage))
	from, to := (at-1)*perPage, min(at*perPage, len(all))
	p := &page{visit: v}
	out := rows[T]{Items: all[from:to], Total: len(all), From: from + 1}
	if at > 1 {
		out.Previous = p.With("page", strconv.Itoa(at-1))
	}
	if to < len(all) {
		out.Next = p.With("page", strconv.Itoa(at+1))
	}
	return out
}

// To is the number of the last row shown.
func (r rows[T]) To() int { return r.From + len(r.Items) - 1 }

// overviewData is the front page.
type overviewData struct {
	*report.Brief
	Trend  trend
	Matrix matrix
}

func (r *Room) overview(v *visit) (*page, error) {
	b, err := r.w.Overview(v.Context(), v.view)
	if err != nil {
		return nil, err
	}
	return &page{name: "overview", Title: "Who stands behind it", Level: b.Level, Data: overviewData{b, trendOf(b.Trend), matrixOf(b.Matrix)}}, nil
}

func newest(a, b workspace.Operation) int {
	return cmp.Or(cmp.Compare(b.First.Date, a.First.Date), cmp.Compare(a.ID, b.ID))
}

// operationsData is the list of operations with what may be asked of it.
type operationsData struct {
	rows[workspace.Operation]
	States, Years []string
}

func (r *Room) operations(v *visit) (*page, error) {
	all, err := r.w.Operations(v.Context(), v.view, nil)
	if err != nil {
		return nil, err
	}
	var chosen []workspace.Operation
	var d operationsData
	filter := workspace.OperationFilter{
		Text: v.q.Get("q"), State: v.q.Get("state"), Country: v.q.Get("country"), Since: v.q.Get("year"), Until: v.q.Get("year"),
		Answer: v.q.Get("answer"), Contested: v.q.Get("contested") != "",
	}
	for i := range all {
		o := &all[i]
		if code := o.LikelyState(); code != "" && !slices.Contains(d.States, code) {
			d.States = append(d.States, code)
		}
		if o.First.Precision != string(graph.Unknown) && o.First.Date != "" && !slices.Contains(d.Years, o.First.Date[:4]) {
			d.Years = append(d.Years, o.First.Date[:4])
		}
		if filter.Keeps(o) {
			chosen = append(chosen, *o)
		}
	}
	slices.SortFunc(chosen, newest)
	slices.Sort(d.States)
	slices.SortFunc(d.Years, func(a, b string) int { return cmp.Compare(b, a) })
	d.rows = part(v, chosen)
	return &page{name: "operations", Title: "Operations", Level: v.s.Graph.Level, Data: d}, nil
}

func (r *Room) actors(v *visit) (*page, error) {
	all := v.s.Actors(v.q.Get("q"), v.q.Get("state"))
	return &page{name: "actors", Title: "Actors", Level: v.s.Graph.Level, Data: part(v, all)}, nil
}

func (r *Room) actor(v *visit) (*page, error) {
	d, err := r.w.ActorDetail(v.Context(), v.view, stix.ID(v.PathValue("id")))
	if err != nil {
		return nil, err
	}
	return &page{name: "actor", Title: d.Name, Level: v.s.Graph.LevelOf(d.ID), Data: d}, nil
}

func (r *Room) states(v *visit) (*page, error) {
	all, err := r.w.States(v.Context(), v.view)
	return &page{name: "states", Title: "States", Level: v.s.Graph.Level, Data: all}, err
}

// stateData is a state as sponsor and as target.
type stateData struct {
	workspace.StateRow
	As, Against []workspace.Operation
	Actors      []workspace.ActorRow
}

func (r *Room) state(v *visit) (*page, error) {
	code := strings.ToUpper(v.PathValue("code"))
	all, err := r.w.States(v.Context(), v.view)
	if err != nil {
		return nil, err
	}
	ops, err := r.w.Operations(v.Context(), v.view, nil)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(s workspace.StateRow) bool { return s.State == code })
	if i < 0 {
		return nil, problem.New(http.StatusNotFound, "unknown", "No operation on record is by or against %q; want a country's two letters (ISO 3166-1).", code)
	}
	d := stateData{StateRow: all[i], Actors: v.s.Actors("", code)}
	for j := range ops {
		if ops[j].LikelyState() == code {
			d.As = append(d.As, ops[j])
		}
		if slices.Contains(ops[j].Countries, code) {
			d.Against = append(d.Against, ops[j])
		}
	}
	newest := func(a, b workspace.Operation) int {
		return cmp.Or(cmp.Compare(b.First.Date, a.First.Date), cmp.Compare(a.ID, b.ID))
	}
	slices.SortFunc(d.As, newest)
	slices.SortFunc(d.Against, newest)
	return &page{name: "state", Title: v.s.Graph.CountryName(code), Level: v.s.Graph.Level, Data: d}, nil
}

func (r *Room) documents(v *visit) (*page, error) {
	all := slices.DeleteFunc(v.s.Documents(), func(d workspace.DocumentRow) bool {
		return !strings.Contains(strings.ToLower(d.Name+"\n"+d.Publisher), strings.ToLower(v.q.Get("q")))
	})
	slices.SortFunc(all, func(a, b workspace.DocumentRow) int {
		return cmp.Or(cmp.Compare(b.Published.Date, a.Published.Date), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return &page{name: "documents", Title: "Documents", Level: v.s.Graph.Level, Data: part(v, all)}, nil
}

func (r *Room) document(v *visit) (*page, error) {
	d, err := r.w.DocumentDetail(v.Context(), v.view, stix.ID(v.PathValue("id")))
	if err != nil {
		return nil, err
	}
	ids := []stix.ID{d.ID}
	for _, s := range d.Statements {
		ids = append(ids, s.Carriers...)
	}
	return &page{name: "document", Title: d.Name, Level: v.s.Graph.LevelOf(ids...), Data: documentData{d, marked(d.Text, d.Statements)}}, nil
}

// claimsData is the list of claims with the relations that there are.
type claimsData struct {
	rows[*workspace.ClaimRow]
	Stances []string
}

func (r *Room) claims(v *visit) (*page, error) {
	all, err := r.w.Claims(v.Context(), v.view, workspace.ClaimFilter{
		Who: v.q.Get("who"), Subject: v.q.Get("subject"), Relation: v.q.Get("relation"), Stance: v.q.Get("stance"), Status: v.q.Get("status"), Text: v.q.Get("q"),
	})
	if err != nil {
		return nil, err
	}
	stances := []string{claim.Asserts, claim.Denies, claim.NoComment}
	return &page{name: "claims", Title: "Claims", Level: v.s.Graph.Level, Data: claimsData{part(v, all), stances}}, nil
}

// measuresData is the list of measures with the kinds that there are.
type measuresData struct {
	rows[measure.Row]
	Kinds []string
}

func (r *Room) measures(v *visit) (*page, error) {
	all, err := r.w.Measures(v.Context(), v.view, measure.Filter{})
	if err != nil {
		return nil, err
	}
	var d measuresData
	for i := range all {
		if !slices.Contains(d.Kinds, all[i].Kind) {
			d.Kinds = append(d.Kinds, all[i].Kind)
		}
	}
	slices.Sort(d.Kinds)
	chosen, err := r.w.Measures(v.Context(), v.view, measure.Filter{
		State: v.q.Get("state"), Target: v.q.Get("target"), Kind: v.q.Get("kind"), Operation: v.q.Get("operation"), Actor: v.q.Get("actor"),
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(chosen, func(a, b measure.Row) int { return cmp.Compare(b.Date, a.Date) }) // what has no date comes last
	d.rows = part(v, chosen)
	return &page{name: "measures", Title: "Measures", Level: v.s.Graph.Level, Data: d}, nil
}

func (r *Room) search(v *visit) (*page, error) {
	var hits []workspace.Found
	if q := v.q.Get("q"); q != "" {
		var err error
		if hits, err = r.w.Search(v.Context(), v.view, q, 100); err != nil {
			return nil, err
		}
	}
	return &page{name: "search", Title: "Search", Level: v.s.Graph.Level, Data: hits}, nil
}

// lookUpData is what was pasted, and what is known of it.
type lookUpData struct {
	Pasted string
	Found  []workspace.Observable
}

func (r *Room) lookUp(v *visit) (*page, error) {
	var d lookUpData
	if v.Method == http.MethodPost {
		v.Body = http.MaxBytesReader(nil, v.Body, 4<<20)
		if err := v.ParseForm(); err != nil {
			return nil, problem.New(http.StatusBadRequest, "form", "The form cannot be read: %v.", err)
		}
		d.Pasted = v.PostFormValue("values")
		var values []string
		for sc := bufio.NewScanner(strings.NewReader(d.Pasted)); sc.Scan(); {
			if line := strings.TrimSpace(sc.Text()); line != "" {
				values = append(values, line)
			}
		}
		var err error
		if d.Found, err = r.w.Observables(v.Context(), v.view, values); err != nil {
			return nil, err
		}
	}
	return &page{name: "lookup", Title: "Look up", Level: v.s.Graph.Level, Data: d}, nil
}

// logData is the ledger.
type logData struct {
	Size      int64
	Key, Head string
	rows[ledger.Entry]
}

func (r *Room) ledger(v *visit) (*page, error) {
	l, err := r.w.SignedLog(v.Context(), v.view)
	if err != nil {
		return nil, err
	}
	entries := slices.Clone(l.Entries)
	slices.Reverse(entries)
	return &page{name: "log", Title: "Log of signed judgements", Level: v.view.Level, Data: logData{l.Size, l.Key, l.Head, part(v, entries)}}, nil
}
