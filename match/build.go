package match

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"net/netip"
	"strings"
	"time"

	"github.com/gaissmai/bart"
	"golang.org/x/net/publicsuffix"

	"marque/event"
)

// Builder collects indicators into a table. One goroutine owns it.
type Builder struct {
	seed    uint64
	hashes  []uint64 // by entry
	entries []entry
	values  []byte
	tags    []Tag
	tagOf   map[string]uint32
	ids     []string
	idOf    map[string]uint32
	lastTag Tag
	last    uint32
	skipped Skipped
}

// Skipped counts the indicators that a table left out.
type Skipped struct {
	Revoked int `json:"revoked"`
	Invalid int `json:"invalid"` // the value is not of the kind
	Empty   int `json:"empty"`   // valid_until is not after valid_from
}

// ErrTableFull is returned when a table reaches four billion entries or four GiB of values.
var ErrTableFull = errors.New("indicator table: full")

// NewBuilder returns a builder whose table hashes with seed, expecting about n indicators.
func NewBuilder(seed uint64, n int) *Builder {
	return &Builder{
		seed: seed, entries: make([]entry, 1, n+1), hashes: make([]uint64, 1, n+1), values: make([]byte, 0, n*40),
		tagOf: map[string]uint32{}, idOf: map[string]uint32{}, last: math.MaxUint32,
	}
}

// Add takes one indicator; what a table cannot use is counted in Skipped.
func (b *Builder) Add(in Indicator) error {
	if in.Revoked {
		b.skipped.Revoked++
		return nil
	}
	if !in.ValidFrom.IsZero() && !in.ValidUntil.IsZero() && !in.ValidUntil.After(in.ValidFrom) {
		b.skipped.Empty++
		return nil
	}
	kind, value, ok := event.Canonical(in.Kind, in.Value)
	if !ok || len(value) > math.MaxUint16 {
		b.skipped.Invalid++
		return nil
	}
	if len(b.entries) >= math.MaxUint32 || len(b.values) > math.MaxUint32-math.MaxUint16-2 {
		return ErrTableFull
	}
	e := entry{kind: kind, value: uint32(len(b.values)), from: millis(in.ValidFrom), until: millis(in.ValidUntil)}
	if kind == event.Domain && isPublicSuffix(value) {
		e.flags |= flagExactOnly
	}
	id, ok := packID(in.ID)
	if !ok {
		binary.LittleEndian.PutUint32(id[:], intern(in.ID, b.idOf, &b.ids))
		e.flags |= flagPlainID
	}
	e.id, e.tag = id, b.tag(Tag{in.Actor, in.Sponsor, in.Labels})
	b.entries = append(b.entries, e)
	b.hashes = append(b.hashes, event.Hash(kind, []byte(value), b.seed))
	b.store(kind, value)
	return nil
}

// store appends a value to the blob.
func (b *Builder) store(kind event.Kind, value string) {
	if kind.IsHash() {
		b.values = binary.LittleEndian.AppendUint16(b.values, uint16(len(value)/2))
		b.values, _ = hex.AppendDecode(b.values, []byte(value)) // canonical, hence valid
		return
	}
	b.values = binary.LittleEndian.AppendUint16(b.values, uint16(len(value)))
	b.values = append(b.values, value...)
}

func intern(s string, index map[string]uint32, list *[]string) uint32 {
	n, ok := index[s]
	if !ok {
		n = uint32(len(*list))
		index[s] = n
		*list = append(*list, s)
	}
	return n
}

func (b *Builder) tag(t Tag) uint32 {
	if b.last != math.MaxUint32 && t.Actor == b.lastTag.Actor && t.Sponsor == b.lastTag.Sponsor && len(t.Labels) == 0 && len(b.lastTag.Labels) == 0 {
		return b.last
	}
	key := t.Actor + "\x00" + t.Sponsor + "\x00" + strings.Join(t.Labels, "\x00")
	n, ok := b.tagOf[key]
	if !ok {
		n = uint32(len(b.tags))
		b.tagOf[key] = n
		b.tags = append(b.tags, t)
	}
	b.lastTag, b.last = t, n
	return n
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.UnixMilli(), 1)
}

// isPublicSuffix reports whether a domain is one under which others register (publicsuffix.org), or a single label.
func isPublicSuffix(domain string) bool {
	if strings.IndexByte(domain, '.') < 0 {
		return true
	}
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return suffix == domain
}

// Skipped returns what was left out so far.
func (b *Builder) Skipped() Skipped { return b.skipped }

// Build returns the table; the builder must not be used after it.
func (b *Builder) Build() *Table {
	n := len(b.entries) - 1
	t := &Table{seed: b.seed, entries: b.entries, values: b.values, tags: b.tags, ids: b.ids}
	t.bloom = make([]uint64, n/4+1)
	t.slots = make([]uint64, n+n/2+8) // two thirds full at most
	for i := uint32(1); i <= uint32(n); i++ {
		e := &t.entries[i]
		if e.kind == event.CIDR {
			t.insertCIDR(i, e)
			continue
		}
		t.insert(i, e, b.hashes[i])
	}
	b.hashes = nil
	return t
}

func (t *Table) insert(number uint32, e *entry, h uint64) {
	t.bloom[place(h, uint64(len(t.bloom)))] |= bloomMask(h)
	n := uint64(len(t.slots))
	mine := t.stored(e)
	for i := place(h, n); ; {
		s := t.slots[i]
		if s == 0 {
			t.slots[i] = uint64(uint32(h))<<32 | uint64(number)
			return
		}
		if uint32(s>>32) == uint32(h) {
			first := &t.entries[uint32(s)]
			if first.kind == e.kind && string(t.stored(first)) == string(mine) {
				e.next, first.next = first.next, number
				return
			}
		}
		if i++; i == n {
			i = 0
		}
	}
}

// insertCIDR adds a CIDR entry to the prefix table, or to the chain of an equal one.
func (t *Table) insertCIDR(number uint32, e *entry) {
	p, err := netip.ParsePrefix(string(t.stored(e)))
	if err != nil {
		return // canonical, hence valid
	}
	if t.cidrs == nil {
		t.cidrs = new(bart.Table[uint32])
	}
	if first, ok := t.cidrs.Get(p); ok {
		e.next, t.entries[first].next = t.entries[first].next, number
		return
	}
	t.cidrs.Insert(p, number)
	t.nets = append(t.nets, number)
}
