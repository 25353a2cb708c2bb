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

// Packed returns the averaged weights in 8 bits; the few that do not fit are cut off.
func (d *Dense) Packed(bits int) *Packed {
	var sizes []float64
	for r := range d.rows {
		for k := range Actions {
			if a := math.Abs(d.average(r, k)); a > 0 {
				sizes = append(sizes, a)
			}
		}
	}
	step := quantile(sizes, Clip) / 127
	p := &Packed{rows: make([][2]uint64, 1<<bits)}
	sums := make([][Actions]float64, 1<<bits)
	for r := range d.rows {
		for k := range Actions {
			sums[r&(1<<bits-1)][k] += d.average(r, k)
		}
	}
	for r := range sums {
		w := [Actions]int8{}
		for k := range w {
			w[k] = quantise(sums[r][k], step)
		}
		p.rows[r] = pack(w)
	}
	return p
}
