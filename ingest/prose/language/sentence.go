package language

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// LongestSentence is the number of tokens after which a sentence ends whatever follows, so that no text makes the search
// for trees keep more than a page in mind. Text.Cut counts how often that was so.
const LongestSentence = 320

// sentences ends a sentence where the tokens of a block say so.
func (t *Text) sentences(block int, list []span) {
	first, comma := 0, -1
	for i := range list {
		switch {
		case t.ends(list, i):
			t.sentence(block, list[first:i+1])
			first, comma = i+1, -1
		case i-first+1 >= LongestSentence:
			end := i + 1
			if comma > first+LongestSentence/2 {
				end = comma + 1
			}
			t.sentence(block, list[first:end])
			t.Cut++
			first, comma = end, -1
		default:
			if c := t.Source[list[i].start]; list[i].kind == Mark && (c == ',' || c == ';') {
				comma = i
			}
		}
	}
	if first < len(list) {
		t.sentence(block, list[first:])
	}
}

func (t *Text) sentence(block int, list []span) {
	s := Sentence{Start: list[0].start, End: list[len(list)-1].end, Block: block, Tokens: make([]Token, len(list))}
	for i, sp := range list {
		s.Tokens[i] = Token{Text: t.Source[sp.start:sp.end], Start: sp.start, End: sp.end, Kind: sp.kind, Glued: sp.glued, Head: -1}
	}
	t.Sentences = append(t.Sentences, s)
}

// ends says whether a sentence ends after token i.
func (t *Text) ends(list []span, i int) bool {
	text := func(k int) string { return t.Source[list[k].start:list[k].end] }
	if i+1 >= len(list) {
		return true
	}
	if list[i+1].glued {
		return false
	}
	k := i
	for k > 0 && list[k].glued && closes(text(k)) { // ." .) .”
		k--
	}
	last := text(k)
	next, _ := utf8.DecodeRuneInString(text(i + 1))
	if list[k].kind == Mark {
		switch last[0] {
		case '!', '?':
			return !unicode.IsLower(next)
		case '.':
			return !unicode.IsLower(next) && (len(last) == 1 || unicode.IsUpper(next) || k != i)
		}
		return false
	}
	if k != i || !strings.HasSuffix(last, ".") || list[i].kind != Plain {
		return false
	}
	// An abbreviation may end a sentence too, when what follows begins one.
	low := strings.ToLower(strings.TrimSuffix(last, "."))
	_, may := lists().closing[low]
	return may && starts(text(i+1))
}

func closes(s string) bool {
	return s == "\"" || s == "”" || s == ")" || s == "]" || s == "'" || s == "’" || s == "''"
}

// starts says whether a word is one that begins sentences far more often than it is a name: an article or pronoun with a capital.
func starts(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	if !unicode.IsUpper(r) {
		return false
	}
	_, ok := lists().starters[strings.ToLower(w)]
	return ok
}
