package join

import (
	"math"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
)

// stem is how many letters of a word count: "universities" and "university", "Georgia" and "Georgian" are one.
const stem = 6

// words splits text into words of letters and digits, in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
}

// stems are the words of a text as they are compared; short words without a digit are left out.
func stems(text string) []string {
	var out []string
	for _, w := range words(text) {
		if t := stemOf(w); t != "" {
			out = append(out, t)
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

// nameTerms are the stems of a name, and its neighbouring words as one: "Bad Rabbit" is also "BadRabbit".
func nameTerms(name string) []string {
	ws := words(name)
	out := stems(name)
	for i, w := range ws {
		out = append(out, "="+w)
		if i+1 < len(ws) {
			out = append(out, "="+w+ws[i+1])
		}
	}
	return out
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
	if query := u.Query(); len(query) > 0 && len(words(p)) < 3 {
		whole += "?" + query.Encode() // where the path says nothing, the query may be the page
	}
	last := path.Base(p)
	if ws := words(strings.TrimSuffix(last, path.Ext(last))); len(ws) >= 3 {
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

// add counts the terms of a record once each and returns their numbers with how often they stand there.
func (x *index) add(terms []string) map[int32]int {
	tf := make(map[int32]int, len(terms))
	for _, t := range terms {
		id, ok := x.ids[t]
		if !ok {
			id = int32(len(x.df))
			x.ids[t] = id
			x.df = append(x.df, 0)
		}
		if tf[id] == 0 {
			x.df[id]++
		}
		tf[id]++
	}
	x.n++
	return tf
}

// rarity is the information in a term, in nats.
func (x *index) rarity(term int32) float64 {
	return math.Log(float64(x.n+1) / float64(x.df[term]))
}

func (x *index) vector(tf map[int32]int) vector {
	v := make(vector, 0, len(tf))
	for t := range tf {
		v = append(v, weighted{term: t})
	}
	slices.SortFunc(v, func(a, b weighted) int { return int(a.term) - int(b.term) })
	sum := 0.0
	for i := range v {
		w := (1 + math.Log(float64(tf[v[i].term]))) * x.rarity(v[i].term)
		v[i].weight = float32(w)
		sum += w * w
	}
	if sum > 0 {
		for i := range v {
			v[i].weight /= float32(math.Sqrt(sum))
		}
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
