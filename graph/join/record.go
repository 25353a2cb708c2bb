package join

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Record is an operation as one source has it.
type Record struct {
	ID     string
	Source string   // the list that it stands in; "document" for what was read from a text
	Own    bool     // it was read from a text of its own: nobody kept it apart from the others of its source
	Names  []string // title and aliases
	Text   string   // description and whatever else the source says in words
	// First and Last are when it happened, as far as the source says; zero where it does not. Coarse dates stand at the first
	// day of their year or month.
	First, Last time.Time
	Countries   []string // of the victims, ISO 3166-1 alpha-2
	Places      []string // countries that the text names, where nobody says which are the victims'
	Sectors     []string // of the victims
	Victims     []string // by name
	Kinds       []string // what was done
	Actors      []Actor  // to whom it is attributed
	States      []string // to which it is attributed
	Software    []string // by name
	Documents   []string // addresses of what it cites
}

// Actor is to whom an operation is attributed, by all that it is called; its own name first. Two that share a name are one here.
type Actor struct {
	Names []string
}

// Decision is a person's word on two records.
type Decision struct {
	A, B string
	Kind Kind
	Why  string
	At   time.Time // of two decisions on a pair, the later counts
}

// Kind is what a person says of two records.
type Kind int

// What a person can say: they tell of one operation, they do not, A tells of a part of B.
const (
	Same Kind = iota
	NotSame
	Part
)

// Link is a pair of records that was weighed, or decided.
type Link struct {
	A, B        string // A < B
	Probability float64
	Why         []string // what spoke for it and against it, weightiest first
	Decided     bool     // by a person
}

// Member is a record of a cluster.
type Member struct {
	ID          string
	Part        bool // it tells of a part of what the cluster tells of
	Probability float64
	Why         []string // reasons of the link that brings it in; empty at the first
}

// Cluster are the records of one operation; the first stands for it.
type Cluster struct {
	Members []Member
}

// Result is what was found.
type Result struct {
	Clusters []Cluster // of two records and more, by their first
	Review   []Link    // pairs between the thresholds, most probable first
}

// Thresholds of a probability.
const (
	Joined = .55 // and above: the join counts
	Twice  = .90 // and above: the same, of two records of one list, whose editors kept them apart
	Open   = .25 // and above: it waits for a person
)

// Find joins records.
func Find(records []Record, decisions []Decision) Result {
	rs := slices.Clone(records)
	slices.SortFunc(rs, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	c := newCorpus(rs)
	links := c.weigh()
	return c.settle(links, decisions)
}

// Weighed is what a pair comes to.
type Weighed struct {
	Features Features
	Odds     float64 // log-odds of the features
	Lead     float64 // by how much it is ahead of the rivals
	OneList  bool
}

// Pairs weighs all pairs that have anything in common, for those who learn the weights.
func Pairs(records []Record) map[[2]string]Weighed {
	rs := slices.Clone(records)
	slices.SortFunc(rs, func(a, b Record) int { return cmp.Compare(a.ID, b.ID) })
	c := newCorpus(rs)
	out := map[[2]string]Weighed{}
	for _, s := range c.score(math.Inf(-1)) {
		out[[2]string{rs[s.a].ID, rs[s.b].ID}] = Weighed{s.f, s.odds, s.lead, s.f.OneList > 0}
	}
	return out
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
