// Package extract reads texts into claims by their trees: who did what to whom, who says so, how surely, when.
//
// In comes a [prose.Document] and the names that are known, out comes a [prose.Result]. The way of a sentence:
//
//	tags, trees, names (language) → who did what to whom (predicate) → whom "the group" means (refer.go) → which relation that is
//	(frames.go, data/frames.yaml) → who says it, how it is meant, when and how many (speak.go, qualify.go)
//
// Frames, word lists and trust are data; the code knows roles, not words. Besides frames there are measures (measures.go), descriptions such as
// "TA456, an Iran-aligned actor" and names (describe.go).
//
// What a document is as a whole (who publishes it, what it retells, its traces), and claims that stand on phrases rather than on trees (silence,
// denials, motives, outlooks), come from the rules of [marque/ingest/prose]. [Reader.Read] tells both: a claim of the trees that the rules have
// already is left out, and one that is rarely right (data/trust.yaml) is told only of words of which nothing else is.
//
// Invariants: Text[Start:End] equals Quote for each claim; the same document and names give the same claims with the same ids; Trust says how often
// a claim read in this way was right on the development texts; nothing is kept between documents; work grows linearly with the text.
package extract
