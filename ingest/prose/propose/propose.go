package propose

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"marque/ingest/prose"
	"marque/stix"
)

// Proposal is a claim that somebody proposes, in words of the text.
type Proposal struct {
	Who      string   `json:"who"` // empty for the text's own voice
	Subject  []string `json:"subject"`
	Relation string   `json:"relation"`
	Object   []string `json:"object"`
	Stance   string   `json:"stance"`
	Quote    string   `json:"quote"`
}

// Proposer proposes claims of a text.
type Proposer interface {
	// Name says who proposes, with the model: it is told of every claim.
	Name() string
	// Propose returns what the text claims.
	Propose(ctx context.Context, text string) ([]Proposal, error)
}

// Limits of what is taken from a proposer.
const (
	maxProposals = 500
	maxQuote     = 1500 // bytes
	minQuote     = 12
	trust        = 0.3
)

// relations are those that a proposal may tell; docs/claims.md says what they mean.
var relations = []string{
	"uses", "partners-with", "outsources-to", "on-behalf-of", "attributed-to", "financed-by", "linked-to", "alias-of", "compromised", "targets", "deployed",
	"exploited", "stole", "extorts", "disrupted", "affected", "influences", "spread", "personas", "created", "opposes", "supports", "motive",
	"shares-resources", "measure", "successors", "still-up", "recommends", "response",
}

// Claims reads text into claims.
type Claims interface {
	Read(doc prose.Document) prose.Result
}

// Reader reads with another reader and adds what a proposer proposes. The context is that of the call for which it was made.
type Reader struct {
	Claims   Claims
	Proposer Proposer
	MaxTLP   stix.TLP // a stricter text is not sent
	MaxBytes int      // of a text that is sent; a longer one is cut at a paragraph

	ctx context.Context //nolint:containedctx // the life of one call
}

// With returns a reader that asks the proposer too.
func With(ctx context.Context, claims Claims, p Proposer, level stix.TLP, maxBytes int) *Reader {
	return &Reader{Claims: claims, Proposer: p, MaxTLP: level, MaxBytes: maxBytes, ctx: ctx}
}

// Read reads a document. What a proposer cannot do is a warning.
func (r *Reader) Read(doc prose.Document) prose.Result {
	res := r.Claims.Read(doc)
	if doc.Level > r.MaxTLP {
		res.Warnings = append(res.Warnings, fmt.Sprintf("proposer: the text is %s and was not sent, the limit is %s", doc.Level, r.MaxTLP))
		return res
	}
	list, err := r.Proposer.Propose(r.ctx, cut(doc.Text, r.MaxBytes))
	if err != nil {
		res.Warnings = append(res.Warnings, "proposer: "+err.Error())
		return res
	}
	claims, refused := Check(doc, list, r.Proposer.Name())
	for _, c := range claims {
		if !slices.ContainsFunc(res.Claims, func(o prose.Claim) bool { return o.Relation == c.Relation && o.Start < c.End && c.Start < o.End }) {
			res.Claims = append(res.Claims, c)
		}
	}
	for reason, n := range refused {
		res.Warnings = append(res.Warnings, fmt.Sprintf("proposer: %d refused: %s", n, reason))
	}
	slices.Sort(res.Warnings)
	slices.SortStableFunc(res.Claims, func(a, b prose.Claim) int { return a.Start - b.Start })
	return res
}

// cut ends a text at the last paragraph that fits.
func cut(text string, limit int) string {
	if limit <= 0 || len(text) <= limit {
		return text
	}
	text = strings.ToValidUTF8(text[:limit], "")
	if at := strings.LastIndex(text, "\n\n"); at > limit/2 {
		text = text[:at]
	}
	return text
}

// Check makes claims of the proposals that the text bears out, and counts the others by the reason for which they are refused.
func Check(doc prose.Document, list []Proposal, by string) (claims []prose.Claim, refused map[string]int) {
	refused = map[string]int{}
	for i, p := range list {
		if i == maxProposals {
			refused["too many"] += len(list) - i
			break
		}
		c, reason := check(doc, p, by)
		if reason != "" {
			refused[reason]++
			continue
		}
		claims = append(claims, c)
	}
	return claims, refused
}

func check(doc prose.Document, p Proposal, by string) (prose.Claim, string) {
	quote := strings.TrimSpace(p.Quote)
	at := strings.Index(doc.Text, quote)
	switch {
	case len(quote) < minQuote || len(quote) > maxQuote:
		return prose.Claim{}, "its quote is too short or too long"
	case at < 0:
		return prose.Claim{}, "its quote does not stand in the text"
	case !slices.Contains(relations, p.Relation):
		return prose.Claim{}, "its relation is none of ours"
	}
	stance := prose.Stance(p.Stance)
	switch stance {
	case "":
		stance = prose.Asserts
	case prose.Asserts, prose.Doubts, prose.Denies, prose.NoEvidence, prose.NoComment:
	default:
		return prose.Claim{}, "its stance is none of ours"
	}
	subject, ok := ends(doc.Text, quote, p.Subject)
	object, ok2 := ends(doc.Text, quote, p.Object)
	if !ok || !ok2 {
		return prose.Claim{}, "it names what the text does not"
	}
	if len(subject)+len(object) == 0 && stance == prose.Asserts {
		return prose.Claim{}, "it tells of nothing"
	}
	who := prose.Source{Name: "the article", Kind: "article"}
	if w := strings.TrimSpace(p.Who); w != "" && !strings.EqualFold(w, who.Name) {
		if !strings.Contains(doc.Text, w) {
			return prose.Claim{}, "it names what the text does not"
		}
		who = prose.Source{Name: w, Inferred: "proposed"}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%v\x00%v\x00%s\x00%d", doc.Name, p.Relation, p.Subject, p.Object, by, at))
	return prose.Claim{
		ID: "claim-" + hex.EncodeToString(sum[:8]), Document: doc.Name, Who: who, Subject: subject, Relation: p.Relation, Object: object,
		Stance: stance, Trust: trust, Quote: quote, Start: at, End: at + len(quote), Rule: "proposed", Why: "proposed by " + by,
		Root: prose.Reference{Publisher: doc.Publisher, Title: doc.Title, Document: doc.Name, Date: doc.Published},
	}, ""
}

// ends are the sides of a claim. Each stands in the quote, or is a name that the text has.
func ends(text, quote string, names []string) ([]prose.Ref, bool) {
	var out []prose.Ref
	for _, n := range names {
		n = strings.TrimSpace(n)
		named := strings.ToLower(n) != n && strings.Contains(text, n)
		if n == "" || len(n) > 300 || !named && !strings.Contains(strings.ToLower(quote), strings.ToLower(n)) {
			return nil, false
		}
		out = append(out, prose.Ref{Name: n, Text: n})
	}
	return out, true
}
