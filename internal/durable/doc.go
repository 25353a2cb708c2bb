// Package durable writes files so that a kill, a full disk or a power cut leaves the old content or the new, and never half of either.
// In: paths and bytes. Out: files that are on the disk when the call returns.
//
// A file is replaced by writing a temporary one beside it, syncing that, giving it the name, and syncing the folder: only the last step
// makes the name last (rename(2) alone orders nothing). Everything goes through the small interface [FS], so that a test can let each
// single step fail or crash; package durabletest does.
//
// Invariants: a function that returns nil has its effect on the disk; one that returns an error has left what stood there before, or all
// of the new content, except [Append], which may leave a part of the new bytes at the end. Temporary files end in ".tmp"; a kill may
// leave one behind, and nothing ever reads it.
package durable
