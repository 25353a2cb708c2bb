package auth_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"marque/serve/auth"
	"marque/stix"
)

func hash(t *testing.T, password string) string {
	t.Helper()
	h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(h)
}

func request(t *testing.T, headers ...string) *http.Request {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	for _, h := range headers {
		r.Header.Add("Authorization", h)
	}
	return r
}

func basic(name, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(name+":"+password))
}

func TestAuthenticate(t *testing.T) {
	token, tokenHash := auth.NewToken()
	cfg := auth.Config{Users: []auth.Account{
		{Name: "ann", PasswordHash: hash(t, "secret:ü"), TokenHashes: []string{strings.ToUpper(tokenHash)}, Clearance: stix.Amber, Groups: []string{"g"}},
		{Name: "tom", TokenHashes: []string{strings.Repeat("0", 64)}},
	}}
	a, err := auth.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		headers []string
		want    string
		err     error
	}{
		{"password", []string{basic("ann", "secret:ü")}, "ann", nil},
		{"password again, remembered", []string{basic("ann", "secret:ü")}, "ann", nil},
		{"wrong password", []string{basic("ann", "secret")}, "", auth.ErrBadCredentials},
		{"somebody else's password", []string{basic("tom", "secret:ü")}, "", auth.ErrBadCredentials},
		{"unknown name", []string{basic("bob", "secret:ü")}, "", auth.ErrBadCredentials},
		{"empty", []string{basic("", "")}, "", auth.ErrBadCredentials},
		{"a password that bcrypt would cut", []string{basic("ann", strings.Repeat("x", 73))}, "", auth.ErrBadCredentials},
		{"token", []string{"Bearer " + token}, "ann", nil},
		{"token by the scheme Token", []string{"token " + token}, "ann", nil},
		{"wrong token", []string{"Bearer " + token + "x"}, "", auth.ErrBadCredentials},
		{"the hash is no token", []string{"Bearer " + tokenHash}, "", auth.ErrBadCredentials},
		{"unknown scheme", []string{"Digest x"}, "", auth.ErrBadCredentials},
		{"an empty header", []string{""}, "", auth.ErrBadCredentials},
		{"two headers", []string{"Bearer " + token, "Bearer " + token}, "", auth.ErrBadCredentials},
		{"none", nil, "", auth.ErrNoCredentials},
	} {
		u, err := a.Authenticate(request(t, c.headers...))
		if u.Name != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", c.name, u, err)
		}
		if u.Name == "ann" && (u.Clearance != stix.Amber || !u.In([]string{"g"})) {
			t.Errorf("%s: %+v", c.name, u)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Authenticate(request(t, basic("ann", "other")).WithContext(ctx)); err == nil {
		t.Error("a wrong password was taken when the request had ended")
	}
}

func TestAnonymous(t *testing.T) {
	green := stix.Green
	a, err := auth.New(auth.Config{Anonymous: &green})
	if err != nil {
		t.Fatal(err)
	}
	u, err := a.Authenticate(request(t))
	if err != nil || u.Clearance != stix.Green || !u.In([]string{auth.Anonymous}) || !u.In([]string{auth.Everybody}) || u.In([]string{"", "g"}) {
		t.Errorf("%+v, %v", u, err)
	}
	if _, err := a.Authenticate(request(t, basic("x", "y"))); !errors.Is(err, auth.ErrBadCredentials) {
		t.Errorf("wrong credentials where none are needed: %v", err)
	}
	nobody, err := auth.New(auth.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.Authenticate(request(t)); !errors.Is(err, auth.ErrNoCredentials) {
		t.Errorf("the zero configuration lets somebody in: %v", err)
	}
}

func TestValidate(t *testing.T) {
	_, h := auth.NewToken()
	good := auth.Account{Name: "ann", TokenHashes: []string{h}}
	for name, users := range map[string][]auth.Account{
		"no name":       {{TokenHashes: good.TokenHashes}},
		"colon":         {{Name: "a:b", TokenHashes: good.TokenHashes}},
		"everybody":     {{Name: "*", TokenHashes: good.TokenHashes}},
		"no secret":     {{Name: "ann"}},
		"plain text":    {{Name: "ann", PasswordHash: "secret"}},
		"short token":   {{Name: "ann", TokenHashes: []string{"abc"}}},
		"name twice":    {good, {Name: "ann", TokenHashes: []string{strings.Repeat("1", 64)}}},
		"token twice":   {good, {Name: "bob", TokenHashes: []string{strings.ToUpper(h)}}},
		"own group *":   {{Name: "ann", TokenHashes: good.TokenHashes, Groups: []string{"*"}}},
		"no such level": {{Name: "ann", TokenHashes: good.TokenHashes, Clearance: 7}},
	} {
		if (auth.Config{Users: users}).Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := (auth.Config{Users: []auth.Account{good}}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestHashPassword(t *testing.T) {
	h, err := auth.HashPassword("secret")
	if err != nil || bcrypt.CompareHashAndPassword([]byte(h), []byte("secret")) != nil {
		t.Error(h, err)
	}
	for _, bad := range []string{"", strings.Repeat("x", 73)} {
		if _, err := auth.HashPassword(bad); err == nil {
			t.Errorf("a password of %d bytes was taken", len(bad))
		}
	}
}
