package misp

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"marque/ingest"
	"marque/ingest/entity"
	"marque/stix"
	"marque/store"
)

// maxGalaxy bounds a galaxy file; the largest published one has 30 MB.
const maxGalaxy = 256 << 20

// Galaxy reads galaxy cluster files.
type Galaxy struct{}

var _ ingest.Reader = Galaxy{}

// Name is "misp-galaxy".
func (Galaxy) Name() string { return "misp-galaxy" }

// Detect knows the names at the top of a cluster file.
func (Galaxy) Detect(head []byte, _ string) ingest.Confidence {
	s := ingest.ShapeOf(head)
	switch {
	case s.Kind == '{' && s.Has("values", "uuid", "type", "name"):
		return ingest.Certain
	case s.Kind == '{' && s.Has("values"):
		return ingest.Possible
	default:
		return ingest.No
	}
}

// header is what stands beside the clusters.
type header struct {
	Type     string `json:"type"`
	Category string `json:"category"`
	Name     string `json:"name"`
}

// cluster is one value of a galaxy (misp-galaxy schema_clusters.json).
type cluster struct {
	Value       string         `json:"value"`
	UUID        string         `json:"uuid"`
	Description string         `json:"description"`
	Meta        map[string]any `json:"meta"`
	Related     []related      `json:"related"`
}

type related struct {
	UUID string   `json:"dest-uuid"`
	Type string   `json:"type"`
	Tags []string `json:"tags,omitempty"`
}

// Read reads one galaxy.
func (Galaxy) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	doc, err := in.ReadAll(maxGalaxy)
	if err != nil {
		return err
	}
	r := &galaxyReader{out: out, w: entity.NewWriter(out), ids: map[string]stix.ID{}}
	r.head = headerOf(doc)
	r.kind = kindOf(r.head)
	r.misp = r.w.Organisation("MISP Project")
	broken := r.gather(ctx, doc)
	for i := range r.clusters {
		if err := ctx.Err(); err != nil {
			return err
		}
		r.write(&r.clusters[i])
		if err := r.w.Err(); err != nil {
			return err
		}
	}
	return broken
}

// headerOf reads the head, or what can be seen of it in a file that is cut off.
func headerOf(doc []byte) header {
	var h header
	if json.Unmarshal(doc, &h, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) != nil {
		t := ingest.ShapeOf(doc).Texts
		h = header{Type: t["type"], Category: t["category"], Name: t["name"]}
	}
	return h
}

type galaxyReader struct {
	out      ingest.Sink
	w        *entity.Writer
	head     header
	kind     kind
	misp     stix.ID
	clusters []cluster
	ids      map[string]stix.ID // uuid of a cluster of this file to its object
}

// gather decodes all clusters first, because they relate to each other.
func (r *galaxyReader) gather(ctx context.Context, doc []byte) error {
	return ingest.Elements(doc, "values", func(i int, offset int64, raw jsontext.Value) error {
		var c cluster
		err := json.Unmarshal(raw, &c, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		if err == nil {
			_, err = uuid.Parse(c.UUID)
		}
		if err == nil && (len(c.UUID) != 36 || strings.TrimSpace(c.Value) == "") {
			err = fmt.Errorf("cluster without a name or a UUID of 36 characters")
		}
		if err != nil {
			return r.out.Reject(store.Reject{Place: fmt.Sprintf("cluster %d", i), Offset: offset, Reason: err.Error(), Raw: raw.Clone()})
		}
		c.UUID = strings.ToLower(c.UUID)
		r.clusters = append(r.clusters, c)
		r.ids[c.UUID] = r.kind.id(&c)
		return ctx.Err()
	})
}

// write makes the objects of a cluster.
func (r *galaxyReader) write(c *cluster) {
	id := r.ids[c.UUID]
	if id.Type() == "location" && c.country() != "" {
		r.w.Place(c.country())
	} else {
		r.w.Add(id, r.object(id, c))
	}
	switch id.Type() {
	case "threat-actor", "intrusion-set":
		r.actorClaims(id, c)
	case "identity":
		if code, ok := entity.CountryCode(c.text("country")); ok && r.kind == agency {
			r.w.Relate(r.misp, entity.Epoch, "part-of", id, r.w.State(code))
			r.w.Relate(r.misp, entity.Epoch, "alias-of", id, r.w.Organ(c.Value, code))
		}
	}
	for _, rel := range c.Related {
		if target, ok := r.ids[strings.ToLower(rel.UUID)]; ok && target != id {
			r.w.Relate(r.misp, entity.Epoch, relationName(rel.Type), id, target)
		}
	}
}

func relationName(s string) string {
	s = strings.Trim(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), " ", "-"), "-")
	if s == "" {
		return "related-to"
	}
	return s
}

