package indicators

import (
	"context"

	"marque/ingest"
	"marque/ingest/table"
	"marque/stix"
)

// maxFile bounds a file.
const maxFile = 1 << 30

// Reader reads CSV of indicators.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "indicators".
func (Reader) Name() string { return "indicators" }

// Detect looks for the columns.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	switch {
	case table.IsHeader(head, "type", "value", "pattern", "pattern_type"):
		return ingest.Certain
	case table.IsHeader(head, "type", "value"), table.IsHeader(head, "pattern", "pattern_type"):
		return ingest.Likely
	default:
		return ingest.No
	}
}

// Read reads the rows.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	doc, err := in.ReadAll(maxFile)
	if err != nil {
		return err
	}
	t, err := table.Open(doc)
	if err != nil {
		return err
	}
	seen := map[stix.ID]bool{}
	return t.Each(func(row *table.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if row.Err != nil {
			return out.Reject(row.Reject(row.Err.Error()))
		}
		var r Row
		for i, field := range r.fields() {
			*field = unguard(row.Get(Columns[i]))
		}
		o, err := r.indicator()
		switch {
		case err != nil:
			return out.Reject(row.Reject(err.Error()))
		case seen[o.ID]:
			return nil
		case r.ID != "":
			err = out.Supplement(o)
		default:
			err = out.Derived(o)
		}
		seen[o.ID] = true
		return err
	})
}
