package site

import "sync"

// endingShares is how much of the market each ending has that anybody can buy: among popular names or among new ones (data/endings.txt),
// whichever is more.
var endingShares = sync.OnceValue(func() map[string]float64 {
	list := rows("endings.txt")
	var sum [2]float64
	for _, r := range list {
		for i := range sum {
			sum[i] += float64(mustInt("endings.txt", r[i+1]))
		}
	}
	out := map[string]float64{}
	for _, r := range list {
		for i := range sum {
			out[r[0]] = max(out[r[0]], rareEnding, float64(mustInt("endings.txt", r[i+1]))/sum[i])
		}
	}
	return out
})

// rareEnding is the share of an ending that the file does not have.
const rareEnding = 1e-5

func marketShare(ending string) float64 { return max(rareEnding, endingShares()[ending]) }
