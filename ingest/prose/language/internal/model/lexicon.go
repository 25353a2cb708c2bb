package model

import (
	"slices"
	"strings"
)

// Entry is what the lexicon knows of a word.
type Entry struct {
	Fine, Coarse uint16 // clusters of words that stand in the same places; 0 for none
	Known        bool   // seen often enough in training that features of the very word mean something
}

// Lexicon holds the words by [Normal] form and the inventories of tags and relations.
type Lexicon struct {
	Tags      []string // UPOS|XPOS
	Relations []string // Universal Dependencies with subtypes

	entries map[string]Entry
	cache   map[string]Word
	classes []uint32
}

// classNames gives each universal part of speech its number in features; verbal and adposition are among them.
var classNames = []string{
	"", "VERB", "ADP", "SCONJ", "PART", "AUX", "NOUN", "PROPN", "PRON", "NUM", "ADJ", "ADV", "DET", "CCONJ", "PUNCT", "SYM", "INTJ", "X",
}

// Class is the number of the universal part of speech of a tag.
func (l *Lexicon) Class(tag uint8) uint32 { return l.classes[tag] }

// NewLexicon makes a lexicon of entries.
func NewLexicon(tags, relations []string, entries map[string]Entry) *Lexicon {
	l := &Lexicon{Tags: tags, Relations: relations, entries: entries, cache: make(map[string]Word, len(entries))}
	for form := range entries {
		l.cache[form] = l.newWord(form)
	}
	for _, t := range tags {
		universal, _, _ := strings.Cut(t, "|")
		l.classes = append(l.classes, uint32(max(0, slices.Index(classNames, universal))))
	}
	return l
}
