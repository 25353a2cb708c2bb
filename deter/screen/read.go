package screen

import (
	"slices"
	"strings"
	"unicode/utf8"

	"marque/ingest/sanctions"
)

// word is one word of a name as it is compared. Words with one text, class and origin are one value within an Index.
type word struct {
	// text is what stands for it: folded, in Latin letters, or the canonical word of a phrase.
	text  string
	class class
	// raw is the word as it was written, folded; it differs from text where a phrase was replaced.
	raw string
	// from is the writing that it came in.
	from script
	// sound, bones and han are keys under which spellings of one word fall together: by sound, by consonants, by Wade and Giles.
	sound, bones, wade string
	// tune is the word as a romanisation of Korean, coarsely.
	tune string
	// korean is set for words of Korean readings, which are compared coarsely.
	korean bool
	// letters is the set of letters of raw.
	letters uint32
	groups  []uint16
	weight  float32
	id      int32 // in the vocabulary of an Index, -1 outside
}

// reading is a name in one way of reading it.
type reading struct {
	words []*word
	// shown are the parts of the name as they were written, one for each word.
	shown []string
	// how says which reading it is, "" for the plain one.
	how string
}

// Name is a name that was read, for a kind of subject.
type Name struct {
	// Text is the name as it was given.
	Text string
	Kind sanctions.Kind
	// Cut says that the name was longer than what is compared.
	Cut      bool
	readings []reading
	// evident says that the name shows its kind: a person's by "FAMILY, Given", an organisation's by a legal form.
	evident bool
	// kindly says that the kind decided how a word was taken.
	kindly bool
	// native is the folded text in its own writing, for names that are no Latin.
	native string
}

// Read reads a name. Of a person no word is taken for a word of organisations; of an unknown kind the words decide.
func Read(text string, kind sanctions.Kind) *Name {
	return readWith(text, kind, nil)
}

// interner gives one value to words that are the same.
type interner interface{ intern(w word) *word }

func readWith(text string, kind sanctions.Kind, in interner) *Name {
	n := &Name{Text: text, Kind: kind}
	if utf8.RuneCountInString(text) > MaxName {
		n.Text, n.Cut = string([]rune(text)[:MaxName]), true
	}
	l := theLexicon()
	parts := foldWords(breakCamel(n.Text))
	if len(parts) > MaxWords {
		parts, n.Cut = parts[:MaxWords], true
	}
	if n.Kind == sanctions.Unknown || n.Kind == "" {
		n.Kind = guessKind(l, parts)
	}
	if family, given, ok := strings.Cut(n.Text, ","); ok && n.Kind == sanctions.Person && !strings.Contains(given, ",") {
		// "FAMILY, Given": the order of reading is the other one.
		if f, g := foldWords(breakCamel(family)), foldWords(breakCamel(given)); len(g) > 0 && len(f)+len(g) == len(parts) {
			parts = slices.Concat(g, f)
			n.evident = true
		}
	}
	r := &reader{l: l, in: in, kind: n.Kind}
	if slices.ContainsFunc(parts, func(p string) bool { return !isLatin(p) }) {
		n.native = strings.Join(parts, " ")
	}
	n.readings = r.read(parts)
	n.evident = n.evident || slices.ContainsFunc(n.readings[0].words, func(w *word) bool { return w.class == legal })
	n.kindly = r.kindly
	return n
}

// breakCamel parts words that were written together: SergeiLavrov, SiemensAG. Three small letters must stand before the capital, so that
// McDonald and GmbH stay whole.
func breakCamel(s string) string {
	small := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			small++
		case c >= 'A' && c <= 'Z' && small >= 3:
			return s[:i] + " " + breakCamel(s[i:])
		default:
			small = 0
		}
	}
	return s
}

// guessKind takes a name with a legal form or a word of organisations for one of an organisation, others for a person's.
func guessKind(l *lexicon, parts []string) sanctions.Kind {
	for i := 0; i < len(parts); {
		e, n := l.meaning(parts[i:])
		if (e.class == legal || e.class == org) && len(parts[i]) > 1 {
			return sanctions.Organisation
		}
		if s := l.scriptOf(firstRune(parts[i])); s == hanScript || s == hangulScript {
			if utf8.RuneCountInString(parts[i]) > longestHanPerson || l.hasOrganisationWord(parts[i]) {
				return sanctions.Organisation
			}
		}
		i += max(n, 1)
	}
	return sanctions.Person
}

// longestHanPerson is the most characters of a person's name in Han or Hangul.
const longestHanPerson = 5

