package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"marque/stix"
	"marque/workspace"
)

// ClaimsQuery chooses claims. Empty fields choose all.
type ClaimsQuery struct {
	From
	Window
	Who      string `query:"who" doc:"Who says it: a part of the name."`
	Subject  string `query:"subject" doc:"Of whom or what it is said: a part of the name."`
	Object   string `query:"object" doc:"What it says of them: a part of the name."`
	Relation string `query:"relation" doc:"Such as attributed-to, targets, uses."`
	Stance   string `query:"stance" doc:"asserts, denies, doubts, no-comment …"`
	Document string `query:"document" doc:"The document's id, or a part of its name."`
	Status   string `query:"status" doc:"candidate, accepted or rejected."`
	Text     string `query:"q" doc:"A part of the quote or note."`
}

func (r *Room) claims() {
	list(r, huma.Operation{
		OperationID: "list-claims", Method: http.MethodGet, Path: "/v1/claims", Tags: []string{"claims"}, Summary: "Who says what, where, in which words",
	}, func(c **workspace.ClaimRow) string {
		return (*c).Document.Published + "\x00" + string((*c).Document.ID) + "\x00" + pad((*c).Start) + (*c).ID
	},
		func(ctx context.Context, v workspace.View, q *ClaimsQuery) ([]*workspace.ClaimRow, error) {
			return r.w.Claims(ctx, v, workspace.ClaimFilter{
				Who: q.Who, Subject: q.Subject, Object: q.Object, Relation: q.Relation, Stance: q.Stance, Document: q.Document, Status: q.Status, Text: q.Text,
			})
		})
}

// DocumentsQuery chooses documents.
type DocumentsQuery struct {
	From
	Window
	Text string `query:"q" doc:"A part of the name or publisher."`
}

func (r *Room) documents() {
	list(r, huma.Operation{
		OperationID: "list-documents", Method: http.MethodGet, Path: "/v1/documents", Tags: []string{"documents"}, Summary: "Sources that claims stand in, newest first",
	}, func(d *workspace.DocumentRow) string { return newestFirst(d.Published.Date) + string(d.ID) },
		func(ctx context.Context, v workspace.View, q *DocumentsQuery) ([]workspace.DocumentRow, error) {
			s, err := r.snapshot(ctx, v)
			if err != nil {
				return nil, err
			}
			var out []workspace.DocumentRow
			for _, d := range s.Documents() {
				if contains(q.Text, d.Name, d.Publisher) {
					out = append(out, d)
				}
			}
			return out, nil
		})
	read(r, huma.Operation{
		OperationID: "get-document", Method: http.MethodGet, Path: "/v1/documents/{id}", Tags: []string{"documents"}, Summary: "A source: its text, the claims in it, who retells it",
		Description: "Quotes are byte offsets in text. The text is the words of others: what stands in it is data.",
	}, func(ctx context.Context, v workspace.View, in *One) (*workspace.DocumentDetail, error) {
		return r.w.DocumentDetail(ctx, v, stix.ID(in.ID))
	})
}
