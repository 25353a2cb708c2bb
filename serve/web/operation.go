package web

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"marque/attribute"
	"marque/claim"
	"marque/serve/problem"
	"marque/stix"
	"marque/workspace"
)

// operationData is an operation with its evidence board.
type operationData struct {
	*workspace.Operation
	Description string
	Judged      bool // whether anybody says anything of who did it
	Stands      claim.Assessment
	Board       board
	Supposing   bool // whether the address asks to suppose something
	Documents   []workspace.DocumentRow
	Supposed    claim.Assessment
}

// board is hypotheses × evidence.
type board struct {
	Columns []column
	Others  int // hypotheses without a column
	Rows    []boardRow
	Left    []boardRow // what was taken out
}

// column is a hypothesis.
type column struct {
	Key, Name       string
	State           string
	Prior           float64
	Stands          float64
	Supposed        float64
	PriorSet        string // as the address asks for it
	SupposedPresent bool
}

// boardRow is a piece of evidence.
type boardRow struct {
	claim.Evidence
	Cells []cell
	Claim string // the claim that its grade is of; empty where it has none
	Grade string // as it counts
	Set   string // as the address asks for it
	Quote string
	Doc   stix.ID
}

// cell is what a piece weighs for a hypothesis.
type cell struct {
	Decibans float64
	Bar      float64 // 0 to 50: half the width
	Any      bool
	Left     float64 // where a bar against it begins
}

// shownColumns is how many hypotheses have a column.
const shownColumns = 5

func (r *Room) operation(v *visit) (*page, error) {
	op, err := r.w.Operation(v.Context(), v.view, stix.ID(v.PathValue("id")))
	if err != nil {
		return nil, err
	}
	sup, err := supposed(v)
	if err != nil {
		return nil, err
	}
	what, err := v.s.WhatIf(op.ID, sup)
	if err != nil {
		return nil, err
	}
	d := &operationData{Operation: op, Stands: what.Stands, Supposed: what.Supposed, Judged: len(what.Stands.Evidence) > 0}
	d.Supposing = len(sup.Without)+len(sup.Grades)+len(sup.Priors) > 0
	if e := v.s.Graph.Entity(op.ID); e != nil {
		d.Description = e.Description
	}
	d.Board = r.board(v, what, sup)
	ids := []stix.ID{op.ID}
	seen := map[stix.ID]bool{}
	for _, e := range what.Stands.Evidence {
		ids = append(ids, e.Refs...)
	}
	for _, c := range v.s.Graph.At(op.ID) {
		ids = append(ids, c.Carriers...)
		if doc := v.s.Graph.Document(c.Document); doc != nil && !seen[doc.ID] {
			seen[doc.ID] = true
			d.Documents = append(d.Documents, v.s.DocumentRow(doc))
		}
	}
	slices.SortFunc(d.Documents, func(a, b workspace.DocumentRow) int { return cmp.Compare(a.Published.Date, b.Published.Date) })
	return &page{name: "operation", Title: op.Names[0], Level: v.s.Graph.LevelOf(ids...), Data: d}, nil
}

// supposed reads what the address asks to suppose: without=ID, grade.CLAIM=C3, prior.HYPOTHESIS=20 (percent).
func supposed(v *visit) (attribute.Supposition, error) {
	sup := attribute.Supposition{Grades: map[string]attribute.Grade{}, Priors: map[string]float64{}}
	for name, values := range v.q {
		for _, value := range values {
			kind, of, _ := strings.Cut(name, ".")
			switch {
			case value == "":
			case name == "without":
				sup.Without = append(sup.Without, value)
			case kind == "grade":
				g, err := attribute.ParseGrade(value)
				if err != nil {
					return sup, problem.New(http.StatusUnprocessableEntity, "supposition", "%v", err)
				}
				id, err := url.PathUnescape(of)
				if err != nil {
					return sup, problem.New(http.StatusUnprocessableEntity, "supposition", "grade of %q: not the id of a claim", of)
				}
				sup.Grades[id] = g
			case kind == "prior":
				p, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(value, "%")), 64)
				if err != nil {
					return sup, problem.New(http.StatusUnprocessableEntity, "supposition", "prior %q: want percent, such as 20", value)
				}
				sup.Priors[of] = p / 100
			}
		}
	}
	slices.Sort(sup.Without)
	return sup, nil
}

// board lays out hypotheses and evidence, as they are supposed to be; what was taken out stands below.
func (r *Room) board(v *visit, what *workspace.WhatIf, sup attribute.Supposition) board {
	var b board
	byKey := func(a *claim.Assessment, key string) *claim.Hypothesis {
		for i := range a.Hypotheses {
			if a.Hypotheses[i].Key == key {
				return &a.Hypotheses[i]
			}
		}
		return nil
	}
	for i := range what.Stands.Hypotheses {
		h := &what.Stands.Hypotheses[i]
		if i >= shownColumns && h.Key != "unknown" {
			b.Others++
			continue
		}
		c := column{Key: h.Key, Name: hypothesisName(v, h), State: h.Sponsor, Prior: h.Prior, Stands: h.Probability, PriorSet: v.q.Get("prior." + h.Key)}
		if s := byKey(&what.Supposed, h.Key); s != nil {
			c.Supposed, c.SupposedPresent, c.Prior = s.Probability, true, s.Prior
		}
		b.Columns = append(b.Columns, c)
	}
	for i := range what.Supposed.Evidence {
		b.Rows = append(b.Rows, boardRowOf(v, &what.Supposed.Evidence[i], b.Columns))
	}
	for _, id := range sup.Without {
		for i := range what.Stands.Evidence {
			if e := &what.Stands.Evidence[i]; string(e.RootRef) == id || slices.Contains(e.Refs, stix.ID(id)) {
				b.Left = append(b.Left, boardRowOf(v, e, b.Columns))
			}
		}
	}
	return b
}

func boardRowOf(v *visit, e *claim.Evidence, columns []column) boardRow {
	row := boardRow{Evidence: *e}
	if e.Reliability != "" {
		row.Grade = fmt.Sprintf("%s%d", e.Reliability, e.Credibility)
	}
	for _, id := range e.Refs {
		if c := v.s.ClaimCarriedBy(id); c != nil && row.Claim == "" {
			row.Claim, row.Quote, row.Doc = url.PathEscape(c.ID), c.Quote, c.Document // ids of others' claims hold words of theirs
			row.Set = v.q.Get("grade." + row.Claim)
		}
	}
	for _, c := range columns {
		db, any := e.Decibans[c.Key]
		bar := math.Min(50, 50*math.Abs(db)/20)
		row.Cells = append(row.Cells, cell{db, bar, any && math.Abs(db) >= 0.05, 50 - bar})
	}
	return row
}

// hypothesisName is how a hypothesis is called at the head of a column.
func hypothesisName(v *visit, h *claim.Hypothesis) string {
	state := v.s.Graph.CountryName(h.Sponsor)
	switch {
	case h.Key == "unknown":
		return "Somebody else, or nobody whom the evidence names"
	case h.Actor == "" && state != "":
		return state + ", by an actor that is not named"
	case state != "":
		return h.Actor + ", for " + state
	}
	return cmp.Or(h.Actor, h.Statement)
}
