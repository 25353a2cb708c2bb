package site

import "errors"

// Errors of names that are refused.
var (
	// ErrTooLong is a host name longer than RFC 1035 allows.
	ErrTooLong = errors.New("longer than a host name can be (253 bytes)")
	// ErrNotHost is what has no label or no ending.
	ErrNotHost = errors.New("not a host name with a label and an ending")
)

// ErrNoOperation is an operation of which no site is watched.
var ErrNoOperation = errors.New("no site of it is watched")
