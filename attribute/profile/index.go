package profile

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Index is a corpus made ready for judging as of any day. It is safe for concurrent use.
type Index struct {
	config   Config
	actors   []actor
	features []feature
	byName   map[string]int32   // a feature's id or catalogue number
	byLabel  map[string][]int32 // a feature's name in lower case; several may bear it
	reports  []string           // names of roots
	byReport map[string]int32   // a source's or a root's name
	carried  map[int32][]dated
	mentions map[int32][]cited // of a software
}

type actor struct {
	Actor
	records  []record
	mentions []cited
}

type feature struct {
	Feature
	family int32 // index of the technique; itself when not a sub-technique; -1 for software
}

// record is what one root says that one actor, or one of its campaigns, does.
type record struct {
	report     int32
	own        bool
	attributed []cited // who says that the campaign is the actor's; nil for the actor's own
	shown      []dated
}

// dated is a feature and the day since which a report shows it.
type dated struct {
	feature int32
	day     int32
	report  int32
}

type cited struct {
	report int32
	day    int32
}

// New builds an index. It returns what Corpus.Validate finds.
func New(c Corpus, config Config) (*Index, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	x := &Index{
		config: config.withDefaults(), byName: map[string]int32{}, byLabel: map[string][]int32{}, byReport: map[string]int32{},
		carried: map[int32][]dated{}, mentions: map[int32][]cited{},
	}
	x.addFeatures(c.Features)
	x.addReports(c)
	b := builder{x: x, actors: map[string]int32{}, campaigns: map[string][]Attribution{}}
	b.addActors(c.Actors)
	b.addAttributions(c.Attributions)
	b.addRecords(c.Uses)
	b.addLinks(c.Carries, c.Mentions)
	return x, nil
}

func (x *Index) addFeatures(features []Feature) {
	sorted := slices.SortedFunc(slices.Values(features), func(a, b Feature) int {
		return cmp.Or(cmp.Compare(a.External, b.External), cmp.Compare(goneLast(a), goneLast(b)), cmp.Compare(a.ID, b.ID))
	})
	for _, f := range sorted {
		name := f.External
		if name == "" {
			name = f.ID
		}
		n, known := x.byName[name]
		if !known {
			n = int32(len(x.features))
			x.features = append(x.features, feature{Feature: f, family: -1})
			x.byName[name] = n
		}
		x.byName[f.ID] = n
		x.features[n].alsoCalled(f)
	}
	for n := range x.features {
		f := &x.features[n]
		if f.Kind != Technique {
			continue
		}
		f.family = int32(n)
		if parent, sub, _ := strings.Cut(f.External, "."); sub != "" {
			if p, known := x.byName[parent]; known {
				f.family = p
			}
		}
	}
	x.redirect()
	x.label()
	x.adopt()
}

// adopt lets what another source describes without a number be the catalogue's feature of that name and kind, where one bears it.
func (x *Index) adopt() {
	for _, f := range x.features {
		if f.External != "" {
			continue
		}
		key := labelOf(f.Name)
		list := slices.DeleteFunc(slices.Clone(x.byLabel[key]), func(o int32) bool { return x.features[o].External == "" })
		if len(list) != 1 || (x.features[list[0]].Kind == Technique) != (f.Kind == Technique) {
			continue
		}
		x.byLabel[key] = list
		x.byName[f.ID] = list[0]
	}
}

// alsoCalled takes over the names of another source's object for the feature. Some give a number where the name belongs.
func (f *feature) alsoCalled(o Feature) {
	if f.Name == f.External {
		f.Name = o.Name
	}
	f.Aliases = slices.Concat(f.Aliases, []string{o.Name}, o.Aliases)
}

func goneLast(f Feature) int {
	if f.Gone {
		return 1
	}
	return 0
}

// redirect lets what was revoked lead to what took its place, by id and by number. A circle ends somewhere.
func (x *Index) redirect() {
	successor := map[int32]int32{}
	for n, f := range x.features {
		if to, known := x.byName[f.Successor]; known && f.Successor != "" && to != int32(n) {
			successor[int32(n)] = to
		}
	}
	for name, n := range x.byName {
		for range 16 {
			to, moved := successor[n]
			if !moved {
				break
			}
			n = to
		}
		x.byName[name] = n
	}
}

