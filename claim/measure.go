package claim

import "marque/stix"

// Measure is something done to deter, a new SDO.
type Measure struct {
	stix.Common
	Name        string         `json:"name"`
	Description string         `json:"description,omitzero"`
	Kind        string         `json:"kind"`                // one of MeasureKinds
	Date        stix.Timestamp `json:"date,omitzero"`       // absent where the source gives none: the operation's date is not the measure's
	DatePart    string         `json:"date_part,omitzero"`  // month or year where no more of the date is known
	DateAfter   stix.Timestamp `json:"date_after,omitzero"` // it was taken after this and by Date: two versions of a list know no more
	By          []string       `json:"by_names,omitempty"`  // countries, ISO 3166-1 alpha-2, or bodies such as EU
	ByRefs      []stix.ID      `json:"by_refs,omitempty"`
	AgainstRefs []stix.ID      `json:"against_refs,omitempty"` // actors, persons, sites
	// AgainstStates are the states of those whom it is aimed at, or that it accuses, ISO 3166-1 alpha-2.
	AgainstStates []string  `json:"against_states,omitempty"`
	OperationRef  []stix.ID `json:"operation_refs,omitempty"` // operations that it answers by its source's own word; others say so by claims
	LegalBasis    string    `json:"legal_basis,omitzero"`
	Status        string    `json:"status,omitzero"` // one of MeasureStatuses; earlier versions have earlier ones
	Codes         []string  `json:"codes,omitempty"` // the source's own
	// Certainty is how sure whoever wrote it down from memory was: sure, likely, uncertain. CheckedBy is what it was held against;
	// what has a certainty and nothing here is unchecked.
	Certainty    string    `json:"certainty,omitzero"`
	CheckedBy    string    `json:"checked_by,omitzero"`
	DocumentRefs []stix.ID `json:"document_refs,omitempty"`
}

// Kinds of measures that the code names.
const (
	Sanctions = "sanctions"
	Delisting = "delisting"
	ListEntry = "list-change"
)

// MeasureKinds are the kinds of measures, each with what it means. docs/model.md has the same table.
var MeasureKinds = []Code{
	{Sanctions, "assets frozen, entry or trade forbidden: somebody is put on a list"},
	{Delisting, "somebody is taken off a list"},
	{ListEntry, "what a list says of somebody changes"},
	{"indictment", "charges before a court"},
	{"arrest-warrant", "a court or prosecutor has somebody sought"},
	{"arrest", "somebody is taken into custody"},
	{"extradition", "somebody is handed over to another state"},
	{"conviction", "a court finds somebody guilty"},
	{"seizure", "domains, servers, money are taken by order of a court"},
	{"takedown", "infrastructure is switched off or taken over"},
	{"public-attribution", "a state or body says who did it"},
	{"joint-statement", "several say so in one text"},
	{"expulsion", "diplomats are sent home"},
	{"recall", "an ambassador is called home"},
	{"severance", "diplomatic relations are broken off"},
	{"summons", "an ambassador is called in"},
	{"protest", "a state complains"},
	{"reward", "money is offered for information"},
	{"advisory", "victims are told what to do"},
	{"export-control", "trade with somebody needs a licence, or is forbidden"},
	{"countermeasure", "an act that would breach an obligation, were it not an answer"},
	{"cyber-operation", "an operation of one's own that a state owns up to, or that is reported of it"},
	{"legislation", "rules that make measures possible"},
	{"agreement", "states agree not to"},
	{"other", "anything else"},
}

// MeasureStatuses are what becomes of a measure.
var MeasureStatuses = []Code{
	{"announced", "said and not done yet"},
	{"in-force", "it holds"},
	{"pending", "before a court"},
	{"done", "it happened, and that is all of it"},
	{"lifted", "it held and holds no more"},
}

// Code is a word of a code list with its meaning.
type Code struct{ Code, Meaning string }

// Codes are the words of a code list.
func Codes(list []Code) []string {
	out := make([]string, len(list))
	for i, c := range list {
		out[i] = c.Code
	}
	return out
}
