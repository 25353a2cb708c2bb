package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// index has one bit for each byte of a block: set for quotes, backslashes, control characters and bytes above 0x7F, the only
// ones that can end a string or need a closer look in one. It is made for many lines at once, with vector instructions where
// there are any, so that the end of a string is found by counting zero bits (Langdale and Lemire, "Parsing Gigabytes of JSON
// per Second", 2019, section 3.1).
type index struct {
	bits []byte
	tail [stride]byte // the last bytes of the block
}

// stride is how many bytes are looked at together.
const stride = 64

// make indexes block. The bit behind its end is set, so that every search stops there.
func (x *index) make(block []byte) {
	whole := len(block) / stride
	need := (whole+1)*stride/8 + 8
	if cap(x.bits) < need {
		x.bits = make([]byte, need+need/4)
	}
	x.bits = x.bits[:need]
	x.tail = [stride]byte{} // control characters
	copy(x.tail[:], block[whole*stride:])
	markUnusual(x.bits, block[:whole*stride])
	markUnusual(x.bits[whole*stride/8:], x.tail[:])
}

// next returns the first marked place from i on; it is at most the block's length, as i must be.
func (x *index) next(i int) int {
	at := i >> 3
	w := word(x.bits, at) >> (i & 7)
	if w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	for w == 0 {
		at += 8
		w = word(x.bits, at)
	}
	return at<<3 + bits.TrailingZeros64(w)
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// markWords is markUnusual in portable Go, eight bytes at a time. src is whole strides long.
func markWords(dst, src []byte) {
	for i := 0; i+8 <= len(src); i += 8 {
		x := binary.LittleEndian.Uint64(src[i:])
		low := x &^ highs
		// The high bit of each byte of these stays clear where the byte is the one looked for, without a carry to the next.
		quote := low ^ ones*'"' + (highs - ones)
		backslash := low ^ ones*'\\' + (highs - ones)
		printable := low + ones*(0x80-0x20)
		found := (^(quote & backslash & printable) | x) & highs
		dst[i/8] = byte(found >> 7 * 0x0102040810204080 >> 56)
	}
}
