package match

import (
	"bytes"
	"net/netip"
	"slices"
	"unicode/utf8"

	"marque/event"
	"marque/stix/pattern"
)

// Matching holds the buffers of one goroutine that looks events up in a Set.
type Matching struct {
	set        *Set
	state      *state // of the set, that the event being matched sees
	hits       []Hit
	now        *probes // of the event being matched
	ahead      *probes // of the one after it
	suppressed map[string]uint64

	teller *event.Teller // nil: hosts and users are not told
	may    []uint32      // patterns that the event may meet
	folded []byte
	shown  shown
	probe  pattern.Probe
}

// NewMatching returns a matching over set.
func NewMatching(set *Set) *Matching {
	return &Matching{set: set, now: new(probes), ahead: new(probes), suppressed: map[string]uint64{}}
}

// Tell has hits say to which host and user they happened, where events have their line.
func (m *Matching) Tell() { m.teller = event.NewTeller() }

// Suppressed returns, by allow-list, how many hits were not reported because the list names the value.
func (m *Matching) Suppressed() map[string]uint64 { return m.suppressed }

// probes are the look-ups of one event: a hash for each observable, in their order, and then one for each parent of a domain.
type probes struct {
	hashes  []uint64
	parents []parent
}

// parent is the end of a domain, from a label on.
type parent struct {
	observed int32 // index of the observable
	from     int32 // of its value
}

// Match hashes the event's observables and returns its hits, each indicator value once per field, at once: events come in their
// order. The result is valid until the next call.
func (m *Matching) Match(e *event.Event) []Hit {
	hits, later := m.Look(e)
	if later != nil {
		return later.Settle()
	}
	return hits
}

// Look is Match for events in any order. It returns the event's hits or, where some of them depend on the events before it, what will
// have all of them. The hits are valid until the next call.
func (m *Matching) Look(e *event.Event) ([]Hit, *Later) {
	m.prepare(e)
	m.turn()
	return m.lookUp(e)
}

// prepare works out what to look up for an event and has the processor fetch the words of the filter meanwhile. Whoever then
// decodes the next event before looking this one up waits for memory no more: at ten million indicators, whose filter no
// cache of one core holds, that halves the cost of an event.
func (m *Matching) prepare(e *event.Event) {
	p := m.ahead
	p.hashes, p.parents = p.hashes[:0], p.parents[:0]
	seed := m.set.seed
	for i := range e.Observables {
		o := &e.Observables[i]
		o.Hash = event.Hash(o.Kind, o.Value, seed)
		p.hashes = append(p.hashes, o.Hash)
	}
	for i := range e.Observables {
		if o := &e.Observables[i]; o.Kind == event.Domain {
			p.addParents(o.Value, int32(i), seed)
		}
	}
	for _, t := range m.set.now.Load().tables {
		if len(t.bloom) > fewWords {
			prefetch(t.bloom, p.hashes)
		}
	}
}

// fewWords is the size of a filter that the processor's cache holds anyway.
const fewWords = 1 << 14

// addParents adds the parents of a domain: what stands behind each of its dots but the last. Indicators for a public suffix
// match exactly only, so the walk needs no list of suffixes.
func (p *probes) addParents(name []byte, observed int32, seed uint64) {
	last := bytes.LastIndexByte(name, '.')
	for from := 0; from < last; {
		dot := bytes.IndexByte(name[from:last], '.')
		if dot < 0 {
			return
		}
		from += dot + 1
		p.hashes = append(p.hashes, event.Hash(event.Domain, name[from:], seed))
		p.parents = append(p.parents, parent{observed, int32(from)})
	}
}

// turn makes the event that was prepared last the one that lookUp is for.
func (m *Matching) turn() { m.now, m.ahead = m.ahead, m.now }

// lookUp is Look for a prepared event.
func (m *Matching) lookUp(e *event.Event) ([]Hit, *Later) {
	m.hits = m.hits[:0]
	m.state = m.set.now.Load()
	for _, t := range m.state.tables {
		m.look(t, e)
	}
	p := m.set.patterns.Load()
	if p == nil {
		return m.hits, nil
	}
	table := p.now.Load()
	if len(table.list) == 0 {
		return m.hits, nil
	}
	parts := m.watch(table, e)
	if parts == nil {
		return m.hits, nil
	}
	return nil, &Later{Time: e.Time, Offset: e.Offset, known: slices.Clone(m.hits), parts: parts}
}

