package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// item is an object with what the store keeps about it.
type item struct {
	object  *stix.Object
	version string
	track   string    // whose versions it belongs to, see store.Provenance.Apart
	level   stix.TLP  // the level that counts: own, else told
	own     int       // level of its own marking, -1 where it has none
	open    []stix.ID // markings whose definitions must be known to tell
	digest  [sha256.Size]byte
	exact   [sha256.Size]byte // with instants at the precision they came in, as earlier versions of this store have it
	edges   []edge
	words   words
}

type edge struct {
	node stix.ID
	dir  store.Direction
}

// words is what Search looks at.
type words struct{ name, aliases, body string }

// preparation is a batch that is being prepared on all processors, while what is ready already goes into the database.
type preparation struct {
	items  []item
	chunks []chan error // one per chunkSize items: nil when they are ready
}

// prepareAll begins to prepare the objects of a batch. It stops early when ctx ends.
func prepareAll(ctx context.Context, p store.Provenance, objects []*stix.Object) *preparation {
	prep := &preparation{items: make([]item, len(objects)), chunks: make([]chan error, (len(objects)+chunkSize-1)/chunkSize)}
	for i := range prep.chunks {
		prep.chunks[i] = make(chan error, 1)
	}
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(prep.chunks)) {
		go func() {
			dec := jsontext.NewDecoder(bytes.NewReader(nil))
			for {
				c := int(next.Add(1)) - 1
				if c >= len(prep.chunks) {
					return
				}
				err := ctx.Err()
				for i := c * chunkSize; i < min((c+1)*chunkSize, len(objects)) && err == nil; i++ {
					prep.items[i], err = prepareOne(dec, p, objects[i])
				}
				prep.chunks[c] <- err
			}
		}()
	}
	return prep
}

// chunk waits for a chunk.
func (p *preparation) chunk(c int) ([]item, error) {
	err := <-p.chunks[c]
	return p.items[c*chunkSize : min((c+1)*chunkSize, len(p.items))], err
}

func prepareOne(dec *jsontext.Decoder, p store.Provenance, o *stix.Object) (item, error) {
	if o == nil {
		return item{}, fmt.Errorf("object is nil")
	}
	canonical, err := o.Canonical()
	if err != nil {
		return item{}, err
	}
	it := item{object: o, version: versionKey(o), exact: sha256.Sum256(canonical), open: o.OpenMarkings()}
	if it.digest = it.exact; !bytes.Equal(stix.SameInstants(canonical), canonical) {
		it.digest = sha256.Sum256(stix.SameInstants(canonical))
	}
	if it.version != "" { // what has no versions belongs to nobody
		it.track = p.Apart
	}
	it.mark(p.TLP, func(stix.ID) (stix.TLP, bool) { return stix.Clear, false })
	ends := map[stix.ID]store.Direction{}
	add := func(node stix.ID, dir store.Direction) {
		if node != "" && ends[node]&dir == 0 { // an object_refs may repeat itself
			ends[node] |= dir
			it.edges = append(it.edges, edge{node, dir})
		}
	}
	refs := it.words.read(dec, o)
	switch o.Type {
	case "relationship":
		add(o.SourceRef, store.Out)
		add(o.TargetRef, store.In)
	case "sighting":
		add(o.SightingOfRef, store.In)
	case "opinion", "note":
		for _, id := range refs {
			add(id, store.In)
		}
	}
	return it, nil
}

// mark settles the level of an object that a source of a level brought.
func (it *item) mark(told stix.TLP, define func(stix.ID) (stix.TLP, bool)) {
	it.level, it.own = told, -1
	if level, ok := it.object.TLPBy(define); ok {
		it.level, it.own = level, int(level)
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

func instantKey(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999999999") }

// read gathers the words of an object in one pass over its bytes, and its object_refs on the way. Properties of an unexpected
// shape are passed over: an odd object is stored and found all the same.
func (w *words) read(dec *jsontext.Decoder, o *stix.Object) (refs []stix.ID) {
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
			join(&w.name, text(dec)...)
		case "aliases", "x_mitre_aliases":
			join(&w.aliases, text(dec)...)
		case "description", "abstract", "content", "explanation":
			join(&w.body, text(dec)...)
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
func (w *words) quote(o *stix.Object) {
	var stated struct {
		Quote string `json:"quote"`
	}
	if ok, err := o.ExtensionOf(claim.Extension, &stated); ok && err == nil && stated.Quote != "" {
		join(&w.body, stated.Quote)
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
