package lake

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// hashReader reads int64 columns that are neither compressed nor encoded, which is how the lake keeps hashes: the bytes of a
// page are looked at where they were read to, checked against its checksum and copied nowhere. A look back spends nearly all
// of its time here, at a quarter of the time per row that pages of package parquet take.
type hashReader struct {
	buf []byte
}

// hashWindow is how much is read at a time; little enough to stay in the processor's cache.
const hashWindow = 512 << 10

// pages calls f with the values of each page, as bytes, and the number of its first row. plain is false, and f was not
// called, if the column is of another kind.
func (r *hashReader) pages(file io.ReaderAt, meta *format.ColumnMetaData, f func(first int64, values []byte)) (plain bool, err error) {
	if meta.Type != format.Int64 || meta.Codec != format.Uncompressed || meta.DictionaryPageOffset != 0 {
		return false, nil
	}
	if r.buf == nil {
		r.buf = make([]byte, hashWindow)
	}
	at, end := meta.DataPageOffset, meta.DataPageOffset+meta.TotalCompressedSize
	row := int64(0)
	for at < end && row < meta.NumValues {
		window := r.buf[:min(int64(len(r.buf)), end-at)]
		if n, err := file.ReadAt(window, at); n < len(window) {
			return true, fmt.Errorf("page at %d: %w", at, err)
		}
		used := 0
		for used < len(window) {
			values, size, fits, err := hashPage(window[used:])
			if err != nil {
				return row > 0, fmt.Errorf("page at %d: %w", at+int64(used), err)
			}
			if values == nil && fits {
				if row > 0 {
					return true, fmt.Errorf("page at %d: another encoding than the one before: %w", at+int64(used), parquet.ErrCorrupted)
				}
				return false, nil
			}
			if !fits {
				break
			}
			f(row, values)
			row += int64(len(values) / 8)
			used += size
		}
		if used == 0 {
			if row > 0 || len(window) < len(r.buf) {
				return true, fmt.Errorf("page at %d: longer than its column: %w", at, parquet.ErrCorrupted)
			}
			return false, nil // a page larger than the window
		}
		at += int64(used)
	}
	if row != meta.NumValues {
		return true, fmt.Errorf("%d values, want %d: %w", row, meta.NumValues, parquet.ErrCorrupted)
	}
	return true, nil
}

// hashPage reads the page that b begins with. fits is false if b ends before it does; values is nil if it is not plain.
func hashPage(b []byte) (values []byte, size int, fits bool, err error) {
	var head format.PageHeader
	in := new(thrift.CompactProtocol).NewReaderFromBytes(b)
	if err := thrift.NewDecoder(in).Decode(&head); err != nil {
		if len(b) < maxPageHeader {
			return nil, 0, false, nil
		}
		return nil, 0, false, fmt.Errorf("page header: %w", err)
	}
	start, n := in.BytesRead(), int(head.CompressedPageSize)
	if n < 0 {
		return nil, 0, false, fmt.Errorf("page of %d bytes: %w", n, parquet.ErrCorrupted)
	}
	if n > len(b)-start {
		return nil, 0, false, nil
	}
	values = b[start : start+n]
	if head.CRC != 0 && crc32.ChecksumIEEE(values) != uint32(head.CRC) {
		return nil, 0, false, fmt.Errorf("page checksum: %w", parquet.ErrCorrupted)
	}
	v2 := &head.DataPageHeaderV2
	if head.Type != format.DataPageV2 || !v2.Valid || v2.V.Encoding != format.Plain || v2.V.NumNulls != 0 ||
		v2.V.DefinitionLevelsByteLength != 0 || v2.V.RepetitionLevelsByteLength != 0 || int(v2.V.NumValues)*8 != n || n == 0 {
		return nil, 0, true, nil
	}
	return values, start + n, true, nil
}

// maxPageHeader is longer than the header of any page without statistics.
const maxPageHeader = 4 << 10

// scanPlain appends the rows whose hash is in the set, from the values of a page. Four bits are looked up before the first branch.
func (h *hashes) scanPlain(rows []int64, first int64, values []byte) []int64 {
	bitmap, shift := h.bitmap, h.shift&63
	for ; len(values) >= 32; values, first = values[32:], first+4 {
		a, b := binary.LittleEndian.Uint64(values)>>shift, binary.LittleEndian.Uint64(values[8:])>>shift
		c, d := binary.LittleEndian.Uint64(values[16:])>>shift, binary.LittleEndian.Uint64(values[24:])>>shift
		if (bitmap[a>>6]>>(a&63)|bitmap[b>>6]>>(b&63)|bitmap[c>>6]>>(c&63)|bitmap[d>>6]>>(d&63))&1 != 0 {
			rows = h.lookUp(rows, first, values[:32])
		}
	}
	return h.lookUp(rows, first, values)
}

// lookUp appends the rows whose hash is in the set.
func (h *hashes) lookUp(rows []int64, first int64, values []byte) []int64 {
	for i := 0; i+8 <= len(values); i += 8 {
		if _, ok := h.set[int64(binary.LittleEndian.Uint64(values[i:]))]; ok {
			rows = append(rows, first+int64(i/8))
		}
	}
	return rows
}
