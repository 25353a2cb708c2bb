package validate

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// typeRules checks what the tables do not say about an object of a known type.
func (r *run) typeRules(n *node) {
	r.externalReferences(n)
	switch r.typ.name {
	case "email-message":
		r.emailMessage(n)
	case "extension-definition":
		r.extensionDefinition(n)
	case "file":
		r.archive(n)
	case "indicator":
		r.indicator(n)
	case "location":
		r.precision(n)
	case "malware":
		if n.isTrue("is_family") && n.get("name") == nil {
			r.add(Error, codeRequired, "4.11", n, "a malware family has no name", "")
		}
	case "marking-definition":
		r.markingDefinition(n)
	case "network-traffic":
		r.networkTraffic(n)
	case "observed-data":
		r.observedData(n)
	case "relationship":
		r.relationship(n)
	}
}

// externalReferences checks ids of CVE and CAPEC (sections 4.1.1, 4.19.1) and hashes (section 2.5).
func (r *run) externalReferences(n *node) {
	references := n.get("external_references")
	if references == nil {
		return
	}
	r.in("external_references")
	defer r.out()
	for i, ref := range references.items {
		r.at(i)
		if ref.get("url") != nil && ref.get("hashes") == nil {
			r.add(Warning, codeExternalHash, "2.5", ref, "reference has a URL, but no hashes of what it holds", "")
		}
		switch ref.text("source_name") {
		case "capec":
			r.externalID(ref, capecPattern.MatchString, "CAPEC-[id]", "4.1.1")
		case "cve":
			r.externalID(ref, cvePattern.MatchString, "CVE-year-number", "4.19.1")
		default:
			r.sourceName(ref)
		}
		r.out()
	}
}

// fixedSources are the names of sources that sections 4.1.1 and 4.19.1 fix, by type of object.
var fixedSources = map[string]struct{ name, section string }{"attack-pattern": {"capec", "4.1.1"}, "vulnerability": {"cve", "4.19.1"}}

// sourceName finds them written in another case.
func (r *run) sourceName(ref *node) {
	fixed := fixedSources[r.typ.name]
	if name := ref.text("source_name"); fixed.name != "" && strings.EqualFold(name, fixed.name) {
		r.addAt("source_name", Error, codeExternalID, fixed.section, ref.get("source_name"), fmt.Sprintf("source_name is %q, not %s", name, fixed.name), "")
	}
}

func (r *run) externalID(ref *node, valid func(string) bool, form, section string) {
	id := ref.get("external_id")
	if id == nil {
		r.add(Error, codeExternalID, section, ref, fmt.Sprintf("reference to %s has no external_id", ref.text("source_name")), "give the id as "+form)
		return
	}
	if id.kind == '"' && !valid(id.str) {
		r.addAt("external_id", Error, codeExternalID, section, id, fmt.Sprintf("%q is not of the form %s", clip(id.str), form), "")
	}
}

// precision is a distance in meters (section 4.10).
func (r *run) precision(n *node) {
	precision := n.get("precision")
	if n.get("latitude") != nil && precision == nil {
		r.add(Note, codeShould, "4.10", n, "coordinates have no precision", "")
	}
	if precision != nil && strings.HasPrefix(precision.str, "-") {
		r.addAt("precision", Warning, codeRange, "4.10", precision, fmt.Sprintf("precision %s is a negative distance", precision.str), "")
	}
}

func (r *run) emailMessage(n *node) {
	switch multipart := n.get("is_multipart"); {
	case multipart == nil:
	case multipart.kind == 't' && n.get("body") != nil:
		r.addAt("body", Error, codeExcludes, "6.6.1", n.get("body"), "body is used although is_multipart is true", "use body_multipart")
	case multipart.kind == 'f' && n.get("body_multipart") != nil:
		r.addAt("body_multipart", Error, codeExcludes, "6.6.1", n.get("body_multipart"), "body_multipart is used although is_multipart is false", "use body")
	}
}

// archive checks that an archive holds a file at least (section 6.7.2).
func (r *run) archive(n *node) {
	refs := n.get("extensions").get("archive-ext").get("contains_refs")
	if refs == nil || len(refs.items) == 0 || r.local != nil {
		return
	}
	for _, ref := range refs.items {
		if strings.HasPrefix(ref.str, "file--") {
			return
		}
	}
	r.in("extensions")
	r.in("archive-ext")
	r.addAt("contains_refs", Error, codeSome, "6.7.2", refs, "archive refers to no file", "")
	r.out()
	r.out()
}

