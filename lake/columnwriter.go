package lake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"marque/lake/bucket"
)

// layout is what all files of the lake have in common.
type layout struct {
	schema []format.SchemaElement
	orders []format.ColumnOrder
	names  []string // of the columns
}

// newLayout takes it from a file of package parquet without rows, so that the schema is told in one place: Row.
func newLayout() (*layout, error) {
	var buf bytes.Buffer
	if err := parquet.NewGenericWriter[Row](&buf).Close(); err != nil {
		return nil, err
	}
	p, err := parquet.OpenFile(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		return nil, err
	}
	m := p.Metadata()
	out := &layout{schema: m.Schema, orders: m.ColumnOrders}
	for _, e := range m.Schema[1:] {
		out.names = append(out.names, e.Name)
	}
	return out, nil
}

// columnWriter writes a Parquet file while events flow. Package parquet copies each value into a column, a page and the file; here the
// columns are made in the file's encoding and written from where they are. Values are plain and not compressed, or numbers into
// a dictionary where few differ; statistics are those of the time. Compaction makes up for both.
type columnWriter struct {
	layout *layout
	f      bucket.Upload
	buf    []byte // written soon
	at     int64
	rows   int64
	groups []format.RowGroup
	pages  [][]format.OffsetIndex // by group and column
	body   []byte                 // of the page at hand
}

const (
	magic      = "PAR1"
	writeBytes = 64 << 10 // what is collected before it is written; more is written at once
)

func newColumnWriter(f bucket.Upload, l *layout) (*columnWriter, error) {
	w := &columnWriter{layout: l, f: f, buf: make([]byte, 0, writeBytes)}
	return w, w.write([]byte(magic))
}

func (w *columnWriter) write(p []byte) error {
	w.at += int64(len(p))
	if len(w.buf)+len(p) > cap(w.buf) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	if len(p) < cap(w.buf)/2 {
		w.buf = append(w.buf, p...)
		return nil
	}
	if err := w.flush(); err != nil {
		return err
	}
	_, err := w.f.Write(p)
	return err
}

