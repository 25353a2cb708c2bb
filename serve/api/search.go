package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"marque/serve/problem"
	"marque/workspace"
)

// SearchQuery is words to look for.
type SearchQuery struct {
	From
	Text  string `query:"q" required:"true" minLength:"1" maxLength:"1000" doc:"Words or a name; any text is a legal question."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// Values is a paste of observables.
type Values struct {
	From
	Body struct {
		Values []string `json:"values" minItems:"1" maxItems:"10000" doc:"Addresses, domains, URLs, digests, mail addresses, as people pass them on: hxxp, [.] and the like are undone."`
	}
}

func (r *Room) search() {
	read(r, huma.Operation{
		OperationID: "search", Method: http.MethodGet, Path: "/v1/search", Tags: []string{"search"}, Summary: "What is called so, or speaks of it, and why it was found",
	}, func(ctx context.Context, v workspace.View, q *SearchQuery) ([]workspace.Found, error) {
		hits, err := r.w.Search(ctx, v, q.Text, q.Limit)
		if hits == nil {
			hits = []workspace.Found{}
		}
		return hits, err
	})
	read(r, huma.Operation{
		OperationID: "look-up", Method: http.MethodPost, Path: "/v1/observables", Tags: []string{"search"}, Summary: "What is known of many observables at once",
		Description:  "Known as an indicator (with whom it indicates and the state behind), allow-listed, or unknown; in the order in which they are asked.",
		MaxBodyBytes: 4 << 20,
	}, func(ctx context.Context, v workspace.View, in *Values) ([]workspace.Observable, error) {
		if len(in.Body.Values) > workspace.MaxObservables {
			return nil, problem.New(http.StatusRequestEntityTooLarge, "too-many", "%d values: want %d at most", len(in.Body.Values), workspace.MaxObservables)
		}
		return r.w.Observables(ctx, v, in.Body.Values)
	})
}

// contains tells whether any of the texts has what is wanted, in any case.
func contains(want string, in ...string) bool {
	want = strings.ToLower(want)
	for _, s := range in {
		if strings.Contains(strings.ToLower(s), want) {
			return true
		}
	}
	return false
}

func pad(n int) string { return fmt.Sprintf("%012d", n) }
