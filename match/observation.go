package match

import (
	"strconv"
	"time"

	"marque/event"
	"marque/stix/pattern"
)

var (
	hashNames   = map[event.Kind]string{event.MD5: "MD5", event.SHA1: "SHA-1", event.SHA256: "SHA-256", event.SHA512: "SHA-512"}
	objectTypes = map[event.Kind]string{event.IPv4: "ipv4-addr", event.IPv6: "ipv6-addr", event.Domain: "domain-name", event.URL: "url", event.Email: "email-addr"}
)

// shown is an event as patterns see it: observed data, with an object for each observable. Digests of different kinds are those
// of one file.
type shown struct {
	event       *event.Event // nil: none
	observation pattern.Observation
	of          []map[string]int // by object: the observables behind it, by the property that shows them
}

// show makes the observation of an event, unless it has it already.
func (s *shown) show(e *event.Event) {
	if s.event == e {
		return
	}
	when := e.When()
	s.event, s.of = e, s.of[:0]
	s.observation = pattern.Observation{First: when, Last: when.Add(time.Nanosecond), Count: 1}
	for i := range e.Observables {
		o := &e.Observables[i]
		if name := hashNames[o.Kind]; name != "" {
			s.digest(name, string(o.Value), i)
		} else if name := objectTypes[o.Kind]; name != "" {
			s.object(name, "value", string(o.Value), i)
		}
	}
}

func (s *shown) object(name, property string, value any, observable int) {
	s.observation.Objects = append(s.observation.Objects, pattern.Object{
		ID: strconv.Itoa(len(s.observation.Objects)), Type: name, Properties: map[string]any{"type": name, property: value},
	})
	s.of = append(s.of, map[string]int{"": observable})
}

// digest adds a digest to the first file that has none of its kind.
func (s *shown) digest(name, value string, observable int) {
	for i, o := range s.observation.Objects {
		if hashes, ok := o.Properties["hashes"].(map[string]any); ok && hashes[name] == nil {
			hashes[name], s.of[i][name] = value, observable
			return
		}
	}
	s.object("file", "hashes", map[string]any{name: value}, observable)
	s.of[len(s.of)-1][name] = observable
}

// observable is the one that made an object meet a comparison.
func (s *shown) observable(m pattern.Met) *event.Observable {
	of := s.of[m.Object]
	for _, t := range m.Tests {
		if i, ok := of[t.Path.Steps[len(t.Path.Steps)-1].Key]; ok {
			return &s.event.Observables[i]
		}
	}
	return &s.event.Observables[of[""]]
}
