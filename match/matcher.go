package match

import (
	"bytes"
	"net/netip"
	"unicode/utf8"
)

// Matching holds the buffers of one goroutine that looks events up in a Set.
type Matching struct {
	set        *Set
	hits       []Hit
	suppressed map[string]uint64
}

// NewMatching returns a matching over set.
func NewMatching(set *Set) *Matching {
	return &Matching{set: set, suppressed: map[string]uint64{}}
}

// Suppressed returns, by allow-list, how many hits were not reported because the list names the value.
func (m *Matching) Suppressed() map[string]uint64 { return m.suppressed }

// Match hashes the event's observables and returns its hits, each indicator value once per field. The result is valid until the
// next call.
func (m *Matching) Match(e *Event) []Hit {
	m.hits = m.hits[:0]
	tables := *m.set.tables.Load()
	for i := range e.Observables {
		o := &e.Observables[i]
		o.Hash = Hash(o.Kind, o.Value, m.set.seed)
		for _, t := range tables {
			m.look(t, e, o)
		}
	}
	if w := m.set.watchers.Load(); w != nil {
		for _, watcher := range *w {
			m.hits = append(m.hits, watcher.Feed(e)...)
		}
	}
	return m.hits
}

func (m *Matching) look(t *Table, e *Event, o *Observable) {
	if t.maybe(o.Hash) {
		if number := t.find(o.Hash, o.Kind, o.Value); number != 0 {
			m.report(t, number, e, o, exactMatcher(o.Kind))
		}
	}
	switch o.Kind {
	case IPv4, IPv6:
		if t.cidrs != nil {
			m.lookCIDR(t, e, o)
		}
	case Domain:
		m.lookParents(t, e, o)
	}
}

func exactMatcher(k Kind) Matcher {
	if k == URL {
		return ExactURL
	}
	return Exact
}

func (m *Matching) lookCIDR(t *Table, e *Event, o *Observable) {
	if !t.cidrs.Contains(o.Addr) {
		return
	}
	for _, first := range t.cidrs.Supernets(netip.PrefixFrom(o.Addr, o.Addr.BitLen())) {
		m.report(t, first, e, o, InCIDR)
	}
}

// lookParents looks up what stands behind each dot but the last label. Indicators for a public suffix match exactly only, so
// the walk needs no list of suffixes.
func (m *Matching) lookParents(t *Table, e *Event, o *Observable) {
	name := o.Value
	last := bytes.LastIndexByte(name, '.')
	for i := range max(last, 0) {
		if name[i] != '.' {
			continue
		}
		parent := name[i+1:]
		h := Hash(Domain, parent, m.set.seed)
		if !t.maybe(h) {
			continue
		}
		if number := t.find(h, Domain, parent); number != 0 {
			m.report(t, number, e, o, ParentDomain)
		}
	}
}

// report adds a hit for each entry of a chain that is in force at the event's time.
func (m *Matching) report(t *Table, number uint32, e *Event, o *Observable, how Matcher) {
	ms := floorMillis(e.Time)
	for ; number != 0; number = t.entries[number].next {
		en := &t.entries[number]
		if en.from != 0 && ms < en.from || en.until != 0 && ms >= en.until || how == ParentDomain && en.flags&flagExactOnly != 0 {
			continue
		}
		id := t.indicatorID(en)
		if m.set.dead(t, id) {
			continue
		}
		stored := t.text(en)
		if a := m.set.allow.Load(); a != nil {
			if list := a.find(o, stored, en.kind); list != "" {
				m.suppressed[list]++
				continue
			}
		}
		tag := &t.tags[en.tag]
		m.hits = append(m.hits, Hit{
			Indicator: id, Actor: tag.Actor, Sponsor: tag.Sponsor, Labels: tag.Labels, Matcher: how, Kind: o.Kind.String(),
			Field: o.Field, Searched: string(o.Value), Stored: stored, Time: e.When(), Format: e.Format, Sensor: text(e.Sensor),
			Technique: text(e.Technique), Sector: text(e.Sector), Country: text(e.Country), Victim: text(e.Victim), Offset: e.Offset,
		})
	}
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
