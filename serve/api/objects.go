package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"marque/ledger"
	"marque/serve/problem"
	"marque/stix"
	"marque/store"
	"marque/workspace"
)

// Change is one version that was stored.
type Change struct {
	Seq      int64     `json:"seq"`
	ID       stix.ID   `json:"id"`
	Type     string    `json:"type"`
	Modified string    `json:"modified,omitempty"`
	Stored   time.Time `json:"stored"`
	Level    stix.TLP  `json:"tlp"`
}

// ChangesQuery asks what was stored after a sequence.
type ChangesQuery struct {
	From
	After  int64  `query:"after" minimum:"0" doc:"The sequence of the last change that one has."`
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	Last   string `header:"Last-Event-ID" doc:"As after, for clients of server-sent events that come back."`
	Accept string `header:"Accept" doc:"text/event-stream for a stream that goes on."`
}

// Changes is a page of changes.
type Changes struct {
	Items []Change `json:"items"`
	After int64    `json:"after" doc:"Where to go on."`
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
		Description: "As text/event-stream each change is an event whose id is its sequence; the stream goes on until the client ends it.",
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
		if n, err := strconv.ParseInt(q.Last, 10, 64); err == nil && n > q.After {
			q.After = n
		}
		if strings.Contains(q.Accept, "text/event-stream") {
			return &huma.StreamResponse{Body: func(c huma.Context) { r.stream(c, v, q.After) }}, nil
		}
		page, err := r.changesAfter(ctx, v, q.After, q.Limit)
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

func (r *Room) changesAfter(ctx context.Context, v workspace.View, after int64, limit int) (*Changes, error) {
	page, err := r.w.Reader(v).Page(ctx, store.Query{AllVersions: true, AfterSeq: after, Limit: limit})
	if err != nil {
		return nil, fmt.Errorf("read changes: %w", err)
	}
	out := &Changes{Items: []Change{}, After: max(after, page.LastSeq), More: page.More}
	if page.Records == nil {
		return out, nil
	}
	for rec, err := range page.Records {
		if err != nil {
			return nil, fmt.Errorf("read changes: %w", err)
		}
		out.Items = append(out.Items, Change{rec.Seq, rec.ID, rec.Type, rec.Modified.String(), rec.Stored, rec.Level})
	}
	return out, nil
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
	for {
		_ = control.SetWriteDeadline(time.Now().Add(streamPatience)) // not every writer has one
		grown := r.changes.next()                                    // taken before reading: what is stored meanwhile is not missed
		page, err := r.changesAfter(ctx, v, after, 1000)
		if err != nil {
			_, _ = fmt.Fprint(out, "event: error\ndata: the stream ends here; come back with Last-Event-ID\n\n")
			return
		}
		for _, ch := range page.Items {
			b, _ := json.Marshal(ch) // plain fields
			if _, err := fmt.Fprintf(out, "id: %d\ndata: %s\n\n", ch.Seq, b); err != nil {
				return
			}
		}
		if control.Flush() != nil {
			return
		}
		after = page.After
		if page.More {
			continue
		}
		if !r.changes.wait(ctx, grown, streamIdle) {
			return
		}
		if _, err := fmt.Fprint(out, ":\n\n"); err != nil { // tells the ways between that somebody is there
			return
		}
	}
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

// wait waits for what next gave, but no longer than idle. It returns false when ctx ends.
func (f *feed) wait(ctx context.Context, grown <-chan struct{}, idle time.Duration) bool {
	f.mu.Lock()
	f.waiting++
	if !f.running {
		f.running = true
		go f.watch()
	}
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.waiting--
		f.mu.Unlock()
	}()
	select {
	case <-grown:
		return true
	case <-time.After(idle):
		return true
	case <-ctx.Done():
		return false
	}
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
