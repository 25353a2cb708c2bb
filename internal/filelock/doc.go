// Package filelock locks files between processes with flock(2). In: a path. Out: an open file that holds the lock until it is closed
// or the process ends. Two locks in one process exclude each other as well. Where the system has no flock, files are opened and nothing
// is locked.
package filelock

import "errors"

// ErrLocked says that the file is locked by another.
var ErrLocked = errors.New("locked by another process")
