package match

import (
	"encoding/hex"
	"math/bits"
	"strings"
	"unsafe"

	"github.com/gaissmai/bart"
	"github.com/google/uuid"

	"marque/event"
)

// Table is an immutable set of indicator values: a word-blocked Bloom filter of two bytes per value before an open-addressing
// table of 64-bit slots (32 bits of the hash, 32 bits of the entry's number) before the entries, which are verified
// against the stored value. CIDRs lie in a prefix table. All but the prefix table are flat arrays, so that a prepared
// file is used as it is mapped.
type Table struct {
	seed    uint64
	bloom   []uint64
	slots   []uint64
	entries []entry
	values  []byte // per value: length (two bytes) and text; hex digests as bytes
	tags    []Tag
	ids     []string // of the entries whose id is no UUID
	nets    []uint32 // numbers of the CIDR entries that head a chain
	cidrs   *bart.Table[uint32]
	seq     uint64 // set by Set: higher is newer
	unmap   func() error
}

// entry is one indicator with one value; those with the same value are chained.
type entry struct {
	from, until int64    // milliseconds since 1970, 0: open
	id          [16]byte // UUID after "indicator--", or a number into ids
	value       uint32   // offset in values
	next        uint32   // number of the next entry with this value, 0: none
	tag         uint32
	kind        event.Kind
	flags       uint8
	_           uint16
}

const entrySize = int64(unsafe.Sizeof(entry{}))

const (
	flagExactOnly = 1 << iota // a public suffix: it is no parent of what lies under it
	flagPlainID               // id is a number into ids
)

// Len returns how many indicator values the table holds.
func (t *Table) Len() int { return max(len(t.entries)-1, 0) }

// Seed returns the seed of the table's hashes.
func (t *Table) Seed() uint64 { return t.seed }

// Bytes returns the size of the table's arrays.
func (t *Table) Bytes() int64 {
	return int64(len(t.bloom)+len(t.slots))*8 + int64(len(t.entries))*entrySize + int64(len(t.values))
}

// Close lets go of a prepared file. The table must not be used any more.
func (t *Table) Close() error {
	if t.unmap == nil {
		return nil
	}
	return t.unmap()
}

// bloomMask picks four of the 64 bits of a filter word.
func bloomMask(h uint64) uint64 {
	return 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63) | 1<<(h>>18&63)
}

// place maps a hash evenly to 0..n-1 by its high bits.
func place(h, n uint64) uint64 {
	hi, _ := bits.Mul64(h, n)
	return hi
}

// maybe reports whether a value with this hash may be in the table.
func (t *Table) maybe(h uint64) bool {
	if len(t.bloom) == 0 {
		return false
	}
	m := bloomMask(h)
	return t.bloom[place(h, uint64(len(t.bloom)))]&m == m
}

// find returns the number of the first entry with this kind and canonical value, or 0.
func (t *Table) find(h uint64, kind event.Kind, value []byte) uint32 {
	n := uint64(len(t.slots))
	for i := place(h, n); ; {
		s := t.slots[i]
		if s == 0 {
			return 0
		}
		if uint32(s>>32) == uint32(h) {
			number := uint32(s)
			e := &t.entries[number]
			if e.kind == kind && equalStored(t.stored(e), kind, value) {
				return number
			}
		}
		if i++; i == n {
			i = 0
		}
	}
}

// stored returns the bytes kept for an entry's value.
func (t *Table) stored(e *entry) []byte {
	n := uint32(t.values[e.value]) | uint32(t.values[e.value+1])<<8
	return t.values[e.value+2 : e.value+2+n]
}

// text returns an entry's canonical value.
func (t *Table) text(e *entry) string {
	b := t.stored(e)
	if e.kind.IsHash() {
		return hex.EncodeToString(b)
	}
	return string(b)
}

// equalStored compares a canonical value with the bytes kept for one.
func equalStored(stored []byte, kind event.Kind, value []byte) bool {
	if !kind.IsHash() {
		return string(stored) == string(value)
	}
	var b [64]byte
	n, err := hex.Decode(b[:], value[:min(len(value), 2*len(b))])
	return err == nil && string(b[:n]) == string(stored)
}

// indicatorID returns an entry's STIX id.
func (t *Table) indicatorID(e *entry) string {
	if e.flags&flagPlainID != 0 {
		return t.ids[uint32(e.id[0])|uint32(e.id[1])<<8|uint32(e.id[2])<<16|uint32(e.id[3])<<24]
	}
	return idPrefix + uuid.UUID(e.id).String()
}

const idPrefix = "indicator--"

// packID packs the UUID of a STIX indicator id in its usual spelling.
func packID(id string) (out [16]byte, ok bool) {
	text, ok := strings.CutPrefix(id, idPrefix)
	u, err := uuid.Parse(text)
	return u, ok && err == nil && u.String() == text
}
