package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Observation is one observed-data object with the objects that it shows. Its Count is number_observed: so many
// observations that look alike, each of which can be bound once.
type Observation struct {
	ID          string
	First, Last time.Time // first_observed, last_observed
	Count       int64
	Objects     []Object
}

// Object is one cyber observable. Its properties are decoded JSON: string, bool, nil, []any, map[string]any, and
// numbers as int64, int, float64 or json.Number.
type Object struct {
	ID         string // what references name: the key in a 2.0 objects dictionary, the id in 2.1
	Type       string
	Properties map[string]any
}

// validate checks what matching relies on.
func (o *Observation) validate() error {
	switch {
	case o.Count < 1:
		return fmt.Errorf("observation %s: number_observed %d is below 1: %w", o.ID, o.Count, ErrData)
	case o.Last.Before(o.First):
		return fmt.Errorf("observation %s: last_observed is before first_observed: %w", o.ID, ErrData)
	}
	return nil
}

// Limits of the reader of observations.
const (
	maxObservationBytes = 1 << 30
	maxJSONDepth        = 200
)

// ObservationsFromBundle reads observations from JSON: a bundle, a list of bundles or objects, one observed-data
// object, or several of those one after the other. The objects of all bundles are put together first, so that an
// observed-data in one may name observables in another. Both the objects dictionary of STIX 2.0 and the object_refs of
// 2.1 are read; with object_refs, the observation shows exactly the observables that are named and present.
// A malformed observed-data is an error that wraps ErrData.
func ObservationsFromBundle(raw []byte) ([]Observation, error) {
	if len(raw) > maxObservationBytes {
		return nil, fmt.Errorf("observations of %d bytes: %w", len(raw), ErrLimit)
	}
	c := collector{byID: map[string]map[string]any{}}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	for {
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("observations: %w: %w", ErrData, err)
		}
		if err := c.add(v, 0); err != nil {
			return nil, err
		}
	}
	observations := make([]Observation, 0, len(c.observed))
	for _, sdo := range c.observed {
		o, err := c.observation(sdo)
		if err != nil {
			return nil, err
		}
		observations = append(observations, o)
	}
	return observations, nil
}

// collector sorts what it is given into observed-data and all other objects by id.
type collector struct {
	observed []map[string]any
	byID     map[string]map[string]any
}

func (c *collector) add(v any, depth int) error {
	if depth > maxJSONDepth {
		return fmt.Errorf("observations nested deeper than %d: %w", maxJSONDepth, ErrLimit)
	}
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if err := c.add(item, depth+1); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		// Early STIX 2.0 drafts called the container otherwise; its objects dictionary gives it away.
		if _, embedded := v["objects"].(map[string]any); embedded || v["type"] == "observed-data" {
			c.observed = append(c.observed, v)
			return nil
		}
		if items, ok := v["objects"].([]any); ok {
			return c.add(items, depth+1)
		}
		if id, ok := v["id"].(string); ok {
			c.byID[id] = v
		}
		return nil
	}
	return fmt.Errorf("observations: a JSON object or list is wanted: %w", ErrData)
}

func (c *collector) observation(sdo map[string]any) (Observation, error) {
	o := Observation{}
	o.ID, _ = sdo["id"].(string)
	bad := func(property string) (Observation, error) {
		return o, fmt.Errorf("observed-data %s: property %s is missing or malformed: %w", o.ID, property, ErrData)
	}
	for property, t := range map[string]*time.Time{"first_observed": &o.First, "last_observed": &o.Last} {
		s, _ := sdo[property].(string)
		var ok bool
		if *t, ok = parseTime(s); !ok {
			return bad(property)
		}
	}
	n, ok := sdo["number_observed"].(json.Number)
	count, err := n.Int64()
	if !ok || err != nil {
		return bad("number_observed")
	}
	o.Count = count
	refs, has21 := sdo["object_refs"].([]any)
	embedded, has20 := sdo["objects"].(map[string]any)
	switch {
	case has21:
		o.Objects = c.referenced(refs)
	case has20:
		o.Objects = embeddedObjects(embedded)
	default:
		return bad("object_refs")
	}
	return o, o.validate()
}

func (c *collector) referenced(refs []any) []Object {
	objects := make([]Object, 0, len(refs))
	seen := map[string]bool{}
	for _, r := range refs {
		id, _ := r.(string)
		properties := c.byID[id]
		typ, _ := properties["type"].(string)
		if properties == nil || seen[id] || notObservable(typ) {
			continue
		}
		seen[id] = true
		objects = append(objects, Object{ID: id, Type: typ, Properties: properties})
	}
	return objects
}

func embeddedObjects(embedded map[string]any) []Object {
	objects := make([]Object, 0, len(embedded))
	for _, id := range slices.Sorted(maps.Keys(embedded)) {
		if properties, ok := embedded[id].(map[string]any); ok {
			typ, _ := properties["type"].(string)
			objects = append(objects, Object{ID: id, Type: typ, Properties: properties})
		}
	}
	return objects
}

// notObservable lists the object types of STIX 2.1 that are not cyber observables. A pattern tests observables only
// (section 9.1), even when an observed-data names others.
func notObservable(typ string) bool {
	const types = " attack-pattern bundle campaign course-of-action extension-definition grouping identity incident" +
		" indicator infrastructure intrusion-set language-content location malware malware-analysis marking-definition" +
		" note observed-data opinion relationship report sighting threat-actor tool vulnerability "
	return strings.Contains(types, " "+typ+" ")
}