func (w *columnWriter) flush() error {
	_, err := w.f.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

// group writes a row group.
func (w *columnWriter) group(g *group) error {
	rg := format.RowGroup{NumRows: int64(g.rows), FileOffset: w.at, Ordinal: int16(len(w.groups))}
	pages := make([]format.OffsetIndex, numColumns)
	for i := range g.columns {
		meta, err := w.column(&g.columns[i], g.rows, &pages[i])
		if err != nil {
			return err
		}
		meta.PathInSchema = []string{w.layout.names[i]}
		if i == colTime {
			meta.Statistics = format.Statistics{MinValue: binary.LittleEndian.AppendUint64(nil, uint64(g.first)), MaxValue: binary.LittleEndian.AppendUint64(nil, uint64(g.last))}
		}
		rg.TotalByteSize += meta.TotalCompressedSize
		rg.Columns = append(rg.Columns, format.ColumnChunk{MetaData: meta})
	}
	rg.TotalCompressedSize = rg.TotalByteSize
	w.groups, w.pages = append(w.groups, rg), append(w.pages, pages)
	w.rows += int64(g.rows)
	return nil
}

// column writes a column chunk. One whose values are all empty is a dictionary of one value.
func (w *columnWriter) column(c *chunk, rows int, index *format.OffsetIndex) (format.ColumnMetaData, error) {
	start := w.at
	meta := format.ColumnMetaData{Type: c.kind, Codec: format.Uncompressed, NumValues: int64(rows), Encoding: []format.Encoding{format.Plain}}
	dictionary, values := []byte(nil), 0
	switch {
	case c.words != nil:
		dictionary, values = c.words.data, len(c.words.ends)
	case !c.filled:
		dictionary, values = emptyValue(c.kind), 1
	}
	encoding := format.Plain
	if values > 0 {
		encoding = format.RLEDictionary
		meta.Encoding = append(meta.Encoding, encoding)
		meta.DictionaryPageOffset = start
		head := format.PageHeader{Type: format.DictionaryPage}
		head.DictionaryPageHeader = thrift.New(format.DictionaryPageHeader{NumValues: int32(values), Encoding: format.Plain})
		if err := w.page(head, dictionary); err != nil {
			return meta, err
		}
	}
	meta.DataPageOffset = w.at
	ends, from := c.pages(rows), cut{}
	if values > 0 {
		meta.EncodingStats = []format.PageEncodingStats{
			{PageType: format.DictionaryPage, Encoding: format.Plain, Count: 1}, {PageType: format.DataPageV2, Encoding: encoding, Count: int32(len(ends))},
		}
	}
	for _, to := range ends {
		head := format.PageHeader{Type: format.DataPageV2}
		n := int32(to.rows - from.rows)
		head.DataPageHeaderV2 = thrift.New(format.DataPageHeaderV2{NumValues: n, NumRows: n, Encoding: encoding, IsCompressed: thrift.New(false)})
		at := w.at
		if err := w.page(head, w.encode(c, from, to, values)); err != nil {
			return meta, err
		}
		index.PageLocations = append(index.PageLocations, format.PageLocation{Offset: at, CompressedPageSize: int32(w.at - at), FirstRowIndex: int64(from.rows)})
		from = to
	}
	meta.TotalCompressedSize, meta.TotalUncompressedSize = w.at-start, w.at-start
	return meta, nil
}

func emptyValue(kind format.Type) []byte {
	if kind == format.Int64 {
		return make([]byte, 8)
	}
	return make([]byte, 4) // a text's length, or the number itself
}

// pages says where the pages of a column end.
func (c *chunk) pages(rows int) []cut {
	size := 0
	switch {
	case c.words == nil && !c.filled:
		return []cut{{rows, len(c.data)}}
	case c.words == nil && c.kind == format.ByteArray:
		if n := len(c.cuts); n == 0 || c.cuts[n-1].rows < rows {
			c.cuts = append(c.cuts, cut{rows, len(c.data)})
		}
		return c.cuts
	default:
		size = len(c.data) / rows
	}
	for n := 0; n < rows; {
		n = min(n+pageRows, rows)
		c.cuts = append(c.cuts, cut{n, n * size})
	}
	return c.cuts
}

// encode returns the body of a page. Numbers into a dictionary are one run of the RLE/bit-packing hybrid (Parquet format,
// "Encodings", RLE = 3), of whole bytes.
func (w *columnWriter) encode(c *chunk, from, to cut, values int) []byte {
	n, numbers := uint64(to.rows-from.rows), c.data[from.end:to.end]
	if values == 0 {
		return numbers
	}
	width := byte(8)
	wide := values > 256
	if wide {
		width = 16
	}
	b := w.body[:0]
	if values == 1 { // a run of zeros, one bit wide
		return append(binary.AppendUvarint(append(b, 1), n<<1), 0)
	}
	b = binary.AppendUvarint(append(b, width), (n+7)/8<<1|1)
	if wide {
		b = append(b, numbers...)
	} else {
		for i := 0; i < len(numbers); i += 2 {
			b = append(b, numbers[i])
		}
	}
	for ; n%8 != 0; n++ { // groups of eight
		b = append(b, 0)
		if wide {
			b = append(b, 0)
		}
	}
	w.body = b
	return b
}

// page writes a page behind its header.
func (w *columnWriter) page(head format.PageHeader, body []byte) error {
	head.UncompressedPageSize, head.CompressedPageSize, head.CRC = int32(len(body)), int32(len(body)), int32(crc32.ChecksumIEEE(body))
	if err := w.thrift(&head); err != nil {
		return err
	}
	return w.write(body)
}

func (w *columnWriter) thrift(v any) error {
	b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
	if err != nil {
		return err
	}
	return w.write(b)
}

// finish writes the indexes of the pages and the footer.
func (w *columnWriter) finish(m meta) error {
	for i, pages := range w.pages {
		for k := range pages {
			at := w.at
			if err := w.thrift(&pages[k]); err != nil {
				return err
			}
			c := &w.groups[i].Columns[k]
			c.OffsetIndexOffset, c.OffsetIndexLength = at, int32(w.at-at)
		}
	}
	at := w.at
	err := w.thrift(&format.FileMetaData{
		Version: 2, Schema: w.layout.schema, ColumnOrders: w.layout.orders, NumRows: w.rows, RowGroups: w.groups,
		KeyValueMetadata: []format.KeyValue{{Key: "marque.seed", Value: fmt.Sprint(m.Seed)}}, CreatedBy: fmt.Sprintf("marque version %d", m.Version),
	})
	if err != nil {
		return err
	}
	if err := w.write(append(binary.LittleEndian.AppendUint32(nil, uint32(w.at-at)), magic...)); err != nil {
		return err
	}
	return w.flush()
}
