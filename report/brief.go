package report

import (
	"time"

	"marque/attribute"
	"marque/stix"
)

// Brief is what is told about a window of time.
type Brief struct {
	Title      string         `json:"title"`
	Level      stix.TLP       `json:"tlp"`           // the strictest level of anything that it was made from: who may not see that must not see the brief
	From       stix.Timestamp `json:"from,omitzero"` // zero: from the beginning
	To         stix.Timestamp `json:"to,omitzero"`   // zero: until now
	Generated  stix.Timestamp `json:"generated"`
	Note       string         `json:"note,omitzero"` // what the reader must know first, such as that events are synthetic
	Counts     Counts         `json:"counts"`
	Summary    []Sentence     `json:"summary"`
	New        []Sentence     `json:"new"`             // what is new at the end of the window
	Matters    []Sentence     `json:"matters"`         // what weighs most
	Unsure     []Sentence     `json:"unsure"`          // what not to rely on
	Parts      []Part         `json:"parts,omitempty"` // of a brief that tells of something else than a window: what changed, a timeline
	Groups     []Group        `json:"groups"`          // of the operations, the weightiest first
	Operations []Operation    `json:"operations"`
	Others     []Row          `json:"others,omitempty"` // operations in the window without a section of their own
	Matrix     Matrix         `json:"matrix"`
	Trend      []Quarter      `json:"trend"`
	Answers    []Answer       `json:"answers,omitempty"`
	Statements []Sentence     `json:"statements,omitempty"`
	Negative   []Sentence     `json:"negative,omitempty"`
	Sightings  []Sentence     `json:"sightings,omitempty"`
	Method     []string       `json:"method"`
	References []Reference    `json:"references"`
}

// Part is a heading with sentences under it.
type Part struct {
	Heading   string     `json:"heading"`
	Sentences []Sentence `json:"sentences"`
}

// Telling is a brief of headings and sentences alone, in every format that a brief has.
func Telling(title string, level stix.TLP, from, to, generated time.Time, summary []Sentence, parts []Part) *Brief {
	b := &Brief{Title: title, Level: level, Generated: stix.At(generated), Summary: summary}
	if !from.IsZero() {
		b.From = stix.At(from)
	}
	if !to.IsZero() {
		b.To = stix.At(to)
	}
	for _, p := range parts {
		if len(p.Sentences) > 0 {
			b.Parts = append(b.Parts, p)
		}
	}
	return b
}

// Counts are what the brief is made from.
type Counts struct {
	Operations int `json:"operations"`
	Attributed int `json:"attributed"` // to a state or actor, at "likely" or more
	Blurred    int `json:"blurred"`    // with both a state and a criminal side
	Disputed   int `json:"disputed"`
	Denied     int `json:"denied"`
	Answered   int `json:"answered"` // of the attributed: a measure against actor or state is on record
	Silent     int `json:"silent"`   // of the attributed: a record asked, and has none
	Unknown    int `json:"unknown"`  // of the attributed: nobody asked
	Undated    int `json:"undated"`  // no source says in which quarter it happened: left out of the trend
	Documents  int `json:"documents"`
	Roots      int `json:"roots"` // independent sources
}

// Sentence is a statement with the numbers of its references.
type Sentence struct {
	Text string `json:"text"`
	Refs []int  `json:"refs,omitempty"`
}

// Reference is a source by number.
type Reference struct {
	Number    int     `json:"number"`
	ID        stix.ID `json:"id"`
	Publisher string  `json:"publisher,omitzero"`
	Title     string  `json:"title"`
	Date      string  `json:"date,omitzero"`
	URL       string  `json:"url,omitzero"`
	FrontPage bool    `json:"front_page,omitzero"` // the address is the publisher's, not the document's
	Retells   int     `json:"retells,omitzero"`    // the number of the report that it retells
}

// Operation is the section of one operation.
type Operation struct {
	ID          stix.ID    `json:"id"`
	Assessment  stix.ID    `json:"assessment,omitzero"`
	Name        string     `json:"name"`
	When        string     `json:"when"`
	Victims     string     `json:"victims"`
	What        []Sentence `json:"what"`
	Who         Sentence   `json:"who"`
	Why         Sentence   `json:"why"`
	HowClose    Sentence   `json:"how_close"`
	HowSure     Sentence   `json:"how_sure"`
	For         []Weighed  `json:"for,omitempty"`
	Against     []Weighed  `json:"against,omitempty"`
	Rivals      []Rival    `json:"rivals,omitempty"`
	Analysts    []Analyst  `json:"analysts,omitempty"`
	Disputed    []string   `json:"disputed,omitempty"`
	Denials     []Sentence `json:"denials"`
	Overturns   []string   `json:"overturns,omitempty"`
	Sought      []string   `json:"sought,omitempty"`
	Followed    []Sentence `json:"followed"`
	Blurred     bool       `json:"blurred"`
	Probability float64    `json:"probability"`
	Sponsor     string     `json:"sponsor,omitzero"`
}

// Weighed is a piece of evidence with what it weighs for the leading hypothesis, in decibans.
type Weighed struct {
	Sentence
	Decibans float64 `json:"decibans"`
	Discount string  `json:"discount,omitzero"`
	Basis    string  `json:"basis,omitzero"`
}

// Analyst is what a person judges beside the machine, and where the two part.
type Analyst struct {
	Name         string                 `json:"name"`
	Date         string                 `json:"date"`
	KeyJudgement string                 `json:"key_judgement"`
	Answer       string                 `json:"answer"`
	Probability  float64                `json:"probability"`
	Words        string                 `json:"words"`
	Confidence   string                 `json:"confidence"`
	Reason       string                 `json:"reason"`
	Dissent      string                 `json:"dissent,omitzero"`
	Differs      []attribute.Difference `json:"differs,omitempty"`
}

// Rival is another hypothesis.
type Rival struct {
	Statement   string  `json:"statement"`
	Probability float64 `json:"probability"`
	Words       string  `json:"words"`
}

// Row is an operation in a line.
type Row struct {
	ID          stix.ID `json:"id"`
	Name        string  `json:"name"`
	When        string  `json:"when"`
	Victims     string  `json:"victims"`
	Leading     string  `json:"leading"`
	Probability float64 `json:"probability"`
	Words       string  `json:"words"`
	Measures    int     `json:"measures"`
}

// Matrix counts operations by sponsor and target. Cells[i][j] is sponsor i against target j.
type Matrix struct {
	Sponsors     []string `json:"sponsors"`
	SponsorCodes []string `json:"sponsor_codes"` // ISO 3166-1 alpha-2
	Targets      []string `json:"targets"`
	TargetCodes  []string `json:"target_codes"` // empty for the others together
	Cells        [][]int  `json:"cells"`
}

// Answer is what is known of answers to one state's operations, in words and in numbers.
type Answer struct {
	Sentence
	State      string `json:"state"` // ISO 3166-1 alpha-2
	Operations int    `json:"operations"`
	Answered   int    `json:"answered"`
	OnlyWords  int    `json:"only_words"` // of the answered
	Silent     int    `json:"silent"`     // a record asked, and has none
	Unknown    int    `json:"unknown"`    // nobody asked
	Named      int    `json:"named"`      // of those not answered: somebody was named, and no more
	Until      string `json:"until,omitzero"`
	Share      *Share `json:"share_of_asked,omitempty"`
}

// Share is a part with its 95 % interval.
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Quarter is a point of the blurred line.
type Quarter struct {
	Label      string  `json:"label"` // "2024 Q2"
	Operations int     `json:"operations"`
	Blurred    int     `json:"blurred"`
	Share      float64 `json:"share"`
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}
