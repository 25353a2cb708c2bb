//go:build !unix

package intake

import "os"

// lockFile opens the file; where there is no flock, SQLite's own lock has to do.
func lockFile(path string) (*os.File, error) { return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640) }
