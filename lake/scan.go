package lake

import (
	"encoding/hex"
	"errors"
	"io"
	"net/netip"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
	"github.com/zeebo/xxh3"

	"marque/event"
)

// hashes is a set of 64-bit hashes with a bitmap in front, so that a scan costs little more than reading.
type hashes struct {
	shift  uint
	bitmap []uint64
	set    map[int64]struct{}
}

// newHashes builds the set with at least 128 bits of bitmap per hash, up to 16 MiB.
func newHashes(list []int64) *hashes {
	h := &hashes{shift: 64 - 12, set: make(map[int64]struct{}, len(list))}
	for 1<<(64-h.shift) < 128*len(list) && h.shift > 64-27 {
		h.shift--
	}
	h.bitmap = make([]uint64, 1<<(64-h.shift)/64)
	for _, v := range list {
		h.set[v] = struct{}{}
		bit := uint64(v) >> h.shift
		h.bitmap[bit>>6] |= 1 << (bit & 63)
	}
	return h
}

// possible reports whether a column chunk with this filter (nil: none) may hold one of the hashes. Large sets do not ask: some
// hash would always pass.
func (h *hashes) possible(filter parquet.BloomFilter) (bool, error) {
	if filter == nil || len(h.set) > 2000 {
		return true, nil
	}
	for v := range h.set {
		ok, err := filter.Check(parquet.Int64Value(v))
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// scan appends the rows of a column chunk whose hash is in the set.
func (h *hashes) scan(r *hashReader, file io.ReaderAt, meta *format.ColumnMetaData, chunk parquet.ColumnChunk) (rows []int64, err error) {
	if allInDictionary(meta) {
		if possible, err := h.inDictionary(chunk); !possible || err != nil {
			return nil, err
		}
	}
	plain, err := r.pages(file, meta, func(first int64, values []byte) { rows = h.scanPlain(rows, first, values) })
	if plain || err != nil {
		return rows, err
	}
	return eachPage(nil, chunk, func(rows []int64, first int64, page parquet.Page) ([]int64, error) {
		if page.Dictionary() != nil {
			return h.scanValues(rows, first, page)
		}
		data := page.Data()
		for i, v := range data.Int64() {
			bit := uint64(v) >> h.shift
			if h.bitmap[bit>>6]>>(bit&63)&1 == 0 {
				continue
			}
			if _, ok := h.set[v]; ok {
				rows = append(rows, first+int64(i))
			}
		}
		return rows, nil
	})
}

// allInDictionary reports whether a column chunk is known to have all its values in its dictionary.
func allInDictionary(meta *format.ColumnMetaData) bool {
	for _, s := range meta.EncodingStats {
		if s.PageType != format.DictionaryPage && s.Encoding != format.RLEDictionary {
			return false
		}
	}
	return len(meta.EncodingStats) > 0 && meta.DictionaryPageOffset != 0
}

// inDictionary reports whether the dictionary of a column chunk has one of the hashes.
func (h *hashes) inDictionary(chunk parquet.ColumnChunk) (bool, error) {
	pages := chunk.Pages()
	reader, ok := pages.(*parquet.FilePages)
	if !ok {
		return true, pages.Close()
	}
	dictionary, err := reader.ReadDictionary()
	if err != nil || dictionary == nil {
		return true, errors.Join(err, pages.Close())
	}
	found := false
	for i := range dictionary.Len() {
		_, in := h.set[dictionary.Index(int32(i)).Int64()]
		found = found || in
	}
	return found, pages.Close()
}

// scanValues scans a page whose values are numbers into a dictionary.
func (h *hashes) scanValues(rows []int64, first int64, page parquet.Page) ([]int64, error) {
	return eachValue(rows, first, page, func(v parquet.Value) bool {
		_, ok := h.set[v.Int64()]
		return ok
	})
}

// scanAddresses appends the rows whose address lies in one of the hunted networks.
func (h *hunt) scanAddresses(rows []int64, chunk parquet.ColumnChunk) ([]int64, error) {
	return eachPage(rows, chunk, func(rows []int64, first int64, page parquet.Page) ([]int64, error) {
		return eachValue(rows, first, page, func(v parquet.Value) bool {
			addr, err := netip.ParseAddr(view(v.ByteArray()))
			return err == nil && h.set.InNetwork(addr)
		})
	})
}

// eachPage calls f with every page of a chunk and the number of its first row; columns of the lake have one value per row.
func eachPage(rows []int64, chunk parquet.ColumnChunk, f func([]int64, int64, parquet.Page) ([]int64, error)) ([]int64, error) {
	pages := chunk.Pages()
	first := int64(0)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return rows, pages.Close()
		}
		if err == nil {
			rows, err = f(rows, first, page)
			first += page.NumRows()
			parquet.Release(page)
		}
		if err != nil {
			return rows, errors.Join(err, pages.Close())
		}
	}
}

func eachValue(rows []int64, first int64, page parquet.Page, want func(parquet.Value) bool) ([]int64, error) {
	var buf [256]parquet.Value
	values := page.Values()
	for {
		n, err := values.ReadValues(buf[:])
		for i, v := range buf[:n] {
			if want(v) {
				rows = append(rows, first+int64(i))
			}
		}
		first += int64(n)
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
	}
}

// eventOf turns rows back into events, reusing its memory.
type eventOf struct {
	e event.Event
}

func (x *eventOf) event(r *Row) *event.Event {
	x.e = event.Event{
		Time: r.Time * 1000, Format: r.Format, Sensor: []byte(r.Sensor), Technique: []byte(r.Technique), Sector: []byte(r.Sector),
		Country: []byte(r.Country), Victim: []byte(r.Victim), Observables: x.e.Observables[:0],
	}
	x.address("src_ip", r.SrcIP, event.RoleSrcIP)
	x.address("dst_ip", r.DstIP, event.RoleDstIP)
	x.add(event.Domain, "domain", r.Domain)
	x.add(event.URL, "url", r.URL)
	x.add(event.Email, "email", r.Email)
	x.add(digestKind(len(r.Digest)), "digest", hex.EncodeToString(r.Digest))
	return &x.e
}

func (x *eventOf) address(field, text string, role event.Role) {
	if addr, err := netip.ParseAddr(text); err == nil {
		kind := event.IPv6
		if addr.Is4() {
			kind = event.IPv4
		}
		x.e.Observables = append(x.e.Observables, event.Observable{Kind: kind, Field: field, Value: []byte(text), Addr: addr, Role: role})
	}
}

func (x *eventOf) add(kind event.Kind, field, text string) {
	if text != "" && kind != event.KindNone {
		x.e.Observables = append(x.e.Observables, event.Observable{Kind: kind, Field: field, Value: []byte(text)})
	}
}

func digestKind(n int) event.Kind {
	switch n {
	case 16:
		return event.MD5
	case 20:
		return event.SHA1
	case 32:
		return event.SHA256
	case 64:
		return event.SHA512
	}
	return event.KindNone
}

// digestOf names a list of names.
func digestOf(names []string) uint64 {
	h := xxh3.New()
	for _, n := range names {
		_, _ = h.WriteString(n + "\n") // never fails
	}
	return h.Sum64()
}
