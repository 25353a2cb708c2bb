package site

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// Fact is something known of a site besides its name.
type Fact struct {
	// Kind is registrar, name-server, address, certificate, tracker, registered (to the second or the day), account, …
	Kind string
	// Value is compared letter by letter.
	Value string
}

// Site is a site of an operation.
type Site struct {
	Host string
	// Registered is the day on which it was registered; zero where it is not known.
	Registered time.Time
	// Operation is who it belongs to, as the caller calls it.
	Operation string
	// Seized is the day on which it was taken away; zero where it was not.
	Seized time.Time
	Facts  []Fact
}

// New is a name that has just come up.
type New struct {
	Host  string
	Facts []Fact
}

// Config says what a Watch is for. The zero value works.
type Config struct {
	// Expect is how many sites will be watched: memory is taken once.
	Expect int
	// Brands are those whose names are worth imitating. Nil: those that come with Marque. Empty: none.
	Brands []Brand
}

// Watch holds what is watched, and answers for one new name at a time. It is safe for concurrent use; who looks up does not wait for others
// who look up.
type Watch struct {
	mu     sync.RWMutex
	index  *index
	sites  []watched
	first  []int32 // by label, the last site added under it
	brands *brandSet
	// imitates is the brand's label by the label of watched sites that imitate one.
	imitates map[uint32]uint32

	operations []*operation
	opByName   map[string]uint16
	endings    []string
	endingID   map[string]uint16

	knows map[Fact][]uint16 // which operations have a fact
	seen  facts             // of ordinary names
}

// watched is a site in sixteen bytes: ten million of them are a matter of megabytes.
type watched struct {
	label  uint32
	next   int32 // the site added before under the same label, or -1
	day    int32 // days since 1970, or unknownDay
	ending uint16
	op     uint16
}

const unknownDay = -1 << 31

// operation is what an operation's sites have shown of its habits.
type operation struct {
	name      string
	sites     int
	labels    int
	countries map[string]float64
	imitated  float64 // sum of countries
	endings   map[uint16]int
	seized    map[uint32]int32 // labels on a notice, with the day
	seizures  map[int32]int32  // sites that were taken away, with the day
	facts     facts
}

// NewWatch makes a Watch. It fails where a brand's domain is none.
func NewWatch(c Config) (*Watch, error) {
	if c.Brands == nil {
		c.Brands = embeddedBrands()
	}
	x := newIndex(c.Expect + len(c.Brands))
	b, err := newBrandSet(c.Brands, x)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	first := make([]int32, len(b.at), c.Expect+len(b.at))
	for i := range first {
		first[i] = -1
	}
	return &Watch{
		index: x, sites: make([]watched, 0, c.Expect), first: first, brands: b,
		imitates: map[uint32]uint32{}, opByName: map[string]uint16{}, endingID: map[string]uint16{}, knows: map[Fact][]uint16{}, seen: facts{},
	}, nil
}

// Len is the number of watched sites.
func (w *Watch) Len() int {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.sites)
}

// Add watches a site. A site that is watched already is not taken twice; what is new of it (a seizure, facts) is.
func (w *Watch) Add(s Site) error {
	n, err := Parse(s.Host)
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	op, err := w.operation(s.Operation)
	if err != nil {
		return err
	}
	ending, err := w.endingNumber(n.Ending)
	if err != nil {
		return err
	}
	id := w.addLabel(n)
	o := w.operations[op]
	w.learnFacts(op, s.Facts)
	at := w.first[id]
	again := false // the operation had the label before
	for at >= 0 && (w.sites[at].ending != ending || w.sites[at].op != op) {
		again = again || w.sites[at].op == op
		at = w.sites[at].next
	}
	if at < 0 {
		w.sites = append(w.sites, watched{label: id, next: w.first[id], day: unknownDay, ending: ending, op: op})
		at = int32(len(w.sites) - 1)
		w.first[id] = at
		o.learn(w, id, !again, ending)
	}
	if d := dayOf(s.Registered); d != unknownDay {
		w.sites[at].day = d
	}
	if d := dayOf(s.Seized); d != unknownDay {
		o.seize(at, id, d)
	}
	return nil
}

func (o *operation) seize(site int32, label uint32, day int32) {
	o.seized[label] = day
	o.seizures[site] = day
}

func (w *Watch) learnFacts(op uint16, list []Fact) {
	if len(list) == 0 {
		return
	}
	w.operations[op].facts.add(list)
	for _, x := range list {
		if !slices.Contains(w.knows[x], op) {
			w.knows[x] = append(w.knows[x], op)
		}
	}
}

// addLabel keeps a label and finds out, once, which brand it imitates.
func (w *Watch) addLabel(n Name) uint32 {
	var p probe
	p.set(n)
	brand, imitates := uint32(0), false
	for _, m := range p.in(w.index, nil) {
		if m.relation <= OneEdit && w.brands.of(m.id) != nil {
			brand, imitates = m.id, true
			break
		}
	}
	id, fresh := w.index.add(n.Label, &p.sp, &p.folded)
	if fresh {
		w.first = append(w.first, -1)
	}
	if imitates {
		w.imitates[id] = brand
	}
	return id
}

// learn takes in what a site tells of its operation's habits.
func (o *operation) learn(w *Watch, label uint32, newLabel bool, ending uint16) {
	o.sites++
	if newLabel {
		o.labels++
	}
	o.endings[ending]++
	brand, ok := w.imitates[label]
	if !ok {
		return
	}
	list := w.brands.of(brand)
	if owns(list, w.endings[ending]) {
		return
	}
	for _, b := range list {
		o.countries[b.Country] += 1 / float64(len(list))
	}
	o.imitated++
}

func dayOf(t time.Time) int32 {
	if t.IsZero() {
		return unknownDay
	}
	return int32(t.Unix() / 86400)
}

func (w *Watch) operation(name string) (uint16, error) {
	if id, ok := w.opByName[name]; ok {
		return id, nil
	}
	if len(w.operations) >= 1<<16-1 {
		return 0, fmt.Errorf("watch: operation %q: more than %d operations", name, 1<<16-1)
	}
	id := uint16(len(w.operations))
	w.operations = append(w.operations, &operation{
		name: name, countries: map[string]float64{}, endings: map[uint16]int{},
		seized: map[uint32]int32{}, seizures: map[int32]int32{}, facts: facts{},
	})
	w.opByName[name] = id
	return id, nil
}

func (w *Watch) endingNumber(ending string) (uint16, error) {
	if id, ok := w.endingID[ending]; ok {
		return id, nil
	}
	if len(w.endings) >= 1<<16-1 {
		return 0, fmt.Errorf("watch: ending %q: more than %d endings", ending, 1<<16-1)
	}
	id := uint16(len(w.endings))
	w.endings = append(w.endings, ending)
	w.endingID[ending] = id
	return id, nil
}

// host spells a watched site out.
func (w *Watch) host(s watched) string {
	return string(w.index.label(s.label)) + "." + w.endings[s.ending]
}

// Seen tells of an ordinary new name: how common its registrar, addresses and trackers are is learned from these, so that what everybody
// has weighs nothing.
func (w *Watch) Seen(n New) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen.add(n.Facts)
}

// facts count values.
type facts map[Fact]int

func (f facts) add(list []Fact) {
	f[Fact{}]++
	for i, x := range list {
		if !slices.Contains(list[:i], x) {
			f[x]++
		}
	}
}

// total is of how many sites something was told.
func (f facts) total() int { return f[Fact{}] }
