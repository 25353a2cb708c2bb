package indicators

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"marque/ingest"
	"marque/ingest/table"
	"marque/internal/charset"
	"marque/stix"
)

// maxFile bounds a file.
const maxFile = 1 << 30

// Reader reads tables and plain lists of indicators.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "indicators".
func (Reader) Name() string { return "indicators" }

// Detect looks for columns that mean something, then for any table at all, so that none is taken for prose: Read then says which columns
// it saw. Writing that is a list of values is likely one.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	text, _ := charset.ToUTF8(head, "")
	if ingest.ShapeOf(text).Kind != 0 || strings.HasPrefix(strings.TrimSpace(string(text[:min(len(text), 64)])), "<") {
		return ingest.No
	}
	if isList(text, len(head) >= ingest.HeadSize/2) {
		return ingest.Likely
	}
	t, err := table.Open(text)
	if err != nil {
		return ingest.No
	}
	l, known := layoutOf(t.Header)
	switch {
	case table.IsHeader(head, "type", "value", "pattern", "pattern_type"):
		return ingest.Certain
	case known && (l.at["type"] != "" && l.at["value"] != "" || l.at["pattern"] != "" && l.at["pattern_type"] != ""):
		return ingest.Likely
	case known && table.IsNames(t.Header) && len(t.Header) > 1:
		return ingest.Possible
	case known && len(t.Header) == 1 && listBelow(text):
		return ingest.Likely
	case table.Looks(head):
		return ingest.Possible
	default:
		return ingest.No
	}
}

// listBelow tells whether a list stands below the first line, its header.
func listBelow(text []byte) bool {
	_, rest, _ := strings.Cut(string(text), "\n")
	return isList([]byte(rest), false)
}

// Read reads the rows.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	doc, err := in.ReadAll(maxFile)
	if err != nil {
		return err
	}
	doc, _ = charset.ToUTF8(doc, "")
	if isList(doc[:min(len(doc), ingest.HeadSize)], len(doc) > ingest.HeadSize) {
		return readList(ctx, doc, out)
	}
	t, err := table.Open(doc)
	if err != nil {
		return err
	}
	l, known := layoutOf(t.Header)
	if !known {
		return notUnderstood(t)
	}
	for _, name := range l.unread {
		ingest.Missed(out, fmt.Sprintf("column %.40q", name))
	}
	w := &rowWriter{out: out, seen: map[stix.ID]bool{}}
	return t.Each(func(row *table.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if row.Err != nil {
			return out.Reject(row.Reject(row.Err.Error()))
		}
		rows := l.rows(row)
		if len(rows) == 0 {
			return out.Reject(row.Reject("row without a value in " + strings.Join(l.typed, ", ")))
		}
		for _, r := range rows {
			if err := w.write(row, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// rowWriter writes rows, each indicator once.
type rowWriter struct {
	out  ingest.Sink
	seen map[stix.ID]bool
}

func (w *rowWriter) write(row *table.Row, r Row) error {
	o, err := r.indicator()
	if err != nil {
		return w.out.Reject(row.Reject(err.Error()))
	}
	for _, n := range slices.Compact(r.notes) {
		w.out.Warn(n)
	}
	if w.seen[o.ID] {
		return nil
	}
	w.seen[o.ID] = true
	if r.ID != "" {
		return w.out.Supplement(o)
	}
	return w.out.Derived(o)
}

func place(what string, n int) string { return fmt.Sprintf("%s %d", what, n) }
