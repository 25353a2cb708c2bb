package match

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"marque/event"
	"marque/stix"
	"marque/stix/pattern"
)

// ErrNoPattern says that an indicator's pattern is not one that events can be matched with.
var ErrNoPattern = errors.New("pattern that events cannot be matched with")

// Compiled is a STIX indicator made ready: values for the tables or, where its pattern is not a disjunction of equalities, a
// program for a [PatternWatcher].
type Compiled struct {
	Head    Indicator // identity, validity and tags, without a value
	Values  []Indicator
	Program *pattern.Program
}

// Compile makes an indicator object ready. Actor and sponsor tag its hits. Errors wrap ErrNoPattern, or are those of package
// pattern, with the indicator's id.
func Compile(o *stix.Object, actor, sponsor string) (Compiled, error) {
	var v stix.Indicator
	if err := o.Decode(&v); err != nil {
		return Compiled{}, err
	}
	if v.PatternType != "" && v.PatternType != "stix" {
		return Compiled{}, fmt.Errorf("%s: pattern type %q, want stix: %w", o.ID, v.PatternType, ErrNoPattern)
	}
	c, err := CompilePattern(Indicator{
		ID: string(o.ID), ValidFrom: v.ValidFrom.Time(), ValidUntil: v.ValidUntil.Time(), Revoked: o.Revoked,
		Actor: actor, Sponsor: sponsor, Labels: v.Labels,
	}, v.Pattern)
	if err != nil {
		return Compiled{}, fmt.Errorf("%s: %w", o.ID, err)
	}
	return c, nil
}

// CompilePattern makes a pattern ready whose hits carry the identity and the tags of head. Errors are those of package pattern.
func CompilePattern(head Indicator, source string) (Compiled, error) {
	p, err := pattern.Parse(source)
	if err != nil {
		return Compiled{}, err
	}
	prog, err := pattern.Compile(p)
	if err != nil {
		return Compiled{}, err
	}
	lookups, simple := prog.Lookups()
	out := Compiled{Head: head}
	for _, l := range lookups {
		kind, ok := kindOf(l)
		if !ok {
			simple = false
			break
		}
		in := head
		in.Kind, in.Value = kind, l.Value.Text
		out.Values = append(out.Values, in)
	}
	if !simple {
		return Compiled{Head: head, Program: prog}, nil
	}
	return out, nil
}

// kindOf tells which table a comparison belongs into.
func kindOf(l pattern.Lookup) (event.Kind, bool) {
	if l.Op == pattern.OpSubset {
		return event.CIDR, l.ObjectType == "ipv4-addr" || l.ObjectType == "ipv6-addr"
	}
	switch l.ObjectType + ":" + strings.ReplaceAll(l.Path, "'", "") {
	case "ipv4-addr:value", "ipv6-addr:value":
		if strings.Contains(l.Value.Text, "/") {
			return event.CIDR, true
		}
		if strings.Contains(l.Value.Text, ":") {
			return event.IPv6, true
		}
		return event.IPv4, true
	case "domain-name:value":
		return event.Domain, true
	case "url:value":
		return event.URL, true
	case "email-addr:value", "email-message:from_ref.value", "email-message:sender_ref.value":
		return event.Email, true
	case "file:hashes.MD5":
		return event.MD5, true
	case "file:hashes.SHA-1", "file:hashes.SHA1":
		return event.SHA1, true
	case "file:hashes.SHA-256", "file:hashes.SHA256":
		return event.SHA256, true
	case "file:hashes.SHA-512", "file:hashes.SHA512":
		return event.SHA512, true
	}
	return event.KindNone, false
}

// PatternWatcher runs the patterns that tables cannot: operators, windows, LIKE, MATCHES. Each event is one observation with
// the observables that it shows. It is safe for concurrent use.
type PatternWatcher struct {
	mu    sync.Mutex
	items []watched
}

type watched struct {
	in    Indicator
	state *pattern.State
}

// NewPatternWatcher returns a watcher without patterns.
func NewPatternWatcher() *PatternWatcher { return &PatternWatcher{} }

// Len is how many patterns are watched.
func (w *PatternWatcher) Len() int { return len(w.items) }

// Add watches a compiled pattern. Only the identity, validity and tags of the indicator are used.
func (w *PatternWatcher) Add(in Indicator, p *pattern.Program, limits pattern.Limits) {
	if in.Revoked {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = append(w.items, watched{in: in, state: p.NewState(limits)})
}

// Remove ends watching the patterns of indicators, and forgets what they had half seen.
func (w *PatternWatcher) Remove(ids ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.items = slices.DeleteFunc(w.items, func(it watched) bool { return slices.Contains(ids, it.in.ID) })
}

// Feed implements Watcher. The hit names the last of the events that complete the pattern.
func (w *PatternWatcher) Feed(e *event.Event) []Hit {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.items) == 0 {
		return nil
	}
	obs := observation(e)
	when := e.When()
	var hits []Hit
	for i := range w.items {
		it := &w.items[i]
		if when.Before(it.in.ValidFrom) || (!it.in.ValidUntil.IsZero() && !when.Before(it.in.ValidUntil)) {
			continue
		}
		bindings, err := it.state.Feed(obs)
		if err != nil || len(bindings) == 0 {
			continue // ErrLimit: the state keeps the event and searches again with the next one
		}
		hits = append(hits, Hit{
			Indicator: it.in.ID, Actor: it.in.Actor, Sponsor: it.in.Sponsor, Labels: it.in.Labels, Matcher: ByPattern, Kind: "pattern",
			Time: when, Format: e.Format, Sensor: string(e.Sensor), Technique: string(e.Technique), Sector: string(e.Sector),
			Country: string(e.Country), Victim: string(e.Victim), Offset: e.Offset,
		})
	}
	return hits
}

// observation shows an event as observed data.
func observation(e *event.Event) pattern.Observation {
	when := e.When()
	obs := pattern.Observation{First: when, Last: when.Add(time.Nanosecond), Count: 1}
	hashes := map[string]any{}
	for i := range e.Observables {
		o := &e.Observables[i]
		value := string(o.Value)
		if name := hashNames[o.Kind]; name != "" {
			hashes[name] = value
			continue
		}
		obs.Objects = append(obs.Objects, pattern.Object{
			ID: fmt.Sprint(i), Type: objectTypes[o.Kind], Properties: map[string]any{"type": objectTypes[o.Kind], "value": value},
		})
	}
	if len(hashes) > 0 {
		obs.Objects = append(obs.Objects, pattern.Object{ID: "file", Type: "file", Properties: map[string]any{"type": "file", "hashes": hashes}})
	}
	return obs
}

var (
	hashNames   = map[event.Kind]string{event.MD5: "MD5", event.SHA1: "SHA-1", event.SHA256: "SHA-256", event.SHA512: "SHA-512"}
	objectTypes = map[event.Kind]string{event.IPv4: "ipv4-addr", event.IPv6: "ipv6-addr", event.Domain: "domain-name", event.URL: "url", event.Email: "email-addr"}
)
