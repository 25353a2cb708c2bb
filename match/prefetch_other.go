//go:build !amd64

package match

import "unsafe"

// prefetch does nothing on machines it was not measured on.
func prefetch(unsafe.Pointer) {}
