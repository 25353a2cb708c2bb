package main

import (
	"cmp"
	"math"
	"slices"
)

// clusterer sorts words into classes so that the class of a word tells most about the class of the next: the objective of
// Brown et al. (1992), found by moving one word after the other to its best class (Martin, Liermann and Ney 1998).
type clusterer struct {
	k       int
	class   []int32
	right   [][]pair // words that follow a word, and how often
	left    [][]pair
	count   []int64
	bigrams []int64 // by class, k*k
	starts  []int64 // class as the first of a bigram
	ends    []int64 // class as the second
	logs    []float64
}

type pair struct {
	word int32
	n    int32
}

// clusters gives the commonest words of the texts a class from 1 to k. Words outside of the vocabulary are one class of their own, 0.
func clusters(texts [][]string, vocabulary, k, rounds int) map[string]uint16 {
	counts := map[string]int{}
	for _, t := range texts {
		for _, w := range t {
			counts[w]++
		}
	}
	words := make([]string, 0, len(counts))
	for w, n := range counts {
		if n >= 5 {
			words = append(words, w)
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(counts[b]-counts[a], cmp.Compare(a, b)) })
	words = words[:min(len(words), vocabulary)]
	id := make(map[string]int32, len(words))
	for i, w := range words {
		id[w] = int32(i + 1)
	}
	c := newClusterer(texts, id, k)
	for range rounds {
		if c.round() == 0 {
			break
		}
	}
	found := make(map[string]uint16, len(words))
	for w, i := range id {
		found[w] = uint16(c.class[i])
	}
	return found
}

func newClusterer(texts [][]string, id map[string]int32, k int) *clusterer {
	v := len(id) + 1
	c := &clusterer{k: k + 1, class: make([]int32, v), right: make([][]pair, v), left: make([][]pair, v), count: make([]int64, v)}
	grams := map[[2]int32]int32{}
	for _, t := range texts {
		last := int32(0)
		for _, w := range t {
			i := id[w]
			grams[[2]int32{last, i}]++
			last = i
		}
		grams[[2]int32{last, 0}]++
	}
	for g, n := range grams {
		c.right[g[0]] = append(c.right[g[0]], pair{g[1], n})
		c.left[g[1]] = append(c.left[g[1]], pair{g[0], n})
		c.count[g[0]] += int64(n)
	}
	for i := 1; i < v; i++ {
		c.class[i] = int32(1 + (i-1)%k)
	}
	c.bigrams, c.starts, c.ends = make([]int64, c.k*c.k), make([]int64, c.k), make([]int64, c.k)
	for i, list := range c.right {
		for _, p := range list {
			a, b := c.class[i], c.class[p.word]
			c.bigrams[int(a)*c.k+int(b)] += int64(p.n)
			c.starts[a] += int64(p.n)
			c.ends[b] += int64(p.n)
		}
	}
	c.logs = make([]float64, 1<<16)
	for i := 1; i < len(c.logs); i++ {
		c.logs[i] = float64(i) * math.Log(float64(i))
	}
	return c
}

// xlogx is n·log n, the term from which the likelihood is built.
func (c *clusterer) xlogx(n int64) float64 {
	if n < int64(len(c.logs)) {
		return c.logs[n]
	}
	return float64(n) * math.Log(float64(n))
}

// round moves each word once and returns how many went to another class.
func (c *clusterer) round() int {
	moved := 0
	after, before := make([]int64, c.k), make([]int64, c.k)
	var afters, befores []int32
	for w := 1; w < len(c.class); w++ {
		afters, befores = afters[:0], befores[:0]
		self, total := int64(0), int64(0)
		add := func(sum []int64, list []int32, class int32, n int32) []int32 {
			if sum[class] == 0 {
				list = append(list, class)
			}
			sum[class] += int64(n)
			return list
		}
		for _, p := range c.right[w] {
			total += int64(p.n)
			if p.word == int32(w) {
				self = int64(p.n)
				continue
			}
			afters = add(after, afters, c.class[p.word], p.n)
		}
		for _, p := range c.left[w] {
			if p.word != int32(w) {
				befores = add(before, befores, c.class[p.word], p.n)
			}
		}
		from := c.class[w]
		c.put(from, -1, after, before, afters, befores, self, total)
		best, gain := from, math.Inf(-1)
		for to := int32(1); to < int32(c.k); to++ {
			if g := c.gain(to, after, before, afters, befores, self, total); g > gain+1e-7 {
				best, gain = to, g
			}
		}
		c.put(best, 1, after, before, afters, befores, self, total)
		c.class[w] = best
		if best != from {
			moved++
		}
		for _, a := range afters {
			after[a] = 0
		}
		for _, b := range befores {
			before[b] = 0
		}
	}
	return moved
}

// put adds the bigrams of a word to a class, or takes them away.
func (c *clusterer) put(class int32, sign int64, after, before []int64, afters, befores []int32, self, total int64) {
	k := int(class)
	for _, a := range afters {
		c.bigrams[k*c.k+int(a)] += sign * after[a]
	}
	for _, b := range befores {
		c.bigrams[int(b)*c.k+k] += sign * before[b]
	}
	c.bigrams[k*c.k+k] += sign * self
	c.starts[k] += sign * total
	c.ends[k] += sign * total
}

// gain is what the likelihood gains when a word that is in no class enters one.
func (c *clusterer) gain(class int32, after, before []int64, afters, befores []int32, self, total int64) float64 {
	k := int(class)
	var g float64
	within := c.bigrams[k*c.k+k]
	grown := within + self + after[class] + before[class]
	g += c.xlogx(grown) - c.xlogx(within)
	for _, a := range afters {
		if a != class {
			n := c.bigrams[k*c.k+int(a)]
			g += c.xlogx(n+after[a]) - c.xlogx(n)
		}
	}
	for _, b := range befores {
		if b != class {
			n := c.bigrams[int(b)*c.k+k]
			g += c.xlogx(n+before[b]) - c.xlogx(n)
		}
	}
	g -= c.xlogx(c.starts[k]+total) - c.xlogx(c.starts[k])
	g -= c.xlogx(c.ends[k]+total) - c.xlogx(c.ends[k])
	return g
}
