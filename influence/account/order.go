package account

import (
	"bufio"
	"cmp"
	"container/heap"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"time"
)

// runSize is how many posts are sorted in memory at a time.
const runSize = 1 << 18

// InOrder gives posts in the order of time, those of one second in the order of the input. Up to 262,144 posts are sorted in memory; more
// are sorted in runs that are kept in a file under dir (the system's folder for temporary files where dir is empty) until the end.
// An error ends the sequence.
func InOrder(ctx context.Context, posts iter.Seq[Post], dir string) iter.Seq2[Post, error] {
	return func(yield func(Post, error) bool) {
		o := orderer{dir: dir}
		defer o.close()
		run := make([]Post, 0, 1024)
		for p := range posts {
			if len(run) == runSize {
				if err := cmp.Or(ctx.Err(), o.spill(run)); err != nil {
					yield(Post{}, err)
					return
				}
				run = run[:0]
			}
			run = append(run, p)
		}
		o.merge(ctx, run, yield)
	}
}

// place is where a post of a run stands in the order of time. Sorting these moves a tenth of what sorting posts would move.
type place struct {
	at int64
	i  int32
}

// placesOf sorts a run.
func placesOf(run []Post) []place {
	out := make([]place, len(run))
	for i, p := range run {
		out[i] = place{p.Time.UnixNano(), int32(i)}
	}
	slices.SortFunc(out, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.i, b.i)) })
	return out
}

// orderer keeps sorted runs one after the other in one file.
type orderer struct {
	dir  string
	file *os.File
	end  int64
	runs []*io.SectionReader
}

func (o *orderer) close() {
	if o.file != nil {
		o.file.Close()
		os.Remove(o.file.Name())
	}
}

// spill writes a run to the file.
func (o *orderer) spill(run []Post) error {
	if o.file == nil {
		f, err := os.CreateTemp(o.dir, "posts-*")
		if err != nil {
			return fmt.Errorf("sort posts: %w", err)
		}
		o.file = f
	}
	w := bufio.NewWriterSize(o.file, 1<<18)
	var buf, scratch []byte
	size := int64(0)
	for _, at := range placesOf(run) {
		buf, scratch = appendPost(buf[:0], scratch, run[at.i])
		size += int64(len(buf))
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("sort posts: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("sort posts: %w", err)
	}
	o.runs = append(o.runs, io.NewSectionReader(o.file, o.end, size))
	o.end += size
	return nil
}

// merge gives the posts of the runs in the file and of the last one, which is in memory.
func (o *orderer) merge(ctx context.Context, last []Post, yield func(Post, error) bool) {
	var h sources
	for i, r := range o.runs {
		s := &source{number: i, in: bufio.NewReaderSize(r, 1<<16)}
		h = append(h, s)
	}
	h = append(h, &source{number: len(o.runs), run: last, left: placesOf(last)})
	for i, s := range slices.Backward(h) {
		if more, err := s.next(); err != nil {
			yield(Post{}, err)
			return
		} else if !more {
			h = slices.Delete(h, i, i+1)
		}
	}
	heap.Init(&h)
	for n := 0; len(h) > 0; n++ {
		if n%(1<<14) == 0 && ctx.Err() != nil {
			yield(Post{}, ctx.Err())
			return
		}
		s := h[0]
		if !yield(s.head, nil) {
			return
		}
		more, err := s.next()
		switch {
		case err != nil:
			yield(Post{}, err)
			return
		case more:
			heap.Fix(&h, 0)
		default:
			heap.Pop(&h)
		}
	}
}

// source is one run that is being merged.
type source struct {
	number int
	head   Post
	in     *bufio.Reader
	run    []Post
	left   []place // of run
}

// next makes the next post the head; false at the end.
func (s *source) next() (bool, error) {
	if s.in == nil {
		if len(s.left) == 0 {
			return false, nil
		}
		s.head, s.left = s.run[s.left[0].i], s.left[1:]
		return true, nil
	}
	p, err := readPost(s.in)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("sort posts: %w", err)
	}
	s.head = p
	return true, nil
}

// sources is a heap by time, then by the order of the input.
type sources []*source

func (h sources) Len() int { return len(h) }
func (h sources) Less(i, j int) bool {
	return cmp.Or(h[i].head.Time.Compare(h[j].head.Time), cmp.Compare(h[i].number, h[j].number)) < 0
}
func (h sources) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *sources) Push(x any)   { *h = append(*h, x.(*source)) }
func (h *sources) Pop() any {
	old := *h
	s := old[len(old)-1]
	*h = old[:len(old)-1]
	return s
}

// appendPost writes a post: its length, then seconds, nanoseconds, whether it is a repost, and its texts with their lengths before them.
func appendPost(b, body []byte, p Post) (record, scratch []byte) {
	body = binary.AppendVarint(body[:0], p.Time.Unix())
	body = binary.AppendUvarint(body, uint64(p.Time.Nanosecond()))
	repost := byte(0)
	if p.Repost {
		repost = 1
	}
	body = append(body, repost)
	body = appendText(appendText(appendText(body, p.Account), p.Text), p.Language)
	for _, l := range [...][]string{p.Links, p.Hashtags, p.Media} {
		body = binary.AppendUvarint(body, uint64(len(l)))
		for _, s := range l {
			body = appendText(body, s)
		}
	}
	return append(binary.AppendUvarint(b, uint64(len(body))), body...), body
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// readPost reads what appendPost wrote; io.EOF where there is nothing more. All texts of a post share one piece of memory.
func readPost(in *bufio.Reader) (Post, error) {
	n, err := binary.ReadUvarint(in)
	if err != nil {
		return Post{}, err
	}
	record := make([]byte, n)
	if _, err := io.ReadFull(in, record); err != nil {
		return Post{}, err
	}
	sec, size := binary.Varint(record)
	f := fields{text: string(record[max(size, 0):])}
	nano := f.number()
	p := Post{Time: time.Unix(sec, int64(nano)).UTC(), Repost: f.number() == 1}
	p.Account, p.Text, p.Language = f.next(), f.next(), f.next()
	p.Links, p.Hashtags, p.Media = f.list(), f.list(), f.list()
	if f.broken {
		return Post{}, errors.New("a record of the file of sorted posts is broken")
	}
	return p, nil
}

// fields reads the fields of a record.
type fields struct {
	text   string
	broken bool
}

func (f *fields) number() uint64 {
	var n uint64
	for i := range min(len(f.text), binary.MaxVarintLen64) {
		c := f.text[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			f.text = f.text[i+1:]
			return n
		}
	}
	f.broken = true
	return 0
}

func (f *fields) next() string {
	n := f.number()
	if n > uint64(len(f.text)) {
		f.broken = true
		return ""
	}
	var out string
	out, f.text = f.text[:n], f.text[n:]
	return out
}

func (f *fields) list() []string {
	n := f.number()
	if n == 0 || n > uint64(len(f.text)) {
		f.broken = f.broken || n > 0
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = f.next()
	}
	return out
}
