package profile

import (
	"errors"
	"fmt"
	"time"
)

// Kind tells what a feature is.
type Kind string

// The kinds of features, named as STIX names their objects.
const (
	Technique Kind = "attack-pattern"
	Malware   Kind = "malware"
	Tool      Kind = "tool"
)

// Actor is somebody who can be named: an intrusion set or a threat actor.
type Actor struct {
	ID      string
	Name    string
	Aliases []string
	// Sponsor is the ISO 3166 code of the country that the actor is said to work for or from, empty when not
	// known. Config.Sponsors overrides it.
	Sponsor string
}

// Feature is something an operation can show: a technique, a malware or a tool.
type Feature struct {
	ID   string
	Name string
	Kind Kind
	// External is the catalogue's number, such as "T1059.001". What stands before the dot is the technique that
	// a sub-technique backs off to. Techniques with the same number are one feature.
	External string
	// Aliases are other names of a program.
	Aliases []string
	// Gone tells that the catalogue has withdrawn the feature: a name that it shares with another is the other's.
	Gone bool
	// Successor is the id of the feature that took its place; empty where none did.
	Successor string
}

// Citation is a dated report that supports a statement.
type Citation struct {
	Source string
	// Root is the report that Source retells; empty when Source is its own root.
	Root string
	Date time.Time
}

// Use states that an actor, or a campaign, uses a feature.
type Use struct {
	User      string // an Actor's or a campaign's id
	Feature   string
	Citations []Citation
}

// Carry states that a software implements a technique.
type Carry struct {
	Software  string
	Technique string
	Citations []Citation
}

// Attribution states that a campaign is the work of an actor.
type Attribution struct {
	Campaign  string
	Actor     string
	Citations []Citation
}

// Mention states that reports speak about an actor or a software.
type Mention struct {
	Object    string
	Citations []Citation
}

// Corpus is what history says. Statements without a dated citation are ignored: nobody knows since when they
// were known.
type Corpus struct {
	Actors       []Actor
	Features     []Feature
	Uses         []Use
	Carries      []Carry
	Attributions []Attribution
	Mentions     []Mention
}

// ErrCorpus is wrapped by every problem that Validate finds.
var ErrCorpus = errors.New("corpus not usable")

// Validate returns every structural problem at once: empty and repeated ids, kinds that are none.
func (c *Corpus) Validate() error {
	var problems []error
	seen := make(map[string]bool, len(c.Actors)+len(c.Features))
	check := func(what string, i int, id string) {
		if id == "" || seen[id] {
			problems = append(problems, fmt.Errorf("%w: %s %d: id %q empty or repeated", ErrCorpus, what, i, id))
		}
		seen[id] = true
	}
	for i, a := range c.Actors {
		check("actor", i, a.ID)
		if a.ID == Unknown {
			problems = append(problems, fmt.Errorf("%w: actor %d: id %q is reserved", ErrCorpus, i, a.ID))
		}
	}
	for i, f := range c.Features {
		check("feature", i, f.ID)
		switch f.Kind {
		case Technique, Malware, Tool:
		default:
			problems = append(problems, fmt.Errorf("%w: feature %d: kind %q unknown", ErrCorpus, i, f.Kind))
		}
	}
	return errors.Join(problems...)
}
