package screen

import (
	"math/bits"
	"slices"
)

// Way says how two words met.
type Way string

// Ways in which words meet, from the surest.
const (
	Same       Way = "same word"
	Translated Way = "same meaning"
	Sound      Way = "same sound"
	OneName    Way = "one name"
	Korean     Way = "same Korean syllable"
	Wade       Way = "pinyin and Wade–Giles"
	Consonants Way = "same consonants"
	Joined     Way = "written together"
	Slip       Way = "slip of letters"
	Initial    Way = "initial"
	Acronym    Way = "acronym"
	Related    Way = "related word"
)

// meeting is how well two words meet, in [0,1].
type meeting struct {
	score float32
	way   Way
}

// Scores of the ways. They say how often words that meet so are the same name; chosen on the development half of the labelled pairs,
// rounded, and bounded by what the ways mean (docs/screening.md).
const (
	translatedScore = .97
	soundScore      = .95
	oneNameScore    = .93
	koreanScore     = .93
	wadeScore       = .90
	consonantsScore = .90
	initialScore    = .80
	bonesScore      = .72
	relatedScore    = .65
	leastBones      = 3
	leastMeeting    = .5
)

// meet compares two words.
func meet(a, b *word) meeting {
	if a == b {
		return meeting{1, Same}
	}
	if a.text == b.text {
		if a.raw == b.raw {
			return meeting{1, Same}
		}
		return meeting{translatedScore, Translated}
	}
	if a.class == initial || b.class == initial {
		return meetInitial(a, b)
	}
	if !comparable(a.class) || !comparable(b.class) {
		return meeting{}
	}
	var best meeting
	take := func(score float32, way Way) {
		if score > best.score {
			best = meeting{score, way}
		}
	}
	if a.from == abjad || b.from == abjad || a.from == hebrew || b.from == hebrew {
		take(meetBones(a, b), Consonants)
	}
	if a.class == plain && b.class == plain || a.class == place || b.class == place {
		if a.sound == b.sound && len(a.sound) > 1 {
			return meeting{soundScore, Sound}
		}
		if share(a.groups, b.groups) {
			take(oneNameScore, OneName)
		}
		if (a.korean || b.korean) && a.tune == b.tune && a.tune != "" {
			take(koreanScore, Korean)
		}
		if a.wade != "" && a.wade == b.text || b.wade != "" && b.wade == a.text {
			take(wadeScore, Wade)
		}
	}
	if a.class == org && b.class == org && share(a.groups, b.groups) {
		take(relatedScore, Related)
	}
	if len(a.bones) >= leastBones && a.bones == b.bones && a.class == plain && b.class == plain {
		take(bonesScore, Consonants)
	}
	unlike := bits.OnesCount32(a.letters^b.letters) > maxLetters || syllable(a) != syllable(b) && abs(len(a.raw)-len(b.raw)) > 1
	if unlike || best.score >= wadeScore {
		return best
	}
	take(slip(telling(a.raw, b.raw)), Slip)
	if (a.sound != a.raw || b.sound != b.raw) && a.sound != "" && b.sound != "" &&
		(a.sound[0] == b.sound[0] || a.raw[0] == b.raw[0]) {
		take(slip(telling(a.sound, b.sound))-.03, Slip)
	}
	if best.score < leastMeeting {
		return meeting{}
	}
	return best
}

// syllable says that a word is one character of Han or Hangul: it is no slip of a longer word.
func syllable(w *word) bool { return w.from == hanScript || w.from == hangulScript }

// telling takes off what two names of servants of God share: Abdulrahim and Abdulrahman differ as Rahim and Rahman do.
func telling(a, b string) (string, string) {
	const servant = "abdul"
	if len(a) > len(servant)+2 && len(b) > len(servant)+2 && a[:len(servant)] == servant && b[:len(servant)] == servant {
		return a[len(servant):], b[len(servant):]
	}
	return a, b
}

