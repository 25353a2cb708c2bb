package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"

	"marque/stix"
)

// Sentinels of Authenticate.
var (
	// ErrNoCredentials is a request without credentials where they are needed.
	ErrNoCredentials = errors.New("credentials needed")
	// ErrBadCredentials is a request whose credentials are wrong or of an unknown kind. Which, is not told.
	ErrBadCredentials = errors.New("wrong credentials")
	// ErrSlowDown is a password that was not looked at, because too many of the same user or from the same address were wrong, or too many
	// wait to be checked.
	ErrSlowDown = errors.New("too many attempts: wait a moment")
)

// Config lists who is known. The zero Config knows nobody and lets nobody in.
type Config struct {
	Users []Account `yaml:"users"`
	// Anonymous, where it is set, lets in requests without credentials, up to this level.
	Anonymous *stix.TLP `yaml:"anonymous"`
}

// Account is a user as configured.
type Account struct {
	Name string `yaml:"name"`
	// PasswordHash is a bcrypt hash, see HashPassword. Empty: no password.
	PasswordHash string `yaml:"password_hash"`
	// TokenHashes are hashes of tokens, see NewToken.
	TokenHashes []string `yaml:"token_hashes"`
	// Clearance is the highest TLP level that the user may see; clear where it is not set.
	Clearance stix.TLP `yaml:"clearance"`
	// Groups are names that rights are given to.
	Groups []string `yaml:"groups"`
}

// Names with a meaning in lists of rights.
const (
	// Everybody is who came in, by whatever way.
	Everybody = "*"
	// Anonymous is who came in without credentials.
	Anonymous = "anonymous"
)

// Validate returns every problem at once.
func (c Config) Validate() error {
	var errs []error
	names, tokens := map[string]bool{}, map[string]bool{}
	for i, a := range c.Users {
		bad := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("user %d (%q): %w", i+1, a.Name, fmt.Errorf(format, args...)))
		}
		switch {
		case a.Name == "" || a.Name == Everybody || a.Name == Anonymous || strings.ContainsAny(a.Name, ":\x00\n"):
			bad("name: want one without colons that is not %q or %q", Everybody, Anonymous)
		case names[a.Name]:
			bad("name is there twice")
		}
		names[a.Name] = true
		if a.PasswordHash == "" && len(a.TokenHashes) == 0 {
			bad("neither password_hash nor token_hashes")
		}
		if cost, err := bcrypt.Cost([]byte(a.PasswordHash)); a.PasswordHash != "" && (err != nil || cost < bcrypt.DefaultCost) {
			bad("password_hash: want bcrypt with a cost of %d or more", bcrypt.DefaultCost)
		}
		for _, h := range a.TokenHashes {
			if b, err := hex.DecodeString(h); err != nil || len(b) != sha256.Size {
				bad("token hash %q: want a SHA-256 in hexadecimal", h)
			}
			if h = strings.ToLower(h); tokens[h] {
				bad("token hash is there twice")
			}
			tokens[strings.ToLower(h)] = true
		}
		if slices.Contains(a.Groups, Everybody) || slices.Contains(a.Groups, Anonymous) {
			bad("groups: %q and %q go by themselves", Everybody, Anonymous)
		}
		if a.Clearance < stix.Clear || a.Clearance > stix.Red {
			bad("clearance %v: want clear to red", a.Clearance)
		}
	}
	return errors.Join(errs...)
}

// HashPassword makes the hash that goes into the configuration. Passwords over 72 bytes are an error: bcrypt would cut them.
func HashPassword(password string) (string, error) {
	if password == "" {
		return "", errors.New("password is empty")
	}
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost+2)
	if err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return string(h), nil
}

// NewToken makes a token of 256 random bits, and the hash that goes into the configuration.
func NewToken() (token, hash string) {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, tokenHash(token)
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// User is who sends a request.
type User struct {
	Name      string // empty for a request without credentials
	Clearance stix.TLP
	Groups    []string
}

// In tells whether a list of rights names the user: by name, by one of its groups, as Everybody or Anonymous.
func (u User) In(list []string) bool {
	return slices.ContainsFunc(list, func(n string) bool {
		return n == Everybody || u.Name == "" && n == Anonymous || u.Name != "" && n == u.Name || slices.Contains(u.Groups, n)
	})
}

// Authenticator recognises users. It is safe for concurrent use.
type Authenticator struct {
	users   atomic.Pointer[users]
	guesses *guesses
	strange chan struct{} // a place for each check at work of those who were never here
	known   chan struct{} // and of those who were
	waiting atomic.Int64
	key     [32]byte
	now     func() time.Time
	count   *prometheus.CounterVec
}

// users are who is known, by a configuration.
type users struct {
	passwords map[string]secret
	tokens    map[string]User
	anonymous *stix.TLP
	decoy     []byte // hash that is compared where the name is unknown

	mu    sync.Mutex
	right map[[sha256.Size]byte]time.Time // passwords that were right, until when
}

type secret struct {
	hash []byte
	user User
}

const (
	remember  = 5 * time.Minute
	remembers = 4096
	// queue is how many may wait for a check of their password.
	queue = 64
)

// New makes an Authenticator.
func New(cfg Config) (*Authenticator, error) {
	a := &Authenticator{
		guesses: newGuesses(), strange: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2)), known: make(chan struct{}, 1), now: time.Now,
		count: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "marque_sign_ins_total", Help: "Requests by what came of asking who sends them.",
		}, []string{"result"}),
	}
	for _, result := range results {
		a.count.WithLabelValues(result)
	}
	_, _ = rand.Read(a.key[:])
	return a, a.Reload(cfg)
}

