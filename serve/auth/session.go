package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

// Who tells who sends a request. Errors: ErrNoCredentials, ErrBadCredentials, or that of the request's context.
type Who interface {
	Authenticate(r *http.Request) (User, error)
}

// SessionCookie is the name of the cookie that holds a session's reference. The prefix binds it to this host and to TLS (RFC 6265bis,
// section 4.1.3.2; browsers take this machine's own address for safe).
const SessionCookie = "__Host-marque"

// How long a session lasts without a request, and at most; and how many there are at once.
const (
	SessionIdle = 8 * time.Hour
	SessionLast = 7 * 24 * time.Hour
	maxSessions = 10_000
)

// Sessions lets people in who have signed in with a browser: by a cookie with 256 random bits, of which only a digest is kept. What
// comes with credentials of its own is asked of the Authenticator. It is safe for concurrent use.
type Sessions struct {
	users Who
	now   func() time.Time

	mu   sync.Mutex
	open map[[sha256.Size]byte]*session
}

type session struct {
	user        User
	began, last time.Time
}

// NewSessions makes sessions for users. now is the clock; nil is the real one.
func NewSessions(users Who, now func() time.Time) *Sessions {
	if now == nil {
		now = time.Now
	}
	return &Sessions{users: users, now: now, open: map[[sha256.Size]byte]*session{}}
}

// Authenticate tells who sends a request: whose credentials it carries, else whose session it is of, else who may come without any.
func (s *Sessions) Authenticate(r *http.Request) (User, error) {
	if len(r.Header.Values("Authorization")) == 0 {
		if u, ok := s.of(r); ok {
			return u, nil
		}
	}
	return s.users.Authenticate(r)
}

// of is whose session a request belongs to.
func (s *Sessions) of(r *http.Request) (User, bool) {
	c, err := r.Cookie(SessionCookie)
	if err != nil {
		return User{}, false
	}
	key := sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.open[key]
	if !ok {
		return User{}, false
	}
	now := s.now()
	if now.Sub(one.last) > SessionIdle || now.Sub(one.began) > SessionLast {
		delete(s.open, key)
		return User{}, false
	}
	one.last = now
	return one.user, true
}

// SignIn begins a session with a name and a password, or with a token where the name is empty, and ends the one that the request was
// of. Errors as Authenticate.
func (s *Sessions) SignIn(w http.ResponseWriter, r *http.Request, name, secret string) (User, error) {
	asked := r.Clone(r.Context())
	if asked.Header.Del("Authorization"); name == "" {
		asked.Header.Set("Authorization", "Bearer "+secret)
	} else {
		asked.SetBasicAuth(name, secret)
	}
	u, err := s.users.Authenticate(asked)
	if err != nil {
		return User{}, err
	}
	s.end(r)
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	value := base64.RawURLEncoding.EncodeToString(b[:])
	now := s.now()
	s.mu.Lock()
	s.drop(now)
	s.open[sha256.Sum256([]byte(value))] = &session{u, now, now}
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: SessionCookie, Value: value, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return u, nil
}

// SignOut ends the session of a request.
func (s *Sessions) SignOut(w http.ResponseWriter, r *http.Request) {
	s.end(r)
	http.SetCookie(w, &http.Cookie{Name: SessionCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// EndAll ends every session.
func (s *Sessions) EndAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.open)
}

func (s *Sessions) end(r *http.Request) {
	if c, err := r.Cookie(SessionCookie); err == nil {
		s.mu.Lock()
		delete(s.open, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
}

// drop forgets sessions that are over and, where there are too many, the one that was idle longest.
func (s *Sessions) drop(now time.Time) {
	var oldest [sha256.Size]byte
	var idle time.Duration = -1
	for key, one := range s.open {
		if now.Sub(one.last) > SessionIdle || now.Sub(one.began) > SessionLast {
			delete(s.open, key)
		} else if d := now.Sub(one.last); d > idle {
			oldest, idle = key, d
		}
	}
	if len(s.open) >= maxSessions {
		delete(s.open, oldest)
	}
}
