package validate

// Codes of findings. Each is one rule of the specification or one group of equal rules.
const (
	codeSyntax          = "json-syntax"
	codeDuplicateKey    = "json-duplicate-key"
	codeUTF8            = "json-utf8"
	codeTooDeep         = "json-depth"
	codeTooLarge        = "json-size"
	codeTooMany         = "findings-limit"
	codeRequired        = "property-required"
	codeKind            = "property-type"
	codeNull            = "null-value"
	codeReserved        = "property-reserved"
	codeNotApplicable   = "property-not-applicable"
	codePropertyName    = "property-name"
	codeTypeName        = "type-name"
	codeDeprecated      = "deprecated"
	codeCustomProperty  = "custom-property"
	codeCustomObject    = "custom-object"
	codeCustomExtension = "custom-extension"
	codeCustomValue     = "custom-value"
	codeVersion         = "spec-version"
	codeListEmpty       = "list-empty"
	codeDictEmpty       = "dictionary-empty"
	codeDictKey         = "dictionary-key"
	codeDictValue       = "dictionary-value"
	codeEnum            = "enum-value"
	codeVocab           = "vocabulary-value"
	codeVocabFormat     = "vocabulary-format"
	codeID              = "identifier"
	codeIDType          = "identifier-type"
	codeIDVersion       = "identifier-version"
	codeIDMismatch      = "identifier-deterministic"
	codeRefType         = "reference-type"
	codeRefSelf         = "reference-circular"
	codeRefMissing      = "reference-unresolved"
	codeTimestamp       = "timestamp"
	codePrecision       = "timestamp-precision"
	codeOrder           = "timestamp-order"
	codeRange           = "number-range"
	codeHashName        = "hash-algorithm"
	codeHashValue       = "hash-value"
	codeHashSHA256      = "hash-sha256"
	codeHex             = "hex"
	codeBinary          = "binary"
	codeFormat          = "format"
	codeIANA            = "registered-name"
	codeSome            = "property-missing-one-of"
	codeNeeds           = "property-needs"
	codeExcludes        = "property-excludes"
	codeShould          = "property-recommended"
	codePattern         = "pattern"
	codeRelation        = "relationship-type"
	codeKillChain       = "kill-chain-name"
	codeExternalID      = "external-id"
	codeExternalHash    = "external-reference-hashes"
	codeTLP             = "marking-tlp"
	codeMarking         = "marking-definition"
	codeSelector        = "granular-selector"
	codeExtension       = "extension"
	codeContainer       = "observable-container"
	codeLanguage        = "language-content"
	codeBundle          = "bundle"
	codeDuplicate       = "bundle-duplicate"
	codePairing         = "bundle-consistency"
	codeLifted          = "lifted"
)

// Rules lists every code with its usual severity, in the order of the specification.
func Rules() []Rule { return append([]Rule(nil), rules...) }

