package match

import (
	"bytes"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"marque/event"
)

// Set is the indicators in force. Matchers read it while indicators are added and withdrawn: a reader takes the list of tables
// with one atomic load, a writer swaps in a new list. Each Add makes a table of its own; small tables are merged into one as
// they pile up, on the writer's time.
type Set struct {
	seed      uint64
	tables    atomic.Pointer[[]*Table] // largest and oldest first
	withdrawn sync.Map                 // id → seq: the entries of that id in tables before seq are dead
	any       atomic.Bool              // something was withdrawn
	allow     atomic.Pointer[Allow]
	patterns  atomic.Pointer[Patterns]

	mu  sync.Mutex // writers
	seq uint64
}

// mergeRatio is how much larger a table must be than the sum of the younger ones to be left alone.
const mergeRatio = 4

// NewSet returns a set over base, which may be nil, hashing with the base's seed or else the given one.
func NewSet(seed uint64, base *Table) *Set {
	s := &Set{seed: seed}
	var list []*Table
	if base != nil {
		s.seed = base.seed
		list = append(list, base)
	}
	s.tables.Store(&list)
	return s
}

// Seed returns the seed that tables and events are hashed with.
func (s *Set) Seed() uint64 { return s.seed }

// SetAllow replaces the allow-lists; nil for none.
func (s *Set) SetAllow(a *Allow) { s.allow.Store(a) }

// SetPatterns replaces the patterns in force beside the tables; nil for none.
func (s *Set) SetPatterns(p *Patterns) { s.patterns.Store(p) }

// Patterns returns what SetPatterns set.
func (s *Set) Patterns() *Patterns { return s.patterns.Load() }

// Len returns how many values the tables hold, dead ones included until they are merged away.
func (s *Set) Len() int {
	n := 0
	for _, t := range *s.tables.Load() {
		n += t.Len()
	}
	return n
}

// Bytes returns the size of the tables.
func (s *Set) Bytes() int64 {
	var n int64
	for _, t := range *s.tables.Load() {
		n += t.Bytes()
	}
	return n
}

// Add puts indicators in force. They replace what the set held under their ids. Millions at once belong into the base table
// of NewSet: Add remembers each id until the next full merge.
func (s *Set) Add(list []Indicator) (Skipped, error) {
	a, err := s.Prepare(list)
	if err != nil {
		return Skipped{}, err
	}
	s.Put(a)
	return a.skipped, s.Merge()
}

// Addition is what Put puts in force.
type Addition struct {
	list    []Indicator
	table   *Table
	skipped Skipped
}

// Prepare does the work of Add that changes nothing yet: Put is then done at once, and Merge may come later.
func (s *Set) Prepare(list []Indicator) (*Addition, error) {
	b := NewBuilder(s.seed, len(list))
	for _, in := range list {
		if err := b.Add(in); err != nil {
			return nil, err
		}
	}
	return &Addition{list, b.Build(), b.Skipped()}, nil
}

// Put puts prepared indicators in force. Merge is called behind it, at the latest before many more.
func (s *Set) Put(a *Addition) {
	if len(a.list) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := *s.tables.Load()
	s.seq++
	a.table.seq = s.seq
	next := slices.Concat(old, []*Table{a.table})
	s.tables.Store(&next) // before the old entries die, so that no moment is without the indicator
	if len(old) > 0 {
		for _, in := range a.list {
			s.withdrawn.Store(in.ID, s.seq)
		}
		s.any.Store(len(a.list) > 0 || s.any.Load())
	}
}

// Withdraw takes indicators out of force, at once, be they values or patterns.
func (s *Set) Withdraw(ids ...string) {
	if p := s.patterns.Load(); p != nil {
		p.Remove(ids...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq++
	for _, id := range ids {
		s.withdrawn.Store(id, s.seq)
	}
	s.any.Store(len(ids) > 0 || s.any.Load())
}

// dead reports whether an entry was withdrawn or replaced.
func (s *Set) dead(t *Table, id string) bool {
	if !s.any.Load() {
		return false
	}
	seq, ok := s.withdrawn.Load(id)
	return ok && t.seq < seq.(uint64)
}

// Merge joins the youngest tables while the one before them is not much larger.
func (s *Set) Merge() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := *s.tables.Load()
	if len(list) == 0 {
		return nil
	}
	from, sum := len(list)-1, list[len(list)-1].Len()
	for from > 0 && list[from-1].Len() < mergeRatio*sum {
		from--
		sum += list[from].Len()
	}
	if from == len(list)-1 {
		return nil
	}
	b := NewBuilder(s.seed, sum)
	for _, t := range list[from:] {
		for i := 1; i < len(t.entries); i++ {
			e := &t.entries[i]
			id := t.indicatorID(e)
			if s.dead(t, id) {
				continue
			}
			if err := b.copyEntry(t, e, id); err != nil {
				return err
			}
		}
	}
	joined := b.Build()
	joined.seq = list[len(list)-1].seq
	next := slices.Concat(list[:from], []*Table{joined})
	s.tables.Store(&next)
	if from == 0 { // nothing dead is left; a reader that still holds the old list may report it for one event more
		s.withdrawn.Clear()
		s.any.Store(false)
	}
	return nil
}

// copyEntry takes over an entry of another table with the same seed.
func (b *Builder) copyEntry(t *Table, e *entry, id string) error {
	if len(b.entries) >= 1<<32-1 || len(b.values) > 1<<32-1<<17 {
		return ErrTableFull
	}
	c := *e
	c.next, c.value, c.tag = 0, uint32(len(b.values)), b.tag(t.tags[e.tag])
	if c.flags&flagPlainID != 0 {
		n := intern(id, b.idOf, &b.ids)
		c.id[0], c.id[1], c.id[2], c.id[3] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
	}
	value := t.text(e)
	b.entries = append(b.entries, c)
	b.hashes = append(b.hashes, event.Hash(e.kind, []byte(value), b.seed))
	b.store(e.kind, value)
	return nil
}

// InNetwork reports whether any table has a CIDR that contains addr.
func (s *Set) InNetwork(addr netip.Addr) bool {
	for _, t := range *s.tables.Load() {
		if t.cidrs != nil && t.cidrs.Contains(addr) {
			return true
		}
	}
	return false
}

// HasDomain reports whether any table has the canonical domain name or a parent of it, dead or not in force included.
func (s *Set) HasDomain(name []byte) bool {
	for {
		h := event.Hash(event.Domain, name, s.seed)
		for _, t := range *s.tables.Load() {
			if t.maybe(h) && t.find(h, event.Domain, name) != 0 {
				return true
			}
		}
		dot := bytes.IndexByte(name, '.')
		if dot < 0 {
			return false
		}
		name = name[dot+1:]
	}
}
