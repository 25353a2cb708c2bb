package stix

import "github.com/go-json-experiment/json/jsontext"

// Common holds the properties that all SDOs, SROs and most meta objects share (section 3.2).
type Common struct {
	Type         string              `json:"type"`
	SpecVersion  string              `json:"spec_version,omitzero"`
	ID           ID                  `json:"id"`
	CreatedByRef ID                  `json:"created_by_ref,omitzero"`
	Created      Timestamp           `json:"created,omitzero"`
	Modified     Timestamp           `json:"modified,omitzero"`
	Revoked      bool                `json:"revoked,omitzero"`
	Labels       []string            `json:"labels,omitempty"`
	Confidence   *int                `json:"confidence,omitzero"`
	Lang         string              `json:"lang,omitzero"`
	References   []ExternalReference `json:"external_references,omitempty"`
	MarkingRefs  []ID                `json:"object_marking_refs,omitempty"`
	Granular     []GranularMarking   `json:"granular_markings,omitempty"`
	Extensions   Extensions          `json:"extensions,omitempty"`
}

// Extensions is the content of an object's extensions, by the id of the extension definition.
type Extensions map[string]jsontext.Value

// NewCommon begins an object that Marque makes: version 2.1, created and modified at the same instant.
func NewCommon(id ID, at Timestamp, by ID) Common {
	return Common{Type: id.Type(), SpecVersion: "2.1", ID: id, Created: at, Modified: at, CreatedByRef: by}
}

// ExternalReference is section 2.5.
type ExternalReference struct {
	SourceName  string            `json:"source_name"`
	Description string            `json:"description,omitzero"`
	URL         string            `json:"url,omitzero"`
	Hashes      map[string]string `json:"hashes,omitempty"`
	ExternalID  string            `json:"external_id,omitzero"`
}

// KillChainPhase is section 2.11.
type KillChainPhase struct {
	KillChainName string `json:"kill_chain_name"`
	PhaseName     string `json:"phase_name"`
}

// AttackPattern is section 4.1.
type AttackPattern struct {
	Common
	Name            string           `json:"name"`
	Description     string           `json:"description,omitzero"`
	Aliases         []string         `json:"aliases,omitempty"`
	KillChainPhases []KillChainPhase `json:"kill_chain_phases,omitempty"`
}

// Campaign is section 4.2. Marque keeps an operation as a campaign.
type Campaign struct {
	Common
	Name        string    `json:"name"`
	Description string    `json:"description,omitzero"`
	Aliases     []string  `json:"aliases,omitempty"`
	FirstSeen   Timestamp `json:"first_seen,omitzero"`
	LastSeen    Timestamp `json:"last_seen,omitzero"`
	Objective   string    `json:"objective,omitzero"`
}

// CourseOfAction is section 4.3.
type CourseOfAction struct {
	Common
	Name        string `json:"name"`
	Description string `json:"description,omitzero"`
}

// Grouping is section 4.4: objects that have something in common.
type Grouping struct {
	Common
	Name        string `json:"name,omitzero"`
	Description string `json:"description,omitzero"`
	Context     string `json:"context"`
	ObjectRefs  []ID   `json:"object_refs"`
}

// Identity is section 4.5: states, organisations, sectors, persons, classes of victims.
type Identity struct {
	Common
	Name        string   `json:"name"`
	Description string   `json:"description,omitzero"`
	Roles       []string `json:"roles,omitempty"`
	Class       string   `json:"identity_class,omitzero"`
	Sectors     []string `json:"sectors,omitempty"`
	Contact     string   `json:"contact_information,omitzero"`
}

// Incident is section 4.6, a stub in the specification: what happened in one place.
type Incident struct {
	Common
	Name        string `json:"name"`
	Description string `json:"description,omitzero"`
}

// Indicator is section 4.7.
type Indicator struct {
	Common
	Name            string           `json:"name,omitzero"`
	Description     string           `json:"description,omitzero"`
	IndicatorTypes  []string         `json:"indicator_types,omitempty"`
	Pattern         string           `json:"pattern"`
	PatternType     string           `json:"pattern_type"`
	PatternVersion  string           `json:"pattern_version,omitzero"`
	ValidFrom       Timestamp        `json:"valid_from"`
	ValidUntil      Timestamp        `json:"valid_until,omitzero"`
	KillChainPhases []KillChainPhase `json:"kill_chain_phases,omitempty"`
}

// Infrastructure is section 4.8.
type Infrastructure struct {
	Common
	Name        string    `json:"name"`
	Description string    `json:"description,omitzero"`
	Types       []string  `json:"infrastructure_types,omitempty"`
	Aliases     []string  `json:"aliases,omitempty"`
	FirstSeen   Timestamp `json:"first_seen,omitzero"`
	LastSeen    Timestamp `json:"last_seen,omitzero"`
}

