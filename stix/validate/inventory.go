package validate

import (
	"fmt"
	"slices"
	"strings"
)

// inventory remembers the objects of a bundle by id, so that versions and references can be compared.
type inventory struct {
	types    map[string]uint32
	objects  map[objectKey]objectVersions
	versions map[versionKey]struct{} // second and later versions
	refs     map[objectKey]reference // first reference to each, where they are to be resolved
	families map[objectKey]bool      // of malware: whether it is a family
	variants []pairing               // malware that is a variant of other malware
	language []pairing               // language content and the version it translates
}

// pairing is a statement about two objects, of which the second may come later in the input.
type pairing struct {
	from, to objectKey
	modified int64
	place    reference
}

type objectKey struct {
	typ  uint32
	uuid uuid
}

// objectVersions is what is known of an object: instants in nanoseconds.
type objectVersions struct{ created, modified, revoked int64 }

type versionKey struct {
	object   objectKey
	modified int64
}

func newInventory() *inventory {
	return &inventory{
		types: map[string]uint32{}, objects: map[objectKey]objectVersions{},
		versions: map[versionKey]struct{}{}, refs: map[objectKey]reference{}, families: map[objectKey]bool{},
	}
}

func (v *inventory) key(id string) (objectKey, bool) {
	name, u, ok := splitIdentifier(id)
	if !ok {
		return objectKey{}, false
	}
	typ, known := v.types[name]
	if !known {
		typ = uint32(len(v.types)) //nolint:gosec // types are few
		v.types[strings.Clone(name)] = typ
	}
	return objectKey{typ, u}, true
}

func instant(n *node, name string) int64 {
	t, ok := parseTimestamp(n.text(name))
	if !ok {
		return 0
	}
	nanos := int64(0)
	for i := range 9 {
		nanos *= 10
		if i < len(t.fraction) {
			nanos += int64(t.fraction[i] - '0')
		}
	}
	return t.seconds*1e9 + nanos
}

// add compares an object with what was seen under its id (section 3.6).
func (v *inventory) add(n *node, r *run) {
	r.id = n.text("id")
	key, ok := v.key(r.id)
	if !ok {
		return
	}
	v.pair(key, n, r)
	now := objectVersions{created: instant(n, "created"), modified: instant(n, "modified")}
	if n.isTrue("revoked") {
		now.revoked = now.modified
	}
	before, seen := v.objects[key]
	if !seen {
		v.objects[key] = now
		return
	}
	version := versionKey{key, now.modified}
	if _, again := v.versions[version]; again || before.modified == now.modified {
		r.add(Warning, codeDuplicate, "3.6", n, fmt.Sprintf("%s stands more than once in this version", r.id), "keep one")
		return
	}
	v.versions[version] = struct{}{}
	if before.created != now.created {
		r.addAt("created", Error, codeDuplicate, "3.2", n.get("created"), fmt.Sprintf("created of %s differs between its versions", r.id), "created does not change with a new version")
	}
	if before.revoked != 0 && now.modified > before.revoked {
		r.addAt("modified", Error, codeDuplicate, "3.6", n.get("modified"), fmt.Sprintf("%s has a version later than the one that revoked it", r.id), "revoking is permanent")
	}
	if now.revoked != 0 {
		before.revoked = now.revoked
		v.objects[key] = before
	}
}

// pair notes what can be judged only when all objects have been read.
func (v *inventory) pair(key objectKey, n *node, r *run) {
	switch n.text("type") {
	case "malware":
		v.families[key] = n.isTrue("is_family")
	case "relationship":
		name := n.get("relationship_type")
		if name == nil || name.str != "variant-of" {
			return
		}
		from, ok1 := v.key(n.text("source_ref"))
		to, ok2 := v.key(n.text("target_ref"))
		if ok1 && ok2 {
			v.variants = append(v.variants, pairing{from, to, 0, r.reference("", r.base+"/relationship_type", name)})
		}
	case "language-content":
		to, ok := v.key(n.text("object_ref"))
		if at := n.get("object_modified"); ok && at != nil && instant(n, "object_modified") != 0 {
			v.language = append(v.language, pairing{key, to, instant(n, "object_modified"), r.reference("", r.base+"/object_modified", at)})
		}
	}
}

// pairs judges what pair noted.
func (v *inventory) pairs(r *run) {
	for _, p := range v.variants {
		family, known := v.families[p.to]
		if v.families[p.from] && known && !family {
			r.tell(p.place, Error, codePairing, "4.11.2", "a malware family cannot be a variant of a malware instance")
		}
	}
	for _, p := range v.language {
		target, known := v.objects[p.to]
		if _, other := v.versions[versionKey{p.to, p.modified}]; known && target.modified != p.modified && !other {
			r.tell(p.place, Error, codePairing, "7.1.1", "object_modified is not that of a version of the object in this bundle")
		}
	}
}

// refer remembers the first reference to an object.
func (v *inventory) refer(ref reference) {
	if key, ok := v.key(ref.target); ok {
		if _, seen := v.refs[key]; !seen {
			v.refs[key] = ref
		}
	}
}

// unresolved reports references to objects that are not in the bundle, in the order of the input.
func (v *inventory) unresolved(r *run) {
	var missing []reference
	for key, ref := range v.refs {
		if _, ok := v.objects[key]; !ok && !r.fixedMarking(ref.target) {
			missing = append(missing, ref)
		}
	}
	slices.SortFunc(missing, func(a, b reference) int { return int(a.offset - b.offset) })
	for _, ref := range missing {
		r.tell(ref, Warning, codeRefMissing, "3.3", fmt.Sprintf("%s is not in this bundle", ref.target))
	}
}
