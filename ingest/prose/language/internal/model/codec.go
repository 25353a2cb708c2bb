package model

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// Bundle is everything that is learned.
type Bundle struct {
	Lexicon  *Lexicon
	Tags     *Sparse
	Actions  *Packed
	Rels     *Sparse
	Lemmas   *Lemmas
	Mentions *Sparse
	Labels   []string // of mentions
	Names    []string // number of the kind, tab, name
}

// Version is of the format and of the features: weights mean something only to the features with which they were learned.
const Version = 1

// header is the first part of a model's file: what is not weights.
type header struct {
	Version       int
	Tags, Rels    []string
	Labels, Names []string
	Words         []string
	Fine, Coarse  []uint16
	Known         []bool
	Forms, Lemmas []string
	Endings, Adds []string
	Strips        []int
	SparseCells   [3]int
	SparseRows    [3]int
	PackedRows    int
}

// Write writes a model, compressed, the same bytes for the same model.
func (b *Bundle) Write(w io.Writer) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	h := header{Version: Version, Tags: b.Lexicon.Tags, Rels: b.Lexicon.Relations, Labels: b.Labels, Names: b.Names, PackedRows: len(b.Actions.rows)}
	for _, form := range slices.Sorted(maps.Keys(b.Lexicon.entries)) {
		e := b.Lexicon.entries[form]
		h.Words = append(h.Words, form)
		h.Fine, h.Coarse, h.Known = append(h.Fine, e.Fine), append(h.Coarse, e.Coarse), append(h.Known, e.Known)
	}
	for _, form := range slices.Sorted(maps.Keys(b.Lemmas.Forms)) {
		h.Forms, h.Lemmas = append(h.Forms, form), append(h.Lemmas, b.Lemmas.Forms[form])
	}
	for _, end := range slices.Sorted(maps.Keys(b.Lemmas.Endings)) {
		e := b.Lemmas.Endings[end]
		h.Endings, h.Adds, h.Strips = append(h.Endings, end), append(h.Adds, e.Add), append(h.Strips, e.Strip)
	}
	sparse := []*Sparse{b.Tags, b.Rels, b.Mentions}
	for i, s := range sparse {
		h.SparseCells[i], h.SparseRows[i] = len(s.cells), len(s.offsets)-1
	}
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	out := binary.BigEndian.AppendUint32(nil, uint32(len(text)))
	out = append(out, text...)
	for _, s := range sparse {
		out = s.append(out)
	}
	out = b.Actions.append(out)
	_, err = z.Write(out)
	return errors.Join(err, z.Close())
}

// append writes the lengths of the rows, then all classes, then all weights: what is alike stands together.
func (s *Sparse) append(out []byte) []byte {
	for i := range len(s.offsets) - 1 {
		out = append(out, uint8(s.offsets[i+1]-s.offsets[i]))
	}
	for _, c := range s.cells {
		out = append(out, c.class)
	}
	for _, c := range s.cells {
		out = append(out, uint8(c.weight))
	}
	return out
}

func (p *Packed) append(out []byte) []byte {
	for k := range Actions {
		for _, r := range p.rows {
			out = append(out, uint8(r[k/8]>>(8*(k%8)))-bias)
		}
	}
	return out
}

// limits of a model's file, against a damaged one.
const (
	maxHeader = 16 << 20
	maxRows   = 1 << 24
)

// Read reads what [Bundle.Write] wrote. A file of another version or one that is damaged is an error.
func Read(r io.Reader) (*Bundle, error) {
	z, err := gzip.NewReader(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, err
	}
	var size [4]byte
	if _, err := io.ReadFull(z, size[:]); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxHeader {
		return nil, fmt.Errorf("header of %d bytes", n)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(z, text); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var h header
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	b := h.bundle()
	classes := []int{len(h.Tags), len(h.Rels), len(h.Labels)}
	for i, s := range []**Sparse{&b.Tags, &b.Rels, &b.Mentions} {
		if *s, err = readSparse(z, h.SparseRows[i], h.SparseCells[i], classes[i]); err != nil {
			return nil, fmt.Errorf("weights %d: %w", i, err)
		}
	}
	if b.Actions, err = readPacked(z, h.PackedRows); err != nil {
		return nil, fmt.Errorf("weights of the parser: %w", err)
	}
	if _, err := io.Copy(io.Discard, z); err != nil { // to the checksum of the stream
		return nil, err
	}
	return b, nil
}

func (h *header) check() error {
	if h.Version != Version {
		return fmt.Errorf("version %d, this program reads %d", h.Version, Version)
	}
	words, forms, ends := len(h.Words), len(h.Forms), len(h.Endings)
	if len(h.Fine) != words || len(h.Coarse) != words || len(h.Known) != words || len(h.Lemmas) != forms || len(h.Adds) != ends || len(h.Strips) != ends {
		return errors.New("header: lists of unequal length")
	}
	for _, n := range []int{h.PackedRows, h.SparseRows[0], h.SparseRows[1], h.SparseRows[2]} {
		if n <= 0 || n > maxRows || n&(n-1) != 0 {
			return fmt.Errorf("header: %d rows", n)
		}
	}
	for _, n := range h.SparseCells {
		if n < 0 || n > maxRows {
			return fmt.Errorf("header: %d weights", n)
		}
	}
	return nil
}

func (h *header) bundle() *Bundle {
	entries := make(map[string]Entry, len(h.Words))
	for i, w := range h.Words {
		entries[w] = Entry{Fine: h.Fine[i], Coarse: h.Coarse[i], Known: h.Known[i]}
	}
	l := &Lemmas{Forms: make(map[string]string, len(h.Forms)), Endings: make(map[string]Edit, len(h.Endings))}
	for i, f := range h.Forms {
		l.Forms[f] = h.Lemmas[i]
	}
	for i, e := range h.Endings {
		l.Endings[e] = Edit{Strip: max(0, h.Strips[i]), Add: h.Adds[i]}
	}
	return &Bundle{Lexicon: NewLexicon(h.Tags, h.Rels, entries), Lemmas: l, Labels: h.Labels, Names: h.Names}
}

func readSparse(r io.Reader, rows, cells, classes int) (*Sparse, error) {
	buf := make([]byte, rows+2*cells)
	if _, err := io.ReadFull(r, buf); err != nil {
		return nil, err
	}
	s := &Sparse{classes: classes, offsets: make([]uint32, rows+1), cells: make([]cell, cells)}
	for i := range rows {
		s.offsets[i+1] = s.offsets[i] + uint32(buf[i])
	}
	if int(s.offsets[rows]) != cells {
		return nil, errors.New("rows and weights do not agree")
	}
	for i := range cells {
		s.cells[i] = cell{buf[rows+i], int8(buf[rows+cells+i])}
		if int(s.cells[i].class) >= classes {
			return nil, fmt.Errorf("class %d of %d", s.cells[i].class, classes)
		}
	}
	return s, nil
}

func readPacked(r io.Reader, rows int) (*Packed, error) {
	p := &Packed{rows: make([][2]uint64, rows)}
	buf := make([]byte, rows)
	for k := range Actions {
		if _, err := io.ReadFull(r, buf); err != nil {
			return nil, err
		}
		for i, b := range buf {
			p.rows[i][k/8] |= uint64(b+bias) << (8 * (k % 8))
		}
	}
	return p, nil
}
