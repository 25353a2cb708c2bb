package validate

import (
	"fmt"
	"slices"
)

// checkContainer checks the deprecated observable container: objects under keys of its own, which refer to each other
// by key (section 2.13).
func checkContainer(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '{', "an observable container") {
		return
	}
	if len(n.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", n, "observable container is empty", "")
	}
	local := make(map[string]string, len(n.members))
	for _, m := range n.members {
		local[m.name] = m.value.text("type")
	}
	for _, m := range n.members {
		inner := *r
		inner.local, inner.open, inner.typ, inner.class = local, false, nil, classCustom
		inner.path = append(slices.Clip(inner.path), segment{name: m.name})
		inner.observable(m.value)
		r.count = inner.count
	}
}

// observable checks one object of a container: a SCO that needs no id.
func (r *run) observable(n *node) {
	if n.kind != '{' {
		r.add(Error, codeKind, "2.13", n, fmt.Sprintf("an observable is an object, this is %s", kindName(n.kind)), "")
		return
	}
	outer := r.id
	r.object(n)
	r.id = outer
	if r.typ != nil && r.typ.class != classSCO {
		r.add(Error, codeContainer, "2.13", n, fmt.Sprintf("%s is not a cyber-observable", r.typ.name), "")
	}
}

// localRef checks a reference within a container: its key is there, and its type is one that may be referred to.
func (r *run) localRef(p *propSpec, n *node) {
	if !r.isKind(p, n, '"', "a key of the container") {
		return
	}
	name, ok := r.local[n.str]
	switch {
	case !ok:
		r.add(Error, codeContainer, "2.13", n, fmt.Sprintf("%q is not a key of this container", clip(n.str)), "")
	case p.targets != nil && !r.allowed(p, name):
		r.add(Error, codeRefType, p.section, n, fmt.Sprintf("%s refers to a %s, not to %s", p.name, name, describeTargets(p.targets)), "")
	}
}
