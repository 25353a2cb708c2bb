package eval

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"marque/graph"
	"marque/workspace"
)

// KnownName is a question about an actor's name and the answers of which any is right; where there are several that are not each
// other's names, the right answer is a set.
type KnownName struct {
	Ask, And, Relation string
	Expect, Never      []string
}

// KnownNames reads a file of questions about names.
func KnownNames(path string) ([]KnownName, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("questions: %w", err)
	}
	var file struct{ Names []KnownName }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("questions %s: %w", path, err)
	}
	return file.Names, nil
}

// NameFigures are the figures on a file of questions about names.
type NameFigures struct {
	Asked, Right, Sets, Wrong, NotFound int
	Notes                               []string
}

// String is the figures as a line.
func (f *NameFigures) String() string {
	return fmt.Sprintf("%d names: right or an honest set %.3f (%d, of them %d sets), wrong %d, not found %d",
		f.Asked, float64(f.Right)/float64(max(1, f.Asked)), f.Right, f.Sets, f.Wrong, f.NotFound)
}

// MeasureNames asks a workspace for names. An answer is right where the actor bears one of the expected names, or where the answer is a
// set with reasons and one of them is in it; wrong where it is another actor alone, or one that must never be meant.
func MeasureNames(s *workspace.Snapshot, known []KnownName) NameFigures {
	f := NameFigures{Asked: len(known)}
	for _, k := range known {
		r := s.Graph.Resolve(k.Ask)
		if len(r.Candidates) == 0 {
			f.NotFound++
			f.Notes = append(f.Notes, k.Ask+": not found")
			continue
		}
		names := func(c graph.Candidate) []string {
			out := []string{c.Name}
			for _, n := range s.Graph.ActorNames(c.ID) {
				if n.Entity == c.ID || s.Graph.Same(c.ID, n.Entity) {
					out = append(out, n.Name)
				}
			}
			return out
		}
		if best := r.Best(); best != nil {
			switch {
			case anyName([]string{best.Name}, k.Never) || !anyName(names(*best), k.Expect):
				f.Wrong++
				f.Notes = append(f.Notes, fmt.Sprintf("%s: %s, want one of %s", k.Ask, best.Name, strings.Join(k.Expect, ", ")))
			default:
				f.Right++
			}
			continue
		}
		if slices.ContainsFunc(r.Candidates, func(c graph.Candidate) bool { return anyName(names(c), k.Expect) }) {
			f.Right++
			f.Sets++
		} else {
			f.Wrong++
			f.Notes = append(f.Notes, fmt.Sprintf("%s: a set without any of %s", k.Ask, strings.Join(k.Expect, ", ")))
		}
	}
	return f
}
