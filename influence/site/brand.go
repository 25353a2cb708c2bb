package site

import (
	"fmt"
	"slices"
	"sync"
)

// Brand is a medium, an authority or an organisation whose name is worth imitating.
type Brand struct {
	// Domain is where the real one is found.
	Domain string
	// Country is its ISO 3166-1 alpha-2 code; EU and INT besides.
	Country string
	// Kind is press, broadcast, agency, magazine, science, health, authority or organisation.
	Kind string
}

// Brands are those that come with Marque, the better known of each country and kind first.
func Brands() []Brand { return slices.Clone(embeddedBrands()) }

var embeddedBrands = sync.OnceValue(func() []Brand {
	var out []Brand
	for _, r := range rows("brands.txt") {
		for _, d := range r[2:] {
			out = append(out, Brand{Domain: d, Country: r[0], Kind: r[1]})
		}
	}
	return out
})

// brandSet finds brands by label. Their labels are the first ones of the index that they share with the watched sites.
type brandSet struct {
	// at are the brands of a label: "delfi" is one in three countries.
	at        [][]brand
	countries map[string]float64 // share of each country's brands in all: what an operation would choose that chose blindly
}

// of are the brands of a label, nil where it is none's.
func (s *brandSet) of(label uint32) []brand {
	if int(label) < len(s.at) {
		return s.at[label]
	}
	return nil
}

type brand struct {
	Brand
	ending string
	// share is how much of its country's attention it gets: a list goes on falling, slowly.
	share float64
}

func newBrandSet(brands []Brand, x *index) (*brandSet, error) {
	s := &brandSet{countries: map[string]float64{}}
	rank := map[string]int{}
	sum := map[string]float64{}
	var sp spelling
	var hs sums
	for _, b := range brands {
		n, err := Parse(b.Domain)
		if err != nil {
			return nil, fmt.Errorf("brand %s: %w", b.Domain, err)
		}
		place := b.Country + b.Kind
		rank[place]++
		one := brand{Brand: b, ending: n.Ending, share: 1 / float64(rank[place]+15)}
		sum[b.Country] += one.share
		s.countries[b.Country] += 1 / float64(len(brands))
		sp.spell(n.Label)
		hs.of(sp.folded[:sp.nf])
		id, fresh := x.add(n.Label, &sp, &hs)
		if fresh {
			s.at = append(s.at, nil)
		}
		s.at[id] = append(s.at[id], one)
	}
	for _, list := range s.at {
		for i := range list {
			list[i].share /= sum[list[i].Country]
		}
	}
	return s, nil
}

// owns says whether a name on this ending is the brand's own.
func owns(list []brand, ending string) bool {
	return slices.ContainsFunc(list, func(b brand) bool { return b.ending == ending })
}
