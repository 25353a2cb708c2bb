package attribute

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"marque/claim"
	"marque/graph"
	"marque/stix"
)

// Options are what a judgement needs beside the case and the graph.
type Options struct {
	History *History       // from Learn; nil: stated priors and weights
	Profile *Profile       // from the profile model; nil: none
	By      stix.ID        // who judges; empty: Marque
	Created stix.Timestamp // when; zero: the graph's day, else the date of the latest claim
	Suppose Supposition    // what is supposed to be otherwise than it is on record
}

// judgement is one judgement at work.
type judgement struct {
	g        *graph.Graph
	c        *Case
	h        *History
	profile  *Profile
	f        *field
	ps       []position
	pieces   []piece
	prior    prior
	probs    []float64
	roots    []stix.ID        // of statements
	enforced []*claim.Measure // measures that stop people
	traces   []trace
	disputes []string // the sides, where sources contradict each other
	known    bool     // two who can know attribute it
}

// Judge weighs the hypotheses of a case and returns the assessment. It is pure: the same inputs give the same assessment.
func Judge(g *graph.Graph, c Case, o Options) claim.Assessment {
	o.Profile = o.Profile.shortlist()
	c = o.Suppose.of(c)
	j := &judgement{g: g, c: &c, h: o.History, profile: o.Profile, enforced: enforcements(g)}
	j.ps = positions(g, &c)
	j.traces = traces(g, &c)
	j.f = hypotheses(g, &c, j.ps, j.traces, o.Profile)
	j.prior = o.History.priorFor(&c)
	j.f.setPriors(j.prior)
	o.Suppose.priors(j.f)
	j.statements()
	j.responses()
	j.ties()
	j.conduct()
	j.weighTraces()
	j.traits()
	j.timing()
	j.profileEvidence()
	j.pieces = o.Suppose.keep(j.pieces)
	j.sortPieces()
	j.roots = j.statementRoots()
	j.disputes, j.known = j.disputed(), j.firstHand()
	j.probs = j.combine("", true)
	return j.assessment(o)
}

// sortPieces fixes the order that the arithmetic runs in.
func (j *judgement) sortPieces() {
	slices.SortStableFunc(j.pieces, func(a, b piece) int {
		return cmp.Or(cmp.Compare(a.root, b.root), cmp.Compare(a.dim, b.dim), cmp.Compare(a.kind, b.kind), cmp.Compare(a.text, b.text), slices.Compare(a.refs, b.refs))
	})
}

// contribution is what one piece adds to one hypothesis.
type contribution struct {
	piece int
	db    float64
}

// combine adds up the evidence of all roots but one and returns the probabilities, in the order of the hypotheses. With keep
// set it notes on each piece what it counted for.
func (j *judgement) combine(without stix.ID, keep bool) []float64 {
	byRoot := map[stix.ID][]int{}
	var roots []stix.ID
	for i := range j.pieces {
		r := j.pieces[i].root
		if keep {
			j.pieces[i].effective = map[string]float64{}
		}
		if r == without && without != "" {
			continue
		}
		if byRoot[r] == nil {
			roots = append(roots, r)
		}
		byRoot[r] = append(byRoot[r], i)
	}
	vectors := map[stix.ID]map[string][]contribution{}
	strength := map[stix.ID]float64{}
	for _, r := range roots {
		vectors[r], strength[r] = j.rootVector(byRoot[r])
	}
	slices.SortFunc(roots, func(a, b stix.ID) int { return cmp.Or(cmp.Compare(strength[b], strength[a]), cmp.Compare(a, b)) })
	sums := make([]float64, len(j.f.list))
	for i, h := range j.f.list {
		sums[i] = 10*math.Log10(h.prior) + j.addUp(h, roots, vectors, keep)
	}
	return j.withDoubt(softmax(sums))
}

// addUp sums the roots for one hypothesis; each further root for the same answer counts a little less.
func (j *judgement) addUp(h *hypothesis, roots []stix.ID, vectors map[stix.ID]map[string][]contribution, keep bool) float64 {
	sum := 0.0
	heard := map[string]float64{}
	for _, r := range roots {
		for _, con := range vectors[r][h.key] {
			p := &j.pieces[con.piece]
			key := p.dim + sign(con.db)
			if heard[key] == 0 {
				heard[key] = 1
			}
			db := con.db * heard[key]
			heard[key] *= corroborationDecay
			sum += db
			if keep {
				p.effective[h.key] += db
			}
		}
	}
	return sum
}

