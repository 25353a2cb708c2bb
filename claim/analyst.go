package claim

import "marque/stix"

// Analyst is what makes an assessment a person's: their own words beside the machine's numbers. The hypotheses of such an assessment are the
// person's answer with its probability, and the rest.
type Analyst struct {
	Name         string  `json:"name"`
	KeyJudgement string  `json:"key_judgement"`
	Dissent      string  `json:"dissent,omitzero"`    // where others of the same desk see it otherwise, and why
	BesideRef    stix.ID `json:"beside_ref,omitzero"` // the judgement of the machine that it stands beside
	Accepted     []Basis `json:"accepted,omitempty"`  // evidence that it rests on
	Rejected     []Basis `json:"rejected,omitempty"`  // evidence that the machine counts and the person does not
	Added        []Basis `json:"added,omitempty"`     // what the person knows besides
	UndoneBy     string  `json:"undone_by,omitzero"`  // of a version that takes it back: who did, and why
	UndoneReason string  `json:"undone_reason,omitzero"`
}

// Basis is a piece of evidence that an assessment rests on, or does not. Ref is what it stands in; Claim is the id of a claim.
type Basis struct {
	Ref   stix.ID `json:"ref,omitzero"`
	Claim string  `json:"claim_id,omitzero"`
	Text  string  `json:"text"`
}
