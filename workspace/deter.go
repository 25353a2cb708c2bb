package workspace

import (
	"context"

	"marque/deter"
)

// Followed judges every operation that the view shows and joins those of which a state is the likely sponsor to what followed upon them.
func (s *Snapshot) Followed(ctx context.Context, progress func(Progress)) ([]deter.Followed, error) {
	as, err := s.JudgeAll(ctx, progress)
	if err != nil {
		return nil, err
	}
	var ops []deter.Attributed
	for _, a := range as {
		if op, ok := deter.FromAssessment(a); ok && op.Sponsor != "" && a.Hypotheses[0].Probability >= Likely {
			ops = append(ops, op)
		}
	}
	return deter.Follow(s.Graph, ops), nil
}

// Likely is ICD 203's lower bound of the word: from there on a sponsor is named.
const Likely = 0.55