// object is the cluster as STIX: what STIX has a property for, and the rest as x_misp_ properties.
func (r *galaxyReader) object(id stix.ID, c *cluster) map[string]any {
	o := map[string]any{
		"type": id.Type(), "spec_version": "2.1", "id": id, "created": entity.Epoch, "modified": entity.Epoch,
		"created_by_ref": r.misp, "name": c.Value,
	}
	if c.Description != "" {
		o["description"] = c.Description
	}
	if names := c.list("synonyms"); len(names) > 0 {
		o["aliases"] = names
	}
	if refs := c.references(r.head); len(refs) > 0 {
		o["external_references"] = refs
	}
	r.kind.properties(o, c)
	for k, v := range c.Meta {
		if !mapped[k] {
			o["x_misp_"+propertyName(k)] = v
		}
	}
	o["x_misp_galaxy"] = r.head.Type
	if len(c.Related) > 0 {
		o["x_misp_related"] = c.Related
	}
	return o
}

// mapped are the meta keys that have a place in STIX.
var mapped = map[string]bool{"synonyms": true, "refs": true, "official-refs": true, "links": true, "external_id": true, "kill_chain": true}

// propertyName makes a property name of a key. The suffixes _hex and _bin would promise what the value need not keep (section 3.1).
func propertyName(k string) string {
	name := strings.Trim(strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		default:
			return '_'
		}
	}, k), "_")
	if strings.HasSuffix(name, "_hex") || strings.HasSuffix(name, "_bin") {
		name += "_text"
	}
	return name
}

func (c *cluster) text(k string) string {
	switch v := c.Meta[k].(type) {
	case string:
		return strings.TrimSpace(v)
	case []any:
		if len(v) > 0 {
			s, _ := v[0].(string)
			return strings.TrimSpace(s)
		}
	}
	return ""
}

func (c *cluster) list(k string) []string {
	switch v := c.Meta[k].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok && strings.TrimSpace(s) != "" {
				out = append(out, strings.TrimSpace(s))
			}
		}
		return out
	}
	return nil
}

// country is the ISO code that a cluster of places stands for.
func (c *cluster) country() string {
	for _, k := range []string{"ISO", "iso-code"} {
		if code, ok := entity.CountryCode(c.text(k)); ok {
			return code
		}
	}
	return ""
}

func (c *cluster) references(h header) []stix.ExternalReference {
	refs := []stix.ExternalReference{{SourceName: "misp-galaxy:" + h.Type, ExternalID: c.UUID}}
	if id := c.text("external_id"); id != "" {
		name := "misp-galaxy"
		if strings.HasPrefix(h.Type, "disarm") {
			name = "DISARM"
		} else if strings.HasPrefix(h.Type, "mitre") {
			name = "mitre-attack"
		}
		refs = append(refs, stix.ExternalReference{SourceName: name, ExternalID: id})
	}
	seen := map[string]bool{}
	for _, k := range []string{"refs", "official-refs", "links"} {
		for _, u := range c.list(k) {
			if !seen[u] {
				seen[u] = true
				refs = append(refs, stix.LinkTo(k, u))
			}
		}
	}
	return refs
}
