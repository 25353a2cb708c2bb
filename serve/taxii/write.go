package taxii

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"marque/stix"
	"marque/store"
)

// post is section 5.5. The work is done when the answer goes out, so the status is always complete.
func (s *Server) post(w http.ResponseWriter, q *request) error {
	if !sendsTAXII(q.Request) {
		return fault(http.StatusUnsupportedMediaType, "content-type", "The media type in the Content-Type header must be %s.", MediaType)
	}
	if coding := q.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		w.Header().Set("Accept-Encoding", "identity") // RFC 9110 section 12.5.3
		return fault(http.StatusUnsupportedMediaType, "content-encoding", "Bodies are taken without a content coding.")
	}
	body, err := s.body(w, q)
	if err != nil {
		return err
	}
	at := s.now()
	raws, err := readEnvelope(body)
	if err != nil {
		return fault(http.StatusUnprocessableEntity, "envelope", "The body is not a TAXII envelope with objects: %v.", err)
	}
	st := &status{ID: uuid.NewString(), Status: "complete", Requested: timestamp(at), Total: len(raws)}
	var objects []*stix.Object
	for i, raw := range raws {
		o, err := q.col.check(raw)
		if err != nil {
			st.failed(raw, fmt.Sprintf("objects[%d]", i), timestamp(at), err.Error())
			continue
		}
		objects = append(objects, o)
	}
	if err := s.put(q, st, objects, at); err != nil {
		return err
	}
	if err := s.remember(q, st, at); err != nil {
		return err
	}
	s.log.Info("objects added", "collection", q.col.ID, "user", q.user.Name, "total", st.Total, "failed", st.FailureCount, "status", st.ID)
	s.answer(w, http.StatusAccepted, st)
	return nil
}

func (s *Server) body(w http.ResponseWriter, q *request) ([]byte, error) {
	limit := s.cfg.MaxContentLength
	tooLarge := fault(http.StatusRequestEntityTooLarge, "too-large", "The body is larger than the %d bytes of max_content_length.", limit)
	if q.ContentLength > limit {
		return nil, tooLarge
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, limit))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, tooLarge
	}
	if err != nil {
		return nil, fault(http.StatusBadRequest, "body", "The body could not be read.")
	}
	return body, nil
}

