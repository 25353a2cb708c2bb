package predicate

import "marque/ingest/prose/language"

// Class is how a predicate is expressed.
type Class uint8

// Classes of predicates.
const (
	Verb       Class = iota
	Act              // a noun that tells an act: "the breach of the ministry"
	Copula           // "is a group": the lemma is be, the attribute an argument
	Apposition       // "Turla, a group": as a copula, by position
)

var classNames = [...]string{"verb", "act", "copula", "apposition"}

// String names the class.
func (c Class) String() string { return classNames[c] }

// Role is what an argument is to its predicate.
type Role uint8

// Roles. Agent and Patient are those of the act, whatever the voice.
const (
	Agent     Role = iota // who does it
	Patient               // whom or what it is done to
	Recipient             // the indirect object
	Attribute             // what the agent of a copula is
	Content               // the clause that is said, thought, planned; Clause is its predicate
	Oblique               // with a preposition, which Prep has
)

var roleNames = [...]string{"agent", "patient", "recipient", "attribute", "content", "oblique"}

// String names the role.
func (r Role) String() string { return roleNames[r] }

// Argument is a phrase that takes part.
type Argument struct {
	Role        Role
	Prep        string // lemma of the preposition of an oblique
	Sentence    int    // where the phrase stands: of another sentence for an item of a list
	Head        int    // token
	First, Last int    // tokens of the phrase without its conjuncts and relative clauses: First ≤ i < Last
	Clause      int    // predicate that it is the head of, for Content; −1 for none
	Inferred    bool   // the phrase is no child of the predicate: it comes from control, coordination, a relative clause or a list
}

// Time is when a predicate holds, by its form.
type Time uint8

// Times.
const (
	Untold Time = iota // infinitives, participles and nouns tell none of their own
	Past
	Present
	Future
)

var timeNames = [...]string{"untold", "past", "present", "future"}

// String names the time.
func (t Time) String() string { return timeNames[t] }

// Predicate is one act or state.
type Predicate struct {
	Lemma       string // of the verb; of an act the verb that tells the same
	Particle    string // "carry out"
	Class       Class
	Sentence    int
	Head        int // token
	Time        Time
	Perfect     bool
	Progressive bool
	Passive     bool
	Negated     bool
	Modal       string // lemma of can, may, might, must, should, would
	Marker      string // word that leads the clause in: if, because, after
	Relation    string // of the clause to what it hangs on: root, conj, ccomp, xcomp, advcl, acl:relcl …
	Under       int    // predicate that it hangs on; −1 for none
	Args        []Argument
}

// Of returns the arguments with a role.
func (p *Predicate) Of(r Role) []Argument {
	var list []Argument
	for _, a := range p.Args {
		if a.Role == r {
			list = append(list, a)
		}
	}
	return list
}

// Read returns the predicates of a text by sentence. The indices Under and Clause point within the same sentence.
func Read(t *language.Text) [][]Predicate {
	all := make([][]Predicate, len(t.Sentences))
	for i := range t.Sentences {
		all[i] = Sentence(t.Sentences[i].Tokens)
		for k := range all[i] {
			all[i][k].Sentence = i
			for a := range all[i][k].Args {
				all[i][k].Args[a].Sentence = i
			}
		}
	}
	items(t, all)
	return all
}
