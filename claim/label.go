package claim

import (
	"bytes"

	"marque/stix"
)

// Labelled is the content of LabelExtension: how the object's creator marked it, before who passed it on marked it with the level at which
// it was had.
type Labelled struct {
	ExtensionType string    `json:"extension_type"`
	MarkingRefs   []stix.ID `json:"object_marking_refs,omitempty"`
}

// Label marks an object, of whatever creator, with the level at which it is passed on, so that every receiver knows it; the object itself where
// its own marking is as strict, or the level is CLEAR. The extension tells those who know it what the creator wrote, see Unlabel.
func Label(o *stix.Object, level stix.TLP) (*stix.Object, error) {
	marked, err := o.Marked(level)
	if err != nil || marked == o {
		return o, err
	}
	var v struct {
		Extensions stix.Extensions `json:"extensions"`
	}
	if err := o.Decode(&v); err != nil {
		return nil, err
	}
	if err := v.Extensions.Extend(LabelExtension, Labelled{"property-extension", o.MarkingRefs}); err != nil {
		return nil, err
	}
	return marked.With(map[string]any{"extensions": v.Extensions})
}

// Unlabel is the object as its creator wrote it, and the level at which it was passed on; the object itself and CLEAR where nobody labelled it in
// a way that can be read.
func Unlabel(o *stix.Object) (*stix.Object, stix.TLP) {
	if !bytes.Contains(o.Raw(), []byte(LabelExtension)) {
		return o, stix.Clear
	}
	var (
		before Labelled
		v      struct {
			Extensions stix.Extensions `json:"extensions"`
		}
	)
	level, marked := o.TLP()
	if ok, err := o.ExtensionOf(LabelExtension, &before); !ok || err != nil || !marked || o.Decode(&v) != nil {
		return o, stix.Clear
	}
	changes := map[string]any{"extensions": nil, "object_marking_refs": nil}
	if delete(v.Extensions, string(LabelExtension)); len(v.Extensions) > 0 {
		changes["extensions"] = v.Extensions
	}
	if len(before.MarkingRefs) > 0 {
		changes["object_marking_refs"] = before.MarkingRefs
	}
	original, err := o.With(changes)
	if err != nil {
		return o, stix.Clear
	}
	return original, level
}