// label indexes the names: a feature's own, a sub-technique's after its technique's, a program's others. What the catalogue has
// withdrawn has a name only where nothing else bears it.
func (x *Index) label() {
	for _, gone := range []bool{false, true} {
		added := map[string][]int32{}
		for n, f := range x.features {
			if f.Gone != gone {
				continue
			}
			names := append([]string{f.Name}, f.Aliases...)
			if f.family >= 0 && f.family != int32(n) {
				names = append(names, x.features[f.family].Name+": "+f.Name)
			}
			at := x.byName[f.ID]
			for _, name := range names {
				key := labelOf(name)
				if len(x.byLabel[key]) == 0 && key != "" && !slices.Contains(added[key], at) {
					added[key] = append(added[key], at)
				}
			}
		}
		maps.Copy(x.byLabel, added)
	}
}

// labelOf is the form under which names are compared.
func labelOf(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// catalogueNumber is how ATT&CK numbers techniques and software; MISP puts it behind the name ("PowerShell - T1059.001").
var catalogueNumber = regexp.MustCompile(`\b(?:T\d{4}(?:\.\d{3})?|S\d{4})\b`)

// Knows tells whether a name means a feature: an id, a catalogue number, a feature's name, or a name that holds a number. A
// sub-technique that the corpus does not know means its technique.
func (x *Index) Knows(name string) bool { return len(x.resolve(name)) > 0 }

// resolve lists the features that a name may mean.
func (x *Index) resolve(name string) []int32 {
	if f, known := x.byName[name]; known {
		return []int32{f}
	}
	if list := x.byLabel[labelOf(name)]; len(list) > 0 {
		return list
	}
	number := catalogueNumber.FindString(strings.ToUpper(name))
	technique, _, _ := strings.Cut(number, ".")
	for _, name := range []string{number, technique} {
		if f, known := x.byName[name]; known && name != "" {
			return []int32{f}
		}
	}
	return nil
}

// addReports numbers the roots in alphabetic order, so that the order of the input does not matter.
func (x *Index) addReports(c Corpus) {
	roots := map[string]string{} // source to root; the first in the alphabet when claims differ
	add := func(list []Citation) {
		for _, at := range list {
			root := cmp.Or(at.Root, at.Source)
			if known, seen := roots[at.Source]; !seen || root < known {
				roots[at.Source] = root
			}
		}
	}
	for _, u := range c.Uses {
		add(u.Citations)
	}
	for _, k := range c.Carries {
		add(k.Citations)
	}
	for _, a := range c.Attributions {
		add(a.Citations)
	}
	for _, m := range c.Mentions {
		add(m.Citations)
	}
	final := make(map[string]string, len(roots))
	for source := range roots {
		final[source] = follow(roots, source)
	}
	x.reports = slices.Compact(slices.Sorted(maps.Values(final)))
	for n, root := range x.reports {
		x.byReport[root] = int32(n)
	}
	for source, root := range final {
		x.byReport[source] = x.byReport[root]
	}
}

// follow goes from a report to what it retells, and on; a circle ends somewhere.
func follow(roots map[string]string, source string) string {
	for range 16 {
		root, known := roots[source]
		if !known || root == source {
			break
		}
		source = root
	}
	return source
}

// builder holds what is needed while an index is built only.
type builder struct {
	x         *Index
	actors    map[string]int32
	campaigns map[string][]Attribution
	pending   []pendingUse
}

// pendingUse is one (actor, report, feature), to be sorted into records.
type pendingUse struct {
	actor      int32
	campaign   string // empty for the actor's own
	shown      dated
	attributed []cited
}

func (b *builder) addActors(actors []Actor) {
	sorted := slices.SortedFunc(slices.Values(actors), func(a, b Actor) int { return cmp.Compare(a.ID, b.ID) })
	for n, a := range sorted {
		if code, given := b.x.config.Sponsors[a.ID]; given {
			a.Sponsor = code
		}
		b.actors[a.ID] = int32(n)
		b.x.actors = append(b.x.actors, actor{Actor: a})
	}
}

// addAttributions joins what is said about one campaign and one actor.
func (b *builder) addAttributions(list []Attribution) {
	for _, a := range list {
		known := b.campaigns[a.Campaign]
		if n := slices.IndexFunc(known, func(k Attribution) bool { return k.Actor == a.Actor }); n >= 0 {
			known[n].Citations = append(slices.Clone(known[n].Citations), a.Citations...)
		} else {
			b.campaigns[a.Campaign] = append(known, a)
		}
	}
}

func (b *builder) citations(list []Citation) []cited {
	out := make([]cited, 0, len(list))
	for _, c := range list {
		if !c.Date.IsZero() && c.Source != "" {
			out = append(out, cited{report: b.x.byReport[c.Source], day: dayOf(c.Date)})
		}
	}
	slices.SortFunc(out, compareCited)
	return out
}

func compareCited(a, b cited) int {
	return cmp.Or(cmp.Compare(a.report, b.report), cmp.Compare(a.day, b.day))
}

func (b *builder) addRecords(uses []Use) {
	for _, u := range uses {
		f, known := b.x.byName[u.Feature]
		if !known {
			continue
		}
		cites := b.citations(u.Citations)
		if a, known := b.actors[u.User]; known {
			b.addUse(pendingUse{actor: a}, f, cites)
		}
		for _, t := range b.campaigns[u.User] {
			if a, known := b.actors[t.Actor]; known {
				b.addUse(pendingUse{actor: a, campaign: u.User, attributed: b.citations(t.Citations)}, f, cites)
			}
		}
	}
	slices.SortFunc(b.pending, func(a, b pendingUse) int {
		return cmp.Or(cmp.Compare(a.actor, b.actor), cmp.Compare(a.campaign, b.campaign), cmp.Compare(a.shown.report, b.shown.report),
			cmp.Compare(a.shown.feature, b.shown.feature), cmp.Compare(a.shown.day, b.shown.day))
	})
	for n, p := range b.pending {
		records := &b.x.actors[p.actor].records
		last := n - 1
		if last < 0 || b.pending[last].actor != p.actor || b.pending[last].campaign != p.campaign || b.pending[last].shown.report != p.shown.report {
			*records = append(*records, record{report: p.shown.report, own: p.campaign == "", attributed: p.attributed})
		} else if b.pending[last].shown.feature == p.shown.feature {
			continue // the earliest day came first
		}
		r := &(*records)[len(*records)-1]
		r.shown = append(r.shown, p.shown)
	}
}

func (b *builder) addUse(p pendingUse, feature int32, cites []cited) {
	for _, c := range cites {
		p.shown = dated{feature: feature, day: c.day, report: c.report}
		b.pending = append(b.pending, p)
	}
}

func (b *builder) addLinks(carries []Carry, mentions []Mention) {
	x := b.x
	for _, c := range carries {
		s, known := x.byName[c.Software]
		t, also := x.byName[c.Technique]
		if !known || !also || x.features[t].Kind != Technique {
			continue
		}
		cites := b.citations(c.Citations)
		for _, at := range cites {
			x.carried[s] = append(x.carried[s], dated{feature: t, day: at.day, report: at.report})
		}
		x.mentions[s] = append(x.mentions[s], cites...)
	}
	for _, m := range mentions {
		cites := b.citations(m.Citations)
		if a, known := b.actors[m.Object]; known {
			x.actors[a].mentions = append(x.actors[a].mentions, cites...)
		} else if s, known := x.byName[m.Object]; known {
			x.mentions[s] = append(x.mentions[s], cites...)
		}
	}
	for _, list := range x.mentions {
		slices.SortFunc(list, compareCited)
	}
	for n := range x.actors {
		a := &x.actors[n]
		for _, r := range a.records {
			if r.own {
				latest := slices.MaxFunc(r.shown, func(a, b dated) int { return cmp.Compare(a.day, b.day) })
				a.mentions = append(a.mentions, cited{report: r.report, day: latest.day})
			}
		}
	}
}
