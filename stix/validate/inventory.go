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
		versions: map[versionKey]struct{}{}, refs: map[objectKey]reference{},
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
		inner := *r
		inner.base, inner.id, inner.count = ref.path, ref.from, 0
		inner.add(Warning, codeRefMissing, "3.3", &node{offset: ref.offset}, fmt.Sprintf("%s is not in this bundle", ref.target), "")
	}
}
