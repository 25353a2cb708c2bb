package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"marque/event"
	"marque/event/value"
	"marque/match"
	"marque/stix"
	"marque/store"
)

// MaxObservables is how many values one question may ask about.
const MaxObservables = 10_000

// ErrTooMany says that a question asks about more than can be answered at once.
var ErrTooMany = errors.New("too many")

// What is known of a value.
const (
	KnownIndicator = "indicator" // an indicator names it
	AllowListed    = "allowed"   // an allow-list of the configuration names it
	NotKnown       = "unknown"
	NoValue        = "no-value" // nothing can be equal to it
)

// Observable is what is known of one value that somebody asks about.
type Observable struct {
	Given      string    `json:"given"`
	Value      string    `json:"value,omitempty"` // as it is compared
	Kind       string    `json:"kind,omitempty"`
	Known      string    `json:"known"`
	Why        string    `json:"why,omitempty"` // how the value was read, or why it cannot be
	Indicators []stix.ID `json:"indicators,omitempty"`
	Actors     []string  `json:"actors,omitempty"`
	Sponsors   []string  `json:"sponsors,omitempty"`
}

// looked is what values are looked up in, for one view.
type looked struct {
	values   map[lookedKey][]stix.ID
	networks map[netip.Prefix][]stix.ID
	tags     map[stix.ID]match.Tag
	allow    *match.Allow
}

type lookedKey struct {
	kind  event.Kind
	value string
}

// Observables says what is known of values, in their order: which indicators that the view shows and that are not revoked name them,
// domains with their parents and addresses with their networks, and whom these indicate. At most [MaxObservables]; else [ErrTooMany].
func (w *Workspace) Observables(ctx context.Context, v View, values []string) ([]Observable, error) {
	if len(values) > MaxObservables {
		return nil, fmt.Errorf("%d values: %w: want %d at most", len(values), ErrTooMany, MaxObservables)
	}
	in, err := w.looked.get(ctx, w.db, v, func(ctx context.Context) (*looked, error) { return w.indicatorIndex(ctx, v) })
	if err != nil {
		return nil, err
	}
	out := make([]Observable, len(values))
	for i, given := range values {
		out[i] = in.lookUp(given)
	}
	return out, nil
}

func (w *Workspace) indicatorIndex(ctx context.Context, v View) (*looked, error) {
	s, err := w.Snapshot(ctx, v)
	if err != nil {
		return nil, err
	}
	in := &looked{values: map[lookedKey][]stix.ID{}, networks: map[netip.Prefix][]stix.ID{}, tags: actorTags(s.Graph)}
	if in.allow, err = w.allowLists(nil); err != nil {
		return nil, err
	}
	for rec, err := range w.Reader(v).Find(ctx, store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			return nil, fmt.Errorf("read indicators: %w", err)
		}
		c, err := match.Compile(rec.Object, "", "")
		if err != nil || rec.Revoked {
			continue // matching counts what it cannot use
		}
		for _, one := range c.Values {
			if p, err := netip.ParsePrefix(one.Value); err == nil {
				in.networks[p.Masked()] = append(in.networks[p.Masked()], rec.ID)
				continue
			}
			if kind, text, ok := event.Canonical(one.Kind, one.Value); ok {
				key := lookedKey{kind, text}
				in.values[key] = append(in.values[key], rec.ID)
			}
		}
	}
	return in, nil
}

func (in *looked) lookUp(given string) Observable {
	o := Observable{Given: given, Known: NotKnown}
	read, err := value.Guess(given)
	if err != nil {
		o.Known, o.Why = NoValue, err.Error()
		return o
	}
	kind, text, ok := event.Canonical(read.Kind, read.Text)
	if !ok {
		o.Value, o.Why = read.Text, "events have no such values"
		return o
	}
	o.Value, o.Kind, o.Why = text, kind.String(), read.Note
	if in.allow != nil {
		if list := in.allow.Holds(text, kind); list != "" {
			o.Known, o.Why = AllowListed, list
			return o
		}
	}
	o.Indicators = in.indicators(kind, text)
	for _, id := range o.Indicators {
		o.Known = KnownIndicator
		if t := in.tags[id]; t.Actor != "" && !slices.Contains(o.Actors, t.Actor) {
			o.Actors = append(o.Actors, t.Actor)
		}
		if t := in.tags[id]; t.Sponsor != "" && !slices.Contains(o.Sponsors, t.Sponsor) {
			o.Sponsors = append(o.Sponsors, t.Sponsor)
		}
	}
	return o
}

// indicators are those that name a value, a parent of a domain up to the public suffix, or a network of an address.
func (in *looked) indicators(kind event.Kind, text string) []stix.ID {
	out := slices.Clone(in.values[lookedKey{kind, text}])
	switch kind {
	case event.Domain:
		suffix, _ := publicsuffix.PublicSuffix(text)
		for _, parent, ok := strings.Cut(text, "."); ok && parent != suffix; _, parent, ok = strings.Cut(parent, ".") {
			out = append(out, in.values[lookedKey{kind, parent}]...)
		}
	case event.IPv4, event.IPv6:
		addr, err := netip.ParseAddr(text)
		for bits := addr.BitLen(); err == nil && bits >= 0; bits-- {
			p, _ := addr.Prefix(bits)
			out = append(out, in.networks[p]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
