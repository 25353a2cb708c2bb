package lake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// valueColumns are the columns that make an event, and where a row keeps them.
var valueColumns = []struct {
	name string
	set  func(*Row, parquet.Value)
}{
	{"time", func(r *Row, v parquet.Value) { r.Time = v.Int64() }},
	{"format", func(r *Row, v parquet.Value) { r.Format = textOf(v) }},
	{"sensor", func(r *Row, v parquet.Value) { r.Sensor = textOf(v) }},
	{"technique", func(r *Row, v parquet.Value) { r.Technique = textOf(v) }},
	{"sector", func(r *Row, v parquet.Value) { r.Sector = textOf(v) }},
	{"country", func(r *Row, v parquet.Value) { r.Country = textOf(v) }},
	{"victim", func(r *Row, v parquet.Value) { r.Victim = textOf(v) }},
	{"src_ip", func(r *Row, v parquet.Value) { r.SrcIP = textOf(v) }},
	{"dst_ip", func(r *Row, v parquet.Value) { r.DstIP = textOf(v) }},
	{"domain", func(r *Row, v parquet.Value) { r.Domain = textOf(v) }},
	{"url", func(r *Row, v parquet.Value) { r.URL = textOf(v) }},
	{"email", func(r *Row, v parquet.Value) { r.Email = textOf(v) }},
	{"digest", func(r *Row, v parquet.Value) { r.Digest = bytes.Clone(v.ByteArray()) }},
}

func textOf(v parquet.Value) string { return strings.Clone(view(v.ByteArray())) }

// readRows returns the rows of a row group with these numbers, which are in order. It reads column by column, and of each only
// the pages that hold one of the rows.
func readRows(p *parquet.File, g parquet.RowGroup, numbers []int64) ([]Row, error) {
	rows := make([]Row, len(numbers))
	chunks := g.ColumnChunks()
	for _, c := range valueColumns {
		leaf, ok := p.Schema().Lookup(c.name)
		if !ok {
			return nil, fmt.Errorf("no column %s", c.name)
		}
		if err := readColumn(rows, chunks[leaf.ColumnIndex], numbers, c.set); err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
	}
	return rows, nil
}

func readColumn(rows []Row, chunk parquet.ColumnChunk, numbers []int64, set func(*Row, parquet.Value)) (err error) {
	if _, err := chunk.OffsetIndex(); err != nil && !errors.Is(err, parquet.ErrMissingOffsetIndex) { // for SeekToRow
		return err
	}
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for next := 0; next < len(numbers); {
		first := numbers[next]
		if err := pages.SeekToRow(first); err != nil {
			return err
		}
		page, err := pages.ReadPage()
		if err != nil {
			return fmt.Errorf("ends before row %d: %w", first, err)
		}
		value, err := valuesOf(page)
		for err == nil && next < len(numbers) && numbers[next] < first+page.NumRows() {
			set(&rows[next], value(int(numbers[next]-first)))
			next++
		}
		if page.NumRows() == 0 && err == nil {
			err = fmt.Errorf("page without row %d: %w", first, parquet.ErrCorrupted)
		}
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
	return nil
}

// valuesOf returns a function that gives the values of a page by their place in it.
func valuesOf(page parquet.Page) (func(int) parquet.Value, error) {
	data := page.Data()
	switch {
	case page.Dictionary() != nil:
		numbers, dictionary := data.Int32(), page.Dictionary()
		for _, n := range numbers {
			if n < 0 || int(n) >= dictionary.Len() {
				return nil, fmt.Errorf("value %d of a dictionary of %d: %w", n, dictionary.Len(), parquet.ErrCorrupted)
			}
		}
		return func(i int) parquet.Value { return dictionary.Index(numbers[i]) }, nil
	case page.Type().Kind() == parquet.Int64:
		list := data.Int64()
		return func(i int) parquet.Value { return parquet.Int64Value(list[i]) }, nil
	}
	text, offsets := data.ByteArray()
	return func(i int) parquet.Value { return parquet.ByteArrayValue(text[offsets[i]:offsets[i+1]]) }, nil
}
