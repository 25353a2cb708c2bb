package site

import (
	"cmp"
	"math"
	"slices"
)

// Spell is a time that something stood until it was replaced, or until nobody looked any more.
type Spell struct {
	Days     int
	Replaced bool
}

// Step is a point of a survival curve.
type Step struct {
	Days int `json:"days"`
	// AtRisk are those not yet replaced and still looked at; Replaced those replaced on this day.
	AtRisk   int `json:"at_risk"`
	Replaced int `json:"replaced"`
	// Standing is the share that is not replaced by the end of this day, Low and High its 95 % interval.
	Standing float64 `json:"standing"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Survival is a Kaplan-Meier curve.
type Survival struct {
	Spells   int    `json:"spells"`
	Replaced int    `json:"replaced"`
	Steps    []Step `json:"steps"`
}

// KaplanMeier estimates what share stands after how many days (Kaplan and Meier 1958), with Greenwood's variance and 95 % intervals on
// the complementary log-log scale, which stay between 0 and 1.
func KaplanMeier(spells []Spell) Survival {
	s := slices.Clone(spells)
	slices.SortFunc(s, func(a, b Spell) int { return cmp.Compare(a.Days, b.Days) })
	out := Survival{Spells: len(s)}
	standing, greenwood := 1.0, 0.0
	for i := 0; i < len(s); {
		j, replaced := i, 0
		for ; j < len(s) && s[j].Days == s[i].Days; j++ {
			if s[j].Replaced {
				replaced++
			}
		}
		if atRisk := len(s) - i; replaced > 0 {
			standing *= 1 - float64(replaced)/float64(atRisk)
			greenwood += float64(replaced) / (float64(atRisk) * float64(atRisk-replaced))
			low, high := interval(standing, greenwood)
			out.Steps = append(out.Steps, Step{Days: s[i].Days, AtRisk: atRisk, Replaced: replaced, Standing: standing, Low: low, High: high})
			out.Replaced += replaced
		}
		i = j
	}
	return out
}

func interval(standing, greenwood float64) (low, high float64) {
	if standing <= 0 || standing >= 1 {
		return standing, standing
	}
	log := math.Log(standing)
	half := 1.96 * math.Sqrt(greenwood) / -log
	return math.Exp(log * math.Exp(half)), math.Exp(log * math.Exp(-half))
}

// ReplacedWithin is the share that is replaced within so many days, with its 95 % interval.
func (s Survival) ReplacedWithin(days int) (share, low, high float64) {
	at := Step{Standing: 1, Low: 1, High: 1}
	for _, step := range s.Steps {
		if step.Days > days {
			break
		}
		at = step
	}
	return 1 - at.Standing, 1 - at.High, 1 - at.Low
}

// Median is the day by which half is replaced; ok is false where less than half is.
func (s Survival) Median() (days int, ok bool) {
	for _, step := range s.Steps {
		if step.Standing <= .5 {
			return step.Days, true
		}
	}
	return 0, false
}
