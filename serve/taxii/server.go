package taxii

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"marque/serve/auth"
	"marque/serve/seal"
	"marque/stix"
	"marque/store"
)

// discoveryPath is where discovery stands (section 8.2.1).
const discoveryPath = "taxii2"

// Store is what the server needs of a store.
type Store interface {
	store.Writer
	store.Withdrawer
	store.Receipts
	store.Viewer
	store.Marks
}

// Users tells who sends a request. Errors: auth.ErrNoCredentials and auth.ErrBadCredentials, or what went wrong.
type Users interface {
	Authenticate(*http.Request) (auth.User, error)
}

// Server is an http.Handler for /taxii2/ and the API roots.
type Server struct {
	store Store
	users Users
	log   *slog.Logger
	cfg   Config
	roots map[string]*Root
	now   func() time.Time
	next  *seal.Seal

	count  counts
	bodies *admission
	packed http.Handler // answers that are packed where the client takes that
}

// New makes a server. A nil logger logs nothing.
func New(st Store, users Users, log *slog.Logger, cfg Config) (*Server, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{store: st, users: users, log: log, now: time.Now, next: seal.New(st), count: newCounts()}
	return s.With(cfg)
}

// With is a server of the same store, users and counts with another configuration. The one before may go on answering what it has begun.
func (s *Server) With(cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("TAXII server: %w", err)
	}
	pack, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{MediaType}), gzhttp.CompressionLevel(gzip.BestSpeed), gzhttp.EnableZstd(false))
	if err != nil {
		return nil, fmt.Errorf("TAXII server: %w", err)
	}
	cfg = cfg.withDefaults()
	n := &Server{
		store: s.store, users: s.users, log: s.log, now: s.now, next: s.next, count: s.count,
		cfg: cfg, roots: map[string]*Root{}, bodies: newAdmission(cfg.MaxContentLength),
	}
	for i := range cfg.Roots {
		n.roots[cfg.Roots[i].Path] = &cfg.Roots[i]
	}
	n.packed = pack(http.HandlerFunc(n.plain))
	return n, nil
}

// Patterns are where the server is to be mounted. Paths without a slash are among them, so that nobody redirects them: section 3.1
// wants the slash.
func (s *Server) Patterns() []string {
	patterns := []string{"/" + discoveryPath, "/" + discoveryPath + "/"}
	for _, r := range s.cfg.Roots {
		patterns = append(patterns, "/"+r.Path, "/"+r.Path+"/")
	}
	return patterns
}

// request is what the handlers get: who asks, for what.
type request struct {
	*http.Request
	user     auth.User
	root     *Root
	col      *Collection
	contents bool // it is about what is in the collection, not about the collection
	object   stix.ID
	id       string // of a status
}

// view is the way to the store for this user and collection. RED never leaves.
func (q *request) view(s *Server) (store.Reader, error) {
	return store.Share(s.store, store.View{MaxTLP: min(q.user.Clearance, stix.AmberStrict)}, q.col.Use)
}

// find is all that a query shows this user.
func (q *request) find(s *Server, sel store.Query) iter.Seq2[*store.Record, error] {
	r, err := q.view(s)
	if err != nil {
		return func(yield func(*store.Record, error) bool) { yield(nil, err) }
	}
	return r.Find(q.Context(), sel)
}

func (q *request) canRead() bool  { return q.user.In(q.col.Readers) }
func (q *request) canWrite() bool { return q.col.Own && q.user.In(q.col.Writers) }

type handler func(s *Server, w http.ResponseWriter, q *request) error

// endpoint is a resource with its methods.
type endpoint map[string]handler

// ServeHTTP answers a request, packed with gzip where its sender takes that. Checks come in the order: who (401), what (404), how (405,
// 406, 415), may one (403, 404).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.packed.ServeHTTP(w, r) }

func (s *Server) plain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store") // it depends on who asks
	if err := s.serve(w, r); err != nil {
		s.fail(w, r, err)
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) error {
	user, err := s.users.Authenticate(r)
	switch {
	case errors.Is(err, auth.ErrNoCredentials), errors.Is(err, auth.ErrBadCredentials):
		return fault(http.StatusUnauthorized, "unauthorized", "Authenticate as a user of this server: %v.", err)
	case err != nil:
		return err
	}
	q := &request{Request: r, user: user}
	ep, err := s.route(q)
	if err != nil {
		return err
	}
	handle, ok := ep[r.Method]
	if !ok {
		w.Header().Set("Allow", ep.methods())
		return fault(http.StatusMethodNotAllowed, "method", "This resource takes %s.", ep.methods())
	}
	if !accepts(r) {
		return fault(http.StatusNotAcceptable, "accept", "The media type in the Accept header must be %s.", MediaType)
	}
	if err := q.allowed(); err != nil {
		return err
	}
	return handle(s, w, q)
}

func (e endpoint) methods() string {
	var names []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		if e[m] != nil {
			names = append(names, m)
		}
	}
	return strings.Join(names, ", ")
}