// Reload replaces who is known, from the next request on: tokens and passwords that are gone are refused. A configuration with problems
// changes nothing.
func (a *Authenticator) Reload(cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	us := &users{
		passwords: map[string]secret{}, tokens: map[string]User{}, anonymous: cfg.Anonymous, right: map[[sha256.Size]byte]time.Time{},
	}
	for _, acc := range cfg.Users {
		u := User{Name: acc.Name, Clearance: acc.Clearance, Groups: slices.Clone(acc.Groups)}
		if acc.PasswordHash != "" {
			us.decoy = []byte(acc.PasswordHash)
			us.passwords[acc.Name] = secret{us.decoy, u}
		}
		for _, h := range acc.TokenHashes {
			us.tokens[strings.ToLower(h)] = u
		}
	}
	a.users.Store(us)
	return nil
}

// Collectors are what is counted of requests.
func (a *Authenticator) Collectors() []prometheus.Collector { return []prometheus.Collector{a.count} }

// results are what can come of a request.
var results = []string{"known", "wrong", "slowed", "none"}

// Authenticate tells who sends a request. Errors: ErrNoCredentials, ErrBadCredentials, ErrSlowDown, or that of the request's context.
func (a *Authenticator) Authenticate(r *http.Request) (User, error) {
	u, err := a.recognise(r)
	switch {
	case err == nil:
		a.count.WithLabelValues("known").Inc()
	case errors.Is(err, ErrBadCredentials):
		a.count.WithLabelValues("wrong").Inc()
	case errors.Is(err, ErrSlowDown):
		a.count.WithLabelValues("slowed").Inc()
	case errors.Is(err, ErrNoCredentials):
		a.count.WithLabelValues("none").Inc()
	}
	return u, err
}

func (a *Authenticator) recognise(r *http.Request) (User, error) {
	us := a.users.Load()
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		if us.anonymous == nil {
			return User{}, ErrNoCredentials
		}
		return User{Clearance: *us.anonymous}, nil
	}
	if len(headers) > 1 {
		return User{}, ErrBadCredentials
	}
	scheme, rest, _ := strings.Cut(headers[0], " ")
	switch strings.ToLower(scheme) {
	case "basic":
		if name, password, ok := r.BasicAuth(); ok {
			return a.password(r, us, name, password)
		}
	case "bearer", "token":
		if u, ok := us.tokens[tokenHash(strings.TrimSpace(rest))]; ok {
			return u, nil
		}
	}
	return User{}, ErrBadCredentials
}

func (a *Authenticator) password(r *http.Request, us *users, name, password string) (User, error) {
	if len(us.passwords) == 0 || len(password) > 72 { // bcrypt looks at 72 bytes
		return User{}, ErrBadCredentials
	}
	s, found := us.passwords[name]
	mac := hmac.New(sha256.New, a.key[:])
	_, _ = fmt.Fprintf(mac, "%d:%s%s", len(name), name, password)
	key := [sha256.Size]byte(mac.Sum(nil))
	now := a.now()
	if found && us.remembered(key, now) {
		return s.user, nil
	}
	try, err := a.guesses.begin(name, address(r), now)
	if err != nil {
		return User{}, err
	}
	hash := us.decoy
	if found {
		hash = s.hash
	}
	right, err := a.check(r, try.known, hash, password)
	if err != nil {
		return User{}, err
	}
	if !right || !found {
		return User{}, ErrBadCredentials
	}
	a.guesses.right(try, now)
	us.mu.Lock()
	defer us.mu.Unlock()
	if len(us.right) >= remembers {
		clear(us.right)
	}
	us.right[key] = now.Add(remember)
	return s.user, nil
}

// check compares a password, which is slow on purpose. Who was here before does not wait behind those who were not.
func (a *Authenticator) check(r *http.Request, known bool, hash []byte, password string) (bool, error) {
	lane := a.known
	if !known {
		lane = a.strange
		defer a.waiting.Add(-1)
		if a.waiting.Add(1) > queue {
			return false, ErrSlowDown
		}
	}
	select {
	case lane <- struct{}{}:
		defer func() { <-lane }()
	case <-r.Context().Done():
		return false, r.Context().Err()
	}
	return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil, nil
}

func (us *users) remembered(key [sha256.Size]byte, now time.Time) bool {
	us.mu.Lock()
	defer us.mu.Unlock()
	until, ok := us.right[key]
	return ok && now.Before(until)
}