// readEnvelope takes the objects out of an envelope (section 3.7). Properties that it does not know are passed over, as
// section 7.1.1 allows.
func readEnvelope(body []byte) ([]jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	if dec.PeekKind() != '{' {
		return nil, errors.New("want a JSON object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var objects []jsontext.Value
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		if name.String() != "objects" {
			if err := dec.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		if dec.PeekKind() != '[' {
			return nil, errors.New("objects is not a list")
		}
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
		for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
			v, err := dec.ReadValue()
			if err != nil {
				return nil, err
			}
			objects = append(objects, v.Clone())
		}
		if _, err := dec.ReadToken(); err != nil {
			return nil, err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more data after the envelope")
	}
	if len(objects) == 0 {
		return nil, errors.New("no objects")
	}
	return objects, nil
}

// check tells whether a collection takes an object.
func (c *Collection) check(raw []byte) (*stix.Object, error) {
	o, err := stix.Parse(raw)
	switch {
	case err != nil:
		return nil, err
	case o.Type == "bundle":
		return nil, errors.New("a bundle is not a STIX object: send its objects")
	case o.SpecVersion != "2.1" && (o.SpecVersion != "" || !stix.IsSCO(o.Type)):
		return nil, errors.New("not STIX 2.1: this collection takes " + stixMediaType)
	case len(c.Types) > 0 && !slices.Contains(c.Types, o.Type):
		return nil, fmt.Errorf("this collection does not take objects of type %s", o.Type)
	}
	return o, nil
}

// put stores the objects as members of the collection.
func (s *Server) put(q *request, st *status, objects []*stix.Object, at time.Time) error {
	if len(objects) == 0 {
		return nil
	}
	source := "posted to TAXII collection " + q.col.ID
	if q.user.Name != "" {
		source += " by " + q.user.Name
	}
	p := store.Provenance{Source: source, Importer: Importer(q.col.ID), Time: at, TLP: q.col.TLP}
	// The creators' own word, and what is said of others' objects. The latter is kept apart by writer: what becomes of it depends on
	// nothing that others brought, so that no answer tells of it.
	var own, others []int
	for i, o := range objects {
		if o.CreatedByRef != "" && slices.Contains(q.col.SpeaksFor, o.CreatedByRef) {
			own = append(own, i)
		} else {
			others = append(others, i)
		}
	}
	refused := make([]bool, len(objects))
	for apart, at := range map[string][]int{"": own, p.Importer + " " + q.user.Name: others} {
		if len(at) == 0 {
			continue
		}
		batch := make([]*stix.Object, len(at))
		for i, n := range at {
			batch[i] = objects[n]
		}
		p.Apart = apart
		res, err := s.store.Put(q.Context(), p, batch)
		if err != nil {
			return err
		}
		for _, r := range res.Refused {
			refused[at[r.Index]] = true
		}
	}
	for i, o := range objects {
		if refused[i] {
			// Not the store's own words: they tell of an object that the user may not be cleared for.
			st.failed(o.Raw(), string(o.ID), timestamp(at),
				"refused: the object belongs to another creator, or this version of it is known with other content")
		}
	}
	added, err := s.unversioned(q, objects)
	if err != nil {
		return err
	}
	for i, o := range objects {
		if refused[i] {
			continue
		}
		d := statusDetail{ID: string(o.ID), Version: o.Version().String()}
		if o.Version().IsZero() {
			d.Version = timestamp(at)
			if t, ok := added[o.ID]; ok {
				d.Version = timestamp(t)
			}
		}
		st.Successes = append(st.Successes, d)
	}
	st.SuccessCount = len(st.Successes)
	return nil
}

// unversioned finds the version that the collection shows for objects without one: when they were added.
func (s *Server) unversioned(q *request, objects []*stix.Object) (map[stix.ID]time.Time, error) {
	var ids []stix.ID
	for _, o := range objects {
		if o.Version().IsZero() {
			ids = append(ids, o.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	added := map[stix.ID]time.Time{}
	for rec, err := range q.find(s, q.query(filter{ids: ids, pick: store.Pick{Last: true}})) {
		if err != nil {
			return nil, err
		}
		added[rec.ID] = rec.Added
	}
	return added, nil
}

// failed notes an object that was not taken, under the id and version that it says it has.
func (st *status) failed(raw []byte, id, version, message string) {
	d := statusDetail{ID: id, Version: version, Message: message}
	if o, err := looseHead(raw); err == nil {
		if o.ID != "" {
			d.ID = o.ID
		}
		if o.Modified != "" {
			d.Version = o.Modified
		} else if o.Created != "" {
			d.Version = o.Created
		}
	}
	st.Failures = append(st.Failures, d)
	st.FailureCount = len(st.Failures)
}

// remove is section 5.7: all versions of the object, or those that match[version] names.
func (s *Server) remove(w http.ResponseWriter, q *request) error {
	f, err := parseFilter(q.URL.RawQuery)
	if err != nil {
		return err
	}
	sel := q.query(filter{ids: []stix.ID{q.object}, pick: f.pick, all: f.all || !q.URL.Query().Has("match[version]")})
	var seqs []int64
	for rec, err := range q.find(s, sel) {
		if err != nil {
			return err
		}
		seqs = append(seqs, rec.Seq)
	}
	if len(seqs) == 0 || !f.served() {
		return notFound("The object")
	}
	if err := s.store.Withdraw(q.Context(), Importer(q.col.ID), seqs); err != nil {
		return err
	}
	s.log.Info("object deleted", "collection", q.col.ID, "user", q.user.Name, "object", q.object, "versions", len(seqs))
	w.Header().Set("Content-Type", MediaType)
	w.WriteHeader(http.StatusOK)
	return nil
}
