package bundle

import (
	"context"
	"fmt"

	"marque/ingest"
	"marque/stix"
	"marque/store"
)

// Lift turns one STIX 2.0 object into the STIX 2.1 objects that mean the same.
type Lift func(raw []byte) ([][]byte, error)

// Reader reads STIX.
type Reader struct {
	lift Lift
}

// New makes a reader. Without lift, STIX 2.0 objects are stored as they came.
func New(lift Lift) *Reader { return &Reader{lift: lift} }

var _ ingest.Reader = (*Reader)(nil)

// Name is "stix".
func (*Reader) Name() string { return "stix" }

// Detect finds bundles and objects by their type and id.
func (*Reader) Detect(head []byte, _ string) ingest.Confidence {
	s := ingest.ShapeOf(head)
	id := s.Texts["id"]
	_, err := stix.ParseID(id)
	switch {
	case s.Kind == 0:
		return ingest.No
	case s.Texts["type"] == "bundle":
		return ingest.Certain
	case s.Has("type", "id") && err == nil:
		return ingest.Certain
	case s.Kind == '{' && s.Has("objects"):
		return ingest.Likely
	default:
		return ingest.No
	}
}

// Read hands each object on.
func (r *Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	each := func(o *stix.Object) error {
		if r.lift == nil || !isV20(o) {
			return out.Object(o)
		}
		return r.lifted(o, out)
	}
	bad := func(b *stix.BadObjectError) error {
		return out.Reject(store.Reject{Place: fmt.Sprintf("object %d", b.Index), Offset: b.Offset, Reason: b.Err.Error(), Raw: b.Raw})
	}
	if err := stix.ReadBundle(in, each, bad); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return nil
}

// isV20 tells a STIX 2.0 object: section 3.2 asks for spec_version on every SDO and SRO of 2.1. Observables carry none in
// either version, but stand for themselves only in 2.1.
func isV20(o *stix.Object) bool {
	return o.SpecVersion == "2.0" || o.SpecVersion == "" && !stix.IsSCO(o.Type)
}

func (r *Reader) lifted(o *stix.Object, out ingest.Sink) error {
	raws, err := r.lift(o.Raw())
	if err != nil {
		return out.Reject(store.Reject{Place: "object " + string(o.ID), Offset: -1, Reason: "lift from STIX 2.0: " + err.Error(), Raw: o.Raw()})
	}
	out.Warn("lifted from STIX 2.0")
	for _, raw := range raws {
		n, err := stix.Parse(raw)
		if err != nil {
			return fmt.Errorf("lift %s: %w", o.ID, err)
		}
		if err := out.Object(n); err != nil {
			return err
		}
	}
	return nil
}
