package account

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Config says what counts as together. The zero Config works.
type Config struct {
	// Window is how far apart two posts may be to count as together; a minute where it is zero.
	Window time.Duration
	// Kinds are what posts are compared by; everything where it is empty.
	Kinds []Kind
	// Common has what is too common to weigh anything counted as together too: for whoever counts pairs and has a null of his own (Sides).
	Common bool
	// MaxPairs is how many pairs of accounts are remembered; the weakest half is forgotten when there are more. Two million where it is zero.
	MaxPairs int
	// MaxHeld is how many posts the window holds at most; the oldest leave first. A million where it is zero.
	MaxHeld int
}

func (c Config) withDefaults() Config {
	if c.Window <= 0 {
		c.Window = time.Minute
	}
	if c.MaxPairs <= 0 {
		c.MaxPairs = 2_000_000
	}
	if c.MaxHeld <= 0 {
		c.MaxHeld = 1_000_000
	}
	return c
}

func (c Config) compares(k Kind) bool { return len(c.Kinds) == 0 || slices.Contains(c.Kinds, k) }

// Weights. They were chosen on the first half of one operation's posts (docs/quality.md says which, and what the other material gives).
const (
	// memory is how long a key's use counts towards how common it is: after 30 days a use counts 1/e.
	memory = 30 * 24 * time.Hour
	// A coincidence that chance alone brings in one of a hundred cases is worth nothing, in one of 10,000 everything: logarithms.
	worthNothing, worthAll = 2.0, 4.0
	// maxWalk is how many posts with one key are looked at, newest first: in a burst that is larger, each is worth next to nothing.
	maxWalk = 400
	// partnerCap is what one partner is worth at most, and dayCap what one day is worth at most (Score).
	partnerCap, dayCap = 0.5, 1.0
	// maxExamples is how many shared things a pair remembers for whoever asks.
	maxExamples = 3
	// maxThings is up to how many different shared things a pair counts.
	maxThings = 16
	// maxExampleText is how many bytes of a text an example keeps.
	maxExampleText = 280
)

const day = 24 * 60 * 60

// Stream finds accounts that post the same things together, in one pass over posts in the order of time.
//
// Invariants: what it keeps is bounded by Config, the number of accounts and the posts within the window, never by the number of posts;
// the result depends on nothing but the posts and their order. It is not safe for concurrent use.
type Stream struct {
	cfg      Config
	window   int64
	ids      map[string]int32
	accounts []accountState
	pairs    map[uint64]*pair
	held     *window
	rates    *rates
	now      int64
	post     folded
	near     []met
	walks    uint64
	stats    Stats
}

// Stats counts what a stream has seen.
type Stats struct {
	Posts    int // taken
	Undated  int // left out: no time
	Late     int // left out: more than the window older than what had come before
	Unnamed  int // left out: no account
	Crowded  int // left the window early because it was full
	Forgot   int // pairs forgotten because there were too many
	Together int // times that two posts counted as together
}

// accountState is what is kept of an account.
type accountState struct {
	name        string
	posts       int
	first, last int64
	stamp       uint64 // of the last walk that met it
	days        float64
	today       float64
	day         int64
}

// pair is what is kept of two accounts.
type pair struct {
	a, b     int32
	strength float64 // of finished days, each at most dayCap
	today    float64
	day      int64
	days     int
	times    int
	things   []uint64 // keys, at most maxThings
	last     uint64   // key that counted last
	lastWas  float64
	ahead    [2]int // times that a, b was first, by more than nothing
	examples []Example
}

// Example is one thing that two accounts shared.
type Example struct {
	Kind Kind `json:"kind"`
	// Text is the post of the account that was asked about, cut at 280 bytes.
	Text string `json:"text"`
	// At and PartnerAt are when the account and its partner posted it.
	At        time.Time `json:"at"`
	PartnerAt time.Time `json:"partner_at"`
	// Weight is what it counted, 0 to 1.
	Weight float64 `json:"weight"`
}

// met is the newest post of another account that shares a key.
type met struct {
	account int32
	post    *held
}

// New makes an empty stream.
func New(cfg Config) *Stream {
	cfg = cfg.withDefaults()
	return &Stream{
		cfg: cfg, window: int64(cfg.Window / time.Second), ids: map[string]int32{}, pairs: map[uint64]*pair{},
		held: newWindow(), rates: newRates(memory.Seconds()), now: math.MinInt64,
		post: folded{markup: builtinMarkup()},
	}
}

