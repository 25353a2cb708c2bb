package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"marque/serve/auth"
	"marque/stix"
)

// TestSessions: who signed in is known by the cookie until signing out, eight idle hours or seven days; the old cookie ends at a new
// sign-in.
func TestSessions(t *testing.T) {
	token, hash := auth.NewToken()
	users, err := auth.New(auth.Config{Users: []auth.Account{{Name: "ada", TokenHashes: []string{hash}, Clearance: stix.Amber}}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	s := auth.NewSessions(users, func() time.Time { return now })
	signIn := func(with *http.Cookie) *http.Cookie {
		t.Helper()
		r, w := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signin", http.NoBody), httptest.NewRecorder()
		if with != nil {
			r.AddCookie(with)
		}
		if _, err := s.SignIn(w, r, "", token); err != nil {
			t.Fatal(err)
		}
		c := w.Result().Cookies()[0]
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %+v", c)
		}
		return c
	}
	known := func(c *http.Cookie) bool {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.AddCookie(c)
		u, err := s.Authenticate(r)
		return err == nil && u.Name == "ada" && u.Clearance == stix.Amber
	}
	c := signIn(nil)
	if !known(c) {
		t.Fatal("not known after signing in")
	}
	again := signIn(c)
	if known(c) || !known(again) || again.Value == c.Value {
		t.Error("the old session goes on after a new sign-in")
	}
	for range 3 {
		now = now.Add(auth.SessionIdle - time.Minute)
		if !known(again) {
			t.Fatal("a session in use ended")
		}
	}
	now = now.Add(auth.SessionIdle + time.Minute)
	if known(again) {
		t.Error("an idle session goes on")
	}
	c = signIn(nil)
	for range 7 * 24 {
		now = now.Add(time.Hour)
		known(c)
	}
	if now = now.Add(time.Hour); known(c) {
		t.Error("a session of more than seven days goes on")
	}
	c = signIn(nil)
	r, w := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/signout", http.NoBody), httptest.NewRecorder()
	r.AddCookie(c)
	if s.SignOut(w, r); known(c) || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Error("signed out, and still known")
	}
	if _, err := s.SignIn(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody), "ada", "wrong"); !errors.Is(err, auth.ErrBadCredentials) {
		t.Errorf("wrong password: %v", err)
	}
}
