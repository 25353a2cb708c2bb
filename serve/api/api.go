package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/klauspost/compress/gzhttp"

	"marque/serve/auth"
	"marque/serve/problem"
	"marque/serve/seal"
	"marque/stix"
	"marque/workspace"
)

// Config is how the room is set up.
type Config struct {
	Users   auth.Who
	Log     *slog.Logger
	Version string // of Marque, for the description
}

// Room answers /v1. It is safe for concurrent use.
type Room struct {
	w       *workspace.Workspace
	users   auth.Who
	log     *slog.Logger
	api     huma.API
	key     [32]byte // signs cursors
	changes *feed
	places  *seal.Seal // of the feed of changes
	handler http.Handler
}

// New makes the room for a workspace.
func New(w *workspace.Workspace, cfg Config) *Room {
	r := &Room{w: w, users: cfg.Users, log: cfg.Log, changes: &feed{store: w.Store(), every: time.Second}, places: seal.New(w.Store())}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	_, _ = rand.Read(r.key[:]) // never fails, see crypto/rand
	mux := http.NewServeMux()
	r.api = humago.New(mux, description(cfg.Version))
	r.operations()
	r.actors()
	r.claims()
	r.measures()
	r.documents()
	r.search()
	r.objects()
	r.ledger()
	zip, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"application/json", ndjson, csvType, "application/problem+json"}))
	if err != nil {
		panic(err) // the options are constants
	}
	mux.HandleFunc("/v1/", func(w http.ResponseWriter, req *http.Request) {
		problem.Write(w, req, r.log, problem.New(http.StatusNotFound, "not-found", "There is nothing at %s %s; /v1/openapi.json lists what there is.", req.Method, req.URL.Path))
	})
	zipped := zip(mux)
	r.handler = r.letIn(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if strings.Contains(req.Header.Get("Accept"), "text/event-stream") {
			mux.ServeHTTP(w, req) // a stream is sent as it comes
			return
		}
		zipped.ServeHTTP(w, req)
	}))
	return r
}

// description is the head of the OpenAPI document.
func description(version string) huma.Config {
	cfg := huma.DefaultConfig("Marque", version)
	cfg.Info.Description = "Who stands behind an operation, why, how close a state stands to it, on what evidence and how surely, who denies it, and what it has cost them."
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/v1/openapi", "", ""
	cfg.CreateHooks, cfg.Transformers = nil, nil
	cfg.RejectUnknownQueryParameters = true
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":    {Type: "http", Scheme: "bearer"},
		"password": {Type: "http", Scheme: "basic"},
	}
	cfg.Security = []map[string][]string{{"token": {}}, {"password": {}}}
	return cfg
}

// Patterns are what the room answers to.
func (r *Room) Patterns() []string { return []string{"/v1/"} }

// OpenAPI is the description of the room.
func (r *Room) OpenAPI() *huma.OpenAPI { return r.api.OpenAPI() }

// ServeHTTP answers those who are let in.
func (r *Room) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.handler.ServeHTTP(w, req) }

type userKey struct{}

// letIn asks who sends the request, and says on every answer that it is data and no page.
func (r *Room) letIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		u, err := r.users.Authenticate(req)
		if err != nil {
			problem.Write(w, req, r.log, err)
			return
		}
		next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), userKey{}, u)))
	})
}

func userOf(ctx context.Context) auth.User {
	u, _ := ctx.Value(userKey{}).(auth.User)
	return u
}

// From is from where a request looks.
type From struct {
	TLP  string `query:"tlp" doc:"Highest level to look from, when lower than one's own: clear, green, amber or amber+strict." enum:"clear,green,amber,amber+strict"`
	AsOf string `query:"as_of" format:"date" doc:"Only what is dated before this day counts, YYYY-MM-DD."`
}

// viewer is a request's input that says from where it looks.
type viewer interface {
	view(auth.User) (workspace.View, error)
}

// view is the lower of what the user may see, what the request asks for, and what may leave at all.
func (f From) view(u auth.User) (workspace.View, error) {
	v := workspace.View{Level: min(u.Clearance, stix.AmberStrict)}
	if f.TLP != "" {
		var level stix.TLP
		if err := level.UnmarshalText([]byte(f.TLP)); err != nil {
			return v, problem.New(http.StatusBadRequest, "tlp", "tlp: %v", err)
		}
		v.Level = min(v.Level, level)
	}
	if f.AsOf != "" {
		day, err := time.Parse(time.DateOnly, f.AsOf)
		if err != nil {
			return v, problem.New(http.StatusBadRequest, "as-of", "as_of %q: want a day, YYYY-MM-DD", f.AsOf)
		}
		v.AsOf = day
	}
	return v, nil
}

// snapshot is what the request's view shows.
func (r *Room) snapshot(ctx context.Context, v workspace.View) (*workspace.Snapshot, error) {
	s, err := r.w.Snapshot(ctx, v)
	if err != nil {
		return nil, fmt.Errorf("read workspace: %w", err)
	}
	return s, nil
}
