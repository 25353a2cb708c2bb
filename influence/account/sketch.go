package account

import "math"

// A sketch is a MinHash of a text's pairs of neighbouring words (Broder 1997): the share of equal places estimates the share of word pairs
// that two texts have in common. Two places make a band; texts that agree in a band are compared (Indyk and Motwani 1998). With six bands of
// two, a pair of texts that shares nine tenths of its word pairs is compared in all but one case of 20,000, one that shares half in four of five.
const (
	sketchSize = 12
	bandRows   = 2
	bands      = sketchSize / bandRows
	// minEqual places must agree for texts to be nearly the same: about half of the word pairs.
	minEqual = 6
)

type sketch [sketchSize]uint32

// multipliers are odd numbers, one for each place: hi(h × m) is the place's permutation of the hash (multiply-shift).
var multipliers = func() (m [sketchSize]uint64) {
	for i := range m {
		m[i] = mix(uint64(i)+0x9e3779b97f4a7c15) | 1
	}
	return m
}()

// sketchOf reports false for texts that are too short to say anything.
func sketchOf(words []uint64) (s sketch, ok bool) {
	if len(words) < minWords {
		return s, false
	}
	for i := range s {
		s[i] = math.MaxUint32
	}
	for i := 1; i < len(words); i++ {
		h := mix(words[i-1]*3 + words[i])
		for k, m := range multipliers {
			s[k] = min(s[k], uint32(h*m>>32))
		}
	}
	return s, true
}

// band is the key of the i-th band.
func (s *sketch) band(i int) uint64 {
	return mix(uint64(s[i*bandRows])<<32 | uint64(s[i*bandRows+1]) + uint64(i))
}

// near says whether two texts share about half of their word pairs, or more.
func (s *sketch) near(o *sketch) bool {
	n := 0
	for i := range s {
		if s[i] == o[i] {
			n++
		}
	}
	return n >= minEqual
}
