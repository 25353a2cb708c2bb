package lake

import (
	"encoding/binary"
	"unsafe"

	"marque/match"
)

// Row is one row of the lake, and thereby its schema (docs/events.md). An empty string, empty bytes and a hash of 0 mean that
// the event has no such value. An event with more values than a row has places for goes on in rows of the same time
// and sensor with Part 1, 2, …; count events with part = 0.
type Row struct {
	Time      int64  `parquet:"time,timestamp(microsecond)"`
	Part      int32  `parquet:"part"`
	Format    string `parquet:"format"`
	Sensor    string `parquet:"sensor"`
	Technique string `parquet:"technique"`
	Sector    string `parquet:"sector"`
	Country   string `parquet:"country"`
	Victim    string `parquet:"victim"`
	SrcIP     string `parquet:"src_ip"`
	DstIP     string `parquet:"dst_ip"`
	Domain    string `parquet:"domain"`
	URL       string `parquet:"url"`
	Email     string `parquet:"email"`
	Digest    []byte `parquet:"digest"`

	SrcIPHash  int64 `parquet:"src_ip_h,plain,uncompressed"`
	DstIPHash  int64 `parquet:"dst_ip_h,plain,uncompressed"`
	ZoneHash   int64 `parquet:"zone_h,plain,uncompressed"` // of the domain's last two labels
	URLHash    int64 `parquet:"url_h,plain,uncompressed"`
	EmailHash  int64 `parquet:"email_h,plain,uncompressed"`
	DigestHash int64 `parquet:"digest_h,plain,uncompressed"`
}

// hashColumns are the columns that a hunt reads first: hashes (match.Hash) of the value in the column of the same name, in
// zone_h of the last two labels of domain, so that one look finds a domain and all under it.
var hashColumns = []string{"src_ip_h", "dst_ip_h", "zone_h", "url_h", "email_h", "digest_h"}

func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// rower turns events into rows. Strings of a row share the event's memory.
type rower struct {
	seed uint64
	hex  []byte // decoded digests of the batch
}

// rows appends the rows of an event.
func (r *rower) rows(out []Row, e *match.Event) []Row {
	first := len(out)
	out = r.row(out, e, 0)
	for i := range e.Observables {
		o := &e.Observables[i]
		placed := false
		for k := first; k < len(out) && !placed; k++ {
			placed = r.place(&out[k], o)
		}
		if !placed {
			out = r.row(out, e, int32(len(out)-first))
			r.place(&out[len(out)-1], o)
		}
	}
	return out
}

// row appends a row without observables, in place: rows are large.
func (r *rower) row(out []Row, e *match.Event, part int32) []Row {
	if len(out) == cap(out) {
		out = append(out, Row{})
	} else {
		out = out[:len(out)+1]
	}
	row := &out[len(out)-1]
	*row = Row{}
	row.Time, row.Part, row.Format, row.Sensor, row.Technique = micros(e.Time), part, e.Format, view(e.Sensor), view(e.Technique)
	row.Sector, row.Country, row.Victim = view(e.Sector), view(e.Country), view(e.Victim)
	return out
}

func micros(ns int64) int64 {
	us := ns / 1000
	if ns%1000 < 0 {
		us--
	}
	return us
}

// place puts an observable into its column, or says that the column is taken.
func (r *rower) place(row *Row, o *match.Observable) bool {
	h := int64(o.Hash)
	switch o.Kind {
	case match.IPv4, match.IPv6:
		return placeIP(row, o, h)
	case match.Domain:
		if row.ZoneHash != 0 {
			return false
		}
		row.Domain, row.ZoneHash = view(o.Value), int64(match.Hash(match.Domain, o.Value[len(o.Value)-len(zone(view(o.Value))):], r.seed))
	case match.URL:
		if row.URLHash != 0 {
			return false
		}
		row.URL, row.URLHash = view(o.Value), h
	case match.Email:
		if row.EmailHash != 0 {
			return false
		}
		row.Email, row.EmailHash = view(o.Value), h
	case match.MD5, match.SHA1, match.SHA256, match.SHA512:
		if row.DigestHash != 0 {
			return false
		}
		row.Digest, row.DigestHash = r.bytes(o.Value), h
	}
	return true
}

func placeIP(row *Row, o *match.Observable, h int64) bool {
	switch {
	case o.Role != match.RoleDstIP && row.SrcIPHash == 0:
		row.SrcIP, row.SrcIPHash = view(o.Value), h
	case o.Role != match.RoleSrcIP && row.DstIPHash == 0:
		row.DstIP, row.DstIPHash = view(o.Value), h
	default:
		return false
	}
	return true
}

// bytes decodes a digest; the memory lives until reset.
func (r *rower) bytes(digest []byte) []byte {
	if cap(r.hex)-len(r.hex) < len(digest)/2 {
		r.hex = make([]byte, 0, 64<<10)
	}
	start := len(r.hex)
	r.hex = appendHex(r.hex, digest)
	return r.hex[start:len(r.hex):len(r.hex)]
}

// appendHex decodes canonical hex, whose length eight divides, eight digits at a time: five times as fast as encoding/hex,
// which looks for errors.
func appendHex(out, digest []byte) []byte {
	for ; len(digest) >= 8; digest = digest[8:] {
		x := binary.LittleEndian.Uint64(digest)
		x = x&0x0F0F0F0F0F0F0F0F + x>>6&0x0101010101010101*9 // each byte the value of its digit
		x = (x<<4 | x>>8) & 0x00FF00FF00FF00FF               // each second byte the value of two
		x = (x | x>>8) & 0x0000FFFF0000FFFF
		out = binary.LittleEndian.AppendUint32(out, uint32(x|x>>16))
	}
	return out
}

func (r *rower) reset() { r.hex = r.hex[:0] }
