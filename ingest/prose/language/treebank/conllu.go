// Package treebank reads sentences annotated by hand in CoNLL-U, the format of Universal Dependencies
// (https://universaldependencies.org/format.html). Training and the measure of quality read through it; the reading of
// reports does not.
package treebank

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// Word is a syntactic word. Head is the index of its head within the sentence, −1 for the root.
type Word struct {
	Form, Lemma, UPOS, XPOS, Rel, Misc string
	Head                               int
}

// Sentence is one sentence of a document, with its text as it stood before it was cut into words.
type Sentence struct {
	Document, Text string
	Paragraph      bool // begins one
	Words          []Word
	Written        []string // orthographic tokens: "don't" is one and has two words
}

// Open reads a gzipped CoNLL-U file.
func Open(file string) ([]Sentence, error) {
	return open(file, Read)
}

// open reads a gzipped file.
func open[T any](file string, read func(io.Reader) ([]T, error)) ([]T, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	all, err := read(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return all, nil
}

// eachLine calls f with each line of a stream. An error of f names the line.
func eachLine(r io.Reader, f func(line string) error) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	for n := 1; in.Scan(); n++ {
		if err := f(in.Text()); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
	return in.Err()
}

// Read reads CoNLL-U to its end. A line that is no word, comment or empty line is an error that names it.
func Read(r io.Reader) ([]Sentence, error) {
	var all []Sentence
	var s Sentence
	document, upto := "", 0
	err := eachLine(r, func(line string) error {
		switch {
		case line == "":
			if len(s.Words) > 0 {
				all = append(all, s)
			}
			s, upto = Sentence{Document: document}, 0
		case strings.HasPrefix(line, "#"):
			if v, ok := strings.CutPrefix(line, "# newdoc id = "); ok {
				document, s.Document = v, v
			} else if v, ok := strings.CutPrefix(line, "# text = "); ok {
				s.Text = v
			} else if strings.HasPrefix(line, "# newpar") {
				s.Paragraph = true
			}
		default:
			return s.add(strings.Split(line, "\t"), &upto)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(s.Words) > 0 {
		all = append(all, s)
	}
	return all, nil
}

// add takes one line. Ranges ("1-2") are orthographic tokens; empty nodes ("1.1") of the enhanced graph are passed over.
func (s *Sentence) add(col []string, upto *int) error {
	if len(col) != 10 {
		return fmt.Errorf("%d columns instead of 10", len(col))
	}
	if from, to, ok := strings.Cut(col[0], "-"); ok {
		_, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil {
			return fmt.Errorf("token %q is no range", col[0])
		}
		s.Written = append(s.Written, col[1])
		*upto = last
		return nil
	}
	if strings.Contains(col[0], ".") {
		return nil
	}
	id, err := strconv.Atoi(col[0])
	if err != nil || id != len(s.Words)+1 {
		return fmt.Errorf("word %q does not follow word %d", col[0], len(s.Words))
	}
	head, err := strconv.Atoi(col[6])
	if err != nil {
		return fmt.Errorf("head %q of word %q is no number", col[6], col[0])
	}
	if id > *upto {
		s.Written = append(s.Written, col[1])
	}
	s.Words = append(s.Words, Word{Form: col[1], Lemma: col[2], UPOS: col[3], XPOS: col[4], Rel: col[7], Misc: col[9], Head: head - 1})
	return nil
}