// hasOrganisationWord looks in a run of Han or Hangul for a word of organisations of two characters or more.
func (l *lexicon) hasOrganisationWord(run string) bool {
	for i, first := range run {
		for _, form := range l.byFirst[first] {
			e := l.means[form]
			if (e.class == org || e.class == legal) && utf8.RuneCountInString(form) > 1 && strings.HasPrefix(run[i:], form) {
				return true
			}
		}
	}
	return false
}

// reader makes the readings of a name.
type reader struct {
	l    *lexicon
	in   interner
	kind sanctions.Kind
	// kindly becomes true where a name of another kind would have been read in another way.
	kindly bool
}

// piece is a part of a name on the way to a word.
type piece struct {
	shown string
	text  string // folded, in its own writing
	class class
	canon string
	from  script
}

func (r *reader) read(parts []string) []reading {
	pieces := joinServants(r.pieces(parts))
	if r.kind != sanctions.Person {
		pieces = joinInitials(pieces)
	}
	if !slices.ContainsFunc(pieces, func(p piece) bool { return p.from == hanScript || p.from == hangulScript }) {
		return []reading{r.plain(pieces)}
	}
	var out []reading
	for _, way := range r.ways(pieces) {
		rd := r.spell(pieces, way)
		if !slices.ContainsFunc(out, func(o reading) bool { return slices.Equal(texts(o.words), texts(rd.words)) }) {
			out = append(out, rd)
		}
	}
	return out
}

func texts(ws []*word) []string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = w.text
	}
	return out
}

// pieces looks phrases up and parts what is written without spaces.
func (r *reader) pieces(parts []string) []piece {
	out := make([]piece, 0, len(parts)+2)
	for i := 0; i < len(parts); {
		p := parts[i]
		s := r.l.scriptOf(firstRune(p))
		if s == hanScript || s == hangulScript {
			r.kindly = true
			out = append(out, r.unspaced(p)...)
			i++
			continue
		}
		if e, n := r.l.meaning(parts[i:]); n > 0 && r.takes(e, parts, i, n) {
			whole := parts[i : i+n]
			out = append(out, piece{shown: strings.Join(whole, " "), text: strings.Join(whole, ""), class: e.class, canon: e.canon, from: s})
			i += n
			continue
		}
		out = r.one(out, p, s)
		i++
	}
	return out
}

// takes says whether a phrase may stand for its canonical word in a name of this kind.
func (r *reader) takes(e entry, parts []string, i, n int) bool {
	r.kindly = r.kindly || e.class != particle && e.class != stop
	single := n == 1 && utf8.RuneCountInString(parts[i]) == 1 && isLatin(parts[i])
	switch e.class {
	case particle, stop:
		return !single || r.kind != sanctions.Person
	case honorific:
		return r.kind == sanctions.Person && len(parts) > n
	case number:
		if r.kind == sanctions.Person {
			return false
		}
		return !single || i == len(parts)-1 || i > 0
	case legal:
		// A person's name with a legal form after it is still the person's.
		if r.kind == sanctions.Person {
			return i+n == len(parts) && i > 1 && n == 1 && (parts[i] == "llc" || parts[i] == "ltd" || parts[i] == "inc" || parts[i] == "gmbh")
		}
		// A.B. is a legal form, A.B.C. is not one with a C behind it.
		return !single && (!letters(parts[i:i+n]) || i+n == len(parts) || len(parts[i+n]) != 1)
	case org, place:
		return r.kind != sanctions.Person && !single
	}
	return true
}

// letters says that words are single letters.
func letters(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return utf8.RuneCountInString(w) != 1 })
}

// one adds the piece of a word that is in no list; the Arabic article is parted from what it stands before.
func (r *reader) one(out []piece, p string, s script) []piece {
	if s == abjad {
		if rest, ok := strings.CutPrefix(p, "ال"); ok && utf8.RuneCountInString(rest) >= 2 && rest != "له" && rest != "لهي" {
			out = append(out, piece{shown: "ال", text: "ال", class: particle, canon: "al", from: s})
			if e, n := r.l.meaning([]string{rest}); n > 0 && r.takes(e, []string{rest, ""}, 0, 1) {
				return append(out, piece{shown: rest, text: rest, class: e.class, canon: e.canon, from: s})
			}
			return append(out, piece{shown: rest, text: rest, from: s})
		}
	}
	c := plain
	if n := utf8.RuneCountInString(p); n == 1 {
		c = initial
		if p[0] >= '0' && p[0] <= '9' {
			c = number
		}
	} else if strings.Trim(p, "0123456789") == "" {
		c = number
	}
	return append(out, piece{shown: p, text: p, class: c, from: s})
}