func sign(x float64) string {
	if x < 0 {
		return "-"
	}
	return "+"
}

// rootVector is what one root says for each hypothesis: in each dimension its strongest piece for and its strongest against.
// Where that moves one hypothesis against another by more than a single source may, all of it is scaled down. The profile
// does not outweigh sources by more than one of them could.
func (j *judgement) rootVector(pieces []int) (map[string][]contribution, float64) {
	vec := map[string][]contribution{}
	low, high := 0.0, 0.0
	for _, h := range j.f.list {
		best := map[string]contribution{}
		for _, i := range pieces {
			p := &j.pieces[i]
			db := p.weights[h.key] * p.factor
			if db == 0 {
				continue
			}
			key := p.dim + sign(db)
			if cur, ok := best[key]; !ok || math.Abs(db) > math.Abs(cur.db) {
				best[key] = contribution{i, db}
			}
		}
		total := 0.0
		for _, dim := range dimensions {
			for _, s := range []string{"+", "-"} {
				if con, ok := best[dim+s]; ok {
					vec[h.key] = append(vec[h.key], con)
					total += con.db
				}
			}
		}
		low, high = min(low, total), max(high, total)
	}
	if span := high - low; span > rootCap {
		for _, cons := range vec {
			for i := range cons {
				cons[i].db *= rootCap / span
			}
		}
		return vec, rootCap
	}
	return vec, high - low
}

