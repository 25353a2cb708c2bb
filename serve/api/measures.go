package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"marque/deter/measure"
	"marque/workspace"
)

// MeasuresQuery chooses measures. Empty fields choose all.
type MeasuresQuery struct {
	From
	Window
	State     string `query:"state" doc:"Who took it: a state's two letters, or a body."`
	Target    string `query:"target" doc:"The state, actor or person that it is aimed at."`
	Kind      string `query:"kind" doc:"Such as sanctions, indictment, seizure, public-attribution."`
	Operation string `query:"operation" doc:"An operation that it answers: a part of the name."`
	Actor     string `query:"actor" doc:"An actor that it is aimed at: a part of the name."`
	Basis     string `query:"basis" doc:"A part of the legal basis."`
	Status    string `query:"status"`
	Year      int    `query:"year" minimum:"0" maximum:"9999"`
}

func (q *MeasuresQuery) filter() measure.Filter {
	return measure.Filter{State: q.State, Target: q.Target, Kind: q.Kind, Operation: q.Operation, Actor: q.Actor, Basis: q.Basis, Status: q.Status, Year: q.Year}
}

func (r *Room) measures() {
	list(r, huma.Operation{
		OperationID: "list-measures", Method: http.MethodGet, Path: "/v1/measures", Tags: []string{"measures"}, Summary: "Measures, newest first: by whom, against whom, which operations they answer, on whose word",
	}, func(m *measure.Row) string { return newestFirst(m.Date) + string(m.ID) },
		func(ctx context.Context, v workspace.View, q *MeasuresQuery) ([]measure.Row, error) {
			return r.w.Measures(ctx, v, q.filter())
		})
}
