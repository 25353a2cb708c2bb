package claim

import (
	"marque/stix"
)

// The extension definitions of Marque (section 7.3). Their ids never change; a change of meaning gets a new version.
const (
	Extension           stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a01"
	AssessmentExtension stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a02"
	MeasureExtension    stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a03"
	OperationExtension  stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a04"
	CountsExtension     stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a05"
	LabelExtension      stix.ID = "extension-definition--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a06"
)

// MarqueIdentity is the identity that creates what Marque itself defines.
const MarqueIdentity stix.ID = "identity--8f1f7e3a-52c5-4b8e-9d0b-6f6d0f3c1a00"

// The SDO types that Marque adds.
const (
	TypeAssessment = "marque-assessment"
	TypeMeasure    = "marque-measure"
)

// Stances of a claim.
const (
	Asserts    = "asserts"
	Doubts     = "doubts"
	Denies     = "denies"
	NoEvidence = "no-evidence"
	NoComment  = "no-comment"
)

// Review states of a claim. A candidate was read by a rule and not yet looked at by a person.
const (
	Candidate = "candidate"
	Accepted  = "accepted"
	Rejected  = "rejected"
)

// Claim is the property extension that turns a relationship, sighting, note or opinion into somebody's statement: who says
// it (the object's created_by_ref), where, in which words. A statement with several subjects or objects is one claim on
// several relationships, joined by ClaimID.
type Claim struct {
	ExtensionType string         `json:"extension_type"`
	ClaimID       string         `json:"claim_id"`
	DocumentRef   stix.ID        `json:"document_ref"`
	RootRef       stix.ID        `json:"root_ref"` // the document that the statement first stood in: equal roots are one source
	Speaker       string         `json:"speaker,omitzero"`
	Quote         string         `json:"quote,omitzero"`
	QuoteStart    int            `json:"quote_start,omitzero"` // byte offsets in the document's text
	QuoteEnd      int            `json:"quote_end,omitzero"`
	Stance        string         `json:"stance"`
	Relation      Relation       `json:"relation"`
	Subjects      []Ref          `json:"subjects,omitempty"`
	Objects       []Ref          `json:"objects,omitempty"`
	Targets       []Ref          `json:"targets,omitempty"`
	About         string         `json:"about,omitzero"` // claim_id of the statement that this one is about
	Hedge         string         `json:"hedge,omitzero"`
	Alternatives  bool           `json:"alternatives,omitzero"` // its ends exclude each other: the source lists them and does not decide
	Count         *Count         `json:"count,omitzero"`
	From          stix.Timestamp `json:"from,omitzero"`
	To            stix.Timestamp `json:"until,omitzero"`
	WhenText      string         `json:"when_text,omitzero"`
	Purposes      []string       `json:"purposes,omitempty"`
	Motives       []string       `json:"motives,omitempty"`
	Narrative     string         `json:"narrative,omitzero"`
	Note          string         `json:"note,omitzero"` // after what, within what, trend: what has no field of its own
	Reliability   string         `json:"reliability"`   // Admiralty A to F: the source
	Credibility   int            `json:"credibility"`   // Admiralty 1 to 6: the statement
	Status        string         `json:"status"`
	Rule          string         `json:"rule,omitzero"`
	Why           string         `json:"why,omitzero"`
	ReviewedBy    string         `json:"reviewed_by,omitzero"` // of this version: who changed it, and why
	ReviewReason  string         `json:"review_reason,omitzero"`
}

// Ref names an end of a claim: the object it stands for, where it is one, and the words of the document.
type Ref struct {
	Ref  stix.ID `json:"ref,omitzero"`
	Text string  `json:"text"`
}

// Count is a quantity with its comparison: "at least 50" is {">=", 50, "devices"}.
type Count struct {
	Op   string  `json:"comparison"`
	N    float64 `json:"number"`
	Unit string  `json:"unit,omitzero"`
}

// Operation is the property extension of a campaign or incident that Marque judges: what was done, as facts that motive and
// state responsibility are read from. The codes are defined in docs/model.md.
type Operation struct {
	ExtensionType string   `json:"extension_type"`
	Kinds         []string `json:"kinds,omitempty"`     // intrusion, influence, ransomware, ddos, wiper, hack-and-leak
	Acts          []string `json:"acts,omitempty"`      // data-theft, encryption, ransom-demand, fee-demand, leak, …
	Sectors       []string `json:"sectors,omitempty"`   // victims' sectors
	Countries     []string `json:"countries,omitempty"` // victims' countries, ISO 3166-1 alpha-2
	Victims       []string `json:"victims,omitempty"`   // in the source's words
	DatedBy       string   `json:"dated_by,omitzero"`   // "report": the source gives no date of the operation, only of its report or disclosure
	// FirstPrecision and LastPrecision are how exactly the source knows first_seen and last_seen, where that is less than they look:
	// about-month, year. Empty: as they stand.
	FirstPrecision string    `json:"first_precision,omitzero"`
	LastPrecision  string    `json:"last_precision,omitzero"`
	DisclosedBy    []string  `json:"disclosed_by,omitempty"` // who made it public: attacker, victim, authorities, company, media, third-party
	DocumentRefs   []stix.ID `json:"document_refs,omitempty"`
	Inquiries      []Inquiry `json:"inquiries,omitempty"` // records that looked for answers to it, whether they found one or not
}

