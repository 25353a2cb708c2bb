package fetch_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"marque/internal/fetch"
)

func TestGet(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hello "+r.Header.Get("Authorization"))
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	open := fetch.New(fetch.Config{AllowPrivate: true, MaxBytes: 8, Header: http.Header{"Authorization": {"k"}}})
	for _, tt := range []struct {
		client *fetch.Client
		url    string
		want   string
		err    error
	}{
		{open, srv.URL + "/ok", "hello k", nil},
		{fetch.New(fetch.Config{AllowPrivate: true, MaxBytes: 4}), srv.URL + "/ok", "hell", fetch.ErrTooLarge},
		{fetch.New(fetch.Config{}), srv.URL + "/ok", "", fetch.ErrRefused},
		{fetch.New(fetch.Config{}), strings.Replace(srv.URL, "127.0.0.1", "localhost", 1) + "/ok", "", fetch.ErrRefused},
		{open, srv.URL + "/missing", "", fetch.ErrStatus},
		{open, srv.URL + "/loop", "", fetch.ErrRefused},
		{open, srv.URL + "/file", "", fetch.ErrRefused},
		{open, "file:///etc/passwd", "", fetch.ErrRefused},
		{open, "//host/x", "", fetch.ErrRefused},
	} {
		body, err := tt.client.Get(t.Context(), tt.url)
		var got []byte
		if err == nil {
			got, err = io.ReadAll(body)
			_ = body.Close()
		}
		if !errors.Is(err, tt.err) || string(got) != tt.want {
			t.Errorf("%s: %q, %v; want %q, %v", tt.url, got, err, tt.want, tt.err)
		}
	}
}

func TestPublic(t *testing.T) {
	for a, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "::ffff:127.0.0.1": false, "fd00::1": false, "fe80::1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "255.255.255.255": false,
	} {
		if got := fetch.Public(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v, want %v", a, got, want)
		}
	}
}
