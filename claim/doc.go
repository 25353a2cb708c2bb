// Package claim is Marque's own vocabulary, in one typed place: what a statement, an operation, a measure and a judgement are, and
// which words may stand in them. Each is a STIX extension definition ([Extension], [OperationExtension], [MeasureExtension],
// [AssessmentExtension], [CountsExtension], [LabelExtension]; [Definitions] are their objects), so that any other tool can read what Marque writes; the JSON Schemas in
// docs/schemas are made from the types here, and a test keeps them equal.
//
// Package stix is the specification alone and knows nothing of this one.
package claim