// Stats tells what was taken and what was left out.
func (s *Stream) Stats() Stats { return s.stats }

// Add takes the next post. Posts come in the order of time; one may come late by the window. What cannot be used is counted (Stats).
func (s *Stream) Add(p Post) {
	switch at := p.Time.Unix(); {
	case p.Time.IsZero():
		s.stats.Undated++
	case p.Account == "":
		s.stats.Unnamed++
	case s.now != math.MinInt64 && at < s.now-s.window:
		s.stats.Late++
	default:
		s.add(p, at)
	}
}

func (s *Stream) add(p Post, at int64) {
	s.now = max(s.now, at)
	live := s.held.live()
	s.held.expire(s.now-2*s.window, s.cfg.MaxHeld-1, s.rates.use)
	if live >= s.cfg.MaxHeld {
		s.stats.Crowded++
	}
	s.stats.Posts++
	id := s.account(p.Account, at)
	s.post.fold(p.Text)
	for _, t := range p.Hashtags {
		s.post.tag(t)
	}
	for _, l := range p.Links {
		s.post.link(l)
	}
	sk, hasText := sketchOf(s.post.words)
	s.held.push(held{at: at, account: id, sketch: sk, text: clip(p.Text)})
	if hasText && s.cfg.compares(Text) {
		s.compareText(&sk)
	}
	if s.cfg.compares(Hashtag) {
		s.compareAll(Hashtag, s.post.tags)
	}
	if s.cfg.compares(Sequence) && len(s.post.tags) >= minSequence {
		h := fnvStart
		for _, t := range s.post.tags {
			h = mix(h ^ t)
		}
		s.compare(Sequence, h)
	}
	if s.cfg.compares(Link) {
		s.compareAll(Link, s.post.links)
	}
	if s.cfg.compares(Media) {
		for _, m := range p.Media[:min(len(p.Media), maxLinks)] {
			s.compare(Media, hashString(m))
		}
	}
}

// clip keeps the beginning of a text, in memory of its own where the text is long.
func clip(t string) string {
	if len(t) <= maxExampleText {
		return t
	}
	return strings.ToValidUTF8(strings.Clone(t[:maxExampleText]), "")
}

func (s *Stream) account(name string, at int64) int32 {
	id, ok := s.ids[name]
	if !ok {
		id = int32(len(s.accounts))
		name = strings.Clone(name)
		s.ids[name] = id
		s.accounts = append(s.accounts, accountState{name: name, first: at, day: math.MinInt64})
	}
	a := &s.accounts[id]
	a.posts++
	a.first, a.last = min(a.first, at), max(a.last, at)
	return id
}

// keyOf keeps the kinds apart: a hashtag is not a link with the same hash.
func keyOf(k Kind, h uint64) uint64 { return mix(h + uint64(k)*0x9e3779b97f4a7c15) }

func (s *Stream) compareAll(k Kind, hashes []uint64) {
	for _, h := range hashes {
		s.compare(k, h)
	}
}

// compare meets the last post with those in the window that have the same key, and indexes it.
func (s *Stream) compare(k Kind, h uint64) {
	key := keyOf(k, h)
	if s.held.has(key) { // most keys meet nobody: what they are worth is not asked
		if worth := s.worth(s.rates.uses(key, s.now)); worth > 0 || s.cfg.Common {
			s.begin()
			s.walk(key, nil)
			s.meet(k, key, worth)
		}
	}
	s.held.index(key, true)
}

// compareText does the same for texts that are nearly the same.
func (s *Stream) compareText(sk *sketch) {
	s.begin()
	for i := range bands {
		key := keyOf(Text, sk.band(i))
		if s.held.has(key) {
			s.walk(key, sk)
		}
		s.held.index(key, i == 0)
	}
	if len(s.near) == 0 {
		return
	}
	first := keyOf(Text, sk.band(0))
	if worth := s.worth(s.rates.uses(first, s.now)); worth > 0 || s.cfg.Common {
		s.meet(Text, first, worth)
	}
}

// worth is what sharing a key is worth that was used so often lately: how seldom chance alone would bring another use into the window
// around this one.
func (s *Stream) worth(uses float64) float64 {
	chance := uses / memory.Seconds() * 2 * float64(s.window)
	return min(1, max(0, (-math.Log10(max(chance, 1e-9))-worthNothing)/(worthAll-worthNothing)))
}

