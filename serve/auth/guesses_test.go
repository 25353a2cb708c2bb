package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"marque/serve/auth"
)

// from is a request from an address.
func from(t *testing.T, addr, header string) *http.Request {
	r := request(t, header)
	r.RemoteAddr = addr
	return r
}

// TestGuessing: whoever guesses is slowed, by user from wherever and by address for whatever user; who came in before and who has a token
// is not.
func TestGuessing(t *testing.T) {
	token, tokenHash := auth.NewToken()
	cfg := auth.Config{Users: []auth.Account{
		{Name: "ann", PasswordHash: hash(t, "secret"), TokenHashes: []string{tokenHash}}, {Name: "bob", PasswordHash: hash(t, "other")},
	}}
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	fresh := func() *auth.Authenticator {
		a, err := auth.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		a.SetClock(func() time.Time { return now })
		return a
	}
	// guess counts how many of n guesses were looked at.
	guess := func(a *auth.Authenticator, n int, user, addr func(i int) string) (looked int) {
		for i := range n {
			_, err := a.Authenticate(from(t, addr(i), basic(user(i), fmt.Sprint("guess", i))))
			switch {
			case errors.Is(err, auth.ErrBadCredentials):
				looked++
			case !errors.Is(err, auth.ErrSlowDown):
				t.Fatal(err)
			}
		}
		return looked
	}
	ann := func(int) string { return "ann" }
	home := func(int) string { return "192.0.2.1:1000" }
	far := func(i int) string { return fmt.Sprintf("198.51.100.%d:7", i) }

	t.Run("one user from many addresses", func(t *testing.T) {
		a := fresh()
		if _, err := a.Authenticate(from(t, home(0), basic("ann", "secret"))); err != nil {
			t.Fatal(err)
		}
		if n := guess(a, 30, ann, far); n > 5 {
			t.Errorf("%d of 30 guesses were looked at", n)
		}
		now = now.Add(time.Hour) // the password is not remembered any more
		guess(a, 30, ann, far)
		if _, err := a.Authenticate(from(t, home(0), basic("ann", "secret"))); err != nil {
			t.Errorf("the owner is locked out: %v", err)
		}
		if _, err := a.Authenticate(from(t, far(1), "Bearer "+token)); err != nil {
			t.Errorf("a token is slowed: %v", err)
		}
		if _, err := a.Authenticate(from(t, far(1), basic("bob", "other"))); err != nil {
			t.Errorf("another user is slowed: %v", err)
		}
	})
	t.Run("many users from one address", func(t *testing.T) {
		a := fresh()
		if n := guess(a, 40, func(i int) string { return fmt.Sprint("user", i) }, home); n > 20 {
			t.Errorf("%d of 40 guesses were looked at", n)
		}
		if _, err := a.Authenticate(from(t, "192.0.2.1:2000", basic("bob", "other"))); !errors.Is(err, auth.ErrSlowDown) {
			t.Errorf("from another port of the address: %v", err)
		}
	})
	t.Run("one network of IPv6 is one address", func(t *testing.T) {
		n := guess(fresh(), 40, func(i int) string { return fmt.Sprint("user", i) }, func(i int) string { return fmt.Sprintf("[2001:db8::%x]:9", i) })
		if n > 20 {
			t.Errorf("%d of 40 guesses were looked at", n)
		}
	})
	t.Run("what is right costs nothing, and time heals", func(t *testing.T) {
		a := fresh()
		for range 10 {
			if _, err := a.Authenticate(from(t, home(0), basic("ann", "secret"))); err != nil {
				t.Fatal(err)
			}
			now = now.Add(6 * time.Minute)
		}
		if n := guess(a, 30, ann, home); n != 5 {
			t.Errorf("%d of 30 guesses were looked at", n)
		}
		now = now.Add(11 * time.Second)
		if n := guess(a, 30, ann, home); n != 1 {
			t.Errorf("after a while: %d", n)
		}
	})
}

// TestReload: what a new configuration does not know is refused at once, be it remembered or not.
func TestReload(t *testing.T) {
	token, tokenHash := auth.NewToken()
	next, nextHash := auth.NewToken()
	cfg := auth.Config{Users: []auth.Account{{Name: "ann", PasswordHash: hash(t, "secret"), TokenHashes: []string{tokenHash}}}}
	a, err := auth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{basic("ann", "secret"), "Bearer " + token} {
		if _, err := a.Authenticate(request(t, header)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Reload(auth.Config{Users: []auth.Account{{Name: ""}}}); err == nil {
		t.Error("a configuration with problems was taken")
	}
	if _, err := a.Authenticate(request(t, "Bearer "+token)); err != nil {
		t.Errorf("after a configuration with problems: %v", err)
	}
	if err := a.Reload(auth.Config{Users: []auth.Account{{Name: "ann", PasswordHash: hash(t, "changed"), TokenHashes: []string{nextHash}}}}); err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]error{
		basic("ann", "secret"): auth.ErrBadCredentials, "Bearer " + token: auth.ErrBadCredentials, basic("ann", "changed"): nil, "Bearer " + next: nil,
	} {
		if _, err := a.Authenticate(request(t, header)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", header, err, want)
		}
	}
}