// unspaced parts a run of Han or Hangul by the longest phrases of the word list; of a person only what is said before or after a name.
func (r *reader) unspaced(p string) []piece {
	var out []piece
	var rest []rune
	flush := func() {
		if len(rest) > 0 {
			out = append(out, piece{shown: string(rest), text: string(rest), from: r.l.scriptOf(rest[0])})
			rest = nil
		}
	}
	for p != "" {
		first, size := utf8.DecodeRuneInString(p)
		best := ""
		for _, form := range r.l.byFirst[first] {
			if len(form) > len(best) && strings.HasPrefix(p, form) {
				e := r.l.means[form]
				if r.kind == sanctions.Person && (e.class != honorific || len(rest) < 2) {
					continue
				}
				// One character begins too many other words; at the end it is what the thing is: a bank, a factory, a party.
				if len(form) == size && len(p) > size && e.class != particle && e.class != stop {
					continue
				}
				best = form
			}
		}
		if best == "" {
			rest = append(rest, first)
			p = p[size:]
			continue
		}
		flush()
		e := r.l.means[best]
		out = append(out, piece{shown: best, text: best, class: e.class, canon: e.canon, from: r.l.scriptOf(first)})
		p = p[len(best):]
	}
	flush()
	return out
}

// way is a way of reading Han or Hangul.
type way struct {
	name   string
	han    int // which readings of Han; -1 for none
	hangul int // which romanisation of Hangul
	wade   bool
	korean bool
}

func (r *reader) ways(pieces []piece) []way {
	if slices.ContainsFunc(pieces, func(p piece) bool { return p.from == hanScript && p.canon == "" }) {
		return []way{
			{name: "pinyin", han: 0, hangul: 0},
			{name: "Wade–Giles", han: 0, hangul: 0, wade: true},
			{name: "Cantonese", han: 1, hangul: 0},
			{name: "Korean", han: 2, hangul: 0, korean: true},
		}
	}
	return []way{{name: "Korean", han: 2, hangul: 0, korean: true}, {name: "Korean, revised", han: 2, hangul: 1, korean: true}}
}

// plain makes the words of an alphabet.
func (r *reader) plain(pieces []piece) reading {
	rd := reading{words: make([]*word, 0, len(pieces)), shown: make([]string, 0, len(pieces))}
	for i := range pieces {
		rd.add(r.word(&pieces[i]), pieces[i].shown)
	}
	return rd
}

func (rd *reading) add(w *word, shown string) {
	if w.text == "" {
		return
	}
	rd.words, rd.shown = append(rd.words, w), append(rd.shown, shown)
}

// spell makes the words of a name with Han or Hangul in one way of reading: a word for each syllable.
func (r *reader) spell(pieces []piece, by way) reading {
	rd := reading{how: by.name}
	for _, p := range pieces {
		if p.canon != "" || p.from != hanScript && p.from != hangulScript {
			rd.add(r.word(&p), p.shown)
			continue
		}
		text := p.text
		if len(rd.words) == 0 && r.kind == sanctions.Person {
			text = r.surname(&rd, text, by)
		}
		for _, c := range text {
			rd.add(r.syllable(r.sound(c, by), r.l.scriptOf(c), by), string(c))
		}
	}
	return rd
}

// surname adds the family name at the beginning of a name, where it is read in a way of its own, and gives what comes after it.
func (r *reader) surname(rd *reading, text string, by way) string {
	runes := []rune(text)
	for n := min(2, len(runes)-1); n > 0; n-- {
		special, ok := r.l.surnames[string(runes[:n])]
		if !ok {
			continue
		}
		said := special[0]
		if by.han == 2 {
			said = ""
			for _, c := range special[1] {
				said += hangulLatin(c, by.hangul)
			}
		}
		if said == "" || by.han == 1 {
			return text
		}
		rd.add(r.syllable(said, hanScript, by), string(runes[:n]))
		return string(runes[n:])
	}
	return text
}

// sound is how a character of Han or Hangul is read.
func (r *reader) sound(c rune, by way) string {
	if r.l.scriptOf(c) != hanScript {
		return hangulLatin(c, by.hangul)
	}
	text := r.l.han[by.han][c]
	switch {
	case text == "":
		return string(c)
	case by.han == 2:
		return hangulLatin(firstRune(text), by.hangul)
	case by.han == 1:
		return hongKong().Replace(text)
	}
	return text
}

func (r *reader) syllable(text string, from script, by way) *word {
	if w, ok := theWade()[text]; by.wade && ok {
		text = w
	}
	return r.finish(word{text: text, from: from, korean: by.korean})
}

