package prose

import (
	"time"

	"marque/stix"
)

// Document is a text to read. Text is UTF-8; offsets in the result are bytes of it. A zero Published is inferred from a
// dateline or from dates in the text where they tell it; where they do not, relative dates stay unresolved.
type Document struct {
	Name, Title, Publisher string
	Published              time.Time
	Text                   string
	Level                  stix.TLP // up to which it may be passed on
}

// Stance is what the source does with the fact.
type Stance string

// The stances of a source towards a fact.
const (
	Asserts    Stance = "asserts"
	Doubts     Stance = "doubts"
	Denies     Stance = "denies"
	NoEvidence Stance = "no-evidence"
	NoComment  Stance = "no-comment"
)

// Ref is one side of a claim: a known entity, or a description in the text's words.
type Ref struct {
	Name    string   `json:"name"`              // canonical name, or the description
	Kind    string   `json:"kind,omitempty"`    // state, agency, actor, malware … or criminal group, system, content …
	Country string   `json:"country,omitempty"` // the state that the phrase names or the entity belongs to
	Links   []string `json:"links,omitempty"`   // entities named inside a description ("hackers linked to …")
	Aliases []string `json:"aliases,omitempty"`
	Negated bool     `json:"negated,omitempty"` // "no financial motive"
	Text    string   `json:"text,omitempty"`    // as written
}

// Source is who asserts, doubts, denies or keeps silent.
type Source struct {
	Name        string `json:"name"`                  // person, organisation, state, or "the article"
	Kind        string `json:"kind,omitempty"`        // person, company, agency, state, article …
	Affiliation string `json:"affiliation,omitempty"` // the body that a person or team speaks for
	Via         string `json:"via,omitempty"`         // as told: "Tom Burt (Microsoft)", "researchers"
	Venue       string `json:"venue,omitempty"`       // "Senate hearing 2024-09-18"
	Parties     []Ref  `json:"parties,omitempty"`     // several sources that do the same thing in one sentence
	Inferred    string `json:"inferred,omitempty"`    // why this source, where the sentence names none
}

// Count is a number with its relation: 50 devices, ">=" for "at least".
type Count struct {
	Op   string `json:"op"`
	N    int64  `json:"n"`
	Unit string `json:"unit,omitempty"`
}

// When is a span of time; From and To are inclusive days in UTC, zero where the text does not tell.
type When struct {
	From, To time.Time
	Text     string
}

// Confidence is a hedge in the words of ICD 203. Thumb rule, see data/hedges.yaml.
type Confidence struct {
	Term        string  `json:"term,omitempty"`
	Probability float64 `json:"probability,omitempty"`
}

// Claim is one fact that a source asserts, doubts or denies, with the words that say so.
type Claim struct {
	ID         string     `json:"id"`
	Document   string     `json:"document,omitempty"` // its name, as it was given
	Who        Source     `json:"who"`
	Subject    []Ref      `json:"subject,omitempty"`
	Relation   string     `json:"relation"`
	Object     []Ref      `json:"object,omitempty"`
	Stance     Stance     `json:"stance"`
	Hedge      string     `json:"hedge,omitempty"`
	Confidence Confidence `json:"confidence,omitzero"`
	Trust      float64    `json:"trust,omitempty"` // how often what is read in this way is right; 0 where nobody counted
	Count      Count      `json:"count,omitzero"`
	When       When       `json:"when,omitzero"`
	Targets    []Ref      `json:"targets,omitempty"`
	Purpose    string     `json:"purpose,omitempty"`
	Motive     []string   `json:"motive,omitempty"`
	Narrative  string     `json:"narrative,omitempty"`
	Trend      string     `json:"trend,omitempty"`
	After      string     `json:"after,omitempty"`
	Within     string     `json:"within,omitempty"`
	About      string     `json:"about,omitempty"`  // id of the claim that this one is about
	Denied     []string   `json:"denied,omitempty"` // of a denial: ids of what is said of who denies, by others
	Quote      string     `json:"quote"`
	Start      int        `json:"start"`
	End        int        `json:"end"`
	Sentence   int        `json:"sentence"`
	Rule       string     `json:"rule"`
	Why        string     `json:"why"`
	Root       Reference  `json:"root"`
}

// Mention is a name of the gazetteer, or built like one, in the text.
type Mention struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Country    string `json:"country,omitempty"`
	Text       string `json:"text"`
	Start, End int
}

// Reference is a report: the one that a document retells, or the document itself.
type Reference struct {
	Publisher string    `json:"publisher,omitempty"`
	Title     string    `json:"title,omitempty"`
	Date      time.Time `json:"date,omitzero"`
	Precision string    `json:"precision,omitempty"` // day, month or year of Date
	Document  string    `json:"document,omitempty"`  // the document, where it is its own root
	Inferred  string    `json:"inferred,omitempty"`  // why the title or date is taken to be this one
	Quote     string    `json:"quote,omitempty"`
	Start     int       `json:"start,omitempty"`
	End       int       `json:"end,omitempty"`
}

// Result is what a document yields.
type Result struct {
	Claims      []Claim
	Mentions    []Mention
	Observables []Observable
	CVEs        []string
	ATTACKIDs   []string
	Retells     []Reference
	House       Source // who speaks where nobody is named
	Period      When
	Published   time.Time // given or inferred
	Warnings    []string
}

// Limits of a document. What lies beyond is left unread, with a warning.
const (
	MaxText     = 16 << 20 // bytes
	MaxSentence = 400      // tokens; a longer one is read up to here
	MaxClaims   = 20_000
	maxQuote    = 1500 // bytes; a longer sentence is quoted around the claim's clause
)
