package site

import "bytes"

// Relation is how a new name resembles one that is watched.
type Relation uint8

// The relations, the closest first.
const (
	// SameLabel is the same label under another ending.
	SameLabel Relation = iota
	// Respelt is the same label but for hyphens, marks and doubled letters.
	Respelt
	// LookAlike is the same label but for what is read alike: letters of other scripts, digits for letters, rn for m.
	LookAlike
	// OneEdit is one letter put in, left out, changed, or swapped with its neighbour.
	OneEdit
	// Word is the label as a word between hyphens.
	Word
	// Affix is the label with something before or behind it.
	Affix
	// Below is the label as a sub-domain of a name that has nothing to do with it.
	Below
	relations
)

var relationNames = [relations]string{
	"same label", "respelt", "look-alike", "one edit", "with another word", "with letters before or behind", "as sub-domain",
}

func (r Relation) String() string { return relationNames[r] }

// MarshalText writes the name.
func (r Relation) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// affixMin is the shortest label that is looked for at the beginning or end of a longer one.
const affixMin = 6

// match is one watched label that a new name resembles.
type match struct {
	relation Relation
	id       uint32
	// own: beside the label stands the ending of the real one, as in bild-de.example or bild.de.example.
	own string
}

// probe is a new name, spelled and summed once for all indexes.
type probe struct {
	name   Name
	sp     spelling
	folded sums
}

func (p *probe) set(n Name) {
	p.name = n
	p.sp.spell(n.Label)
	p.folded.of(p.sp.folded[:p.sp.nf])
}

// in appends what the name resembles in the index. The closest relation stands first; a label may come twice.
func (p *probe) in(x *index, out []match) []match {
	if len(x.labels) == 0 || p.sp.nf == 0 {
		return out
	}
	f := p.sp.folded[:p.sp.nf]
	known := false
	x.each(f, p.folded.h[p.sp.nf], func(id uint32) {
		known = true
		r := Respelt
		switch {
		case string(x.label(id)) == p.name.Label:
			r = SameLabel
		case p.sp.foreign:
			r = LookAlike
		}
		out = append(out, match{relation: r, id: id})
	})
	if p.sp.ns >= 3 {
		x.byShape(hashOf(p.sp.shape[:p.sp.ns]), func(id uint32) {
			if l := x.label(id); !foldsTo(l, f) && sameShape(l, p.sp.shape[:p.sp.ns]) {
				out = append(out, match{relation: respeltOrAlike(l, f), id: id})
			}
		})
	}
	if !known { // what is one edit from a label that is known says nothing more
		x.oneEdit(f, &p.folded, func(id uint32) { out = append(out, match{relation: OneEdit, id: id}) })
	}
	out = p.words(x, out)
	out = p.affixes(x, out)
	if p.name.Sub != "" {
		out = p.below(x, out)
	}
	return out
}

// respeltOrAlike tells doubled letters from letters that are read as others.
func respeltOrAlike(label, folded []byte) Relation {
	var s spelling
	s.spell(string(label))
	a, b := s.folded[:s.nf], folded
	for len(a) > 0 && len(b) > 0 {
		c := a[0]
		if b[0] != c {
			return LookAlike
		}
		for len(a) > 0 && a[0] == c {
			a = a[1:]
		}
		for len(b) > 0 && b[0] == c {
			b = b[1:]
		}
	}
	return Respelt
}

// sameShape says whether a label has the shape.
func sameShape(label, shape []byte) bool {
	var s spelling
	s.spell(string(label))
	return bytes.Equal(s.shape[:s.ns], shape)
}

// affixes look up the beginnings and the ends, where any label begins or ends like that.
func (p *probe) affixes(x *index, out []match) []match {
	n := p.sp.nf
	if n < affixMin+2 {
		return out
	}
	f := p.sp.folded[:n]
	if x.ends.has(mix(headKey(&p.folded))) {
		for i := affixMin; i <= n-2; i++ {
			x.each(f[:i], p.folded.h[i], func(id uint32) {
				out = append(out, match{relation: Affix, id: id, own: string(f[i:])})
			})
		}
	}
	if x.ends.has(mix(tailKey(&p.folded))) {
		for i := affixMin; i <= n-2; i++ {
			x.each(f[n-i:], p.folded.part(n-i, n), func(id uint32) {
				out = append(out, match{relation: Affix, id: id, own: string(f[:n-i])})
			})
		}
	}
	return out
}

// words looks up what stands between hyphens.
func (p *probe) words(x *index, out []match) []match {
	if !p.sp.hyphens {
		return out
	}
	label := p.name.Label
	for start, i := 0, 0; i <= len(label); i++ {
		if i < len(label) && label[i] != '-' {
			continue
		}
		other := ""
		if start == 0 && i < len(label) {
			other = label[i+1:]
		}
		x.eachLike(label[start:i], func(id uint32) { out = append(out, match{relation: Word, id: id, own: other}) })
		start = i + 1
	}
	return out
}

// below looks up the labels of the sub-domain, and whether the ending of the real one follows.
func (p *probe) below(x *index, out []match) []match {
	rest := p.name.Sub
	for rest != "" {
		label, after := rest, ""
		for i := range len(rest) {
			if rest[i] == '.' {
				label, after = rest[:i], rest[i+1:]
				break
			}
		}
		own := after
		if own == "" {
			own = p.name.Label
		}
		x.eachLike(label, func(id uint32) { out = append(out, match{relation: Below, id: id, own: own}) })
		rest = after
	}
	return out
}

// eachLike calls f with the labels that fold like one that is not yet spelled.
func (x *index) eachLike(label string, f func(id uint32)) {
	if len(label) < 3 || len(label) > maxLabel {
		return
	}
	var s spelling
	s.spell(label)
	x.each(s.folded[:s.nf], hashOf(s.folded[:s.nf]), f)
}
