// Package model holds what is learned of the language: features, weights, the search for tags, trees and names, and the file
// that they are kept in. The package language gives it to users, the command train makes it.
package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Word is a token as the models see it: attributes instead of letters.
type Word struct {
	Form string

	low    uint32    // lower case with figures as 0; 0 for a form that the training saw too seldom
	shape  uint32    // capitals, figures, marks
	prefix [3]uint32 // first one, two, three letters
	suffix [4]uint32 // last one to four letters
	fine   uint32    // cluster among many
	coarse uint32    // cluster among few
}

// Sentence is what the models read and write. Tags, Heads and Rels index the words; a head of −1 is the root.
type Sentence struct {
	Words []Word
	Tags  []uint8
	Heads []int32
	Rels  []uint8
}

// NewSentence prepares the forms for the models.
func (l *Lexicon) NewSentence(forms []string) *Sentence {
	s := &Sentence{
		Words: make([]Word, len(forms)),
		Tags:  make([]uint8, len(forms)),
		Heads: make([]int32, len(forms)),
		Rels:  make([]uint8, len(forms)),
	}
	for i, f := range forms {
		s.Words[i] = l.word(f)
	}
	return s
}

// longest is how many bytes of a form are looked at: attributes of a token of a megabyte cost no more than of a word.
const longest = 64

// Normal is the form under which the lexicon keeps a word: lower case, figures as 0, typographic quotes as plain ones.
func Normal(form string) string {
	if len(form) > longest {
		form = form[:longest]
	}
	plain := true
	for i := range len(form) {
		if c := form[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
			plain = false
			break
		}
	}
	if plain {
		return form
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '‘' || r == '`':
			return '\''
		case r == '“' || r == '”':
			return '"'
		case unicode.IsDigit(r):
			return '0'
		}
		return unicode.ToLower(r)
	}, form)
}

func (l *Lexicon) word(form string) Word {
	if e, ok := l.cache[form]; ok {
		return e
	}
	return l.newWord(form)
}

func (l *Lexicon) newWord(form string) Word {
	low := Normal(form)
	w := Word{Form: form, shape: hash(shape(form))}
	if e, ok := l.entries[low]; ok {
		w.fine, w.coarse = uint32(e.Fine), uint32(e.Coarse)
		if e.Known {
			w.low = hash(low)
		}
	}
	for i, k := 0, 0; k < len(w.prefix) && i < len(low); k++ {
		_, n := utf8.DecodeRuneInString(low[i:])
		i += n
		w.prefix[k] = hash(low[:i])
	}
	for i, k := len(low), 0; k < len(w.suffix) && i > 0; k++ {
		_, n := utf8.DecodeLastRuneInString(low[:i])
		i -= n
		w.suffix[k] = hash(low[i:])
	}
	return w
}

// shape folds a form into its kinds of characters; runs count once, but for two capitals.
func shape(form string) string {
	if len(form) > longest {
		form = form[:longest]
	}
	var b strings.Builder
	var last byte
	run := 0
	for _, r := range form {
		c := byte('-')
		switch {
		case unicode.IsUpper(r):
			c = 'X'
		case unicode.IsLetter(r):
			c = 'x'
		case unicode.IsDigit(r):
			c = '0'
		case r == '.' || r == '/' || r == '@' || r == '_' || r == ':':
			c = byte(r)
		}
		run++
		if c != last {
			run = 1
		}
		if run <= 2 && (c == 'X' || run == 1) {
			b.WriteByte(c)
		}
		last = c
	}
	return b.String()
}
