package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"marque/claim"
	"marque/misp"
	"marque/stix"
	"marque/store"
)

// Bundle writes a STIX 2.1 bundle of what a query asks for, as a stream. The marking definitions and extension definitions that
// objects name, and the identities that created them, go before the first object that needs them, whether the query asks for
// them or not. References to other objects may lead out of the bundle.
func Bundle(ctx context.Context, w io.Writer, r *Reader, q store.Query) (Summary, error) {
	b := &bundler{
		ctx: ctx, r: r, w: stix.NewBundleWriter(w, stix.DerivedID("bundle", fmt.Sprintf("%+v", q))), written: map[stix.ID]bool{}, versions: map[string]bool{}, builtin: builtin(),
	}
	for rec, err := range r.Find(ctx, q) {
		if err == nil {
			err = b.write(rec.Object, q.AllVersions)
		}
		if err != nil {
			return b.sum, fmt.Errorf("export bundle: %w", err)
		}
	}
	if err := b.w.Close(); err != nil {
		return b.sum, fmt.Errorf("export bundle: %w", err)
	}
	return b.sum, nil
}

type bundler struct {
	ctx      context.Context //nolint:containedctx // the life of one export
	r        *Reader
	w        *stix.BundleWriter
	sum      Summary
	written  map[stix.ID]bool // definitions and identities
	versions map[string]bool  // of these
	builtin  map[stix.ID]*stix.Object
}

// write writes what an object needs, and then the object.
func (b *bundler) write(o *stix.Object, everyVersion bool) error {
	if companion(o.Type) {
		version := string(o.ID) + " " + o.Version().String()
		if b.versions[version] || b.written[o.ID] && !everyVersion {
			return nil
		}
		b.written[o.ID], b.versions[version] = true, true
	}
	needs, err := needs(o)
	if err != nil {
		return err
	}
	for _, id := range needs {
		if err := b.companion(id); err != nil {
			return err
		}
	}
	b.sum.Written++
	return b.w.Write(o)
}

// companion tells the types that go along with others.
func companion(typ string) bool {
	return typ == "marking-definition" || typ == "extension-definition" || typ == "identity"
}

// companion writes a definition or identity, as it is stored, or as the specifications fix it. What is neither is left out.
func (b *bundler) companion(id stix.ID) error {
	if b.written[id] || !companion(id.Type()) {
		return nil
	}
	o := b.builtin[id]
	rec, err := b.r.Get(b.ctx, id)
	switch {
	case err == nil:
		o = rec.Object
	case !errors.Is(err, store.ErrNotFound):
		return err
	case o == nil:
		return nil
	}
	return b.write(o, false)
}

// needs are the creator, the markings and the extension definitions of an object.
func needs(o *stix.Object) ([]stix.ID, error) {
	var ids []stix.ID
	if o.CreatedByRef != "" {
		ids = append(ids, o.CreatedByRef)
	}
	ids = append(ids, o.MarkingRefs...)
	for _, g := range o.Granular {
		if g.MarkingRef != "" {
			ids = append(ids, g.MarkingRef)
		}
	}
	var v struct {
		Extensions stix.Extensions `json:"extensions"`
	}
	if err := o.Decode(&v); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(v.Extensions)) {
		ids = append(ids, stix.ID(name))
	}
	return ids, nil
}

// builtin are the definitions that need not be stored to be known.
func builtin() map[stix.ID]*stix.Object {
	objects := append(claim.Definitions(), misp.Definition())
	for t := stix.Clear; t <= stix.AmberStrict; t++ {
		objects = append(objects, stix.TLPMarking(t))
	}
	for p := stix.PAPClear; p <= stix.PAPRed; p++ {
		objects = append(objects, stix.PAPMarking(p))
	}
	for _, name := range []string{"white", "green", "amber"} {
		objects = append(objects, tlp1(name))
	}
	known := map[stix.ID]*stix.Object{}
	for _, o := range objects {
		if o != nil {
			known[o.ID] = o
		}
	}
	return known
}

// tlp1 is a marking definition of TLP 1.0, which STIX 2.1 fixes (section 7.2.1.4).
func tlp1(name string) *stix.Object {
	id := map[string]string{
		"white": "613f2e26-407d-48c7-9eca-b8e91df99dc9", "green": "34098fce-860f-48ae-8e50-ebd3cc5e41da", "amber": "f88d31f6-486f-44da-b317-01333bde0b82",
	}[name]
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--%s","created":"2017-01-20T00:00:00.000Z",`+
		`"definition_type":"tlp","name":"TLP:%s","definition":{"tlp":%q}}`, id, strings.ToUpper(name), name))
	if err != nil {
		return nil // unreachable: the text above is fixed and tested
	}
	return o
}
