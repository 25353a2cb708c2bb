package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

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
	}, func(ctx context.Context, v workspace.View, _ *From) ([]State, error) { return r.states(ctx, v) })
}

// State counts the operations for which a state is the likeliest, at "likely" or more.
type State struct {
	State        string `json:"state" doc:"ISO 3166-1 alpha-2"`
	Name         string `json:"name"`
	Operations   int    `json:"operations"`
	Answered     int    `json:"answered"`
	Silent       int    `json:"asked_and_silent"`
	Unknown      int    `json:"unknown"`
	AsVictim     int    `json:"operations_as_victim" doc:"Operations with victims in this country, whoever did them."`
	ContestedNow int    `json:"contested"`
}

func (r *Room) states(ctx context.Context, v workspace.View) ([]State, error) {
	s, err := r.snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	ops, err := r.w.Operations(ctx, v, nil)
	if err != nil {
		return nil, err
	}
	byCode := map[string]*State{}
	of := func(code string) *State {
		if byCode[code] == nil {
			byCode[code] = &State{State: code, Name: cmp.Or(s.Graph.CountryName(code), code)}
		}
		return byCode[code]
	}
	for i := range ops {
		o := &ops[i]
		for _, c := range o.Countries {
			of(c).AsVictim++
		}
		if len(o.States) == 0 || o.States[0].Probability < workspace.Likely {
			continue
		}
		st := of(o.States[0].State)
		st.Operations++
		if o.Contested {
			st.ContestedNow++
		}
		switch o.Answer {
		case workspace.Answered:
			st.Answered++
		case workspace.AskedAndSilent:
			st.Silent++
		default:
			st.Unknown++
		}
	}
	out := []State{}
	for _, st := range byCode {
		out = append(out, *st)
	}
	slices.SortFunc(out, func(a, b State) int {
		return cmp.Or(cmp.Compare(b.Operations, a.Operations), cmp.Compare(b.AsVictim, a.AsVictim), cmp.Compare(a.State, b.State))
	})
	return out, nil
}
