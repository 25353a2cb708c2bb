package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"marque/attribute"
	"marque/serve/auth"
	"marque/serve/problem"
	"marque/stix"
	"marque/workspace"
)

//go:embed templates
var templates embed.FS

//go:embed assets/style.css
var style []byte

// Config is how the room is set up.
type Config struct {
	Sessions *auth.Sessions
	Log      *slog.Logger
	Version  string
	Now      func() time.Time // nil is the real clock
}

// Room serves the pages. It is safe for concurrent use.
type Room struct {
	w        *workspace.Workspace
	sessions *auth.Sessions
	log      *slog.Logger
	version  string
	now      func() time.Time
	pages    map[string]*template.Template
	styleURL string
	handler  http.Handler
}

// policy is the content security policy of every answer.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// New makes the room for a workspace.
func New(w *workspace.Workspace, cfg Config) (*Room, error) {
	r := &Room{w: w, sessions: cfg.Sessions, log: cfg.Log, version: cfg.Version, now: cfg.Now}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.now == nil {
		r.now = time.Now
	}
	sum := sha256.Sum256(style)
	r.styleURL = "/assets/" + base64.RawURLEncoding.EncodeToString(sum[:9]) + ".css"
	if err := r.parse(); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	for path, show := range map[string]func(*visit) (*page, error){
		"GET /{$}":             r.overview,
		"GET /operations":      r.operations,
		"GET /operations/{id}": r.operation,
		"GET /actors":          r.actors,
		"GET /actors/{id}":     r.actor,
		"GET /states":          r.states,
		"GET /states/{code}":   r.state,
		"GET /documents":       r.documents,
		"GET /documents/{id}":  r.document,
		"GET /claims":          r.claims,
		"GET /measures":        r.measures,
		"GET /search":          r.search,
		"GET /lookup":          r.lookUp,
		"POST /lookup":         r.lookUp,
		"GET /log":             r.ledger,
	} {
		mux.HandleFunc(path, r.shown(show))
	}
	mux.HandleFunc("GET /signin", r.signInForm)
	mux.HandleFunc("POST /signin", r.signIn)
	mux.HandleFunc("POST /signout", r.signOut)
	mux.HandleFunc("GET "+r.styleURL, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		_, _ = w.Write(style) // a client that has gone asks again
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		r.fault(w, req, auth.User{}, problem.New(http.StatusNotFound, "not-found", "There is no page %s.", req.URL.Path))
	})
	zip, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{"text/html", "text/css"}))
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	r.handler = guarded(zip(http.NewCrossOriginProtection().Handler(mux)))
	return r, nil
}

// Patterns are what the room answers to: what no other room does.
func (r *Room) Patterns() []string { return []string{"/"} }

// ServeHTTP answers with a page.
func (r *Room) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.handler.ServeHTTP(w, req) }

// guarded sets on every answer what browsers need to be told.
func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if req.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		}
		next.ServeHTTP(w, req)
	})
}

// visit is a request with from where it looks.
type visit struct {
	*http.Request
	user auth.User
	view workspace.View
	q    url.Values
	s    *workspace.Snapshot // what the view shows
}

// shown makes a handler of what makes a page.
func (r *Room) shown(show func(*visit) (*page, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		u, err := r.sessions.Authenticate(req)
		if err != nil {
			if req.Method == http.MethodGet && (errors.Is(err, auth.ErrNoCredentials) || errors.Is(err, auth.ErrBadCredentials)) {
				http.Redirect(w, req, "/signin?to="+url.QueryEscape(req.URL.RequestURI()), http.StatusSeeOther)
				return
			}
			r.fault(w, req, u, err)
			return
		}
		v := &visit{Request: req, user: u, q: req.URL.Query()}
		if v.view, err = viewOf(u, v.q); err != nil {
			r.fault(w, req, u, err)
			return
		}
		if v.s, err = r.w.Snapshot(req.Context(), v.view); err != nil {
			r.fault(w, req, u, err)
			return
		}
		p, err := show(v)
		if err != nil {
			r.fault(w, req, u, err)
			return
		}
		p.visit = v
		r.render(w, http.StatusOK, p)
	}
}

