package fetch_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"marque/internal/fetch"
	"marque/internal/guard"
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
		{fetch.New(fetch.Config{}), srv.URL + "/ok", "hello ", nil}, // the user named this machine
		{open, srv.URL + "/missing", "", fetch.ErrStatus},
		{open, srv.URL + "/loop", "", guard.ErrRedirect},
		{open, srv.URL + "/file", "", guard.ErrRedirect},
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