// Inquiry is a record that looked for answers to an operation. Without one, that nothing is on record says nothing.
type Inquiry struct {
	Source string         `json:"source"`
	Until  stix.Timestamp `json:"until"` // the last day of which the record can know anything
}

// Assessment is a judgement, a new SDO. It is never overwritten: a later one supersedes it.
type Assessment struct {
	stix.Common
	Question     string         `json:"question"`
	SubjectRef   stix.ID        `json:"subject_ref"`
	SubjectName  string         `json:"subject_name,omitzero"`
	AsOf         stix.Timestamp `json:"as_of"`
	Hypotheses   []Hypothesis   `json:"hypotheses"`
	Evidence     []Evidence     `json:"evidence,omitempty"`
	Motives      []MotiveShare  `json:"motives,omitempty"`
	Reserve      float64        `json:"reserve"`             // what "unknown" has at least: for the method's own error, and more where sources contest it or few can know
	Resembles    []Resemblance  `json:"resembles,omitempty"` // whom its techniques and software resemble, where no source names them
	Level        string         `json:"analytic_confidence"` // low, moderate, high (ICD 203)
	Reason       string         `json:"analytic_confidence_reason"`
	Roots        int            `json:"independent_roots"`
	Documents    int            `json:"documents"`
	Denials      []Denial       `json:"denials,omitempty"`
	Sensitivity  []Sensitivity  `json:"sensitivity,omitempty"`
	Sought       []Sought       `json:"sought,omitempty"`
	Disputed     []string       `json:"disputed,omitempty"` // the sides, where sources contradict each other
	Abstained    bool           `json:"abstained,omitzero"`
	Supersedes   stix.ID        `json:"supersedes_ref,omitzero"`
	Method       string         `json:"method"`
	InputsDigest string         `json:"inputs_digest"`
	Analyst      *Analyst       `json:"analyst,omitempty"` // what a person says; absent in a judgement that was computed
}

// Hypothesis is one answer that competes with the others.
type Hypothesis struct {
	Key            string    `json:"key"` // "unknown" or a stable name; evidence weighs by it
	Statement      string    `json:"statement"`
	ActorRef       stix.ID   `json:"actor_ref,omitzero"`
	Actor          string    `json:"actor,omitzero"`
	AlsoRefs       []stix.ID `json:"also_refs,omitempty"` // other objects that stand for the actor here: of other sources, its fronts, its unit
	SponsorRef     stix.ID   `json:"sponsor_ref,omitzero"`
	Sponsor        string    `json:"sponsor,omitzero"`        // ISO 3166-1 alpha-2
	Jointly        []string  `json:"jointly,omitempty"`       // states that acted together with the sponsor
	Responsibility string    `json:"responsibility,omitzero"` // Healey's spectrum
	Mode           string    `json:"mode,omitzero"`           // Maurer: delegation, orchestration, sanctioning
	Prior          float64   `json:"prior"`
	Probability    float64   `json:"probability"`
	Words          string    `json:"words"` // ICD 203
}

// Evidence is one piece, weighed for each hypothesis in decibans (ten times the decimal logarithm of the likelihood ratio).
type Evidence struct {
	Kind        string             `json:"kind"`
	Text        string             `json:"text"`
	Refs        []stix.ID          `json:"refs,omitempty"` // claims and objects that it rests on
	RootRef     stix.ID            `json:"root_ref,omitzero"`
	Root        string             `json:"root,omitzero"`
	Reliability string             `json:"reliability,omitzero"`
	Credibility int                `json:"credibility,omitzero"`
	Decibans    map[string]float64 `json:"decibans,omitempty"`
	Discount    string             `json:"discount,omitzero"` // why it weighs less than it could
	Basis       string             `json:"basis"`             // "learned, n=…" or "stated": where the weight comes from
}

// MotiveShare is a part of the motive mix.
type MotiveShare struct {
	Motive string  `json:"motive"`
	Share  float64 `json:"share"`
	Why    string  `json:"why,omitzero"`
}

// Resemblance is an actor whose techniques and software are alike, and whom no source names: it is no answer.
type Resemblance struct {
	ActorRef    stix.ID  `json:"actor_ref"`
	Actor       string   `json:"actor"`
	Sponsor     string   `json:"sponsor,omitzero"` // ISO 3166-1 alpha-2
	Probability float64  `json:"probability"`      // of the profile model alone
	Words       string   `json:"words"`            // ICD 203
	Why         []string `json:"why,omitempty"`    // the techniques and programs that decide, most telling first
	Takes       string   `json:"takes"`            // what it would take to make it an answer
}

// Denial is who denies the judgement, and in which words. Kind is denies or no-comment.
type Denial struct {
	ByRef stix.ID `json:"by_ref,omitzero"`
	By    string  `json:"by_name"`
	Kind  string  `json:"kind"`
	Text  string  `json:"text,omitzero"`
	Asked string  `json:"asked,omitzero"` // what a party that did not comment was asked about
	Ref   stix.ID `json:"ref,omitzero"`
}

// Sensitivity is the judgement without one root or piece of evidence.
type Sensitivity struct {
	Without     string  `json:"without"`
	Leading     string  `json:"leading"` // key of the hypothesis that leads then
	Probability float64 `json:"probability"`
	Overturns   bool    `json:"overturns,omitzero"`
}

// Sought is what was looked for, and whether it was found.
type Sought struct {
	What  string `json:"what"`
	Found bool   `json:"found"`
}
