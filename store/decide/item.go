package decide

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// Item is an object with what a store keeps about it.
type Item struct {
	Object  *stix.Object
	Version string    // text that sorts by instant; empty where the object has neither modified nor created
	Track   string    // whose versions it belongs to, see store.Provenance.Apart; empty for the creators' own
	Level   stix.TLP  // the level that counts: own, else told
	Own     int       // level of its own marking, -1 where it has none
	Open    []stix.ID // markings whose definitions must be known to tell, see Mark
	Digest  [sha256.Size]byte
	Edges   []Edge
	Words   Words

	exact [sha256.Size]byte // with instants at the precision they came in, as early stores have it
}

// Creator is the identity that the object says created it, empty where it says none.
func (it *Item) Creator() string { return string(it.Object.CreatedByRef) }

// Edge is an end of a relationship, sighting, opinion or note.
type Edge struct {
	Node stix.ID
	Dir  store.Direction
}

// Words is what Search looks at.
type Words struct{ Name, Aliases, Body string }

// ChunkSize is how many objects are prepared together, and should be looked up in the store at once.
const ChunkSize = 500

// Items prepares the objects of a batch on all processors, and yields them in chunks, in order, as they are ready. The levels are those
// before any definition is known. Ends with the first error, which is also that of a ctx that ends; the caller cancels it to stop early.
func Items(ctx context.Context, p store.Provenance, objects []*stix.Object) iter.Seq2[[]Item, error] {
	items := make([]Item, len(objects))
	chunks := make([]chan error, (len(objects)+ChunkSize-1)/ChunkSize) // nil when one is ready
	for i := range chunks {
		chunks[i] = make(chan error, 1)
	}
	part := func(c int) []Item { return items[c*ChunkSize : min((c+1)*ChunkSize, len(items))] }
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		go func() {
			dec := jsontext.NewDecoder(bytes.NewReader(nil))
			for c := int(next.Add(1)) - 1; c < len(chunks); c = int(next.Add(1)) - 1 {
				err := ctx.Err()
				for i := range part(c) {
					if err != nil {
						break
					}
					items[c*ChunkSize+i], err = prepare(dec, p, objects[c*ChunkSize+i])
				}
				chunks[c] <- err
			}
		}()
	}
	return func(yield func([]Item, error) bool) {
		for c := range chunks {
			err := <-chunks[c]
			if !yield(part(c), err) || err != nil {
				return
			}
		}
	}
}

func prepare(dec *jsontext.Decoder, p store.Provenance, o *stix.Object) (Item, error) {
	if o == nil {
		return Item{}, fmt.Errorf("object is nil")
	}
	canonical, err := o.Canonical()
	if err != nil {
		return Item{}, err
	}
	it := Item{Object: o, Version: versionKey(o), exact: sha256.Sum256(canonical), Open: o.OpenMarkings()}
	if it.Digest = it.exact; !bytes.Equal(stix.SameInstants(canonical), canonical) {
		it.Digest = sha256.Sum256(stix.SameInstants(canonical))
	}
	if it.Version != "" { // what has no versions belongs to nobody
		it.Track = p.Apart
	}
	it.Mark(p.TLP, func(stix.ID) (stix.TLP, bool) { return stix.Clear, false })
	end := func(node stix.ID, dir store.Direction) {
		if node != "" {
			it.Edges = append(it.Edges, Edge{node, dir})
		}
	}
	refs := it.Words.read(dec, o)
	switch o.Type {
	case "relationship":
		end(o.SourceRef, store.Out)
		end(o.TargetRef, store.In)
	case "sighting":
		end(o.SightingOfRef, store.In)
	case "opinion", "note":
		slices.Sort(refs)
		for _, id := range slices.Compact(refs) {
			end(id, store.In)
		}
	}
	return it, nil
}

// Mark settles the level of an object that a source of a level brought.
func (it *Item) Mark(told stix.TLP, define func(stix.ID) (stix.TLP, bool)) {
	it.Level, it.Own = told, -1
	if level, ok := it.Object.TLPBy(define); ok {
		it.Level, it.Own = level, int(level)
	}
}

// versionKey is the version as text that sorts by instant: one instant is one version, however many zeros its fraction ends
// with.
func versionKey(o *stix.Object) string {
	v := o.Version()
	if v.IsZero() {
		return ""
	}
	return v.SortKey()
}

// InstantKey is the key of the versions of an instant.
func InstantKey(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999") }

// read gathers the words of an object in one pass over its bytes, and its object_refs on the way. Properties of an unexpected
// shape are passed over: an odd object is stored and found all the same.
func (w *Words) read(dec *jsontext.Decoder, o *stix.Object) (refs []stix.ID) {
	dec.Reset(bytes.NewReader(o.Raw()), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) // Parse checked
	if _, err := dec.ReadToken(); err != nil {
		return nil
	}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return refs
		}
		switch name.String() {
		case "name", "value":
			join(&w.Name, text(dec)...)
		case "aliases", "x_mitre_aliases":
			join(&w.Aliases, text(dec)...)
		case "description", "abstract", "content", "explanation":
			join(&w.Body, text(dec)...)
		case "object_refs":
			for _, s := range text(dec) {
				refs = append(refs, stix.ID(s))
			}
		case "extensions":
			w.quote(o)
			_ = dec.SkipValue()
		default:
			err = dec.SkipValue()
		}
		if err != nil {
			return refs
		}
	}
	return refs
}

// quote adds the verbatim quote of a claim.
func (w *Words) quote(o *stix.Object) {
	var stated struct {
		Quote string `json:"quote"`
	}
	if ok, err := o.ExtensionOf(claim.Extension, &stated); ok && err == nil && stated.Quote != "" {
		join(&w.Body, stated.Quote)
	}
}

// text reads a value: a string, or the strings of a list.
func text(dec *jsontext.Decoder) []string {
	switch dec.PeekKind() {
	case '"':
		tok, err := dec.ReadToken()
		if err != nil {
			return nil
		}
		return []string{tok.String()}
	case '[':
		var out []string
		if _, err := dec.ReadToken(); err != nil {
			return nil
		}
		for {
			switch dec.PeekKind() {
			case '"':
				tok, err := dec.ReadToken()
				if err != nil {
					return out
				}
				out = append(out, tok.String())
			case ']':
				_, _ = dec.ReadToken()
				return out
			default:
				if dec.SkipValue() != nil {
					return out
				}
			}
		}
	default:
		_ = dec.SkipValue()
		return nil
	}
}

// join puts each value on a line of its own, so that no phrase runs from one into the next by accident of order.
func join(to *string, values ...string) {
	*to = strings.TrimPrefix(*to+"\n"+strings.Join(values, "\n"), "\n")
}
