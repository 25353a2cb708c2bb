package account

import "math"

// rates counts how often each key was used lately, in fixed memory: a count-min sketch (Cormode and Muthukrishnan 2005) with conservative
// update whose counts fade with time. It never counts too little; with the size used, it counts too much by less than one use
// while some hundred thousand keys a month are alive.
//
// Instead of fading every cell, a use is worth more the later it comes, and what is read is divided by what a use is worth now.
type rates struct {
	rows  [2][]float32
	start int64   // seconds; a use at start is worth 1
	fade  float64 // seconds until a use counts 1/e
}

// rateCells is the size of a row, a power of two.
const rateCells = 1 << 21

func newRates(fade float64) *rates {
	r := &rates{fade: fade, start: math.MinInt64}
	for i := range r.rows {
		r.rows[i] = make([]float32, rateCells)
	}
	return r
}

// uses is how many uses of the key there were until a time, faded.
func (r *rates) uses(key uint64, at int64) float64 {
	if r.start == math.MinInt64 {
		return 0
	}
	a, b := r.cells(key)
	return float64(min(*a, *b)) * math.Exp(-float64(at-r.start)/r.fade)
}

func (r *rates) cells(key uint64) (a, b *float32) {
	return &r.rows[0][key&(rateCells-1)], &r.rows[1][key>>32&(rateCells-1)]
}

// use counts one use of the key at a time.
func (r *rates) use(key uint64, at int64) {
	if r.start == math.MinInt64 {
		r.start = at
	}
	age := float64(at-r.start) / r.fade
	if age > maxAge {
		r.rebase(at, age)
		age = 0
	}
	worth := float32(math.Exp(age))
	a, b := r.cells(key)
	sum := min(*a, *b) + worth
	*a, *b = max(*a, sum), max(*b, sum)
}

// maxAge keeps the worth of a use within what a float32 holds with room to add.
const maxAge = 20

// rebase makes at the new start.
func (r *rates) rebase(at int64, age float64) {
	by := float32(math.Exp(-age))
	for _, row := range r.rows {
		for i := range row {
			row[i] *= by
		}
	}
	r.start = at
}
