//go:build !unix && !windows

package lock

import "os"

func try(*os.File, bool) error { return nil }
