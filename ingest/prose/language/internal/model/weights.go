package model

// Scorer adds to scores, one for each class, what the rows of features say. Trained weights and those in training are
// both scorers, so that the features and the search exist once.
type Scorer interface {
	Add(rows []uint32, scores []int32)
}

// cell is the weight of one class in one row.
type cell struct {
	class  uint8
	weight int8
}

// Sparse is a hashed linear model with many classes: most rows speak for a few classes only, so a row is a run of cells.
type Sparse struct {
	classes int
	offsets []uint32 // one more than rows
	cells   []cell
}

// Add implements [Scorer].
func (s *Sparse) Add(rows []uint32, scores []int32) {
	mask := uint32(len(s.offsets) - 2)
	for _, r := range rows {
		r &= mask
		for _, c := range s.cells[s.offsets[r]:s.offsets[r+1]] {
			scores[c.class] += int32(c.weight)
		}
	}
}

// Actions is the number of classes of a [Packed] model: the bytes of two machine words.
const Actions = 16

// bias lifts a weight over zero, so that no lane borrows from its neighbour when words are added.
const bias = 128

// Packed is a hashed linear model with sixteen classes, whose weights are added four at a time.
type Packed struct {
	rows [][2]uint64 // a byte for each class, lifted by bias
}

// Add implements [Scorer]. At most 256 rows may be added at once: more would overflow a lane.
func (p *Packed) Add(rows []uint32, scores []int32) {
	const even = 0x00ff00ff00ff00ff
	mask := uint32(len(p.rows) - 1)
	var a, b, c, d uint64
	for _, r := range rows {
		w := &p.rows[r&mask]
		a += w[0] & even
		b += w[0] >> 8 & even
		c += w[1] & even
		d += w[1] >> 8 & even
	}
	lift := int32(len(rows)) * bias
	for k := range 4 {
		scores[2*k] += int32(a>>(16*k)&0xffff) - lift
		scores[2*k+1] += int32(b>>(16*k)&0xffff) - lift
		scores[2*k+8] += int32(c>>(16*k)&0xffff) - lift
		scores[2*k+9] += int32(d>>(16*k)&0xffff) - lift
	}
}

// Prune drops weights that are smaller than cut: most of them, which together change one head in five hundred.
func (p *Packed) Prune(cut int8) {
	for i, r := range p.rows {
		w := [Actions]int8{}
		for k := range w {
			if q := int8(uint8(r[k/8]>>(8*(k%8))) - bias); q >= cut || q <= -cut {
				w[k] = q
			}
		}
		p.rows[i] = pack(w)
	}
}

func pack(w [Actions]int8) (v [2]uint64) {
	for k, q := range w {
		v[k/8] |= uint64(int32(q)+bias) << (8 * (k % 8))
	}
	return v
}

// row is the place of a feature: its template and up to three attributes.
func row(template, a, b, c uint32) uint32 {
	h := (uint64(template)+1)*0x9E3779B97F4A7C15 ^ uint64(a)
	h *= 0xD6E8FEB86659FD93
	h ^= h>>32 ^ uint64(b)
	h *= 0xD6E8FEB86659FD93
	h ^= h>>32 ^ uint64(c)
	h *= 0xD6E8FEB86659FD93
	return uint32(h >> 32)
}

// hash is FNV-1a over the bytes of s. Zero is kept for "nothing".
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	if h == 0 {
		return 1
	}
	return h
}
