package treebank

import (
	"errors"
	"io"
	"strings"
)

// Span is a name marked by an expert: bytes of the document's text, and its kind as AnnoCTR writes it (GROUP, MALWARE, ORG …).
type Span struct {
	Start, End int
	Kind       string
}

// Document is a report with its names. Text is rebuilt from the tokens: a space between two, an empty line between sentences.
type Document struct {
	ID    string
	Text  string
	Spans []Span
}

// OpenNames reads a gzipped file of AnnoCTR: one token a line with columns of BIO labels, of which the first that is not O
// among columns 5 (groups, malware, tools) and 2 (organisations, locations, sectors) counts.
func OpenNames(file string) ([]Document, error) {
	return open(file, ReadNames)
}

// ReadNames is [OpenNames] on a stream.
func ReadNames(r io.Reader) ([]Document, error) {
	var docs []Document
	var text strings.Builder
	close := func() {
		if len(docs) > 0 {
			docs[len(docs)-1].Text = text.String()
		}
		text.Reset()
	}
	err := eachLine(r, func(line string) error {
		if id, ok := strings.CutPrefix(line, "# doc = "); ok {
			close()
			docs = append(docs, Document{ID: id})
			return nil
		}
		col := strings.Split(line, "\t")
		if len(col) < 6 || col[0] == "<DOCSTART>" {
			if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
				text.WriteString("\n\n")
			}
			return nil
		}
		if len(docs) == 0 {
			return errors.New("a token before the first document")
		}
		if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
			text.WriteByte(' ')
		}
		start := text.Len()
		text.WriteString(strings.TrimSpace(col[0]))
		docs[len(docs)-1].mark(col, start, text.Len())
		return nil
	})
	if err != nil {
		return nil, err
	}
	close()
	return docs, nil
}

// mark opens a span at a B label and lengthens the last one at an I label of its kind.
func (d *Document) mark(col []string, start, end int) {
	label := ""
	for _, c := range []int{4, 1} {
		switch _, kind, _ := strings.Cut(col[c], "-"); kind {
		case "GROUP", "MALWARE", "TOOL", "ORG", "LOC", "SECTOR":
			label = col[c]
		}
		if label != "" {
			break
		}
	}
	how, kind, _ := strings.Cut(label, "-")
	switch last := len(d.Spans) - 1; {
	case how == "B":
		d.Spans = append(d.Spans, Span{start, end, kind})
	case how == "I" && last >= 0 && d.Spans[last].Kind == kind && start-d.Spans[last].End <= 1:
		d.Spans[last].End = end
	}
}

// HeldOut says whether a document of AnnoCTR is kept from training: every fourth in the order of the file.
func HeldOut(index int) bool { return index%4 == 3 }
