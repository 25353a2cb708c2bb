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

var relationNames = [relations]string{"same label", "respelt", "look-alike", "one edit", "with another word", "with letters before or behind", "as sub-domain"}

func (r Relation) String() string { return relationNames[r] }

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
	shape  sums
}

func (p *probe) set(n Name) {
	p.name = n
	p.sp.spell(n.Label)
	p.folded.of(p.sp.folded[:p.sp.nf])
	p.shape.of(p.sp.shape[:p.sp.ns])
}

// in appends what the name resembles in the index. The closest relation stands first; a label may come twice.
func (p *probe) in(x *index, out []match) []match {
	if len(x.labels) == 0 || p.sp.nf == 0 {
		return out
	}
	f := p.sp.folded[:p.sp.nf]
	if id, ok := x.exact(p.name.Label, p.folded.h[p.sp.nf]); ok {
		out = append(out, match{relation: SameLabel, id: id})
	} else if id, ok := x.find(f, p.folded.h[p.sp.nf]); ok {
		r := Respelt
		if p.sp.foreign {
			r = LookAlike
		}
		out = append(out, match{relation: r, id: id})
	}
	if p.sp.ns >= 3 {
		x.byShape(p.shape.h[p.sp.ns], func(id uint32) {
			if l := x.label(id); !foldsTo(l, f) && sameShape(l, p.sp.shape[:p.sp.ns]) {
				out = append(out, match{relation: respeltOrAlike(l, f), id: id})
			}
		})
	}
	x.oneEdit(f, &p.folded, func(id uint32) { out = append(out, match{relation: OneEdit, id: id}) })
	out = p.words(x, out)
	for i := affixMin; i <= p.sp.nf-2; i++ {
		if id, ok := x.find(f[:i], p.folded.h[i]); ok {
			out = append(out, match{relation: Affix, id: id, own: string(f[i:])})
		}
		if id, ok := x.find(f[p.sp.nf-i:], p.folded.part(p.sp.nf-i, p.sp.nf)); ok {
			out = append(out, match{relation: Affix, id: id, own: string(f[:p.sp.nf-i])})
		}
	}
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
		if id, ok := x.findString(label[start:i]); ok {
			other := ""
			if start == 0 && i < len(label) {
				other = label[i+1:]
			}
			out = append(out, match{relation: Word, id: id, own: other})
		}
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
		if id, ok := x.findString(label); ok {
			own := after
			if own == "" {
				own = p.name.Label
			}
			out = append(out, match{relation: Below, id: id, own: own})
		}
		rest = after
	}
	return out
}

// findString looks up a label that is not yet spelled.
func (x *index) findString(label string) (uint32, bool) {
	if len(label) < 3 || len(label) > maxLabel {
		return 0, false
	}
	var s spelling
	s.spell(label)
	h := uint64(0)
	for _, c := range s.folded[:s.nf] {
		h = h*base + uint64(c) + 1
	}
	return x.find(s.folded[:s.nf], h)
}
