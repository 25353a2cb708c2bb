//go:build !amd64

package jsonscan

// markUnusual sets bit i of dst if byte i of src is a quote, a backslash, below 0x20 or above 0x7F, and clears it otherwise.
// src is whole strides long.
func markUnusual(dst, src []byte) { markWords(dst, src) }
