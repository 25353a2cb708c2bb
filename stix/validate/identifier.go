package validate

import (
	"crypto/sha1" //nolint:gosec // UUIDv5 is defined with SHA-1
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// scoNamespace is the UUIDv5 namespace of deterministic SCO ids (section 2.9).
var scoNamespace = [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}

// hashPreference orders the hash that contributes to a deterministic id (sections 6.1, 6.7, 6.18).
var hashPreference = []string{"MD5", "SHA-1", "SHA-256", "SHA-512"}

type uuid [16]byte

// version is 1 to 5 for a UUID of RFC 4122, else 0.
func (u uuid) version() int {
	if u[8]&0xc0 != 0x80 || u[6]>>4 > 5 {
		return 0
	}
	return int(u[6] >> 4)
}

// parseUUID reads the canonical form, in either case.
func parseUUID(text string) (u uuid, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return u, false
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	_, err := hex.Decode(u[:], []byte(digits))
	return u, err == nil
}

// splitIdentifier takes type--UUID apart.
func splitIdentifier(text string) (name string, u uuid, ok bool) {
	if len(text) < 36+3 || text[len(text)-38:len(text)-36] != "--" {
		return "", u, false
	}
	name = text[:len(text)-38]
	u, ok = parseUUID(text[len(text)-36:])
	return name, u, ok && isTypeName(name)
}

// isTypeName wants lower-case letters, digits and single hyphens between them (section 3.1).
func isTypeName(name string) bool {
	hyphen := true // none at the start
	for i := range len(name) {
		c := name[i]
		if c == '-' && hyphen || c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
		hyphen = c == '-'
	}
	return !hyphen
}

// identifier checks the form that every identifier has.
func (r *run) identifier(p *propSpec, n *node) (name string, u uuid, ok bool) {
	if !r.isKind(p, n, '"', "an identifier") {
		return "", u, false
	}
	name, u, ok = splitIdentifier(n.str)
	switch {
	case !ok:
		r.add(Error, codeID, "2.9", n, fmt.Sprintf("%q is not an identifier", clip(n.str)), "identifiers are type--UUID")
	case u.version() == 0:
		r.add(Error, codeID, "2.9", n, fmt.Sprintf("%s has no UUID of RFC 4122", n.str), "versions 1 to 5 with the standard variant are")
		ok = false
	case strings.ToLower(n.str) != n.str:
		r.add(Warning, codeID, "2.9", n, fmt.Sprintf("%s has upper-case digits", n.str), "RFC 4122 writes UUIDs in lower case; ids are compared exactly")
	}
	return name, u, ok
}

func checkIdentifier(r *run, p *propSpec, n *node) { r.identifier(p, n) }

// identifierOf checks an object's own id: its type, and the version that its class uses.
func (r *run) identifierOf(n *node, typeName string) {
	id := n.get("id")
	if id == nil || id.kind != '"' || r.local != nil {
		return
	}
	name, u, ok := splitIdentifier(id.str)
	if !ok || u.version() == 0 {
		return
	}
	r.in("id")
	defer r.out()
	if typeName != "" && name != typeName {
		r.add(Error, codeIDType, "2.9", id, fmt.Sprintf("id begins with %s, but type is %s", name, typeName), "")
		return
	}
	switch {
	case r.class == classSCO && r.typ != nil:
		r.observableID(n, id, u)
	case r.class == classSCO:
		if u.version() != 4 && u.version() != 5 {
			r.add(Warning, codeIDVersion, "2.9", id, fmt.Sprintf("id uses UUIDv%d", u.version()), "cyber-observables use UUIDv5")
		}
	case u.version() != 4 && !r.fixedMarking(id.str):
		r.add(Warning, codeIDVersion, "2.9", id, fmt.Sprintf("id uses UUIDv%d", u.version()), "objects other than cyber-observables use UUIDv4")
	}
}

// observableID compares a SCO's id with the deterministic one.
func (r *run) observableID(n, id *node, u uuid) {
	want, contributes := r.deterministic(r.typ, n)
	versioned := n.get("created") != nil || n.get("modified") != nil || n.get("created_by_ref") != nil || n.get("revoked") != nil
	switch {
	case !contributes && u.version() != 4:
		r.add(Error, codeIDVersion, "2.9", id, fmt.Sprintf("id uses UUIDv%d, but no ID contributing property is present", u.version()), "use UUIDv4")
	case !contributes:
	case versioned && slices.Contains(want, u):
		r.add(Error, codeIDVersion, "3.6", id, "a versioned cyber-observable has a deterministic id of the default namespace", "leave the versioning properties out, or use UUIDv4")
	case u.version() != 5:
		r.add(Warning, codeIDVersion, "2.9", id, fmt.Sprintf("id uses UUIDv%d", u.version()),
			fmt.Sprintf("the deterministic id is %s--%s", r.typ.name, formatUUID(want[0])))
	case !slices.Contains(want, u):
		r.add(Warning, codeIDMismatch, "2.9", id, "id does not follow from the ID contributing properties",
			fmt.Sprintf("the deterministic id is %s--%s", r.typ.name, formatUUID(want[0])))
	}
}

// deterministic computes the ids that follow from a SCO: one, or one per hash where no preferred one is present.
func (r *run) deterministic(t *typeSpec, n *node) (ids []uuid, contributes bool) {
	present := false
	for _, name := range t.id {
		present = present || n.get(name) != nil
	}
	if !present {
		return nil, false
	}
	hashes := n.get("hashes")
	if hashes == nil || hashes.kind != '{' || !slices.Contains(t.id, "hashes") {
		return []uuid{contributingUUID(t, n, nil)}, true
	}
	for _, algorithm := range hashPreference {
		if value := hashes.get(algorithm); value != nil {
			return []uuid{contributingUUID(t, n, &member{algorithm, value})}, true
		}
	}
	for i := range hashes.members {
		ids = append(ids, contributingUUID(t, n, &hashes.members[i]))
	}
	if len(ids) == 0 {
		ids = append(ids, contributingUUID(t, n, nil))
	}
	return ids, true
}

// contributingUUID hashes the RFC 8785 form of the ID contributing properties.
func contributingUUID(t *typeSpec, n *node, hash *member) uuid {
	name := []byte{'{'}
	for _, property := range t.id {
		value := n.get(property)
		if value == nil {
			continue
		}
		if len(name) > 1 {
			name = append(name, ',')
		}
		name = appendString(name, property)
		name = append(name, ':')
		if property == "hashes" && hash != nil {
			name = append(name, '{')
			name = appendString(name, hash.name)
			name = append(name, ':')
			name = hash.value.appendJSON(name)
			name = append(name, '}')
			continue
		}
		name = value.appendJSON(name)
	}
	canonical := jsontext.Value(append(name, '}'))
	if err := canonical.Canonicalize(); err != nil {
		return uuid{} // duplicate keys, reported where they stand
	}
	h := sha1.New() //nolint:gosec // see above
	h.Write(scoNamespace[:])
	h.Write(canonical)
	var u uuid
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

func formatUUID(u uuid) string {
	text := hex.EncodeToString(u[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// reference is one ID reference and where it stands.
type reference struct {
	target string
	path   string
	from   string
	offset int64
	line   int
	column int
}

// reference notes where a reference to a target stands.
func (r *run) reference(target, path string, n *node) reference {
	line, column := r.lines(n.offset)
	return reference{target, path, r.id, n.offset, line, column}
}

// tell reports a finding at the place of a reference, when the input has moved on.
func (r *run) tell(ref reference, severity Severity, code, section, message string) {
	inner := *r
	inner.base, inner.id, inner.count = ref.path, ref.from, 0
	inner.lines = func(int64) (int, int) { return ref.line, ref.column }
	inner.add(severity, code, section, &node{offset: ref.offset}, message, "")
}

// checkRef checks an ID reference: its form, and whether its property may point to that type (section 3.3).
func checkRef(r *run, p *propSpec, n *node) {
	if r.local != nil && r.spec.common.byName[p.name] != p {
		r.localRef(p, n)
		return
	}
	name, _, ok := r.identifier(p, n)
	if !ok {
		return
	}
	if name == "bundle" {
		r.add(Error, codeRefType, "8.2", n, "a bundle cannot be referred to", "")
		return
	}
	if p.targets != nil && !r.allowed(p, name) {
		severity := Error
		if p.name == "created_by_ref" && r.spec.types[name] == nil { // section 3.2 says identity, without a MUST
			severity = Warning
		}
		r.add(severity, codeRefType, p.section, n, fmt.Sprintf("%s refers to a %s, not to %s", p.name, name, describeTargets(p.targets)), "")
	}
	if r.refs != nil {
		r.refs(r.reference(n.str, r.pointer(), n))
	}
}

// allowed says whether a property may refer to a type; a custom type may be of any class.
func (r *run) allowed(p *propSpec, name string) bool {
	known := r.spec.types[name]
	for _, target := range p.targets {
		family, isClass := strings.CutPrefix(target, "@")
		if target == name || isClass && (known == nil || known.class == classNames[family]) {
			return true
		}
	}
	return false
}

func describeTargets(targets []string) string {
	names := map[string]string{
		"@sdo": "a domain object", "@sco": "a cyber-observable", "@sro": "a relationship object", "@smo": "a meta object",
	}
	described := make([]string, len(targets))
	for i, t := range targets {
		described[i] = t
		if names[t] != "" {
			described[i] = names[t]
		}
	}
	return strings.Join(described, " or ")
}
