package join

import (
	"math"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// stem is how many letters of a word count: "universities" and "university", "Georgia" and "Georgian" are one.
const stem = 6

// words are the words of a text, of letters and digits, in lower case.
type words []string

func wordsOf(text string) words {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// fold is a name as one word.
func fold(name string) string { return strings.Join(wordsOf(name), "") }

// stems are the words as they are compared; short words without a digit are left out.
func (ws words) stems() []string {
	var out []string
	for _, w := range ws {
		if t := stemOf(w); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// years are the years that words and names tell of.
func (ws words) years(names []string) []int {
	var out []int
	for _, w := range append(wordsOf(strings.Join(names, " ")), ws...) {
		if len(w) == 4 && (w[:2] == "19" || w[:2] == "20") {
			if y, err := strconv.Atoi(w); err == nil && !slices.Contains(out, y) {
				out = append(out, y)
			}
		}
	}
	return out
}

func stemOf(w string) string {
	if len(w) < 3 && !strings.ContainsFunc(w, unicode.IsNumber) {
		return ""
	}
	n := 0
	for at := range w {
		if n == stem {
			return w[:at]
		}
		n++
	}
	return w
}

// address is what of a web address is compared: the address without scheme and query, and the last part of its path where that
// is long enough to be a title of its own.
func address(raw string) (whole, title string) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return "", ""
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	p := strings.TrimSuffix(u.Path, "/")
	if p == "" {
		return "", "" // a publisher's front page tells of everything
	}
	whole = host + strings.ToLower(p)
	if query := u.Query(); len(query) > 0 && len(wordsOf(p)) < 3 {
		whole += "?" + query.Encode() // where the path says nothing, the query may be the page
	}
	last := path.Base(p)
	if ws := wordsOf(strings.TrimSuffix(last, path.Ext(last))); len(ws) >= 3 {
		title = strings.Join(ws, "-")
	}
	return whole, title
}

// vector is a text as weights of its terms, of length one; sorted by term.
type vector []weighted

type weighted struct {
	term   int32
	weight float32
}

// index knows the terms of all records and how many records bear each.
type index struct {
	ids map[string]int32
	df  []int32
	n   int

	words []string // by number; made when first asked for
}

func newIndex() *index { return &index{ids: map[string]int32{}} }

// counted is a term and how often it stands in a text.
type counted struct{ term, n int32 }

// count numbers the terms of a record, sorted, and counts the record for each.
func (x *index) count(terms []string) []counted {
	ids := make([]int32, len(terms))
	for i, t := range terms {
		id, ok := x.ids[t]
		if !ok {
			id = int32(len(x.df))
			x.ids[t] = id
			x.df = append(x.df, 0)
		}
		ids[i] = id
	}
	x.n++
	slices.Sort(ids)
	var out []counted
	for _, id := range ids {
		if n := len(out); n > 0 && out[n-1].term == id {
			out[n-1].n++
			continue
		}
		out = append(out, counted{id, 1})
		x.df[id]++
	}
	return out
}

// set is count without how often.
func (x *index) set(terms []string) []int32 {
	cs := x.count(terms)
	out := make([]int32, len(cs))
	for i := range cs {
		out[i] = cs[i].term
	}
	return out
}

// number is the set of terms, none of which is counted yet.
func (x *index) number(terms []string) []int32 {
	out := make([]int32, len(terms))
	for i, t := range terms {
		id, ok := x.ids[t]
		if !ok {
			id = int32(len(x.df))
			x.ids[t] = id
			x.df = append(x.df, 0)
		}
		out[i] = id
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// found are the terms that the index has of a text's words and pairs of neighbours, with some that are known to be there; the record is
// counted for each.
func (x *index) found(ws words, own []int32) []int32 {
	out := slices.Clone(own)
	var pair []byte
	for i, w := range ws {
		if id, ok := x.ids[w]; ok {
			out = append(out, id)
		}
		if i+1 < len(ws) {
			pair = append(append(pair[:0], w...), ws[i+1]...)
			if id, ok := x.ids[string(pair)]; ok {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	for _, id := range out {
		x.df[id]++
	}
	x.n++
	return out
}

// rarity is the information in a term, in nats.
func (x *index) rarity(term int32) float64 {
	return math.Log(float64(x.n+1) / float64(x.df[term]))
}

// word is the term of a number.
func (x *index) word(id int32) string {
	if x.words == nil {
		x.words = make([]string, len(x.df))
		for w, n := range x.ids {
			x.words[n] = w
		}
	}
	return x.words[id]
}

// vector weighs terms by how rare they are, to length one; then what stands in too many records or in one only is left out.
func (x *index) vector(cs []counted) vector {
	v := make(vector, 0, len(cs))
	sum := 0.0
	for _, c := range cs {
		w := (1 + math.Log(float64(c.n))) * x.rarity(c.term)
		sum += w * w
		if x.df[c.term] > 1 && x.df[c.term] <= maxPosting {
			v = append(v, weighted{c.term, float32(w)})
		}
	}
	for i := range v {
		v[i].weight /= float32(math.Sqrt(sum))
	}
	return v
}

// dot is the cosine of two vectors.
func (v vector) dot(w vector) float64 {
	sum, i, k := 0.0, 0, 0
	for i < len(v) && k < len(w) {
		switch {
		case v[i].term < w[k].term:
			i++
		case v[i].term > w[k].term:
			k++
		default:
			sum += float64(v[i].weight) * float64(w[k].weight)
			i++
			k++
		}
	}
	return sum
}