var rules = []Rule{
	{codeSyntax, Error, "the input is JSON", "1.2.10"},
	{codeDuplicateKey, Error, "an object has each key once", "2.3"},
	{codeUTF8, Error, "strings are valid UTF-8", "2.15"},
	{codeTooDeep, Error, "nesting stays within the limit", "1.2.10"},
	{codeTooLarge, Error, "an object stays within the size limit", "1.2.10"},
	{codeTooMany, Error, "an object has more findings than are reported", "12"},
	{codeBinary, Error, "binary values are base64", "2.1"},
	{codeDictKey, Error, "dictionary keys are ASCII letters, digits, - and _", "2.3"},
	{codeDictEmpty, Error, "dictionaries are not empty", "2.3"},
	{codeDictValue, Error, "dictionary values are of the kind the property asks for", "2.3"},
	{codeEnum, Error, "enumerations are closed", "2.4"},
	{codeExternalID, Error, "CVE and CAPEC references carry a well-formed id", "2.5"},
	{codeExternalHash, Warning, "an external reference with a URL has hashes", "2.5"},
	{codeHashName, Warning, "hash names come from hash-algorithm-ov", "2.7"},
	{codeHashValue, Error, "a hash has the form of its algorithm", "2.7"},
	{codeHashSHA256, Note, "a SHA-256 hash is given where possible", "2.7"},
	{codeHex, Error, "hex values are pairs of lower-case hexadecimal digits", "2.8"},
	{codeID, Error, "identifiers are type--UUID", "2.9"},
	{codeIDType, Error, "an id begins with the type of its object", "2.9"},
	{codeIDVersion, Warning, "ids use the recommended version of UUID", "2.9"},
	{codeIDMismatch, Warning, "a deterministic id follows from the ID contributing properties", "2.9"},
	{codeRange, Error, "numbers stay within their range", "2.10"},
	{codeKillChain, Warning, "kill chain names are lower case with hyphens", "2.11"},
	{codeListEmpty, Error, "lists are not empty", "2.12"},
	{codeContainer, Error, "the observable container resolves its own references", "2.13"},
	{codeVocab, Warning, "terms come from the suggested vocabulary", "2.14"},
	{codeVocabFormat, Warning, "own terms are lower case with hyphens", "2.14"},
	{codeTimestamp, Error, "timestamps are RFC 3339 in UTC with Z", "2.16"},
	{codePropertyName, Error, "property names are lower case, 3 to 250 characters", "3.1"},
	{codeTypeName, Error, "type names are lower case with hyphens, 3 to 250 characters", "3.1"},
	{codeRequired, Error, "required properties are present", "3.1"},
	{codeKind, Error, "a value has the type of its property", "3.1"},
	{codeNull, Error, "there are no null values", "3.1"},
	{codeVersion, Error, "spec_version is 2.1", "3.2"},
	{codePrecision, Error, "timestamps are as precise as their property asks: created and modified to the millisecond", "3.2"},
	{codeNotApplicable, Warning, "common properties stand only where they apply", "3.2"},
	{codeOrder, Error, "times are in order", "3.2"},
	{codeRefType, Error, "references point to the allowed types", "3.3"},
	{codeRefSelf, Error, "a marking does not mark itself", "3.2"},
	{codeRefMissing, Warning, "references resolve within the bundle", "3.3"},
	{codeReserved, Error, "reserved property names are not used", "3.8"},
	{codeFormat, Error, "a string has the format of its property", "6"},
	{codeIANA, Warning, "names come from their registry", "6"},
	{codeSome, Error, "one of several properties is present", "4"},
	{codeNeeds, Error, "properties that belong together are together", "4"},
	{codeExcludes, Error, "properties that exclude each other are apart", "4"},
	{codeShould, Warning, "recommended properties are present", "4"},
	{codePattern, Error, "a STIX pattern follows its grammar", "9"},
	{codeRelation, Warning, "relationship types are those of the specification", "5.1"},
	{codeLanguage, Error, "language content mirrors its target", "7.1"},
	{codeMarking, Error, "a marking definition defines a marking", "7.2.1"},
	{codeTLP, Error, "TLP markings are the fixed ones", "7.2.1.4"},
	{codeSelector, Error, "selectors name what is there", "7.2.3"},
	{codeExtension, Error, "extensions are keyed and typed", "7.3"},
	{codeBundle, Error, "a bundle holds STIX objects", "8"},
	{codeDuplicate, Warning, "a version of an object stands once in a bundle", "3.6"},
	{codePairing, Error, "objects of a bundle agree with each other", "4.11"},
	{codeCustomProperty, Warning, "custom properties are deprecated", "11.1"},
	{codeCustomObject, Warning, "custom objects are deprecated", "11.2"},
	{codeCustomExtension, Warning, "custom extensions are deprecated", "11.3"},
	{codeCustomValue, Warning, "custom values follow the suffix of their name", "3.1"},
	{codeDeprecated, Warning, "deprecated properties are not used", "3.1"},
	{codeLifted, Note, "STIX 2.0 content was brought to 2.1", "1.3"},
}
