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
	now       atomic.Pointer[state]
	withdrawn sync.Map    // id → gone: which entries of that id are dead
	any       atomic.Bool // something was withdrawn
	allow     atomic.Pointer[Allow]
	patterns  atomic.Pointer[Patterns]

	mu sync.Mutex // writers
}

// state is the tables at a moment, largest and oldest first, and the number of the change that made it so. What changes later is
// not seen by a reader that has it: neither the new entry nor that the old one is dead.
type state struct {
	tables []*Table
	seq    uint64
}

// gone are the last two changes that took entries of an id out of force: those in tables before them are dead. A reader that is two
// changes of one id behind, which takes a pause of its thread in the middle of one event, sees earlier versions for that event.
type gone struct{ last, before uint64 }

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
	s.now.Store(&state{tables: list})
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
	for _, t := range s.now.Load().tables {
		n += t.Len()
	}
	return n
}

// Bytes returns the size of the tables.
func (s *Set) Bytes() int64 {
	var n int64
	for _, t := range s.now.Load().tables {
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
	old := s.now.Load()
	next := &state{seq: old.seq + 1}
	a.table.seq = next.seq
	next.tables = slices.Concat(old.tables, []*Table{a.table})
	if len(old.tables) > 0 {
		for _, in := range a.list {
			s.kill(in.ID, next.seq)
		}
	}
	s.now.Store(next)
}

// Withdraw takes indicators out of force, at once, be they values or patterns.
func (s *Set) Withdraw(ids ...string) {
	if p := s.patterns.Load(); p != nil {
		p.Remove(ids...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.now.Load()
	next := &state{tables: old.tables, seq: old.seq + 1}
	for _, id := range ids {
		s.kill(id, next.seq)
	}
	s.now.Store(next)
}

// kill takes the entries of an id out of force for those who see the change of that number.
func (s *Set) kill(id string, seq uint64) {
	g := gone{last: seq}
	if was, ok := s.withdrawn.Load(id); ok {
		g.before = was.(gone).last
	}
	s.withdrawn.Store(id, g)
	s.any.Store(true)
}

// dead reports whether an entry was withdrawn or replaced, as the reader of a state sees it.
func (s *Set) dead(now *state, t *Table, id string) bool {
	if !s.any.Load() {
		return false
	}
	g, ok := s.withdrawn.Load(id)
	if !ok {
		return false
	}
	seen := g.(gone).last
	if seen > now.seq {
		seen = g.(gone).before
	}
	return seen <= now.seq && t.seq < seen
}

// Merge joins the youngest tables while the one before them is not much larger.
func (s *Set) Merge() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now.Load()
	list := now.tables
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
			if s.dead(now, t, id) {
				continue
			}
			if err := b.copyEntry(t, e, id); err != nil {
				return err
			}
		}
	}
	joined := b.Build()
	joined.seq = list[len(list)-1].seq
	s.now.Store(&state{tables: slices.Concat(list[:from], []*Table{joined}), seq: now.seq})
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
	for _, t := range s.now.Load().tables {
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
		for _, t := range s.now.Load().tables {
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
