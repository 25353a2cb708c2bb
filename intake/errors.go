package intake

import (
	"errors"

	"marque/internal/lock"
)

// Errors of an intake.
var (
	// ErrBusy says that too much is waiting; it passes.
	ErrBusy = errors.New("too much is waiting")
	// ErrFull says that the disk has no room.
	ErrFull = errors.New("disk is full")
	// ErrClosed says that the intake is ending or has ended.
	ErrClosed = errors.New("intake is closed")
	// ErrDown says that the stream cannot be reached; it passes.
	ErrDown = errors.New("event stream is down")
	// ErrKey says that a key cannot be one.
	ErrKey = errors.New("key is too long")
	// ErrEncoding says that a body is packed in a way that is not known.
	ErrEncoding = errors.New("packing of the body is not known")
	// ErrTooLarge says that a body is larger than one may be.
	ErrTooLarge = errors.New("body is too large")
	// ErrBody says that a body could not be read to its end.
	ErrBody = errors.New("body cannot be read")
	// ErrDamaged says that a file is not as it was written.
	ErrDamaged = errors.New("file is damaged")
	// ErrLocked says that another process uses the folder.
	ErrLocked = lock.ErrLocked
	// ErrLookBack says that a look back is due, which needs the lake's files as they are.
	ErrLookBack = errors.New("a look back is due")
	// ErrSeed says that set and lake hash differently.
	ErrSeed = errors.New("set and lake hash with different seeds")
)
