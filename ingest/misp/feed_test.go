package misp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/ingesttest"
	"marque/ingest/misp"
	"marque/internal/fetch"
	wire "marque/misp"
	"marque/store"
)

func manifest(timestamp string) string {
	return `{"` + uid(1) + `":{"info":"A small event","timestamp":` + timestamp + `},"` + uid(99) + `":{"info":"gone","timestamp":"1"},"../../etc/passwd":{"info":"x"},"` + uid(98) + `":7}`
}

func feed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		wire.ManifestFile: manifest(`"1700000000"`), uid(1) + ".json": whole(),
		wire.HashesFile: wire.ValueHash("bad.example") + "," + uid(1) + "\nnonsense\n" + wire.ValueHash("other") + "," + uid(2) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPull(t *testing.T) {
	dir := feed(t)
	srv := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(srv.Close)
	for name, src := range map[string]misp.Source{
		"folder": misp.Folder(dir),
		"web":    misp.Web{Base: srv.URL + "/", Client: fetch.New(fetch.Config{AllowPrivate: true})},
	} {
		m := ingesttest.NewMemory()
		p := ingest.New(m, ingest.NewRegistry(misp.Events{}), ingest.Config{})
		res, err := misp.Pull(t.Context(), src, p, m.View(store.Owner()))
		if err != nil || res.Events != 2 || res.Read != 1 || res.Bad != 2 || len(res.Failed) != 1 || res.Failed[0].UUID != uid(99) {
			t.Errorf("%s: %+v, %v", name, res, err)
		}
		n := len(m.Records)
		res, err = misp.Pull(t.Context(), src, p, m.View(store.Owner()))
		if err != nil || res.Known != 1 || res.Read != 0 || len(m.Records) != n {
			t.Errorf("%s, again: %+v, %v", name, res, err)
		}
	}
}

func TestAChangedEventIsReadAgain(t *testing.T) {
	dir := feed(t)
	m := ingesttest.NewMemory()
	p := ingest.New(m, ingest.NewRegistry(misp.Events{}), ingest.Config{})
	pull := func() misp.Pulled {
		res, err := misp.Pull(t.Context(), misp.Folder(dir), p, m.View(store.Owner()))
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	pull()
	later := strings.Replace(strings.Replace(whole(), `"timestamp":"1700000000"`, `"timestamp":"1700009999"`, 1), "A small event", "A changed event", 1)
	for name, text := range map[string]string{wire.ManifestFile: manifest("1700009999"), uid(1) + ".json": later} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if res := pull(); res.Read != 1 || m.Named("report", "A changed event") == nil {
		t.Errorf("%+v", res)
	}
}

func TestFolderKeepsInside(t *testing.T) {
	dir := feed(t)
	if _, err := misp.Folder(filepath.Join(dir, "..")).Open(t.Context(), "../x"); err == nil {
		t.Error("a name leads out of the folder")
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(manifest("1"))
	f.Add(`{"x":{}}`)
	f.Fuzz(func(t *testing.T, s string) {
		entries, _, err := misp.Manifest(strings.NewReader(s))
		if err != nil && !errors.Is(err, ingest.ErrMalformed) {
			t.Errorf("%v", err)
		}
		for _, e := range entries {
			if len(e.UUID) != 36 || strings.ContainsAny(e.UUID, "/.") {
				t.Errorf("a file named %q would be opened", e.UUID)
			}
		}
	})
}
