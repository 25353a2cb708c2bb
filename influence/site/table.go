package site

import "math/bits"

// table is open addressing over slots of half a hash and a number plus one; several numbers may stand under one hash. The half that is
// kept also says where the slot begins, so that the table grows without asking for the keys again.
type table struct {
	slots []uint64
	mask  uint64
	n     int
}

func newTable(expect int) table {
	size := uint64(1) << bits.Len64(uint64(max(expect, 8))*10/8)
	return table{slots: make([]uint64, size), mask: size - 1}
}

func (t *table) put(h uint64, id uint32) {
	if uint64(t.n+1)*10 > uint64(len(t.slots))*9 {
		old := t.slots
		*t = table{slots: make([]uint64, 2*len(old)), mask: 2*uint64(len(old)) - 1, n: t.n}
		for _, slot := range old {
			if slot != 0 {
				t.insert(slot)
			}
		}
	}
	t.insert(h&^0xffffffff | uint64(id+1))
	t.n++
}

func (t *table) insert(slot uint64) {
	at := slot >> 32 & t.mask
	for t.slots[at] != 0 {
		at = (at + 1) & t.mask
	}
	t.slots[at] = slot
}

// bloom is a Bloom filter of blocks of one cache line, fourteen bits a key and six set: it says yes wrongly once in three hundred times.
type bloom struct {
	blocks   [][8]uint64
	keys     int
	capacity int
}

const (
	bitsPerKey = 14
	bitsSet    = 6
)

func newBloom(keys int) bloom {
	n := max(64, keys) * bitsPerKey / 512
	return bloom{blocks: make([][8]uint64, n+1), capacity: max(64, keys)}
}

func (b *bloom) full(more int) bool { return b.keys+more > b.capacity }

func (b *bloom) block(h uint64) *[8]uint64 {
	hi, _ := bits.Mul64(h, uint64(len(b.blocks)))
	return &b.blocks[hi]
}

func (b *bloom) add(h uint64) {
	block := b.block(h)
	for range bitsSet {
		block[h>>6&7] |= 1 << (h & 63)
		h >>= 9
	}
	b.keys++
}

func (b *bloom) has(h uint64) bool {
	block := b.block(h)
	for range bitsSet {
		if block[h>>6&7]&(1<<(h&63)) == 0 {
			return false
		}
		h >>= 9
	}
	return true
}

// addAll keeps a label and all that it becomes with one letter left out.
func (b *bloom) addAll(s *sums) {
	b.add(mix(s.h[s.n]))
	for i := range s.n {
		b.add(mix(s.without(i)))
	}
}
