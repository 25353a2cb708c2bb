//go:build !unix

package filelock

import "os"

// Exclusive opens the file.
func Exclusive(path string) (*os.File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640) }

// Shared opens the file.
func Shared(path string) (*os.File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640) }
