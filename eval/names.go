package eval

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/graph"
	"marque/stix"
)

// NameResult counts how the actors of one vendor resolve to the actors of another source.
type NameResult struct {
	Actors    int
	Right     int // one answer, and it is right
	Wrong     int // one answer, and it is not
	Ambiguous int // a set, with reasons
	Unknown   int // the other source has none of the names
	Misses    []string
}

// microsoftActor is a row of Microsoft's mapping.
type microsoftActor struct {
	Name   string `json:"Threat actor name"`
	Origin string `json:"Origin/Threat"`
	Others string `json:"Other names"`
}

// cluster is an actor of the MISP galaxy.
type cluster struct {
	UUID  string `json:"uuid"`
	Value string `json:"value"`
	Meta  struct {
		Synonyms []string `json:"synonyms"`
		Country  string   `json:"country"`
	} `json:"meta"`
}

// origins are the countries that Microsoft's column names, as ISO codes.
var origins = map[string]string{
	"Russia": "RU", "China": "CN", "Iran": "IR", "North Korea": "KP", "South Korea": "KR", "Korea": "KR", "Turkey": "TR", "Türkiye": "TR", "Vietnam": "VN",
	"Lebanon": "LB", "Pakistan": "PK", "India": "IN", "Israel": "IL", "Austria": "AT", "United Arab Emirates": "AE", "Belarus": "BY", "Ukraine": "UA", "Syria": "SY", "Singapore": "SG",
	"Palestinian Territories": "PS", "Palestinian Authority": "PS", "Spain": "ES", "United States": "US", "Nigeria": "NG",
}

// Names resolves Microsoft's actors in the MISP galaxy's list of threat actors, from the files in the data folder. An answer
// is right where the cluster bears Microsoft's own name of the actor, or most of the actor's names that MISP knows at all
// without naming another country.
func Names(data string) (NameResult, error) {
	var ms []microsoftActor
	if err := readJSON(filepath.Join(data, "microsoft", "MicrosoftMapping.json"), &ms); err != nil {
		return NameResult{}, err
	}
	var misp struct {
		Values []cluster `json:"values"`
	}
	if err := readJSON(filepath.Join(data, "misp-galaxy", "threat-actor.json.gz"), &misp); err != nil {
		return NameResult{}, err
	}
	objects, err := nameObjects(ms, misp.Values)
	if err != nil {
		return NameResult{}, err
	}
	g := graph.FromObjects(objects, graph.Options{})
	res := NameResult{Actors: len(ms)}
	for _, a := range ms {
		r := g.Correspond(microsoftID(a), sourceID("MISP galaxy"))
		best := r.Best()
		switch {
		case best != nil && rightCluster(a, clusterOf(misp.Values, best.ID), misp.Values):
			res.Right++
		case best != nil:
			res.Wrong++
			res.Misses = append(res.Misses, fmt.Sprintf("wrong: %s resolved to %s (%s)", a.Name, best.Name, r.Why))
		case r.Ambiguous:
			res.Ambiguous++
			res.Misses = append(res.Misses, fmt.Sprintf("set: %s: %s", a.Name, r.Why))
		default:
			res.Unknown++
			res.Misses = append(res.Misses, fmt.Sprintf("unknown: %s (%s)", a.Name, a.Others))
		}
	}
	return res, nil
}

// rightCluster is the judge: it counts plain names and knows nothing of weights.
func rightCluster(a microsoftActor, c *cluster, all []cluster) bool {
	if c == nil {
		return false
	}
	bears := func(c *cluster, name string) bool {
		for _, n := range append([]string{c.Value}, c.Meta.Synonyms...) {
			if graph.NormalName(n) == graph.NormalName(name) {
				return true
			}
		}
		return false
	}
	if bears(c, a.Name) {
		return true
	}
	if iso := originOf(a); iso != "" && c.Meta.Country != "" && iso != c.Meta.Country {
		return false
	}
	known, here := 0, 0
	for _, n := range otherNames(a) {
		if slices.ContainsFunc(all, func(x cluster) bool { return bears(&x, n) }) {
			known++
		}
		if bears(c, n) {
			here++
		}
	}
	return here*2 > known
}

func clusterOf(all []cluster, id stix.ID) *cluster {
	for i := range all {
		if stix.ID("threat-actor--"+all[i].UUID) == id {
			return &all[i]
		}
	}
	return nil
}

func otherNames(a microsoftActor) []string {
	var out []string
	for n := range strings.SplitSeq(a.Others, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

func originOf(a microsoftActor) string {
	first, _, _ := strings.Cut(a.Origin, ",")
	return origins[strings.TrimSpace(first)]
}

func microsoftID(a microsoftActor) stix.ID {
	return stix.DerivedID("threat-actor", "microsoft", a.Name)
}

func sourceID(name string) stix.ID {
	return stix.DerivedID("identity", "organization", strings.ToLower(name))
}

// nameObjects makes the two lists STIX: actors with aliases under their creator's name, and their countries as claims.
func nameObjects(ms []microsoftActor, misp []cluster) ([]*stix.Object, error) {
	at := stix.At(time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	var out []*stix.Object
	var failed error
	add := func(view any) {
		o, err := stix.New(view)
		if err != nil {
			failed = err
			return
		}
		out = append(out, o)
	}
	for _, s := range []string{"Microsoft", "MISP galaxy"} {
		add(stix.Identity{Common: stix.NewCommon(sourceID(s), at, ""), Name: s, Class: "organization"})
	}
	states := map[string]bool{}
	country := func(actor stix.ID, iso string, by stix.ID) {
		if iso == "" {
			return
		}
		state := stix.DerivedID("identity", "state", iso)
		if !states[iso] {
			states[iso] = true
			c := stix.NewCommon(state, at, "")
			c.References = []stix.ExternalReference{{SourceName: "iso-3166-1", ExternalID: iso}}
			add(stix.Identity{Common: c, Name: iso, Class: "organization", Roles: []string{"state"}})
		}
		add(stix.Relationship{
			Common:           stix.NewCommon(stix.DerivedID("relationship", string(actor), iso, string(by)), at, by),
			RelationshipType: "attributed-to", SourceRef: actor, TargetRef: state,
		})
	}
	for _, a := range ms {
		add(stix.ThreatActor{Common: stix.NewCommon(microsoftID(a), at, sourceID("Microsoft")), Name: a.Name, Aliases: otherNames(a)})
		country(microsoftID(a), originOf(a), sourceID("Microsoft"))
	}
	for _, c := range misp {
		id := stix.ID("threat-actor--" + c.UUID)
		add(stix.ThreatActor{Common: stix.NewCommon(id, at, sourceID("MISP galaxy")), Name: c.Value, Aliases: c.Meta.Synonyms})
		country(id, c.Meta.Country, sourceID("MISP galaxy"))
	}
	return out, failed
}

// readJSON reads a JSON file, gzipped where its name ends in .gz.
func readJSON(path string, v any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		r = z
	}
	if err := json.NewDecoder(r).Decode(v); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}