// begin forgets what the last walk gathered.
func (s *Stream) begin() {
	s.near = s.near[:0]
	s.walks++
}

// walk gathers in s.near the newest post of each other account under the key, within the window.
func (s *Stream) walk(key uint64, like *sketch) {
	mine := &s.held.posts[len(s.held.posts)-1]
	steps := 0
	for e := s.held.at(s.held.newest[key]); e != nil && steps < maxWalk; e = s.held.at(e.next) {
		steps++
		p := s.held.post(e)
		if p.account == mine.account || p.at < mine.at-s.window || p.at > mine.at+s.window || like != nil && !like.near(&p.sketch) {
			continue
		}
		if a := &s.accounts[p.account]; a.stamp != s.walks {
			a.stamp = s.walks
			s.near = append(s.near, met{p.account, p})
		}
	}
}

// meet counts the gathered posts as together with the last one. The weight falls with how many there are.
func (s *Stream) meet(k Kind, key uint64, worth float64) {
	if len(s.near) == 0 {
		return
	}
	mine := &s.held.posts[len(s.held.posts)-1]
	weight := worth / math.Sqrt(float64(len(s.near)))
	for _, m := range s.near {
		s.stats.Together++
		s.count(k, key, weight, mine, m.post)
	}
}

// count adds one coincidence to a pair and to the days of both accounts.
func (s *Stream) count(k Kind, key uint64, weight float64, mine, theirs *held) {
	a, b := mine, theirs
	if a.account > b.account {
		a, b = b, a
	}
	id := uint64(a.account)<<32 | uint64(b.account)
	p := s.pairs[id]
	if p == nil {
		if len(s.pairs) >= s.cfg.MaxPairs {
			s.forget()
		}
		p = &pair{a: a.account, b: b.account, day: math.MinInt64}
		s.pairs[id] = p
	}
	today := mine.at / day
	if today > p.day {
		p.strength, p.today, p.day, p.last, p.lastWas = p.strength+min(dayCap, p.today), 0, today, 0, 0
		p.days++
	}
	p.times++
	if len(p.things) < maxThings && !slices.Contains(p.things, key) {
		p.things = append(p.things, key)
	}
	switch {
	case a.at < b.at:
		p.ahead[0]++
	case b.at < a.at:
		p.ahead[1]++
	}
	gain := weight
	if p.last == key { // the same thing again on one day counts once, at its best
		gain = max(0, weight-p.lastWas)
	}
	p.last, p.lastWas = key, max(weight, p.lastWas)
	p.today += gain
	s.accounts[a.account].gain(today, gain)
	s.accounts[b.account].gain(today, gain)
	p.remember(Example{Kind: k, Text: a.text, At: time.Unix(a.at, 0).UTC(), PartnerAt: time.Unix(b.at, 0).UTC(), Weight: weight})
}

// gain adds evidence to an account's day.
func (a *accountState) gain(today int64, v float64) {
	if today > a.day {
		a.days, a.today, a.day = a.days+saturate(a.today, dayCap), 0, today
	}
	a.today += v
}

// saturate rises as v does at first and never passes the cap.
func saturate(v, limit float64) float64 { return limit * (1 - math.Exp(-v/limit)) }

// remember keeps the weightiest examples, one of each text.
func (p *pair) remember(e Example) {
	if slices.ContainsFunc(p.examples, func(o Example) bool { return o.Text == e.Text }) {
		return
	}
	if len(p.examples) < maxExamples {
		p.examples = append(p.examples, e)
		return
	}
	weakest := 0
	for i := range p.examples {
		if p.examples[i].Weight < p.examples[weakest].Weight {
			weakest = i
		}
	}
	if e.Weight > p.examples[weakest].Weight {
		p.examples[weakest] = e
	}
}

// forget drops the weaker half of the pairs, which are those that met once, long ago.
func (s *Stream) forget() {
	all := make([]float64, 0, len(s.pairs))
	for _, p := range s.pairs {
		all = append(all, p.strength+p.today)
	}
	slices.Sort(all)
	median := all[len(all)/2]
	before := len(s.pairs)
	for id, p := range s.pairs {
		if p.strength+p.today <= median {
			delete(s.pairs, id)
		}
	}
	s.stats.Forgot += before - len(s.pairs)
}
