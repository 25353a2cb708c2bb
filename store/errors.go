package store

import "errors"

// Sentinels that drivers return, wrapped.
var (
	// ErrNotFound is an object that is not there, or not for the eyes of this view: the two look alike on purpose.
	ErrNotFound = errors.New("not found")
	// ErrConflict is a document whose text differs from what is kept under its id: claims point into that text.
	ErrConflict = errors.New("other content under the same id")
	// ErrFull is a disk or quota without room. What was acknowledged before is safe.
	ErrFull = errors.New("no space left for the store")
	// ErrNewer is a store written by a later version of the program.
	ErrNewer = errors.New("the store was written by a newer version of Marque")
	// ErrReadOnly is a write to a store whose file or folder cannot be written.
	ErrReadOnly = errors.New("the store cannot be written")
	// ErrLocked is a store that another process holds for writing.
	ErrLocked = errors.New("the store is in use by another process")
	// ErrEmpty is a file of no bytes where a store should be: no store is ever made that way, so what it held is lost.
	ErrEmpty = errors.New("the store's file has 0 bytes: what it held is gone")
	// ErrDamaged is a store, or a record of one, whose bytes are not those that were written.
	ErrDamaged = errors.New("the store is damaged")
	// ErrRed is a view to share that shows TLP:RED: it is for the eyes and ears of its recipients only.
	ErrRed = errors.New("TLP:RED never leaves the workspace")
)
