package site

// market is how often an ending is chosen, from data/endings.txt.
type market struct {
	popular, fresh float64
	sumPopular     float64
	sumFresh       float64
}

var endingCounts = func() map[string]market {
	out := map[string]market{}
	var p, f float64
	for _, r := range rows("endings.txt") {
		m := market{popular: float64(mustInt("endings.txt", r[1])), fresh: float64(mustInt("endings.txt", r[2]))}
		p += m.popular
		f += m.fresh
		out[r[0]] = m
	}
	for k, m := range out {
		m.sumPopular, m.sumFresh = p, f
		out[k] = m
	}
	return out
}()

// rareEnding is the share of an ending that the file does not have.
const rareEnding = 1e-5

// marketShare is the share of names under an ending, among popular and among new ones, whichever is more.
func marketShare(ending string) float64 {
	m, ok := endingCounts[ending]
	if !ok {
		return rareEnding
	}
	return max(rareEnding, m.popular/m.sumPopular, m.fresh/m.sumFresh)
}
