package intake

import "errors"

// Errors of an intake.
var (
	// ErrBusy says that too much is waiting; it passes.
	ErrBusy = errors.New("too much is waiting")
	// ErrFull says that the disk has no room.
	ErrFull = errors.New("disk is full")
	// ErrClosed says that the intake is ending or has ended.
	ErrClosed = errors.New("intake is closed")
	// ErrDamaged says that a file is not as it was written.
	ErrDamaged = errors.New("file is damaged")
	// ErrLocked says that another process uses the folder.
	ErrLocked = errors.New("another process uses this folder")
	// ErrSeed says that set and lake hash differently.
	ErrSeed = errors.New("set and lake hash with different seeds")
)
