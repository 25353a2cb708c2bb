package report

import (
	"strings"

	"marque/ingest/entity"
	"marque/stix"
)

// hashNames are the algorithms as section 10.8 of the specification writes them.
var hashNames = map[string]string{"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha512": "SHA-512"}

// observables writes what the text names: addresses, hashes, vulnerabilities, techniques. They stand in the text; whose they
// are, the text may tell in words that are not read here, so the report only refers to them.
func (c *converter) observables() {
	for i := range c.res.Observables {
		ob := &c.res.Observables[i]
		if id := c.observable(ob.Type, ob.Value); id != "" {
			c.refs = append(c.refs, id)
			if c.isMeant(ob) {
				c.meant = append(c.meant, id)
			}
		}
	}
	for _, cve := range c.res.CVEs {
		c.refs = append(c.refs, c.w.Named("vulnerability", strings.ToUpper(cve)))
	}
	for _, number := range c.res.ATTACKIDs {
		if entity.IsTechnique(number) {
			c.refs = append(c.refs, c.w.Named("attack-pattern", number))
		}
	}
}

func (c *converter) observable(typ, value string) stix.ID {
	if name, ok := hashNames[typ]; ok {
		hashes := map[string]any{name: value}
		id, ok := stix.ObservableID("file", map[string]any{"hashes": hashes})
		if !ok {
			return ""
		}
		return c.w.Supplement(id, map[string]any{"type": "file", "spec_version": "2.1", "id": id, "hashes": hashes})
	}
	if !stix.IsSCO(typ) {
		return ""
	}
	id, ok := stix.ObservableID(typ, map[string]any{"value": value})
	if !ok {
		return ""
	}
	return c.w.Supplement(id, map[string]any{"type": typ, "spec_version": "2.1", "id": id, "value": value})
}
