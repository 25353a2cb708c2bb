package model

import "math"

// Dense is [Learner] for the actions of the parser: every row has all of them.
type Dense struct {
	rows    [][Actions]int32
	moments [][Actions]int64
	clock   int64
}

// NewDense returns a model of 2^bits rows.
func NewDense(bits int) *Dense {
	return &Dense{rows: make([][Actions]int32, 1<<bits), moments: make([][Actions]int64, 1<<bits), clock: 1}
}

// Add implements [Scorer].
func (d *Dense) Add(rows []uint32, scores []int32) {
	mask := uint32(len(d.rows) - 1)
	s := (*[Actions]int32)(scores)
	for _, r := range rows {
		w := &d.rows[r&mask]
		for k := range s {
			s[k] += w[k]
		}
	}
}

// Tick ends one example.
func (d *Dense) Tick() { d.clock++ }

// Update moves the weights of an action in rows.
func (d *Dense) Update(rows []uint32, action uint8, delta int32) {
	mask := uint32(len(d.rows) - 1)
	for _, r := range rows {
		d.rows[r&mask][action] += delta
		d.moments[r&mask][action] += int64(delta) * d.clock
	}
}

func (d *Dense) average(row, action int) float64 {
	return float64(d.rows[row][action]) - float64(d.moments[row][action])/float64(d.clock)
}

// Pack returns the sum of the averaged weights of models that were learned in different orders, in 8 bits, of which
// the part fit is not cut off. As the models are linear, their sum answers as all of them together would.
func Pack(fit float64, models ...*Dense) *Packed {
	first := models[0]
	sum := func(r, k int) float64 {
		var v float64
		for _, m := range models {
			v += m.average(r, k)
		}
		return v
	}
	var sizes []float64
	for r := range first.rows {
		for k := range Actions {
			if a := math.Abs(sum(r, k)); a > 0 {
				sizes = append(sizes, a)
			}
		}
	}
	step := quantile(sizes, fit) / 127
	p := &Packed{rows: make([][2]uint64, len(first.rows))}
	for r := range first.rows {
		w := [Actions]int8{}
		for k := range w {
			w[k] = quantise(sum(r, k), step)
		}
		p.rows[r] = pack(w)
	}
	return p
}
