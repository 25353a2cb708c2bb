package bundle

import (
	"bufio"
	"bytes"
	"context"
	"fmt"

	"marque/claim"
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
	buffered := bufio.NewReaderSize(in, ingest.HeadSize)
	head, _ := buffered.Peek(ingest.HeadSize) // an error comes again with the first read
	v20 := ingest.ShapeOf(head).Texts["spec_version"] == "2.0"
	each := func(o *stix.Object) error {
		o, level := claim.Unlabel(o)
		if err := ingest.AtLeast(out, level); err != nil {
			return err
		}
		if old := isV20(o) || v20 && o.SpecVersion == ""; r.lift == nil || !old {
			return out.Object(o)
		}
		return r.lifted(o, out)
	}
	bad := func(b *stix.BadObjectError) error {
		return out.Reject(store.Reject{Place: fmt.Sprintf("object %d", b.Index), Offset: b.Offset, Reason: b.Err.Error(), Raw: b.Raw})
	}
	if err := stix.ReadBundle(buffered, each, bad); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return nil
}

// isV20 tells a STIX 2.0 object that stands in no 2.0 bundle: it says so, or it has what only 2.0 has. An object that merely lacks
// spec_version stays as it came: many publishers forget it, and a store loses nothing and adds nothing.
func isV20(o *stix.Object) bool {
	switch {
	case o.SpecVersion != "":
		return o.SpecVersion == "2.0"
	case o.Type == "indicator":
		return !bytes.Contains(o.Raw(), []byte(`"pattern_type"`))
	case o.Type == "observed-data":
		return !bytes.Contains(o.Raw(), []byte(`"object_refs"`))
	}
	return false
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