// indicator checks a STIX pattern with the parser that the options bring.
func (r *run) indicator(n *node) {
	pattern := n.get("pattern")
	if n.text("pattern_type") != "stix" || pattern == nil || pattern.kind != '"' || r.opts.Pattern == nil {
		return
	}
	version := "2.1"
	if n.text("pattern_version") == "2.0" {
		version = "2.0"
	}
	for _, problem := range r.opts.Pattern(pattern.str, version) {
		severity := Error
		if problem.Warning {
			severity = Warning
		}
		r.addAt("pattern", severity, codePattern, problem.Section, pattern, "pattern: "+problem.Message, "")
	}
}

// protocolOf names the protocols that a network-traffic extension belongs to (sections 6.12.2 to 6.12.5).
var protocolOf = map[string][]string{
	"http-request-ext": {"http", "https", "http2", "http3"},
	"icmp-ext":         {"icmp", "icmp6", "icmpv6", "ipv6-icmp"},
	"tcp-ext":          {"tcp"},
}

func (r *run) networkTraffic(n *node) {
	if end := n.get("end"); end != nil && n.isTrue("is_active") {
		r.addAt("end", Error, codeExcludes, "6.12.1", end, "end is present although is_active is true", "")
	}
	protocols, extensions := n.get("protocols"), n.get("extensions")
	if protocols == nil || extensions == nil {
		return
	}
	for _, m := range extensions.members {
		names := protocolOf[m.name]
		if names == nil || slices.ContainsFunc(protocols.items, func(p *node) bool { return slices.Contains(names, strings.ToLower(p.str)) }) {
			continue
		}
		r.addAt("protocols", Warning, codeShould, "6.12.1", protocols, fmt.Sprintf("protocols does not name %s, as %s suggests", names[0], m.name), "")
	}
}

func (r *run) observedData(n *node) {
	if objects := n.get("objects"); objects != nil {
		r.addAt("objects", Warning, codeDeprecated, "4.14.1", objects, "property objects is deprecated", "use object_refs with objects of their own")
	}
	refs := n.get("object_refs")
	if refs == nil || len(refs.items) == 0 {
		return
	}
	for _, ref := range refs.items {
		name, _, ok := splitIdentifier(ref.str)
		if t := r.spec.types[name]; !ok || t == nil || t.class == classSCO {
			return
		}
	}
	r.addAt("object_refs", Error, codeSome, "4.14.1", refs, "object_refs refers to no cyber-observable", "")
}

//go:embed relationships.txt
var relationshipText string

// relation is a relationship type between two types of object.
type relation struct{ source, name, target string }

var loadRelations = sync.OnceValue(func() map[relation]bool {
	relations := map[relation]bool{}
	for line := range strings.SplitSeq(relationshipText, "\n") {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		for name := range strings.SplitSeq(fields[1], ",") {
			for _, target := range fields[2:] {
				relations[relation{fields[0], name, target}] = true
			}
		}
	}
	return relations
})

// relationship checks the type against the tables of sections 4 and 6 and the common ones of section 3.7.
func (r *run) relationship(n *node) {
	name := n.text("relationship_type")
	source, _, ok1 := splitIdentifier(n.text("source_ref"))
	target, _, ok2 := splitIdentifier(n.text("target_ref"))
	if name == "" || !ok1 || !ok2 || name == "related-to" {
		return
	}
	if (name == "derived-from" || name == "duplicate-of") && source == target {
		return
	}
	relations := loadRelations()
	known := r.spec.types[target]
	if relations[relation{source, name, target}] ||
		known != nil && known.class == classSCO && relations[relation{source, name, "@sco"}] {
		return
	}
	r.addAt("relationship_type", Warning, codeRelation, "5.1.2", n.get("relationship_type"),
		fmt.Sprintf("the specification has no relationship %s from %s to %s", clip(name), source, target), r.suggest(source, target))
}

// suggest names the relationship types that the specification has between two types.
func (r *run) suggest(source, target string) string {
	names := []string{"related-to"}
	for known := range loadRelations() {
		if known.source == source && known.target == target {
			names = append(names, known.name)
		}
	}
	slices.Sort(names)
	return "defined between them: " + strings.Join(names, ", ")
}
