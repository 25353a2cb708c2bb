package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"marque/stix"
	"marque/workspace"
)

// ActorsQuery asks whom a name may mean, or lists actors.
type ActorsQuery struct {
	From
	Window
	Text  string `query:"q" doc:"Whom this name may mean, as analysts write it; the likeliest have the most weight."`
	State string `query:"state" minLength:"2" maxLength:"2" doc:"Actors that a claim ties to this state, ISO 3166-1 alpha-2."`
}

func (r *Room) actors() {
	list(r, huma.Operation{
		OperationID: "list-actors", Method: http.MethodGet, Path: "/v1/actors", Tags: []string{"actors"}, Summary: "Actors, by name",
		Description: "Every entry of every source: nobody is merged. With q, those whom the name may mean.",
	}, func(a *workspace.ActorRow) string { return a.Name + "\x00" + string(a.ID) },
		func(ctx context.Context, v workspace.View, q *ActorsQuery) ([]workspace.ActorRow, error) {
			s, err := r.snapshot(ctx, v)
			if err != nil {
				return nil, err
			}
			return s.Actors(q.Text, q.State), nil
		})
	read(r, huma.Operation{
		OperationID: "get-actor", Method: http.MethodGet, Path: "/v1/actors/{id}", Tags: []string{"actors"}, Summary: "An actor: names on whose word, conflicts, ties to states, operations",
	}, func(ctx context.Context, v workspace.View, in *One) (*workspace.ActorDetail, error) {
		return r.w.ActorDetail(ctx, v, stix.ID(in.ID))
	})
	read(r, huma.Operation{
		OperationID: "list-states", Method: http.MethodGet, Path: "/v1/states", Tags: []string{"states"}, Summary: "States, with the operations for which each is the likeliest, and what is on record of answers",
	}, func(ctx context.Context, v workspace.View, _ *From) ([]workspace.StateRow, error) {
		return r.w.States(ctx, v)
	})
}
