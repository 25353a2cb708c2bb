package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// JSON writes a brief, a yearly report or the like for machines.
func JSON(w io.Writer, b any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(b); err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	return nil
}

// Bundle writes a STIX bundle with the operations that the brief tells of in sections, the judgements on them, everything that
// these rest on, and the extension definitions that the objects use. The reader decides what may leave: what it does not
// show is left out, and so are relationships to it. The marking of the brief's level stands first, the judgements carry it, and all else carries its own level.
func Bundle(w io.Writer, b *Brief, as []*claim.Assessment, r store.Reader) error {
	c := &collector{r: store.Labelled(r), seen: map[stix.ID]bool{}}
	ctx := context.Background()
	for _, op := range b.Operations {
		if err := c.operation(ctx, op.ID); err != nil {
			return fmt.Errorf("brief as STIX: %w", err)
		}
	}
	for _, a := range as {
		if !c.seen[a.SubjectRef] {
			continue
		}
		o, err := stix.New(a)
		if err == nil {
			o, err = o.Marked(b.Level)
		}
		if err != nil {
			return fmt.Errorf("brief as STIX: judgement on %s: %w", a.SubjectName, err)
		}
		c.keep(o)
	}
	if err := c.complete(ctx); err != nil {
		return fmt.Errorf("brief as STIX: %w", err)
	}
	return c.write(w, stix.DerivedID("bundle", b.Title, b.Generated.String()), b.Level)
}

// YearBundle writes a yearly report as a STIX bundle: a report object with its sentences, the operations and measures of the window, the
// judgements on them, and what these rest on, as far as the reader shows it.
func YearBundle(ctx context.Context, w io.Writer, y *Year, as []*claim.Assessment, r store.Reader) error {
	c := &collector{r: r, seen: map[stix.ID]bool{}}
	refs := slices.Concat(y.Operations, y.Measures)
	for _, id := range refs {
		if err := c.operation(ctx, id); err != nil {
			return fmt.Errorf("yearly report as STIX: %w", err)
		}
	}
	for _, a := range as {
		if !slices.Contains(y.Operations, a.SubjectRef) {
			continue
		}
		o, err := stix.New(a)
		if err == nil {
			o, err = o.Marked(y.Level)
		}
		if err != nil {
			return fmt.Errorf("yearly report as STIX: judgement on %s: %w", a.SubjectName, err)
		}
		refs = append(refs, o.ID)
		c.keep(o)
	}
	head := stix.Report{
		Common: stix.NewCommon(stix.DerivedID("report", "year", y.From.String(), y.To.String(), y.Generated.String()), y.Generated, claim.MarqueIdentity),
		Name:   y.Title + ", " + y.window(), Published: y.Generated, ObjectRefs: refs,
	}
	for _, t := range y.Summary {
		head.Description += t.Text + "\n"
	}
	head.MarkingRefs = []stix.ID{y.Level.MarkingID()}
	if len(refs) == 0 {
		head.ObjectRefs = []stix.ID{claim.MarqueIdentity}
	}
	o, err := stix.New(head)
	if err != nil {
		return fmt.Errorf("yearly report as STIX: %w", err)
	}
	c.keep(o)
	if err := c.complete(ctx); err != nil {
		return fmt.Errorf("yearly report as STIX: %w", err)
	}
	return c.write(w, stix.DerivedID("bundle", string(o.ID)), y.Level)
}

// Objects writes a STIX bundle of a level with objects, everything that is said of them, and what these refer to, as far as the reader
// shows it.
func Objects(ctx context.Context, w io.Writer, title string, level stix.TLP, ids []stix.ID, r store.Reader) error {
	c := &collector{r: store.Labelled(r), seen: map[stix.ID]bool{}}
	for _, id := range ids {
		if err := c.operation(ctx, id); err != nil {
			return fmt.Errorf("%s as STIX: %w", title, err)
		}
	}
	if err := c.complete(ctx); err != nil {
		return fmt.Errorf("%s as STIX: %w", title, err)
	}
	return c.write(w, stix.DerivedID("bundle", append([]string{title}, texts(ids)...)...), level)
}

func texts(ids []stix.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

// write writes what was gathered, with the marking of the level and the definitions first.
func (c *collector) write(w io.Writer, bundle stix.ID, level stix.TLP) error {
	slices.SortFunc(c.out, func(x, y *stix.Object) int { return bytes.Compare([]byte(x.ID), []byte(y.ID)) })
	bw := stix.NewBundleWriter(w, bundle)
	first := []*stix.Object{stix.TLPMarking(level)}
	for l := stix.Green; l < level; l++ {
		if slices.ContainsFunc(c.out, func(o *stix.Object) bool { return slices.Contains(o.MarkingRefs, l.MarkingID()) }) {
			first = append(first, stix.TLPMarking(l))
		}
	}
	for _, o := range append(append(first, claim.Definitions()...), c.out...) {
		if slices.ContainsFunc(first, func(f *stix.Object) bool { return f.ID == o.ID && f != o }) {
			continue // the store has the definition too
		}
		if err := bw.Write(o); err != nil {
			return fmt.Errorf("write STIX: %w", err)
		}
	}
	return bw.Close()
}

// collector gathers objects and what they refer to.
type collector struct {
	r    store.Reader
	seen map[stix.ID]bool
	out  []*stix.Object
	todo []stix.ID
}

func (c *collector) keep(o *stix.Object) {
	if c.seen[o.ID] {
		return
	}
	c.seen[o.ID] = true
	c.out = append(c.out, o)
	c.todo = append(c.todo, references(o)...)
}

// operation takes an operation with its relations, and the denials and motives on them.
func (c *collector) operation(ctx context.Context, id stix.ID) error {
	rec, err := c.r.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.keep(rec.Object)
	for rel, err := range c.r.Related(ctx, id, store.Both) {
		if err != nil {
			return err
		}
		c.keep(rel.Object)
	}
	return nil
}

// complete adds what is referred to and may be shown, then drops relationships that lost an end.
func (c *collector) complete(ctx context.Context) error {
	for len(c.todo) > 0 {
		id := c.todo[0]
		c.todo = c.todo[1:]
		if c.seen[id] {
			continue
		}
		rec, err := c.r.Get(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		c.keep(rec.Object)
	}
	c.out = slices.DeleteFunc(c.out, func(o *stix.Object) bool {
		return o.Type == "relationship" && (!c.seen[o.SourceRef] || !c.seen[o.TargetRef])
	})
	return nil
}

// references are the ids that an object names in properties ending in _ref or _refs, at any depth.
func references(o *stix.Object) []stix.ID {
	var v any
	if json.Unmarshal(o.Raw(), &v) != nil {
		return nil // every object parsed when it came in
	}
	var ids []stix.ID
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(k, x)
			}
		case []any:
			for _, x := range v {
				walk(name, x)
			}
		case string:
			if id, err := stix.ParseID(v); err == nil && id != o.ID && isReference(name) {
				ids = append(ids, id)
			}
		}
	}
	walk("", v)
	slices.Sort(ids)
	return slices.Compact(ids)
}

func isReference(name string) bool {
	return len(name) > 4 && (name[len(name)-4:] == "_ref" || name[len(name)-5:] == "_refs") || name == "ref" || name == "refs"
}