// softmax turns decibans into probabilities.
func softmax(db []float64) []float64 {
	top := slices.Max(db)
	out := make([]float64, len(db))
	sum := 0.0
	for i, x := range db {
		out[i] = math.Pow(10, (x-top)/10)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}

// withDoubt leaves a little to unknown for the method's own error, and more where sources contest it or fewer than two
// who can know attribute it.
func (j *judgement) withDoubt(p []float64) []float64 {
	unknown := slices.IndexFunc(j.f.list, func(h *hypothesis) bool { return h.key == unknownKey })
	for i := range p {
		p[i] *= 1 - methodDoubt
	}
	p[unknown] += methodDoubt
	if rest, least := 1-p[unknown], j.reserve(); p[unknown] < least {
		for i := range p {
			p[i] *= (1 - least) / rest
		}
		p[unknown] = least
	}
	return p
}

// reserve is what "unknown" has at least.
func (j *judgement) reserve() float64 {
	if len(j.disputes) > 0 || !j.known {
		return contestedDoubt
	}
	return methodDoubt
}

// statementRoots lists the independent sources that attribute the operation.
func (j *judgement) statementRoots() []stix.ID {
	var out []stix.ID
	for _, p := range j.ps {
		if p.claim.Stance == claim.Asserts && !p.early {
			out = append(out, p.claim.Root)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// leading is the index of the most probable hypothesis; of equals the first by key.
func leading(probs []float64) int {
	best := 0
	for i, p := range probs {
		if p > probs[best]+1e-9 {
			best = i
		}
	}
	return best
}

// assessment puts the judgement into its object.
func (j *judgement) assessment(o Options) claim.Assessment {
	digest := j.digest(o)
	created := o.Created
	if created.IsZero() {
		created = stix.At(j.day())
	}
	by := cmp.Or(o.By, claim.MarqueIdentity)
	a := claim.Assessment{
		Common:     stix.NewCommon(stix.DerivedID(claim.TypeAssessment, string(j.c.Subject), digest), created, by),
		Question:   "Who stands behind " + j.c.Name + ", and how close does a state stand to it?",
		SubjectRef: j.c.Subject, SubjectName: j.c.Name, AsOf: stix.At(j.day()),
		Roots: len(j.roots), Documents: j.documents(), Method: Method, InputsDigest: digest,
	}
	if old := j.g.Assessment(j.c.Subject); old != a.ID {
		a.Supersedes = old
	}
	_ = a.Extensions.Extend(claim.AssessmentExtension, map[string]string{"extension_type": "new-sdo"}) // a map of strings marshals
	lead := leading(j.probs)
	for i, h := range j.f.list {
		a.Hypotheses = append(a.Hypotheses, j.hypothesis(h, j.probs[i]))
	}
	slices.SortStableFunc(a.Hypotheses, func(x, y claim.Hypothesis) int {
		return cmp.Or(cmp.Compare(y.Probability, x.Probability), cmp.Compare(x.Key, y.Key))
	})
	a.Evidence = j.evidence()
	a.Motives = Motives(j.g, j.c)
	a.Denials = j.denials()
	a.Sensitivity = j.sensitivity(lead)
	a.Sought = j.sought(j.f.list[lead])
	a.Disputed = j.disputes
	a.Resembles, a.Reserve = j.resembles(), j.reserve()
	a.Abstained = j.f.list[lead].key == unknownKey || j.probs[lead] < AbstainBelow
	a.Level, a.Reason = j.confidence(&a, lead)
	return a
}

func (j *judgement) hypothesis(h *hypothesis, p float64) claim.Hypothesis {
	out := claim.Hypothesis{
		Key: h.key, Statement: j.f.statement(h), ActorRef: h.actor, AlsoRefs: j.f.others(h.actor), Actor: h.name, Sponsor: h.sponsor, Jointly: h.allies,
		Prior: round(h.prior, 4), Probability: round(p, 4), Words: Words(p),
	}
	if h.sponsor != "" {
		out.SponsorRef = j.g.StateEntity(h.sponsor)
	}
	if h.key != unknownKey {
		out.Responsibility, out.Mode, _ = j.spectrum(h)
	}
	return out
}

// evidence lists the pieces, the most telling first.
func (j *judgement) evidence() []claim.Evidence {
	var out []claim.Evidence
	for i := range j.pieces {
		p := &j.pieces[i]
		e := claim.Evidence{Kind: p.kind, Text: p.text, Refs: p.refs, RootRef: p.root, Root: j.rootName(p.root), Decibans: map[string]float64{}, Discount: p.discount, Basis: p.basis}
		if p.claim != nil {
			e.Reliability, e.Credibility = p.claim.Reliability, p.claim.Credibility
		}
		for k, db := range p.effective {
			if db = round(db, 2); db != 0 {
				e.Decibans[k] = db
			}
		}
		if len(e.Decibans) == 0 && p.factor != 0 && len(p.weights) > 0 {
			e.Discount = strings.TrimPrefix(e.Discount+"; the same source says more on this elsewhere: it counts once", "; ")
		}
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b claim.Evidence) int { return cmp.Compare(diagnosticity(b), diagnosticity(a)) })
	return out
}

// diagnosticity is how far a piece separates the hypotheses: Heuer's reason to put it first.
func diagnosticity(e claim.Evidence) float64 {
	low, high := 0.0, 0.0
	for _, db := range e.Decibans {
		low, high = min(low, db), max(high, db)
	}
	return high - low
}

func (j *judgement) rootName(root stix.ID) string {
	if root == timingRoot(j.c.Subject) {
		return "the hours at which it was seen"
	}
	if d := j.g.Document(root); d != nil {
		return cmp.Or(d.Name, d.Publisher)
	}
	if j.g.Entity(root) != nil {
		return j.g.Name(root)
	}
	return ""
}

func (j *judgement) documents() int {
	var docs []stix.ID
	for _, p := range j.ps {
		docs = append(docs, cmp.Or(p.claim.Document, p.claim.Source))
	}
	slices.Sort(docs)
	return len(slices.Compact(docs))
}

// day is as of when the judgement holds: the graph's day, else the date of the latest claim.
func (j *judgement) day() time.Time {
	day := j.g.AsOf
	if day.IsZero() {
		for _, c := range j.c.Claims {
			if c.Date.After(day) {
				day = c.Date
			}
		}
	}
	if day.IsZero() {
		day = j.c.When
	}
	if day.IsZero() {
		day = time.Unix(0, 0)
	}
	return day
}

// digest names the inputs: method, day, case, claims, base rates, profile.
func (j *judgement) digest(o Options) string {
	in := struct {
		Method   string
		AsOf     time.Time
		Case     Case
		Profile  *Profile
		Prior    map[string]float64
		Basis    string
		Evidence []string
		Measures []stix.ID
	}{Method: Method, AsOf: j.g.AsOf, Case: *j.c, Profile: o.Profile, Prior: map[string]float64{}, Basis: j.prior.basis}
	for _, h := range j.f.list {
		in.Prior[h.key] = round(h.prior, 9)
		for _, m := range j.homeMeasures(h) {
			in.Measures = append(in.Measures, m.ID)
		}
	}
	for i := range j.pieces {
		p := &j.pieces[i]
		in.Evidence = append(in.Evidence, fmt.Sprint(p.dim, p.kind, p.text, p.root, p.refs, p.factor, p.basis, p.weights))
	}
	raw, err := json.Marshal(in, json.Deterministic(true))
	if err != nil {
		raw = []byte(err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

func round(x float64, digits int) float64 {
	f := math.Pow10(digits)
	return math.Round(x*f) / f
}
