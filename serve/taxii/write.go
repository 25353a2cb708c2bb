package taxii

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"marque/claim"
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
	leave, err := s.bodies.enter(w, q)
	if err != nil {
		return err
	}
	defer leave()
	body, err := s.body(w, q)
	if err != nil {
		return err
	}
	end, err := s.bodies.begin(q, len(body))
	if err != nil {
		return err
	}
	defer end()
	env, err := readEnvelope(body)
	switch {
	case errors.Is(err, errManyItems):
		return fault(http.StatusRequestEntityTooLarge, "too-many", "The envelope is too large: %v.", err)
	case err != nil:
		return fault(http.StatusUnprocessableEntity, "envelope", "The body is not a TAXII envelope with objects: %v.", clipped(err.Error()))
	}
	at := s.now()
	st := &status{ID: uuid.NewString(), Status: "complete", Requested: timestamp(at), Total: env.count}
	if err := s.take(q, st, env, at); err != nil {
		return err
	}
	if err := s.remember(q, st, at); err != nil {
		return err
	}
	s.count.posted.WithLabelValues("taken").Add(float64(st.SuccessCount))
	s.count.posted.WithLabelValues("failed").Add(float64(st.FailureCount))
	s.log.Info("objects added", "collection", q.col.ID, "user", q.user.Name, "total", st.Total, "failed", st.FailureCount, "status", st.ID)
	s.answer(w, http.StatusAccepted, st)
	return nil
}

// A batch is what is held as objects at a time, and stored together. A request whose second batch cannot be stored is answered with the
// error: sent again, the first is known already.
const (
	batchObjects = 2000
	batchBytes   = 2 << 20
)

// take stores the objects of an envelope, batch by batch.
func (s *Server) take(q *request, st *status, env *envelope, at time.Time) error {
	var batch []*stix.Object
	size := 0
	put := func() error {
		err := s.put(q, st, batch, at)
		batch, size = batch[:0], 0
		return err
	}
	for i, it := range env.items() {
		var o *stix.Object
		if it.err == nil {
			o, it.err = q.col.check(it.raw)
		}
		if it.err != nil {
			st.failed(it.raw, fmt.Sprintf("objects[%d]", i), timestamp(at), it.err.Error())
			continue
		}
		batch = append(batch, o)
		if size += len(it.raw); size >= batchBytes || len(batch) >= batchObjects {
			if err := put(); err != nil {
				return err
			}
		}
	}
	return put()
}

// body reads a request's body into memory, once: what admission has counted is what it takes.
func (s *Server) body(w http.ResponseWriter, q *request) ([]byte, error) {
	limit := s.cfg.MaxContentLength
	tooLarge := fault(http.StatusRequestEntityTooLarge, "too-large", "The body is larger than the %d bytes of max_content_length.", limit)
	if q.ContentLength > limit {
		return nil, tooLarge
	}
	var body bytes.Buffer
	if q.ContentLength > 0 {
		body.Grow(int(q.ContentLength) + bytes.MinRead)
	}
	_, err := body.ReadFrom(http.MaxBytesReader(w, q.Body, limit))
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return nil, tooLarge
	}
	if err != nil {
		return nil, fault(http.StatusBadRequest, "body", "The body could not be read.")
	}
	return body.Bytes(), nil
}

// check tells whether a collection takes an object.
func (c *Collection) check(raw []byte) (*stix.Object, error) {
	if len(raw) == 0 || raw[0] != '{' {
		return nil, stix.ErrNotObject
	}
	o, err := stix.Parse(bytes.Clone(raw))
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
func (s *Server) put(q *request, st *status, objects []*stix.Object, now time.Time) error {
	if len(objects) == 0 {
		return nil
	}
	source := "posted to TAXII collection " + q.col.ID
	if q.user.Name != "" {
		source += " by " + q.user.Name
	}
	// The creators' own word, and what is said of others' objects. The latter is kept apart by writer: what becomes of it depends on
	// nothing that others brought, so that no answer tells of it. What was passed on is as strict as its label.
	type lot struct {
		own   bool
		level stix.TLP
	}
	lots := map[lot][]int{}
	written := make([]*stix.Object, len(objects))
	for i, o := range objects {
		original, level := claim.Unlabel(o)
		written[i] = original
		l := lot{o.CreatedByRef != "" && slices.Contains(q.col.SpeaksFor, o.CreatedByRef), max(level, q.col.TLP)}
		lots[l] = append(lots[l], i)
	}
	refused := make([]bool, len(objects))
	for l, at := range lots {
		p := store.Provenance{Source: source, Importer: Importer(q.col.ID), Time: now, TLP: l.level}
		if !l.own {
			p.Apart = p.Importer + " " + q.user.Name
		}
		batch := make([]*stix.Object, len(at))
		for i, n := range at {
			batch[i] = written[n]
		}
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
			st.failed(o.Raw(), string(o.ID), timestamp(now),
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
		d := statusDetail{ID: clipped(string(o.ID)), Version: o.Version().String()}
		if o.Version().IsZero() {
			d.Version = timestamp(now)
			if t, ok := added[o.ID]; ok {
				d.Version = timestamp(t)
			}
		}
		st.succeeded(d)
	}
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

// What a status lists of each kind, and how much of a text that a client wrote: the counts are whole (section 4.3.1 needs the lists
// no more than that), and the receipt of the largest body is small.
const (
	maxSuccesses = 1000
	maxFailures  = 100
	maxText      = 256
)

// failed notes an object that was not taken, under the id and version that it says it has.
func (st *status) failed(raw []byte, id, version, message string) {
	if st.FailureCount++; st.FailureCount > maxFailures {
		return
	}
	d := statusDetail{ID: id, Version: version, Message: clipped(message)}
	if o, err := looseHead(raw); err == nil {
		d.ID = cmp.Or(clipped(o.ID), d.ID)
		d.Version = cmp.Or(clipped(o.Modified), clipped(o.Created), d.Version)
	}
	st.Failures = append(st.Failures, d)
}

func (st *status) succeeded(d statusDetail) {
	if st.SuccessCount++; st.SuccessCount <= maxSuccesses {
		st.Successes = append(st.Successes, d)
	}
}

// clipped shortens what a client wrote.
func clipped(s string) string {
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// remove is section 5.7: all versions of the object, or those that match[version] names.
func (s *Server) remove(w http.ResponseWriter, q *request) error {
	f, err := s.filter(q)
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
