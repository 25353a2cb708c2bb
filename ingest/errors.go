package ingest

import (
	"errors"

	"marque/internal/unpack"
)

// Sentinels. Errors returned by this package and the readers wrap one of them where the caller may want to tell them apart.
var (
	// ErrUnknownFormat is input that no reader recognises.
	ErrUnknownFormat = errors.New("unknown format")
	// ErrEmpty is input without a byte, or of white space only.
	ErrEmpty = errors.New("empty input")
	// ErrTooLarge is input over a limit, packed or unpacked.
	ErrTooLarge = unpack.ErrTooLarge
	// ErrMalformed is input whose format is known but which is broken beyond the next record.
	ErrMalformed = unpack.ErrMalformed
	// ErrNoText is a document without text, such as a scan.
	ErrNoText = errors.New("document without text")
)