// look looks all probes up in one table.
func (m *Matching) look(t *Table, e *event.Event) {
	if size := uint64(len(t.bloom)); size > 0 {
		for i, h := range m.now.hashes {
			if mask := bloomMask(h); t.bloom[place(h, size)]&mask == mask {
				m.find(t, e, h, i)
			}
		}
	}
	if t.cidrs == nil {
		return
	}
	for i := range e.Observables {
		if o := &e.Observables[i]; o.Kind == event.IPv4 || o.Kind == event.IPv6 {
			m.lookCIDR(t, e, o)
		}
	}
}

// find looks up a probe that the filter lets through.
func (m *Matching) find(t *Table, e *event.Event, hash uint64, probe int) {
	how, from := ParentDomain, int32(0)
	if n := probe - len(e.Observables); n >= 0 {
		probe, from = int(m.now.parents[n].observed), m.now.parents[n].from
	} else {
		how = exactly(e.Observables[probe].Kind)
	}
	o := &e.Observables[probe]
	if number := t.find(hash, o.Kind, o.Value[from:]); number != 0 {
		m.reportChain(t, number, e, o, how)
	}
}

func exactly(k event.Kind) By {
	if k == event.URL {
		return ExactURL
	}
	return Exact
}

func (m *Matching) lookCIDR(t *Table, e *event.Event, o *event.Observable) {
	if !t.cidrs.Contains(o.Addr) {
		return
	}
	for _, first := range t.cidrs.Supernets(netip.PrefixFrom(o.Addr, o.Addr.BitLen())) {
		m.reportChain(t, first, e, o, InCIDR)
	}
}

// reportChain reports each entry of a chain that is in force at the event's time.
func (m *Matching) reportChain(t *Table, number uint32, e *event.Event, o *event.Observable, by By) {
	ms := floorMillis(e.Time)
	for ; number != 0; number = t.entries[number].next {
		en := &t.entries[number]
		if !inForce(en.from, en.until, ms) || by == ParentDomain && en.flags&flagExactOnly != 0 {
			continue
		}
		id := t.indicatorID(en)
		if m.set.dead(m.state, t, id) {
			continue
		}
		m.report(e, o, found{id: id, tag: &t.tags[en.tag], by: by, stored: t.text(en), kind: en.kind})
	}
}

// inForce reports whether a time lies in [from, until), all in milliseconds since 1970; 0: open.
func inForce(from, until, ms int64) bool {
	return (from == 0 || ms >= from) && (until == 0 || ms < until)
}

// found is an indicator that an observable meets.
type found struct {
	id     string
	tag    *Tag
	by     By
	stored string
	kind   event.Kind // of stored; KindNone: it is a pattern's comparison, no value
}

// report adds a hit unless an allow-list names its value.
func (m *Matching) report(e *event.Event, o *event.Observable, f found) {
	if !m.allowed(o, &f) {
		m.hits = append(m.hits, m.newHit(e, o, &f))
	}
}

// allowed reports whether an allow-list names the event's value or the indicator's, and counts it.
func (m *Matching) allowed(o *event.Observable, f *found) bool {
	a := m.set.allow.Load()
	if a == nil {
		return false
	}
	list := a.find(o, f.stored, f.kind)
	if list != "" {
		m.suppressed[list]++
	}
	return list != ""
}

func (m *Matching) newHit(e *event.Event, o *event.Observable, f *found) Hit {
	h := Hit{
		Indicator: f.id, Actor: f.tag.Actor, Sponsor: f.tag.Sponsor, Labels: f.tag.Labels, By: f.by, Kind: o.Kind.String(),
		Field: o.Field, Searched: string(o.Value), Stored: f.stored, Time: e.When(), Format: e.Format, Sensor: text(e.Sensor),
		Technique: text(e.Technique), Sector: text(e.Sector), Country: text(e.Country), Victim: text(e.Victim), Offset: e.Offset,
	}
	for i := range e.Observables {
		switch o := &e.Observables[i]; {
		case o.Role == event.RoleSrcIP && h.Src == "":
			h.Src = string(o.Value)
		case o.Role == event.RoleDstIP && h.Dst == "":
			h.Dst = string(o.Value)
		}
	}
	if m.teller != nil {
		who := m.teller.Who(e)
		h.Host, h.User = who.Host, who.User
	}
	return h
}

func floorMillis(ns int64) int64 {
	ms := ns / 1e6
	if ns%1e6 < 0 {
		ms--
	}
	return ms
}

// text copies a field, with what is not UTF-8 replaced as encoding/json does.
func text(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if utf8.Valid(b) {
		return string(b)
	}
	return string(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}
