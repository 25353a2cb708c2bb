package export

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"

	"marque/ingest/indicators"
	"marque/internal/plain"
	"marque/stix"
	"marque/stix/pattern"
	"marque/store"
)

// CSV writes the indicators that a query asks for, one row per value of a simple pattern and one row without a value for any other
// pattern; package ingest/indicators documents the columns and reads them back. Revoked indicators are left out. Each row says
// its TLP and PAP levels.
func CSV(ctx context.Context, w io.Writer, r *Reader, q store.Query) (Summary, error) {
	var sum Summary
	out := csv.NewWriter(w)
	_ = out.Write(indicators.Columns) // the error is kept and given by Error
	q.Types, q.AllVersions = []string{"indicator"}, false
	for rec, err := range r.Find(ctx, q) {
		if err == nil && rec.Revoked {
			sum.skip("indicator")
			continue
		}
		if err == nil {
			err = csvRows(ctx, out, r, rec)
		}
		if err != nil {
			return sum, fmt.Errorf("export CSV: %w", err)
		}
		sum.Written++
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return sum, fmt.Errorf("export CSV: %w", err)
	}
	return sum, nil
}

func csvRows(ctx context.Context, out *csv.Writer, r *Reader, rec *store.Record) error {
	var v stix.Indicator
	if err := rec.Decode(&v); err != nil {
		return err
	}
	pap, err := r.PAP(ctx, rec.Object)
	if err != nil {
		return err
	}
	row := indicators.Row{
		ID: string(v.ID), Pattern: v.Pattern, PatternType: v.PatternType, Name: plain.Text(v.Name), Description: plain.Text(v.Description),
		IndicatorTypes: strings.Join(v.IndicatorTypes, ";"), ValidFrom: v.ValidFrom.String(), ValidUntil: v.ValidUntil.String(),
		Labels: plain.Text(strings.Join(v.Labels, ";")), TLP: rec.Level.String(), CreatedBy: string(v.CreatedByRef),
		Created: v.Created.String(), Modified: v.Modified.String(),
	}
	if pap > stix.PAPClear {
		row.PAP = pap.String()
	}
	if v.Confidence != nil {
		row.Confidence = strconv.Itoa(*v.Confidence)
	}
	values := simpleValues(&v)
	if len(values) == 0 {
		values = []Value{{}}
	}
	for _, val := range values {
		row.Type, row.Value = val.Path, val.Text
		if err := out.Write(row.Record()); err != nil {
			return err
		}
	}
	return nil
}

// Value is what a simple pattern looks for.
type Value struct {
	Path string // object path: "file:hashes.'SHA-256'"
	Text string
}

// simpleValues are the values of a pattern that any one of them decides; none where the pattern is no such list.
func simpleValues(v *stix.Indicator) []Value {
	if v.PatternType != "stix" {
		return nil
	}
	p, err := pattern.Parse(v.Pattern)
	if err != nil {
		return nil
	}
	prog, err := pattern.Compile(p)
	if err != nil {
		return nil
	}
	lookups, ok := prog.Lookups()
	if !ok {
		return nil
	}
	var out []Value
	for _, l := range lookups {
		out = append(out, Value{Path: l.ObjectType + ":" + l.Path, Text: l.Value.Text})
	}
	return out
}
