package auth

import (
	"crypto/sha256"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// How many passwords may be wrong: some at once, for people who mistype, and then one in a while.
const (
	ofUser   = 5
	ofPlace  = 20
	perUser  = 10 * time.Second
	perPlace = 2 * time.Second
	// places bounds what is remembered of users and addresses, and visits of those who came in.
	places = 16_384
	visit  = 30 * 24 * time.Hour
)

// guesses slows down those whose passwords are wrong.
type guesses struct {
	mu      sync.Mutex
	limits  map[[sha256.Size]byte]*rate.Limiter
	visited map[[sha256.Size]byte]time.Time // who came in from where, when
}

func newGuesses() *guesses {
	return &guesses{limits: map[[sha256.Size]byte]*rate.Limiter{}, visited: map[[sha256.Size]byte]time.Time{}}
}

// try is one password that is looked at.
type try struct {
	pair  [sha256.Size]byte
	known bool // this user came in from this address before
	taken []*rate.Reservation
}

// begin takes one guess off what the user and the address have left. A user who came in from this address before has a measure for both
// together, which nobody else uses up.
func (g *guesses) begin(user, from string, now time.Time) (*try, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := &try{pair: place("pair", user, from)}
	if at, ok := g.visited[t.pair]; ok && now.Sub(at) < visit {
		t.known = true
		return t, t.take(now, g.limit(now, t.pair, perUser, ofUser))
	}
	return t, t.take(now, g.limit(now, place("user", user), perUser, ofUser), g.limit(now, place("from", from), perPlace, ofPlace))
}

// take takes one guess of each measure, or none and ErrSlowDown.
func (t *try) take(now time.Time, of ...*rate.Limiter) error {
	for _, l := range of {
		if l.TokensAt(now) < 1 {
			return ErrSlowDown
		}
	}
	for _, l := range of {
		t.taken = append(t.taken, l.ReserveN(now, 1))
	}
	return nil
}

// right gives back what a try took, and remembers where its user came in from.
func (g *guesses) right(t *try, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range t.taken {
		r.CancelAt(now)
	}
	if len(g.visited) >= places {
		clear(g.visited)
	}
	g.visited[t.pair] = now
}

// limit is the measure of a place. When there are too many, those that nobody has used lately go, and then any.
func (g *guesses) limit(now time.Time, key [sha256.Size]byte, every time.Duration, burst int) *rate.Limiter {
	if l := g.limits[key]; l != nil {
		return l
	}
	if len(g.limits) >= places {
		for k, l := range g.limits {
			if l.TokensAt(now) >= float64(l.Burst()) || len(g.limits) >= places {
				delete(g.limits, k)
			}
		}
	}
	l := rate.NewLimiter(rate.Every(every), burst)
	g.limits[key] = l
	return l
}

// place is a key of one size, however long a name is.
func place(parts ...string) [sha256.Size]byte {
	h := sha256.New()
	for _, p := range parts {
		sum := sha256.Sum256([]byte(p))
		h.Write(sum[:])
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// address is where a request comes from. Of IPv6 it is the network that one customer has.
func address(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := ap.Addr().Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
