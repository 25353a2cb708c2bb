package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"marque/attribute"
	"marque/claim"
	"marque/stix"
	"marque/workspace"
)

// OperationsQuery chooses operations. Empty fields choose all.
type OperationsQuery struct {
	From
	Window
	Text      string `query:"q" doc:"Operations with this in a name of theirs, or in one of an actor among the hypotheses."`
	State     string `query:"state" minLength:"2" maxLength:"2" doc:"Operations behind which this state stands at likely or more, ISO 3166-1 alpha-2."`
	Country   string `query:"country" minLength:"2" maxLength:"2" doc:"Operations with victims in this country, ISO 3166-1 alpha-2."`
	Actor     string `query:"actor" doc:"Operations with this name or a part of it among the hypotheses' actors."`
	Since     string `query:"since" format:"date" doc:"Operations that began on this day or later; those of no date are left out."`
	Until     string `query:"until" format:"date" doc:"Operations that began on this day or before; those of no date are left out."`
	Answer    string `query:"answer" enum:"answered,asked-and-silent,unknown" doc:"What is on record of an answer."`
	Contested bool   `query:"contested" doc:"Only operations about which sources contradict each other."`
	Named     bool   `query:"named" doc:"Only operations for which somebody is named."`
}

func (q *OperationsQuery) filter() workspace.OperationFilter {
	return workspace.OperationFilter{
		Text: q.Text, Actor: q.Actor, State: q.State, Country: q.Country, Since: q.Since, Until: q.Until, Answer: q.Answer,
		Contested: q.Contested, Named: q.Named,
	}
}

// Judged is an operation with the whole judgement on it.
type Judged struct {
	workspace.Operation
	Judgement *claim.Assessment `json:"judgement,omitempty" doc:"Absent where nobody says anything of who did it."`
}

// One is the input that names one object.
type One struct {
	From
	ID string `path:"id" maxLength:"200" doc:"A STIX id, such as campaign--… or intrusion-set--…"`
}

// Suppose is the input of a what-if.
type Suppose struct {
	One
	Body Supposition
}

// Supposition is what a judgement is asked to suppose.
type Supposition struct {
	Without []string           `json:"without,omitempty" maxItems:"1000" doc:"Ids of sources, documents or claims that shall not count."`
	Grades  map[string]string  `json:"grades,omitempty" maxProperties:"1000" doc:"Other Admiralty grades, such as C3, by claim id."`
	Priors  map[string]float64 `json:"priors,omitempty" maxProperties:"1000" doc:"Other prior probabilities, over 0 and under 1, by the hypothesis's key."`
}

func (s Supposition) asked() (attribute.Supposition, error) {
	out := attribute.Supposition{Without: s.Without, Priors: s.Priors, Grades: map[string]attribute.Grade{}}
	for id, g := range s.Grades {
		grade, err := attribute.ParseGrade(g)
		if err != nil {
			return out, fmt.Errorf("grade of %q: %w: %w", id, workspace.ErrSupposition, err)
		}
		out.Grades[id] = grade
	}
	return out, nil
}

func (r *Room) operations() {
	list(r, huma.Operation{
		OperationID: "list-operations", Method: http.MethodGet, Path: "/v1/operations", Tags: []string{"operations"}, Summary: "Operations, judged, newest first",
		Description: "One entry a joined operation: what sources tell of one event stands together. Documented field by field in docs/operations.md.",
	}, func(o *workspace.Operation) string { return newestFirst(o.First.Date) + string(o.ID) },
		func(ctx context.Context, v workspace.View, q *OperationsQuery) ([]workspace.Operation, error) {
			all, err := r.w.Operations(ctx, v, nil)
			var out []workspace.Operation
			filter := q.filter()
			for i := range all {
				if filter.Keeps(&all[i]) {
					out = append(out, all[i])
				}
			}
			return out, err
		})
	read(r, huma.Operation{
		OperationID: "get-operation", Method: http.MethodGet, Path: "/v1/operations/{id}", Tags: []string{"operations"}, Summary: "An operation with the judgement on it",
		Description: "Hypotheses with probabilities and words (ICD 203), each piece of evidence with what it weighs in decibans for which hypothesis, and why.",
	}, func(ctx context.Context, v workspace.View, in *One) (*Judged, error) {
		return r.operation(ctx, v, stix.ID(in.ID))
	})
	read(r, huma.Operation{
		OperationID: "suppose", Method: http.MethodPost, Path: "/v1/operations/{id}/what-if", Tags: []string{"operations"}, Summary: "The judgement if something were otherwise",
		Description: "Judges again with sources taken out, grades or priors changed, and answers with both judgements. Nothing is kept.",
	}, func(ctx context.Context, v workspace.View, in *Suppose) (*workspace.WhatIf, error) {
		sup, err := in.Body.asked()
		if err != nil {
			return nil, err
		}
		s, err := r.snapshot(ctx, v)
		if err != nil {
			return nil, err
		}
		return s.WhatIf(stix.ID(in.ID), sup)
	})
}

func (r *Room) operation(ctx context.Context, v workspace.View, id stix.ID) (*Judged, error) {
	op, err := r.w.Operation(ctx, v, id)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	what, err := s.WhatIf(op.ID, attribute.Supposition{})
	if err != nil {
		return nil, err
	}
	out := &Judged{Operation: *op}
	if len(what.Stands.Hypotheses) > 0 && len(what.Stands.Evidence) > 0 {
		out.Judgement = &what.Stands
	}
	return out, nil
}

// newestFirst turns a date into what sorts the other way round; no date sorts last.
func newestFirst(date string) string {
	if date == "" {
		return "~"
	}
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return '9' - (c - '0')
		}
		return c
	}, date) + "~"
}
