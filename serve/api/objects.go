package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"marque/ledger"
	"marque/serve/problem"
	"marque/serve/seal"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// Change is one version that was stored.
type Change struct {
	ID       stix.ID   `json:"id"`
	Type     string    `json:"type"`
	Modified string    `json:"modified,omitempty"`
	Stored   time.Time `json:"stored" doc:"To the second."`
	Level    stix.TLP  `json:"tlp"`
}

// ChangesQuery asks what was stored after a place.
type ChangesQuery struct {
	From
	After  string `query:"after" maxLength:"100" doc:"Where the page before ended: its after. Empty is the beginning."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Last   string `header:"Last-Event-ID" doc:"As after, for clients of server-sent events that come back."`
	Accept string `header:"Accept" doc:"text/event-stream for a stream that goes on."`
}

// Changes is a page of changes.
type Changes struct {
	Items []Change `json:"items"`
	After string   `json:"after" doc:"Where to go on. It is sealed: the number of what lies between is not told."`
	More  bool     `json:"more"`
}

func (r *Room) objects() {
	op := huma.Operation{
		OperationID: "get-stix", Method: http.MethodGet, Path: "/v1/stix/{id}", Tags: []string{"stix"}, Summary: "An object as it was stored, byte for byte",
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/stix+json": {}}}}
	huma.Register(r.api, op, func(ctx context.Context, in *One) (*huma.StreamResponse, error) {
		v, err := in.view(userOf(ctx))
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		rec, err := r.w.Reader(v).Get(ctx, stix.ID(in.ID))
		if errors.Is(err, store.ErrNotFound) {
			err = problem.New(http.StatusNotFound, "unknown", "object %q: %v", in.ID, workspace.ErrUnknown)
		}
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		return whole("application/stix+json;version=2.1", rec.Raw()), nil
	})
	r.changesOperation()
}

func (r *Room) changesOperation() {
	op := huma.Operation{
		OperationID: "list-changes", Method: http.MethodGet, Path: "/v1/changes", Tags: []string{"changes"}, Summary: "What was stored since, as a page or as a stream",
		Description: "As text/event-stream each lot of changes ends with an event id to come back with; the stream goes on until the client ends it.",
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		"application/json":  {Schema: huma.SchemaFromType(r.api.OpenAPI().Components.Schemas, reflect.TypeFor[Changes]())},
		"text/event-stream": {},
	}}}
	huma.Register(r.api, op, func(ctx context.Context, q *ChangesQuery) (*huma.StreamResponse, error) {
		v, err := q.view(userOf(ctx))
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		after, err := r.place(ctx, cmp.Or(q.Last, q.After))
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		if strings.Contains(q.Accept, "text/event-stream") {
			return &huma.StreamResponse{Body: func(c huma.Context) { r.stream(c, v, after) }}, nil
		}
		page, _, err := r.changesAfter(ctx, v, after, q.Limit)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		body, err := encode(page)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		return whole("application/json", body), nil
	})
}

// place is the sequence that a client's place stands for; empty is the beginning.
func (r *Room) place(ctx context.Context, sealed string) (int64, error) {
	if sealed == "" {
		return 0, nil
	}
	seq, err := r.places.Open(ctx, sealed)
	if errors.Is(err, seal.ErrForeign) {
		err = problem.New(http.StatusBadRequest, "after", "after: %v; begin without it", err)
	}
	return seq, err
}

// changesAfter is a page of changes, and the sequence at which it ends.
func (r *Room) changesAfter(ctx context.Context, v workspace.View, after int64, limit int) (*Changes, int64, error) {
	page, err := r.w.Reader(v).Page(ctx, store.Query{AllVersions: true, AfterSeq: after, Limit: limit})
	if err != nil {
		return nil, after, fmt.Errorf("read changes: %w", err)
	}
	after = max(after, page.LastSeq)
	out := &Changes{Items: []Change{}, More: page.More}
	if after > 0 {
		if out.After, err = r.places.Seal(ctx, after); err != nil {
			return nil, after, err
		}
	}
	if page.Records == nil {
		return out, after, nil
	}
	for rec, err := range page.Records {
		if err != nil {
			return nil, after, fmt.Errorf("read changes: %w", err)
		}
		out.Items = append(out.Items, Change{rec.ID, rec.Type, rec.Modified.String(), rec.Stored.Truncate(time.Second), rec.Level})
	}
	return out, after, nil
}

// streamPatience is how long a reader of a stream may take to read what was sent, and streamIdle how long nothing is sent at most.
const (
	streamPatience = time.Minute
	streamIdle     = 20 * time.Second
)

// stream sends what was stored, and goes on as more is, until the client or the server ends.
func (r *Room) stream(c huma.Context, v workspace.View, after int64) {
	c.SetHeader("Content-Type", "text/event-stream")
	c.SetHeader("Cache-Control", "no-store")
	ctx, out := c.Context(), c.BodyWriter()
	w, ok := out.(http.ResponseWriter)
	if !ok {
		return // no HTTP
	}
	control := http.NewResponseController(w)
	alive := time.NewTicker(streamIdle) // at its own pace: when something above the reader's level is stored, nothing is sent
	defer alive.Stop()
	for {
		_ = control.SetWriteDeadline(time.Now().Add(streamPatience)) // not every writer has one
		grown := r.changes.next()                                    // taken before reading: what is stored meanwhile is not missed
		page, end, err := r.changesAfter(ctx, v, after, 1000)
		if err != nil {
			_, _ = fmt.Fprint(out, "event: error\ndata: the stream ends here; come back with Last-Event-ID\n\n")
			return
		}
		for i, ch := range page.Items {
			b, _ := json.Marshal(ch) // plain fields
			if _, err := fmt.Fprintf(out, "%sdata: %s\n\n", idOf(page, i), b); err != nil {
				return
			}
		}
		if control.Flush() != nil {
			return
		}
		after = end
		if page.More {
			continue
		}
		r.changes.enter()
		select {
		case <-grown:
		case <-alive.C:
			_, err = fmt.Fprint(out, ":\n\n") // tells the ways between that somebody is there
		case <-ctx.Done():
			err = ctx.Err()
		}
		r.changes.leave()
		if err != nil {
			return
		}
	}
}

// idOf is the line with the place to come back to, which the last change of a lot carries.
func idOf(page *Changes, i int) string {
	if i < len(page.Items)-1 {
		return ""
	}
	return "id: " + page.After + "\n"
}

// feed tells all streams that the store has grown. It looks once for all of them, and only while there are any.
type feed struct {
	store interface {
		LastSeq(ctx context.Context) (int64, error)
	}
	every time.Duration

	mu      sync.Mutex
	grown   chan struct{}
	waiting int
	running bool
}

// next is closed when the store has grown, or may have.
func (f *feed) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.grown == nil {
		f.grown = make(chan struct{})
	}
	return f.grown
}

// enter counts somebody who waits for what next gave, until leave, and sees to it that somebody looks.
func (f *feed) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting++
	if !f.running {
		f.running = true
		go f.watch()
	}
}

func (f *feed) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting--
}

// watch looks at the store until nobody waits.
func (f *feed) watch() {
	last := int64(-1)
	for range time.Tick(f.every) {
		seq, err := f.store.LastSeq(context.Background())
		f.mu.Lock()
		if f.waiting == 0 {
			f.running = false
			f.mu.Unlock()
			return
		}
		if err == nil && seq != last {
			last = seq
			close(f.grown)
			f.grown = make(chan struct{})
		}
		f.mu.Unlock()
	}
}

func (r *Room) ledger() {
	read(r, huma.Operation{
		OperationID: "get-log", Method: http.MethodGet, Path: "/v1/log", Tags: []string{"log"}, Summary: "The ledger: its newest signed head, and the entries that one may see",
	}, func(ctx context.Context, v workspace.View, _ *From) (*workspace.SignedLog, error) {
		return r.w.SignedLog(ctx, v)
	})
	read(r, huma.Operation{
		OperationID: "get-proof", Method: http.MethodGet, Path: "/v1/log/{id}", Tags: []string{"log"}, Summary: "The proof that an object is in the ledger, to be checked by anybody with the key",
	}, func(ctx context.Context, v workspace.View, in *One) (*ledger.Proof, error) {
		if _, err := r.w.Reader(v).Get(ctx, stix.ID(in.ID)); err != nil {
			return nil, problem.New(http.StatusNotFound, "unknown", "object %q: %v", in.ID, workspace.ErrUnknown)
		}
		p, err := r.w.Prove(ctx, stix.ID(in.ID))
		if err != nil {
			return nil, problem.New(http.StatusNotFound, "unknown", "%v", err)
		}
		return p, nil
	})
}
