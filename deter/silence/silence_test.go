package silence_test

import (
	"math"
	"testing"
	"time"

	"marque/deter/silence"
)

func TestWhatNobodyAskedAboutIsUnknown(t *testing.T) {
	for _, c := range []struct {
		answered, asked bool
		want            silence.Standing
	}{{false, false, silence.Unknown}, {false, true, silence.Silent}, {true, false, silence.Answered}, {true, true, silence.Answered}} {
		if got := silence.Of(c.answered, c.asked); got != c.want {
			t.Errorf("answered %v, asked %v: %s, want %s", c.answered, c.asked, got, c.want)
		}
	}
}

func TestSharesAreOfTheAsked(t *testing.T) {
	var tally silence.Tally
	for range 17 {
		tally.Add(true, true, true)
	}
	for range 51 {
		tally.Add(false, true, true)
	}
	for range 581 {
		tally.Add(false, false, true)
	}
	share, ok := tally.OfAsked()
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.002 {
			t.Errorf("%s: %.4f, want %.3f", what, got, want)
		}
	}
	near("share of the asked", share.Value, 0.25)
	near("its lower bound", share.Low, 0.162)
	near("its upper bound", share.High, 0.364)
	low, high := tally.Bounds()
	near("least of all", low, 0.026)
	near("most of all", high, 0.921)
	if !ok || tally.Early != 51 || tally.Operations() != 649 {
		t.Errorf("%+v", tally)
	}
	// What is known from elsewhere raises what was answered, and no share.
	for range 10 {
		tally.Add(true, false, false)
	}
	if again, _ := tally.OfAsked(); again != share || tally.Answered != 27 {
		t.Errorf("answers about which nobody asked made the share %+v", again)
	}
	if _, ok := (silence.Tally{Unknown: 9}).OfAsked(); ok {
		t.Error("a share where nobody asked")
	}
}

func TestWilson(t *testing.T) {
	for _, c := range []struct {
		hits, n   int
		low, high float64
	}{{0, 0, 0, 1}, {1, 1, 0.207, 1}, {0, 10, 0, 0.278}, {10, 10, 0.722, 1}, {81, 263, 0.255, 0.366}} {
		low, high := silence.Wilson(c.hits, c.n)
		if math.Abs(low-c.low) > 0.001 || math.Abs(high-c.high) > 0.001 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.3f to %.3f", c.hits, c.n, low, high, c.low, c.high)
		}
	}
}

func TestEarly(t *testing.T) {
	end := time.Date(2023, 3, 30, 0, 0, 0, 0, time.UTC)
	for day, want := range map[string]bool{"2019-06-01": false, "2020-03-30": false, "2020-04-15": true, "2022-12-01": true} {
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := silence.Early(on, end); got != want {
			t.Errorf("%s: %v", day, got)
		}
	}
	if !silence.Early(time.Time{}, end) {
		t.Error("the silence about an operation without a date was taken to say something")
	}
}
