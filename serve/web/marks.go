package web

import (
	"cmp"
	"slices"

	"marque/workspace"
)

// documentData is a source with its text cut where claims stand.
type documentData struct {
	*workspace.DocumentDetail
	Pieces []textPiece
}

// textPiece is a stretch of text, with the claims whose quotes it stands in.
type textPiece struct {
	Text   string
	Claims []int // numbers in the list of statements, from 1
	First  bool  // whether a quote begins here
}

// marked cuts a text where quotes begin and end. A quote that does not lie in the text marks nothing.
func marked(text string, claims []*workspace.ClaimRow) []textPiece {
	cuts := []int{0, len(text)}
	whole := func(c *workspace.ClaimRow) bool {
		return c.Quote != "" && 0 <= c.Start && c.Start < c.End && c.End <= len(text)
	}
	for _, c := range claims {
		if whole(c) {
			cuts = append(cuts, c.Start, c.End)
		}
	}
	slices.SortFunc(cuts, cmp.Compare[int])
	cuts = slices.Compact(cuts)
	var out []textPiece
	for i := 1; i < len(cuts); i++ {
		p := textPiece{Text: text[cuts[i-1]:cuts[i]]}
		for n, c := range claims {
			if whole(c) && c.Start <= cuts[i-1] && cuts[i] <= c.End {
				p.Claims = append(p.Claims, n+1)
				p.First = p.First || c.Start == cuts[i-1]
			}
		}
		out = append(out, p)
	}
	return out
}
