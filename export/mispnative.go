package export

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"marque/misp"
	"marque/stix"
	"marque/store"
)

// attributeTypes are the MISP type and category for an object path.
var attributeTypes = map[string][2]string{
	"ipv4-addr:value":                 {"ip-dst", network},
	"ipv6-addr:value":                 {"ip-dst", network},
	"domain-name:value":               {"domain", network},
	"url:value":                       {"url", network},
	"mac-addr:value":                  {"mac-address", network},
	"autonomous-system:number":        {"AS", network},
	"x509-certificate:hashes.'SHA-1'": {"x509-fingerprint-sha1", network},
	"x509-certificate:hashes.MD5":     {"x509-fingerprint-md5", network},
	"email-addr:value":                {"email", payload},
	"email-message:subject":           {"email-subject", payload},
	"file:name":                       {"filename", payload},
	"file:hashes.MD5":                 {"md5", payload},
	"file:hashes.'SHA-1'":             {"sha1", payload},
	"file:hashes.'SHA-256'":           {"sha256", payload},
	"file:hashes.'SHA-512'":           {"sha512", payload},
	"file:hashes.SSDEEP":              {"ssdeep", payload},
	"file:hashes.TLSH":                {"tlsh", payload},
	"mutex:name":                      {"mutex", dropped},
	"windows-registry-key:key":        {"regkey", dropped},
}

// attributePaths are the paths in a fixed order.
var attributePaths = slices.Sorted(maps.Keys(attributeTypes))

// MISP's categories.
const (
	network  = "Network activity"
	payload  = "Payload delivery"
	dropped  = "Artifacts dropped"
	external = "External analysis"
	named    = "Attribution"
)

// native puts an object that MISP does not know yet into the event, as attributes or as a tag.
func (e *mispEvent) native(rec *store.Record) error {
	if tag := galaxyTag(rec.Object); tag != "" && rec.Level <= e.level {
		e.tags = append(e.tags, tag)
		e.x.use(rec.ID)
		e.touched = max(e.touched, rec.Version().Time().Unix())
		return nil
	}
	attributes, err := nativeAttributes(rec.Object)
	if err != nil {
		return err
	}
	if len(attributes) == 0 {
		if !e.x.used[rec.ID] {
			e.x.sum.skip(rec.Type)
		}
		return nil
	}
	for i, a := range attributes {
		id := uuidOf(rec.ID)
		if i > 0 {
			id = uuidOf(stix.DerivedID("indicator", string(rec.ID), fmt.Sprint(i)))
		}
		a.Set("uuid", id)
		if v := rec.Version(); !v.IsZero() {
			a.Set("timestamp", unix(v))
		}
		a.Set("distribution", misp.Inherit)
		if err := e.restrict(a, rec, e.share.Part(a)); err != nil {
			return err
		}
		if rec.Revoked {
			a.Set("deleted", true)
		}
		if i == 0 {
			if err := e.hangOn(a, rec); err != nil {
				return err
			}
		}
		e.add("Attribute", rec, a)
	}
	return nil
}

func newAttribute(typ, category, value, comment string, detect bool) misp.Record {
	a := misp.Record{}
	a.Set("type", typ)
	a.Set("category", category)
	a.Set("value", value)
	a.Set("comment", comment)
	a.Set("to_ids", detect)
	return a
}

// nativeAttributes are the attributes that an object becomes.
func nativeAttributes(o *stix.Object) ([]misp.Record, error) {
	switch o.Type {
	case "indicator":
		return indicatorAttributes(o)
	case "vulnerability":
		return []misp.Record{newAttribute("vulnerability", external, o.Name, "", false)}, nil
	case "threat-actor", "intrusion-set":
		return []misp.Record{newAttribute("threat-actor", named, o.Name, "", false)}, nil
	case "campaign":
		return []misp.Record{newAttribute("campaign-name", named, o.Name, "", false)}, nil
	case "malware":
		return []misp.Record{newAttribute("malware-type", payload, o.Name, "", false)}, nil
	case "note":
		var v stix.Note
		if err := o.Decode(&v); err != nil {
			return nil, err
		}
		return []misp.Record{newAttribute("text", "Other", v.Content, v.Abstract, false)}, nil
	}
	if !stix.IsSCO(o.Type) {
		return nil, nil
	}
	return observableAttributes(o)
}

