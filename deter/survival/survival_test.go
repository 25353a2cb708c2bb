package survival_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"marque/deter/survival"
)

// Remission of leukaemia under 6-MP in weeks (Freireich et al. 1963), the textbook example of Kaplan and Meier's estimate.
var remission = []survival.Time{
	{Days: 6, Event: true},
	{Days: 6, Event: true},
	{Days: 6, Event: true},
	{Days: 6},
	{Days: 7, Event: true},
	{Days: 9},
	{Days: 10, Event: true},
	{Days: 10},
	{Days: 11},
	{Days: 13, Event: true},
	{Days: 16, Event: true},
	{Days: 17},
	{Days: 19},
	{Days: 20},
	{Days: 22, Event: true},
	{Days: 23, Event: true},
	{Days: 25},
	{Days: 32},
	{Days: 32},
	{Days: 34},
	{Days: 35},
}

func TestTextbookCurve(t *testing.T) {
	want := survival.Curve{
		{Days: 6, AtRisk: 21, Survival: 0.8571, SE: 0.0764},
		{Days: 7, AtRisk: 17, Survival: 0.8067, SE: 0.0869},
		{Days: 10, AtRisk: 15, Survival: 0.7529, SE: 0.0963},
		{Days: 13, AtRisk: 12, Survival: 0.6902, SE: 0.1068},
		{Days: 16, AtRisk: 11, Survival: 0.6275, SE: 0.1141},
		{Days: 22, AtRisk: 7, Survival: 0.5378, SE: 0.1282},
		{Days: 23, AtRisk: 6, Survival: 0.4482, SE: 0.1346},
	}
	c := survival.Estimate(remission)
	if diff := cmp.Diff(want, c, cmpopts.EquateApprox(0, 0.0001)); diff != "" {
		t.Error(diff)
	}
	if m, ok := c.Median(); !ok || m != 23 {
		t.Errorf("median %d, %v", m, ok)
	}
	if s := c.At(15); s.Days != 13 {
		t.Errorf("on day 15 the step of day %d holds", s.Days)
	}
	if s := c.At(5); s.Survival != 1 {
		t.Errorf("before the first event %v survive", s.Survival)
	}
	// The log-log interval of the textbooks at 16 weeks.
	low, high := c.At(16).Interval()
	if math.Abs(low-0.3675) > 0.002 || math.Abs(high-0.8049) > 0.002 {
		t.Errorf("interval %.4f to %.4f", low, high)
	}
}

func TestMedianThatIsNotReached(t *testing.T) {
	if m, ok := survival.Estimate([]survival.Time{{Days: 3, Event: true}, {Days: 9}, {Days: 9}}).Median(); ok {
		t.Errorf("median %d of a curve that stays above a half", m)
	}
	if c := survival.Estimate(nil); c.Reached(100) != 0 {
		t.Error("nothing was watched, and something happened")
	}
}

// Whatever the spans, what the event had reached lies between the bounds, and a curve never rises.
func TestBoundsEncloseEveryTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		spans, truth := make([]survival.Span, n), make([]survival.Time, n)
		for i := range spans {
			from := rapid.IntRange(0, 500).Draw(t, "from")
			to := from + rapid.IntRange(0, 365).Draw(t, "width")
			spans[i] = survival.Span{Earliest: survival.Time{Days: from, Event: true}, Latest: survival.Time{Days: to, Event: true}}
			truth[i] = survival.Time{Days: rapid.IntRange(from, to).Draw(t, "true"), Event: true}
		}
		b, c := survival.Bound(spans), survival.Estimate(truth)
		for d := 0; d <= 900; d += 30 {
			low, mid, high := b.Lower.Reached(d), c.Reached(d), b.Upper.Reached(d)
			if low > mid+1e-9 || mid > high+1e-9 {
				t.Fatalf("day %d: %.3f, %.3f, %.3f", d, low, mid, high)
			}
		}
		for i := 1; i < len(c); i++ {
			if c[i].Survival > c[i-1].Survival || c[i].Days <= c[i-1].Days {
				t.Fatalf("step %d rises", i)
			}
		}
	})
}
