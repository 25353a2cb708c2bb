package stix

import "errors"

// Sentinels. Errors returned by this package wrap one of them where the caller may want to tell them apart.
var (
	// ErrSyntax is JSON that does not parse, holds a duplicate name, or is not UTF-8.
	ErrSyntax = errors.New("invalid JSON")
	// ErrNotObject is a JSON value that is not a STIX object: no type, no id, or the id of another type.
	ErrNotObject = errors.New("not a STIX object")
	// ErrTooLarge is an object over MaxObjectBytes or nested deeper than MaxDepth.
	ErrTooLarge = errors.New("object too large")
	// ErrNotBundle is input that is not a STIX bundle, a list of objects or a single object.
	ErrNotBundle = errors.New("not a STIX bundle")
)