// IntrusionSet is section 4.9.
type IntrusionSet struct {
	Common
	Name                 string    `json:"name"`
	Description          string    `json:"description,omitzero"`
	Aliases              []string  `json:"aliases,omitempty"`
	FirstSeen            Timestamp `json:"first_seen,omitzero"`
	LastSeen             Timestamp `json:"last_seen,omitzero"`
	Goals                []string  `json:"goals,omitempty"`
	ResourceLevel        string    `json:"resource_level,omitzero"`
	PrimaryMotivation    string    `json:"primary_motivation,omitzero"`
	SecondaryMotivations []string  `json:"secondary_motivations,omitempty"`
}

// Location is section 4.10.
type Location struct {
	Common
	Name        string   `json:"name,omitzero"`
	Description string   `json:"description,omitzero"`
	Latitude    *float64 `json:"latitude,omitzero"`
	Longitude   *float64 `json:"longitude,omitzero"`
	Region      string   `json:"region,omitzero"`
	Country     string   `json:"country,omitzero"` // ISO 3166-1 alpha-2
}

// Malware is section 4.11.
type Malware struct {
	Common
	Name            string           `json:"name,omitzero"`
	Description     string           `json:"description,omitzero"`
	Types           []string         `json:"malware_types,omitempty"`
	IsFamily        bool             `json:"is_family"`
	Aliases         []string         `json:"aliases,omitempty"`
	KillChainPhases []KillChainPhase `json:"kill_chain_phases,omitempty"`
}

// Note is section 4.13. "Did not respond to a request for comment" is kept as a note on the claim.
type Note struct {
	Common
	Abstract   string   `json:"abstract,omitzero"`
	Content    string   `json:"content"`
	Authors    []string `json:"authors,omitempty"`
	ObjectRefs []ID     `json:"object_refs"`
}

// Opinion is section 4.15. A denial is an opinion, strongly-disagree, on the claim that is denied.
type Opinion struct {
	Common
	Explanation string   `json:"explanation,omitzero"`
	Authors     []string `json:"authors,omitempty"`
	Opinion     string   `json:"opinion"`
	ObjectRefs  []ID     `json:"object_refs"`
}

// Report is section 4.16: a document that says something.
type Report struct {
	Common
	Name        string    `json:"name"`
	Description string    `json:"description,omitzero"`
	ReportTypes []string  `json:"report_types,omitempty"`
	Published   Timestamp `json:"published"`
	ObjectRefs  []ID      `json:"object_refs"`
}

// ThreatActor is section 4.17.
type ThreatActor struct {
	Common
	Name                 string    `json:"name"`
	Description          string    `json:"description,omitzero"`
	Types                []string  `json:"threat_actor_types,omitempty"`
	Aliases              []string  `json:"aliases,omitempty"`
	FirstSeen            Timestamp `json:"first_seen,omitzero"`
	LastSeen             Timestamp `json:"last_seen,omitzero"`
	Roles                []string  `json:"roles,omitempty"`
	Goals                []string  `json:"goals,omitempty"`
	Sophistication       string    `json:"sophistication,omitzero"`
	ResourceLevel        string    `json:"resource_level,omitzero"`
	PrimaryMotivation    string    `json:"primary_motivation,omitzero"`
	SecondaryMotivations []string  `json:"secondary_motivations,omitempty"`
}

// Tool is section 4.18.
type Tool struct {
	Common
	Name        string   `json:"name"`
	Description string   `json:"description,omitzero"`
	ToolTypes   []string `json:"tool_types,omitempty"`
	Aliases     []string `json:"aliases,omitempty"`
}

// Vulnerability is section 4.19.
type Vulnerability struct {
	Common
	Name        string `json:"name"`
	Description string `json:"description,omitzero"`
}

// Relationship is section 5.1.
type Relationship struct {
	Common
	RelationshipType string    `json:"relationship_type"`
	Description      string    `json:"description,omitzero"`
	SourceRef        ID        `json:"source_ref"`
	TargetRef        ID        `json:"target_ref"`
	StartTime        Timestamp `json:"start_time,omitzero"`
	StopTime         Timestamp `json:"stop_time,omitzero"`
}

// Sighting is section 5.2.
type Sighting struct {
	Common
	Description      string    `json:"description,omitzero"`
	FirstSeen        Timestamp `json:"first_seen,omitzero"`
	LastSeen         Timestamp `json:"last_seen,omitzero"`
	Count            *int      `json:"count,omitzero"`
	SightingOfRef    ID        `json:"sighting_of_ref"`
	ObservedDataRefs []ID      `json:"observed_data_refs,omitempty"`
	WhereSightedRefs []ID      `json:"where_sighted_refs,omitempty"`
	Summary          bool      `json:"summary,omitzero"`
}

// Observable is a cyber observable whose meaning is one value: addresses, domain names, URLs (section 6).
type Observable struct {
	Common
	Value string `json:"value"`
}

// NewObservable makes a single-value observable with its deterministic id.
func NewObservable(typ, value string) (*Object, error) {
	id, _ := ObservableID(typ, map[string]any{"value": value})
	return New(Observable{Common: Common{Type: typ, SpecVersion: "2.1", ID: id}, Value: value})
}