// word makes the word of a piece.
func (r *reader) word(p *piece) *word {
	w := word{text: p.text, class: p.class, from: p.from}
	switch {
	case p.canon != "":
		w.text, w.from, w.raw = p.canon, latin, r.l.latin(p.text)
	case mixed(r.l, p.text):
		w.text, w.from = confusable().Replace(p.text), latin
	case p.from != latin && p.from != otherScript:
		w.text = r.l.latin(p.text)
	}
	if w.class == plain && w.from == latin {
		w.text = servant(undigit(w.text))
	}
	return r.finish(w)
}

// mixed says that a word has letters of Latin and of another alphabet.
func mixed(l *lexicon, w string) bool {
	var lat, other bool
	for _, c := range w {
		if c >= 'a' && c <= 'z' {
			lat = true
		} else if s := l.scriptOf(c); s == cyrillic || s == greek {
			other = true
		}
	}
	return lat && other
}

// undigit reads digits within a word as the letters they are put for: Sech1n. What ends in digits (APT28) stays.
func undigit(w string) string {
	head := strings.TrimRight(w, "0123456789")
	if head == w && !strings.ContainsAny(w, "0123456789") || head != w && !strings.ContainsAny(head, "0123456789") || head == "" {
		return w
	}
	if w[0] >= '0' && w[0] <= '9' {
		return w
	}
	return digits().Replace(w)
}

// finish computes the keys of a word.
func (r *reader) finish(w word) *word {
	w.id = -1
	if r.in != nil {
		return r.in.intern(w)
	}
	complete(r.l, &w)
	return &w
}

// complete fills in what follows from text and class.
func complete(l *lexicon, w *word) {
	if w.raw == "" {
		w.raw = w.text
	}
	w.letters = letterSet(w.raw)
	w.sound = w.raw
	if w.class == plain || w.class == place {
		w.sound = soundKey(w.raw)
		w.bones = skeleton(w.text)
		w.wade = wade(w.text)
		if len(w.text) <= longestKorean {
			w.tune = koreanKey(w.text)
		}
		w.groups = l.groups[w.text]
	}
	if w.class == org {
		w.groups = l.related[w.text]
	}
	w.weight = baseWeight(w)
}

// servant writes Abdel-, Abdal-, Abdur- and the like as Abdul-.
func servant(w string) string {
	rest, ok := strings.CutPrefix(w, "abd")
	if !ok {
		return w
	}
	rest = strings.TrimLeft(rest, "aeiou")
	if len(rest) < 4 || len(rest)+3 == len(w) {
		return w
	}
	if rest[0] == 'l' || rest[0] == rest[1] {
		return "abdul" + rest[1:]
	}
	return w
}

// servants are the words that begin a name of a servant of God when written apart.
var servants = []string{"abd", "abdul", "abdel", "abdal", "abdol", "abdu", "abdur", "abdo", "abdool"}

// joinServants writes Abd al-Rahman and Abdul Rahman as one word: the second is never a name of its own.
func joinServants(pieces []piece) []piece {
	if !slices.ContainsFunc(pieces, func(p piece) bool { return slices.Contains(servants, p.text) }) {
		return pieces
	}
	var out []piece
	for i := 0; i < len(pieces); i++ {
		p := pieces[i]
		if p.from != latin || !slices.Contains(servants, p.text) {
			out = append(out, p)
			continue
		}
		j := i + 1
		if j < len(pieces) && pieces[j].class == particle && pieces[j].canon == "al" {
			j++
		}
		if j == len(pieces) || pieces[j].from != latin || pieces[j].class != plain {
			out = append(out, p)
			continue
		}
		out = append(out, piece{shown: p.shown + " " + pieces[j].shown, text: "abdul" + strings.TrimPrefix(pieces[j].text, "al"), from: latin})
		i = j
	}
	return out
}

// joinInitials writes the letters of an organisation's name that stand alone side by side as one word: N.I.T.C. is NITC.
func joinInitials(pieces []piece) []piece {
	out := pieces[:0]
	for i := 0; i < len(pieces); {
		j := i
		for j < len(pieces) && utf8.RuneCountInString(pieces[j].text) == 1 && pieces[j].class != number && pieces[j].from == pieces[i].from {
			j++
		}
		if j-i < 2 {
			out = append(out, pieces[i])
			i++
			continue
		}
		p := piece{from: pieces[i].from}
		for _, q := range pieces[i:j] {
			p.text += q.text
		}
		p.shown = p.text
		out = append(out, p)
		i = j
	}
	return out
}