func indicatorAttributes(o *stix.Object) ([]misp.Record, error) {
	var v stix.Indicator
	if err := o.Decode(&v); err != nil {
		return nil, err
	}
	var out []misp.Record
	for _, val := range simpleValues(&v) {
		typ, ok := attributeTypes[val.Path]
		if !ok {
			out = nil
			break
		}
		out = append(out, newAttribute(typ[0], typ[1], val.Text, v.Name, true))
	}
	if out != nil {
		return out, nil
	}
	typ := map[string]string{"stix": "stix2-pattern", "yara": "yara", "sigma": "sigma", "snort": "snort", "suricata": "suricata"}[v.PatternType]
	if typ == "" {
		return []misp.Record{newAttribute("text", "Other", v.Pattern, v.PatternType+": "+v.Name, false)}, nil
	}
	return []misp.Record{newAttribute(typ, payload, v.Pattern, v.Name, true)}, nil
}

// observableAttributes are the values of a cyber observable that MISP has types for.
func observableAttributes(o *stix.Object) ([]misp.Record, error) {
	var v struct {
		Value  string            `json:"value"`
		Name   string            `json:"name"`
		Key    string            `json:"key"`
		Number *int64            `json:"number"`
		Hashes map[string]string `json:"hashes"`
		// Of artifacts. One that is encrypted otherwise than MISP does is no attachment.
		Payload    string `json:"payload_bin"`
		Encryption string `json:"encryption_algorithm"`
	}
	if err := o.Decode(&v); err != nil {
		return nil, err
	}
	if o.Type == "artifact" && v.Payload != "" && v.Encryption == "" {
		a := newAttribute("attachment", payload, string(o.ID), "", false)
		a.Set("data", v.Payload)
		return []misp.Record{a}, nil
	}
	values := map[string]string{"value": v.Value, "name": v.Name, "key": v.Key}
	if v.Number != nil {
		values["number"] = fmt.Sprint(*v.Number)
	}
	for name, h := range v.Hashes {
		if strings.Contains(name, "-") {
			name = "'" + name + "'"
		}
		values["hashes."+name] = h
	}
	var out []misp.Record
	for _, path := range attributePaths {
		typ, name, _ := strings.Cut(path, ":")
		if text := values[name]; typ == o.Type && text != "" {
			t := attributeTypes[path]
			out = append(out, newAttribute(t[0], t[1], text, "", false))
		}
	}
	return out, nil
}

// galaxyTag is the tag of MISP's ATT&CK galaxies for an object of ATT&CK, "" for others.
func galaxyTag(o *stix.Object) string {
	galaxy := map[string]string{
		"attack-pattern": "mitre-attack-pattern", "intrusion-set": "mitre-intrusion-set", "malware": "mitre-malware", "tool": "mitre-tool",
		"course-of-action": "mitre-course-of-action",
	}[o.Type]
	if galaxy == "" || strings.Contains(o.Name, `"`) {
		return ""
	}
	if id := attackID(o); id != "" {
		return fmt.Sprintf(`misp-galaxy:%s="%s - %s"`, galaxy, o.Name, id)
	}
	if o.Type == "attack-pattern" || o.Type == "tool" {
		return fmt.Sprintf(`misp-galaxy:%s="%s"`, galaxy, o.Name)
	}
	return ""
}

// attackID is an object's number in ATT&CK, "" where it has none.
func attackID(o *stix.Object) string {
	var v struct {
		References []stix.ExternalReference `json:"external_references"`
	}
	if o.Decode(&v) != nil {
		return ""
	}
	for _, ref := range v.References {
		switch ref.SourceName {
		case "mitre-attack", "mitre-mobile-attack", "mitre-ics-attack":
			if ref.ExternalID != "" {
				return ref.ExternalID
			}
		}
	}
	return ""
}
