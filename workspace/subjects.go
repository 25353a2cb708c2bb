package workspace

import (
	"context"

	"marque/graph"
	"marque/ingest/sanctions"
)

// graphList is the list that stands for what the workspace itself knows.
const graphList = "workspace"

// Subjects are the actors, people, organisations and sites that a view shows, as entries of a list that names can be screened against. States, their
// organs and classes of actors are none.
func (w *Workspace) Subjects(ctx context.Context, v View) ([]*sanctions.Subject, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	var out []*sanctions.Subject
	for _, e := range s.Graph.Entities("threat-actor", "intrusion-set", "identity", "domain-name", "email-addr") {
		if subject := subjectOf(s.Graph, e); subject != nil {
			out = append(out, subject)
		}
	}
	return out, nil
}

func subjectOf(g *graph.Graph, e *graph.Entity) *sanctions.Subject {
	if e.Name == "" || e.IsState() || e.Is("state-organ") || e.Is("class") {
		return nil
	}
	s := &sanctions.Subject{List: graphList, ID: string(e.ID), Kind: sanctions.Unknown, Remarks: e.Description}
	switch {
	case e.Type == "domain-name":
		s.Identifiers = []sanctions.Identifier{{Kind: sanctions.Website, Value: e.Name}}
	case e.Type == "email-addr":
		s.Identifiers = []sanctions.Identifier{{Kind: sanctions.Email, Value: e.Name}}
	case e.Is("individual"):
		s.Kind = sanctions.Person
	case e.Type == "identity":
		s.Kind = sanctions.Organisation
	}
	s.Names = []sanctions.Name{{Full: e.Name, Kind: sanctions.Primary}}
	for _, alias := range e.Aliases {
		s.Names = append(s.Names, sanctions.Name{Full: alias, Kind: sanctions.Alias})
	}
	if state := g.StateOf(e.ID); state != "" {
		s.Nationalities = []string{state}
	}
	return s
}
