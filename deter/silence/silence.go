package silence

import (
	"math"
	"time"
)

// Standing is what a record says about answers to an operation.
type Standing string

// What a record can say.
const (
	Answered Standing = "answered" // an answer is on record
	Silent   Standing = "silent"   // the record asked and has none, as of its end; never simply "none"
	Unknown  Standing = "unknown"  // nobody asked, or the operation lies beyond the record
)

// Patience is how long after an operation a record has to reach before its silence says something. Of known indictments and
// sanctions for operations, half came later than 16 months after the end; three years hold most of them.
const Patience = 3 * 365 * 24 * time.Hour

// Of gives the standing of one operation.
func Of(answered, asked bool) Standing {
	switch {
	case answered:
		return Answered
	case asked:
		return Silent
	}
	return Unknown
}

// Early tells whether an operation is too young at the end of a record for the record's silence to say anything. An operation
// without a date is.
func Early(operation, end time.Time) bool {
	return operation.IsZero() || end.Sub(operation) < Patience
}

// Tally counts operations by standing.
type Tally struct {
	Answered int `json:"answered"`
	Unasked  int `json:"unasked"` // of the answered: known from elsewhere, nobody asked; they say nothing of a share
	Silent   int `json:"silent"`  // asked, and nothing on record
	Early    int `json:"early"`   // of the silent: too young at the record's end for its silence to say anything
	Unknown  int `json:"unknown"` // nobody asked
}

// Add counts an operation and returns its standing; early matters for a silent one only.
func (t *Tally) Add(answered, asked, early bool) Standing {
	s := Of(answered, asked)
	switch s {
	case Answered:
		t.Answered++
		if !asked {
			t.Unasked++
		}
	case Silent:
		t.Silent++
		if early {
			t.Early++
		}
	default:
		t.Unknown++
	}
	return s
}

// Operations is how many were counted.
func (t Tally) Operations() int { return t.Answered + t.Silent + t.Unknown }

// Asked is about how many somebody asked.
func (t Tally) Asked() int { return t.Answered - t.Unasked + t.Silent }

// Share is a share with its bounds.
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// OfAsked is the share answered of those asked about, with Wilson's 95 % interval. Answers that are known from elsewhere are left out:
// nobody looked for their silent neighbours. It is false where nobody asked: then there is no share.
func (t Tally) OfAsked() (Share, bool) {
	if t.Asked() == 0 {
		return Share{High: 1}, false
	}
	answered := t.Answered - t.Unasked
	s := Share{Value: float64(answered) / float64(t.Asked())}
	s.Low, s.High = Wilson(answered, t.Asked())
	return s, true
}

// Bounds are the least and the largest share of all that can have been answered: none of the unknown, or each of them. Nothing
// is assumed. Without operations they are 0 and 1.
func (t Tally) Bounds() (low, high float64) {
	n := float64(t.Operations())
	if n == 0 {
		return 0, 1
	}
	return float64(t.Answered) / n, float64(t.Answered+t.Unknown) / n
}

// Wilson is the 95 % score interval of a share (Wilson 1927); 0 to 1 where n is 0.
func Wilson(hits, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.96
	size, p := float64(n), float64(hits)/float64(n)
	scale := 1 + z*z/size
	centre := (p + z*z/2/size) / scale
	half := z / scale * math.Sqrt(p*(1-p)/size+z*z/4/size/size)
	return max(0, centre-half), min(1, centre+half)
}