// The endpoints of the table in section 3.1.
var (
	discoveryEndpoint   = endpoint{http.MethodGet: (*Server).discovery}
	rootEndpoint        = endpoint{http.MethodGet: (*Server).apiRoot}
	statusEndpoint      = endpoint{http.MethodGet: (*Server).status}
	collectionsEndpoint = endpoint{http.MethodGet: (*Server).collections}
	collectionEndpoint  = endpoint{http.MethodGet: (*Server).collection}
	manifestEndpoint    = endpoint{http.MethodGet: (*Server).manifest}
	objectsEndpoint     = endpoint{http.MethodGet: (*Server).objects, http.MethodPost: (*Server).post}
	objectEndpoint      = endpoint{http.MethodGet: (*Server).object, http.MethodDelete: (*Server).remove}
	versionsEndpoint    = endpoint{http.MethodGet: (*Server).versions}
)

// route finds the endpoint of a path, and what it is about.
func (s *Server) route(q *request) (endpoint, error) {
	path, slash := strings.CutSuffix(strings.TrimPrefix(q.URL.Path, "/"), "/")
	if !slash {
		return nil, fault(http.StatusNotFound, "slash", "The paths of all TAXII resources end in a slash.")
	}
	parts := strings.Split(path, "/")
	if len(parts) == 1 && parts[0] == discoveryPath {
		return discoveryEndpoint, nil
	}
	if q.root = s.roots[parts[0]]; q.root == nil {
		return nil, notFound("The API root")
	}
	rest := parts[1:]
	switch {
	case len(rest) == 0:
		return rootEndpoint, nil
	case len(rest) == 2 && rest[0] == "status":
		q.id = rest[1]
		return statusEndpoint, nil
	case rest[0] != "collections" || len(rest) > 5:
		return nil, notFound("The resource")
	case len(rest) == 1:
		return collectionsEndpoint, nil
	}
	if q.col = q.root.collection(rest[1]); q.col == nil || !q.canRead() && !q.canWrite() {
		return nil, notFound("The collection")
	}
	q.contents = len(rest) > 2
	switch {
	case len(rest) == 2:
		return collectionEndpoint, nil
	case len(rest) == 3 && rest[2] == "manifest":
		return manifestEndpoint, nil
	case len(rest) == 3 && rest[2] == "objects":
		return objectsEndpoint, nil
	case len(rest) >= 4 && rest[2] == "objects" && rest[3] != "":
		q.object = stix.ID(rest[3])
		if len(rest) == 4 {
			return objectEndpoint, nil
		}
		if rest[4] == "versions" {
			return versionsEndpoint, nil
		}
	}
	return nil, notFound("The resource")
}

// collection finds a collection by its id or alias.
func (r *Root) collection(name string) *Collection {
	for i, c := range r.Collections {
		if name != "" && (c.ID == strings.ToLower(name) || c.Alias == name) {
			return &r.Collections[i]
		}
	}
	return nil
}

// allowed checks the rights to a collection (sections 5.3 to 5.8).
func (q *request) allowed() error {
	switch {
	case !q.contents:
		return nil
	case q.Method == http.MethodGet && !q.canRead(),
		q.Method == http.MethodPost && !q.canWrite(),
		q.Method == http.MethodDelete && (!q.canRead() || !q.canWrite()):
		return fault(http.StatusForbidden, "forbidden", "You may not do this in this collection.")
	}
	return nil
}

func (s *Server) discovery(w http.ResponseWriter, _ *request) error {
	d := discovery{Title: s.cfg.Title, Description: s.cfg.Description, Contact: s.cfg.Contact}
	for _, r := range s.cfg.Roots {
		d.Roots = append(d.Roots, strings.TrimSuffix(s.cfg.URL, "/")+"/"+r.Path+"/")
	}
	d.Default = d.Roots[0]
	s.answer(w, http.StatusOK, d)
	return nil
}

func (s *Server) apiRoot(w http.ResponseWriter, q *request) error {
	s.answer(w, http.StatusOK, apiRoot{
		Title: q.root.Title, Description: q.root.Description, Versions: []string{MediaType}, MaxContentLength: s.cfg.MaxContentLength,
	})
	return nil
}

func (s *Server) collections(w http.ResponseWriter, q *request) error {
	var list collections
	for i := range q.root.Collections {
		q.col = &q.root.Collections[i]
		if q.canRead() || q.canWrite() {
			list.Collections = append(list.Collections, q.collection())
		}
	}
	s.answer(w, http.StatusOK, list)
	return nil
}

func (s *Server) collection(w http.ResponseWriter, q *request) error {
	s.answer(w, http.StatusOK, q.collection())
	return nil
}

// collection is the resource of a collection for this user.
func (q *request) collection() collection {
	c := q.col
	return collection{
		ID: c.ID, Title: c.Title, Description: c.Description, Alias: c.Alias,
		CanRead: q.canRead(), CanWrite: q.canWrite(), MediaTypes: []string{stixMediaType},
	}
}

// Importer is the importer that brings the members of a collection of its own.
func Importer(collectionID string) string { return "taxii:" + collectionID }
