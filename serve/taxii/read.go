package taxii

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"marque/stix"
	"marque/store"
)

// query is what a filter selects of the collection.
func (q *request) query(f filter) store.Query {
	sel := store.Query{
		Types: q.col.Types, IDs: f.ids, AllVersions: true, AfterSeq: f.afterSeq, AddedAfter: f.addedAfter, Limit: f.limit,
	}
	if !f.all {
		sel.Pick = f.pick
	}
	if f.types != nil {
		sel.Types = f.types
		if len(q.col.Types) > 0 {
			sel.Types = slices.DeleteFunc(slices.Clone(f.types), func(t string) bool { return !slices.Contains(q.col.Types, t) })
		}
	}
	sel.Importers = q.col.Importers
	if q.col.Own {
		sel.Importers = []string{Importer(q.col.ID)}
	}
	return sel
}

// nothing tells that a filter leaves nothing of a collection, which an empty field of a store.Query would not.
func nothing(f filter, sel store.Query) bool {
	return !f.served() || f.types != nil && len(sel.Types) == 0
}

// page is one response: what it spans is known before the first byte, what it holds is read while it is written.
type page struct {
	store.Page
	from time.Time // what the page comes after
	next string    // continues after it, where there is more
}

// newPage looks at what the filter selects.
func (s *Server) newPage(q *request, f filter) (*page, error) {
	if f.limit == 0 || f.limit > s.cfg.PageLimit {
		f.limit = s.cfg.PageLimit
	}
	p, sel := &page{from: f.addedAfter}, q.query(f)
	if nothing(f, sel) {
		return p, nil
	}
	r, err := q.view(s)
	if err != nil {
		return nil, err
	}
	if p.Page, err = r.Page(q.Context(), sel); err == nil && p.More {
		p.next, err = s.next.Seal(q.Context(), p.LastSeq)
	}
	return p, err
}

// stallTime is how long a client may take for a part of a page.
const stallTime = 30 * time.Second

// write sends a page: the head of the resource, the list under the given name with one element per record, the end.
func (p *page) write(s *Server, w http.ResponseWriter, q *request, list string, element func(*bufio.Writer, *store.Record) error) error {
	h := w.Header()
	h.Set("Content-Type", MediaType)
	first, last := p.First, p.Last
	if p.Count == 0 { // the headers are a MUST even so (section 3.2); whoever continues from there misses nothing
		first, last = p.from, p.from
		if p.from.IsZero() {
			first, last = time.Unix(0, 0), time.Unix(0, 0)
		}
	}
	h.Set("X-TAXII-Date-Added-First", timestamp(first))
	h.Set("X-TAXII-Date-Added-Last", timestamp(last))
	if p.Count == 0 {
		_, _ = io.WriteString(w, `{"more":false}`)
		return nil
	}
	s.count.served.Add(float64(p.Count))
	if err := p.stream(w, q, list, element); err != nil {
		// The status is out. Only an end of the connection tells the client that the page is not whole.
		s.count.cut.Inc()
		s.log.Warn("page cut off", "path", q.URL.Path, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (p *page) stream(w http.ResponseWriter, q *request, list string, element func(*bufio.Writer, *store.Record) error) error {
	control := http.NewResponseController(w)
	out := bufio.NewWriterSize(w, 64<<10)
	_ = out.WriteByte('{')
	// Always there, although section 3.7 has a default: clients are known that take a missing one for an error.
	_, _ = out.WriteString(`"more":` + strconv.FormatBool(p.More))
	if p.More {
		_, _ = out.WriteString(`,"next":"` + p.next + `"`)
	}
	_, _ = out.WriteString(`,"` + list + `":[`)
	n := 0
	for rec, err := range p.Records {
		if err != nil {
			return err
		}
		if n%500 == 0 {
			_ = control.SetWriteDeadline(time.Now().Add(stallTime)) // not every ResponseWriter has deadlines
		}
		if n++; n > 1 {
			_ = out.WriteByte(',')
		}
		if err := element(out, rec); err != nil {
			return err
		}
	}
	_, _ = out.WriteString("]}")
	return out.Flush()
}

func writeObject(out *bufio.Writer, rec *store.Record) error {
	_, err := out.Write(rec.Raw())
	return err
}

func writeManifest(out *bufio.Writer, rec *store.Record) error {
	b, err := json.Marshal(manifestRecord{
		ID: string(rec.ID), DateAdded: timestamp(rec.Added), Version: version(rec), MediaType: stixMediaType,
	})
	if err == nil {
		_, err = out.Write(b)
	}
	return err
}

func writeVersion(out *bufio.Writer, rec *store.Record) error {
	_, err := out.WriteString(strconv.Quote(version(rec))) // a timestamp has nothing to escape
	return err
}

// objects is section 5.4.
func (s *Server) objects(w http.ResponseWriter, q *request) error {
	return s.list(w, q, "objects", writeObject)
}

// manifest is section 5.3.
func (s *Server) manifest(w http.ResponseWriter, q *request) error {
	return s.list(w, q, "objects", writeManifest)
}

func (s *Server) list(w http.ResponseWriter, q *request, name string, element func(*bufio.Writer, *store.Record) error) error {
	f, err := s.filter(q)
	if err != nil {
		return err
	}
	p, err := s.newPage(q, f)
	if err != nil {
		return err
	}
	return p.write(s, w, q, name, element)
}

// object is section 5.6.
func (s *Server) object(w http.ResponseWriter, q *request) error {
	f, err := s.filter(q)
	if err != nil {
		return err
	}
	return s.one(w, q, f, "objects", writeObject)
}

// versions is section 5.8.
func (s *Server) versions(w http.ResponseWriter, q *request) error {
	f, err := s.filter(q)
	if err != nil {
		return err
	}
	f.all = true
	return s.one(w, q, f, "versions", writeVersion)
}

// one answers about one object. It is 404 where the collection has nothing of it that the filter takes, apart from where
// the page begins (section 5.7 demands that of deleted versions).
func (s *Server) one(w http.ResponseWriter, q *request, f filter, name string, element func(*bufio.Writer, *store.Record) error) error {
	f.ids, f.types = []stix.ID{q.object}, nil
	p, err := s.newPage(q, f)
	if err != nil {
		return err
	}
	if p.Count == 0 && f.served() {
		f.afterSeq, f.addedAfter, f.limit = 0, time.Time{}, 1
		whole, err := s.newPage(q, f)
		if err != nil {
			return err
		}
		if whole.Count == 0 {
			return notFound("The object")
		}
	}
	return p.write(s, w, q, name, element)
}