// maxLetters is how many letters of the alphabet may stand in only one of two words that slips of a letter join: two slips change four.
const maxLetters = 5

// comparable says that words of a class may meet by likeness; the others are the same or not.
func comparable(c class) bool { return c == plain || c == org || c == place }

func share(a, b []uint16) bool {
	for _, g := range a {
		if slices.Contains(b, g) {
			return true
		}
	}
	return false
}

func meetInitial(a, b *word) meeting {
	if a.class != initial {
		a, b = b, a
	}
	if b.class == plain && len(b.text) > 0 && (b.text[0] == a.text[0] || len(b.sound) > 0 && b.sound[0] == a.text[0]) {
		return meeting{initialScore, Initial}
	}
	return meeting{}
}

// meetBones compares what Arabic writing shows.
func meetBones(a, b *word) float32 {
	n := max(len(a.bones), len(b.bones))
	switch {
	case a.bones == "" || b.bones == "":
		return 0
	case a.bones == b.bones && n > 1:
		// The long vowels are written: they tell Salami from Salimi.
		return consonantsScore + .04 - .01*float32(distance(a.raw, b.raw, 4))
	case a.bones == b.bones:
		return .6
	}
	d := distance(a.bones, b.bones, 1)
	switch {
	case d > 1 || n < 3:
		return 0
	case n == 3:
		return .6
	case n == 4:
		return .7
	}
	return .76
}

// slips says how well words meet that differ in d letters, by the length of the longer one.
var slips = [3][]float32{
	1: {0, 0, .5, .62, .76, .80, .86, .87, .88, .89, .90, .91, .92},
	2: {0, 0, 0, 0, .25, .45, .60, .66, .72, .74, .76, .78, .80},
}

// slip scores two words by the letters in which they differ: one that is missing, another or exchanged with its neighbour counts one.
func slip(a, b string) float32 {
	n := max(len(a), len(b))
	if n < 2 || len(a) == 0 || len(b) == 0 {
		return 0
	}
	most := 2
	if n >= 11 {
		most = 3
	}
	d := distance(a, b, most)
	if d == 0 {
		return 1
	}
	if d > most {
		return 0
	}
	var s float32
	if d == 3 {
		s = .66
	} else {
		s = slips[d][min(n, len(slips[d])-1)]
	}
	if a[0] != b[0] {
		s -= .05
	}
	return s
}

// distance is the restricted Damerau–Levenshtein distance (optimal string alignment), or most+1 where it is more than most. It works
// on bytes: folded words are nearly always ASCII, and a letter of another writing counts as its bytes do, never less than one.
func distance(a, b string, most int) int {
	if len(a) < len(b) {
		a, b = b, a
	}
	for len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	for len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	if len(a)-len(b) > most {
		return most + 1
	}
	if len(b) == 0 {
		return len(a)
	}
	if len(a) > maxWord {
		return most + 1
	}
	var rowsOf [3][maxWord + 1]uint8
	prev2, prev, cur := &rowsOf[0], &rowsOf[1], &rowsOf[2]
	for j := range len(b) + 1 {
		prev[j] = uint8(j)
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = uint8(i)
		least := cur[0]
		for j := 1; j <= len(b); j++ {
			cost := uint8(1)
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, prev2[j-2]+1)
			}
			cur[j] = d
			least = min(least, d)
		}
		if int(least) > most {
			return most + 1
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(int(prev[len(b)]), most+1)
}

// maxWord is the longest word, in bytes, that is compared letter by letter.
const maxWord = 64

// letterSet is the set of Latin letters of a word, others in the last bits.
func letterSet(w string) uint32 {
	var s uint32
	for i := range len(w) {
		c := w[i]
		switch {
		case c >= 'a' && c <= 'z':
			s |= 1 << (c - 'a')
		case c >= '0' && c <= '9':
			s |= 1 << (26 + c%3)
		default:
			s |= 1 << (29 + c%3)
		}
	}
	return s
}