// viewOf is the lower of what the user may see, what the address asks for, and what may leave at all.
func viewOf(u auth.User, q url.Values) (workspace.View, error) {
	v := workspace.View{Level: min(u.Clearance, stix.AmberStrict)}
	if s := q.Get("tlp"); s != "" {
		var level stix.TLP
		if err := level.UnmarshalText([]byte(s)); err != nil {
			return v, problem.New(http.StatusBadRequest, "tlp", "tlp: %v", err)
		}
		v.Level = min(v.Level, level)
	}
	if s := q.Get("as_of"); s != "" {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return v, problem.New(http.StatusBadRequest, "as-of", "as_of %q: want a day, YYYY-MM-DD", s)
		}
		v.AsOf = day
	}
	return v, nil
}

// fault answers with an error as a page.
func (r *Room) fault(w http.ResponseWriter, req *http.Request, u auth.User, err error) {
	if req.Context().Err() != nil {
		return // nobody is there to read it
	}
	switch {
	case errors.Is(err, workspace.ErrUnknown), errors.Is(err, attribute.ErrNoCase):
		err = problem.New(http.StatusNotFound, "unknown", "%v", err)
	case errors.Is(err, workspace.ErrSupposition):
		err = problem.New(http.StatusUnprocessableEntity, "supposition", "%v", err)
	case errors.Is(err, workspace.ErrTooMany):
		err = problem.New(http.StatusRequestEntityTooLarge, "too-many", "%v", err)
	}
	p, inside := problem.Of(err)
	if inside {
		r.log.Error("page failed", "error_id", p.ErrorID, "path", req.URL.Path, "error", err)
	}
	r.render(w, p.Status, &page{name: "fault", Title: p.Title, Data: p, visit: &visit{Request: req, user: u, q: url.Values{}}})
}

func (r *Room) render(w http.ResponseWriter, status int, p *page) {
	p.room = r
	var b bytes.Buffer
	if err := r.pages[p.name].ExecuteTemplate(&b, "layout.html", p); err != nil {
		r.log.Error("page failed", "page", p.name, "error", err)
		http.Error(w, "The page could not be made; the log says why.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a reader who has gone asks again
}

func (r *Room) signInForm(w http.ResponseWriter, req *http.Request) {
	r.render(w, http.StatusOK, &page{name: "signin", Title: "Sign in", Data: signInData{To: local(req.URL.Query().Get("to"))}, visit: &visit{Request: req, q: url.Values{}}})
}

type signInData struct{ To, Wrong string }

func (r *Room) signIn(w http.ResponseWriter, req *http.Request) {
	req.Body = http.MaxBytesReader(w, req.Body, 16<<10)
	to := local(req.PostFormValue("to"))
	_, err := r.sessions.SignIn(w, req, req.PostFormValue("name"), req.PostFormValue("secret"))
	if errors.Is(err, auth.ErrBadCredentials) || errors.Is(err, auth.ErrNoCredentials) {
		r.render(w, http.StatusUnauthorized, &page{name: "signin", Title: "Sign in", Data: signInData{to, "Name and password, or token, are not known."}, visit: &visit{Request: req, q: url.Values{}}})
		return
	}
	if err != nil {
		r.fault(w, req, auth.User{}, err)
		return
	}
	http.Redirect(w, req, to, http.StatusSeeOther)
}

func (r *Room) signOut(w http.ResponseWriter, req *http.Request) {
	r.sessions.SignOut(w, req)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, req, "/signin", http.StatusSeeOther)
}

// local is an address within this site; whatever leads elsewhere is the front page.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.Opaque != "" || len(to) < 1 || to[0] != '/' || len(to) > 1 && (to[1] == '/' || to[1] == '\\') {
		return "/"
	}
	return to
}
