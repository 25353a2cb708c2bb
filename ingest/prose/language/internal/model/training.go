package model

import "math"

// learned is the weight of a class in a row while it is learned; moment is the sum of its changes, each times when it happened.
type learned struct {
	class  uint8
	weight int32
	moment int64
}

// Learner is a model in training: an averaged perceptron (Freund and Schapire 1999, Collins 2002).
type Learner struct {
	rows  [][]learned
	clock int64
}

// NewLearner returns a model of 2^bits rows.
func NewLearner(bits int) *Learner { return &Learner{rows: make([][]learned, 1<<bits), clock: 1} }

// Add implements [Scorer].
func (l *Learner) Add(rows []uint32, scores []int32) {
	mask := uint32(len(l.rows) - 1)
	for _, r := range rows {
		for _, c := range l.rows[r&mask] {
			scores[c.class] += c.weight
		}
	}
}

// Tick ends one example.
func (l *Learner) Tick() { l.clock++ }

// Update moves the weights of a class in rows.
func (l *Learner) Update(rows []uint32, class uint8, delta int32) {
	mask := uint32(len(l.rows) - 1)
next:
	for _, r := range rows {
		cells := l.rows[r&mask]
		for i := range cells {
			if cells[i].class == class {
				cells[i].weight += delta
				cells[i].moment += int64(delta) * l.clock
				continue next
			}
		}
		l.rows[r&mask] = append(cells, learned{class, delta, int64(delta) * l.clock})
	}
}

// average is the mean of the weight over all the time of training.
func (l *Learner) average(c learned) float64 {
	return float64(c.weight) - float64(c.moment)/float64(l.clock)
}

// step is the size of one quantised unit: the part fit of the weights goes into 8 bits, the rest, the largest, are cut off.
func (l *Learner) step(fit float64) float64 {
	var sizes []float64
	for _, cells := range l.rows {
		for _, c := range cells {
			if a := math.Abs(l.average(c)); a > 0 {
				sizes = append(sizes, a)
			}
		}
	}
	if len(sizes) == 0 {
		return 1
	}
	return quantile(sizes, fit) / 127
}

func quantise(v, step float64) int8 { return int8(math.Round(max(-127, min(127, v/step)))) }

// Nothing is a model that says nothing, in the place of one that is still to be learned.
func Nothing(classes int) *Sparse { return NewLearner(0).Sparse(classes, 1, 1) }

// Sparse returns the averaged weights in 8 bits, of which the part fit is not cut off; what is smaller than cut steps is dropped.
func (l *Learner) Sparse(classes int, cut int8, fit float64) *Sparse {
	step := l.step(fit)
	s := &Sparse{classes: classes, offsets: make([]uint32, 1, len(l.rows)+1)}
	for _, cells := range l.rows {
		for _, c := range cells {
			if q := quantise(l.average(c), step); q >= cut || q <= -cut {
				s.cells = append(s.cells, cell{c.class, q})
			}
		}
		s.offsets = append(s.offsets, uint32(len(s.cells)))
	}
	return s
}
