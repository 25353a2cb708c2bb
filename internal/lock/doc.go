// Package lock locks files between processes. In: a path, and a context that says how long to wait. Out: a [Lock] that is held until it is
// closed or the process ends, or a [HeldError] that says who holds it.
//
// Invariants: two exclusive locks of one path exclude each other, within one process as well; shared ones exclude only exclusive ones.
// The file stays when the lock is let go: to remove it would let two processes lock two files of one name. Where the system has neither
// flock(2) nor LockFileEx, nothing is locked.
package lock
