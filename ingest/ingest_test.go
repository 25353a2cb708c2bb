package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/bundle"
	"marque/ingest/formats"
	"marque/ingest/ingesttest"
	"marque/ingest/prose/extract"
	"marque/stix"
	"marque/store"
)

const (
	alice = `"created_by_ref":"identity--11111111-1111-4111-8111-111111111111",`
	mal   = `"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-1111111111%02d","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":"m%d","is_family":true}`
)

func malware(n int, creator string) string { return "{" + creator + fmt.Sprintf(mal, n, n) }

func bundleOf(objects ...string) string {
	return `{"type":"bundle","id":"bundle--22222222-2222-4222-8222-222222222222","objects":[` + strings.Join(objects, ",") + `]}`
}

func registry(t *testing.T) *ingest.Registry {
	t.Helper()
	r, err := extract.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	return formats.Default(formats.Config{Report: r})
}

func read(t *testing.T, m *ingesttest.Memory, name, content string) (ingest.Result, error) {
	t.Helper()
	return ingest.New(m, registry(t), ingest.Config{}).Stream(t.Context(), name, strings.NewReader(content))
}

func TestBadInputIsToldAndNothingGoodIsLost(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100_000)
	for _, c := range []struct {
		name, content string
		err           error
		stored        int
		rejected      int
	}{
		{"empty", "", ingest.ErrEmpty, 0, 0},
		{"white space", " \n\t ", ingest.ErrEmpty, 0, 0},
		{"binary", "\x00\x01\x02\x03\xff\xfe\x00\x10", ingest.ErrUnknownFormat, 0, 0},
		{"unknown JSON", `{"hello":"world"}`, ingest.ErrUnknownFormat, 0, 0},
		{"unknown table", "a,b,c\n1,2,3\n4,5,6\n", ingest.ErrUnknownFormat, 0, 0},
		{"cut off", bundleOf(malware(1, ""), malware(2, ""))[:360], stix.ErrSyntax, 1, 0},
		{"bad object between good ones", bundleOf(malware(1, ""), `{"type":"malware","id":"nonsense"}`, malware(2, "")), nil, 2, 1},
		{"nested too deep", bundleOf(malware(1, ""), `{"type":"malware","x":`+deep+`1`+strings.Repeat("}", 100_000)+`}`), nil, 1, 1},
		{"two of one version", bundleOf(malware(1, ""), strings.Replace(malware(1, ""), `"m1"`, `"other"`, 1)), nil, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := ingesttest.NewMemory()
			res, err := read(t, m, c.name, c.content)
			if !errors.Is(err, c.err) {
				t.Errorf("error %v, want %v", err, c.err)
			}
			if len(m.Records) != c.stored || len(m.Rejected) != c.rejected || res.Rejected != c.rejected {
				t.Errorf("%d stored, %d rejected (%v), want %d and %d", len(m.Records), len(m.Rejected), res.Reasons, c.stored, c.rejected)
			}
		})
	}
}

func TestUnknownFormatNamesThoseThereAre(t *testing.T) {
	_, err := read(t, ingesttest.NewMemory(), "x", `{"hello":1}`)
	for _, name := range []string{"stix", "misp-galaxy", "microsoft", "eurepoc", "cfr", "report"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v does not name %s", err, name)
		}
	}
}

func TestForeignObjectGoesToQuarantine(t *testing.T) {
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "mine", bundleOf(malware(1, alice)), bundle.New(nil))
	forged := strings.ReplaceAll(strings.ReplaceAll(malware(1, alice), "identity--1", "identity--2"), "modified\":\"2024", "modified\":\"2025")
	res := ingesttest.MustRead(t, m, "theirs", bundleOf(forged, malware(2, alice)), bundle.New(nil))
	if res.Added != 1 || res.Rejected != 1 || len(m.Rejected) != 1 || m.Rejected[0].Source != "theirs" {
		t.Errorf("added %d, rejected %v", res.Added, m.Rejected)
	}
	if got := m.Get("malware--11111111-1111-4111-8111-111111111101"); got.Modified.Time().Year() != 2024 {
		t.Errorf("the forged version was stored: %s", got.Raw())
	}
}

func TestRejectTellsPlaceOffsetAndReason(t *testing.T) {
	m := ingesttest.NewMemory()
	doc := bundleOf(malware(1, ""), `{"type":"malware","id":"nonsense"}`)
	ingesttest.MustRead(t, m, "f.json", doc, bundle.New(nil))
	r := m.Rejected[0]
	if r.Place != "object 1" || r.Source != "f.json" || r.Importer != "stix" || r.Reason == "" || !strings.Contains(string(r.Raw), "nonsense") {
		t.Errorf("reject %+v", r)
	}
	if at := int64(strings.Index(doc, `{"type":"malware","id":"nonsense"`)); r.Offset > at || at-r.Offset > 1 {
		t.Errorf("offset %d, want %d", r.Offset, at)
	}
}

func TestPackedInput(t *testing.T) {
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	_, _ = io.WriteString(z, bundleOf(malware(1, "")))
	_ = z.Close()
	m := ingesttest.NewMemory()
	res := ingesttest.MustRead(t, m, "f.json.gz", gz.String(), bundle.New(nil))
	if res.Added != 1 || res.Bytes != int64(gz.Len()) || m.Records[0].Provenance.Digest != res.Digest || len(res.Digest) != 64 {
		t.Errorf("result %+v, provenance %+v", res, m.Records[0].Provenance)
	}
	if _, err := read(t, m, "cut.gz", gz.String()[:gz.Len()/2]); !errors.Is(err, ingest.ErrMalformed) {
		t.Errorf("half a gzip file: %v", err)
	}
}

func TestBombIsNotUnpacked(t *testing.T) {
	var gz bytes.Buffer
	z, _ := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	_, _ = io.WriteString(z, "Title,Date,Affiliations,Description,Response,Victims,Sponsor,Type,Category,Sources_1\n")
	zeros := bytes.Repeat([]byte("0"), 1<<20)
	for range 300 {
		_, _ = z.Write(zeros)
	}
	_ = z.Close()
	_, err := read(t, ingesttest.NewMemory(), "bomb.gz", gz.String())
	if !errors.Is(err, ingest.ErrTooLarge) || !strings.Contains(err.Error(), "bombs") {
		t.Errorf("the error does not say what it is: %v", err)
	}
}

func TestHundredMegabytesInOneLine(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100 MB")
	}
	m := ingesttest.NewMemory()
	doc := bundleOf(malware(1, ""), `{"type":"malware","id":"malware--11111111-1111-4111-8111-111111111103","name":"`+strings.Repeat("x", 100<<20)+`"}`, malware(2, ""))
	if res, err := read(t, m, "long.json", doc); err != nil || len(m.Records) != 2 || res.Rejected != 1 {
		t.Errorf("an object of 100 MB: %v, %d stored, %d set aside; want the two beside it", err, len(m.Records), res.Rejected)
	}
	_, err := read(t, m, "long.txt", strings.Repeat("a word ", 15<<20))
	if !errors.Is(err, ingest.ErrTooLarge) {
		t.Errorf("100 MB of prose: %v", err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	p := ingest.New(ingesttest.NewMemory(), registry(t), ingest.Config{})
	dir := t.TempDir()
	if _, err := p.File(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "directory") {
		t.Errorf("a directory: %v", err)
	}
	if _, err := p.File(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if os.Geteuid() != 0 {
		secret := filepath.Join(dir, "secret")
		if err := os.WriteFile(secret, []byte("x"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := p.File(t.Context(), secret); !errors.Is(err, os.ErrPermission) {
			t.Errorf("unreadable file: %v", err)
		}
	}
}

func TestStoreErrorEndsReading(t *testing.T) {
	m := ingesttest.NewMemory()
	m.FailPut = store.ErrFull
	var many []string
	for n := range 90 {
		many = append(many, malware(n, ""))
	}
	p := ingest.New(m, registry(t), ingest.Config{Batch: 10})
	if _, err := p.Stream(t.Context(), "x", strings.NewReader(bundleOf(many...))); !errors.Is(err, store.ErrFull) {
		t.Errorf("full store: %v", err)
	}
}

func TestCancelEndsReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var many []string
	for n := range 90 {
		many = append(many, malware(n, ""))
	}
	m := ingesttest.NewMemory()
	p := ingest.New(m, registry(t), ingest.Config{Batch: 10, Progress: func(ingest.Progress) { cancel() }})
	if _, err := p.Stream(ctx, "x", strings.NewReader(bundleOf(many...))); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if len(m.Records) == 90 {
		t.Error("everything was read in spite of the cancel")
	}
}

func TestProgressCounts(t *testing.T) {
	var seen []ingest.Progress
	p := ingest.New(ingesttest.NewMemory(), registry(t), ingest.Config{Batch: 1, Progress: func(p ingest.Progress) { seen = append(seen, p) }})
	if _, err := p.Stream(t.Context(), "x", strings.NewReader(bundleOf(malware(1, ""), malware(2, "")))); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 2 || seen[1].Result.Added != 2 || seen[1].Format != "stix" || seen[1].Read == 0 {
		t.Errorf("progress %+v", seen)
	}
}

// editable reads "name:text" lines into objects that have no version of their own.
type editable struct{}

func (editable) Name() string                                { return "editable" }
func (editable) Detect([]byte, string) ingest.Confidence     { return ingest.Certain }
func (editable) object(id stix.ID, text string) *stix.Object { return object(id, text) }

func object(id stix.ID, text string) *stix.Object {
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"malware","id":%q,"created_by_ref":"identity--11111111-1111-4111-8111-111111111111","created":"2024-01-01T00:00:00.000Z","modified":"2024-01-01T00:00:00.000Z","name":%q,"is_family":true}`, id, text))
	if err != nil {
		panic(err)
	}
	return o
}

func (e editable) Read(_ context.Context, in *ingest.Input, out ingest.Sink) error {
	b, err := in.ReadAll(1 << 20)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(b)) {
		kind, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		id := stix.DerivedID("malware", kind)
		switch kind {
		case "derived":
			err = out.Derived(e.object(id, text))
		case "supplement":
			err = out.Supplement(e.object(id, text))
		case "merge":
			err = out.Merge(e.object(id, text), func(stored, o *stix.Object) (*stix.Object, error) {
				if strings.Contains(stored.Name, o.Name) {
					return stored, nil
				}
				return stored.With(map[string]any{"name": stored.Name + "+" + o.Name})
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TestSourcesWithoutVersions follows objects that a source edits: derived ones get a new version, supplements yield, merged
// ones are united; reading any of it again changes nothing.
func TestSourcesWithoutVersions(t *testing.T) {
	m := ingesttest.NewMemory()
	first, second := "derived:a\nsupplement:a\nmerge:a\n", "derived:b\nsupplement:b\nmerge:b\n"
	ingesttest.MustRead(t, m, "1", first, editable{})
	res := ingesttest.MustRead(t, m, "2", second, editable{})
	if res.Updated != 2 || res.Unchanged != 1 || res.Rejected != 0 {
		t.Errorf("second: %+v", res)
	}
	for kind, want := range map[string]string{"derived": "b", "supplement": "a", "merge": "a+b"} {
		if got := m.Get(stix.DerivedID("malware", kind)).Name; got != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	for _, again := range []string{first, second, first, second} {
		if res := ingesttest.MustRead(t, m, "again", again, editable{}); res.Added+res.Updated+res.Older+res.Rejected != 0 {
			t.Errorf("again: %+v", res)
		}
	}
}

func FuzzRegistry(f *testing.F) {
	f.Add([]byte(bundleOf(malware(1, ""))))
	f.Add([]byte("ID,name,start_date,incident_type,receiver_country,initiator_category,sources_url\n1,x,2020-01-01,Disruption,['US'],['State'],[]\n"))
	f.Add([]byte(`{"type":"threat-actor","uuid":"u","name":"n","values":[{"uuid":"11111111-1111-4111-8111-111111111111","value":"x","meta":{"country":"RU"}}]}`))
	f.Add([]byte(`[{"Threat actor name":"x","Origin/Threat":"China","Other names":"a, b"}]`))
	f.Add([]byte("<html><body><article><p>Text.</p></article></body></html>"))
	f.Add([]byte("\x1f\x8b\x08\x00\x00"))
	reg := formats.Default(formats.Config{})
	f.Fuzz(func(t *testing.T, b []byte) {
		m := ingesttest.NewMemory()
		p := ingest.New(m, reg, ingest.Config{MaxBytes: 1 << 20})
		if _, err := p.Stream(t.Context(), "f", bytes.NewReader(b)); err != nil {
			return
		}
		n := len(m.Records)
		if _, err := p.Stream(t.Context(), "f", bytes.NewReader(b)); err != nil || len(m.Records) != n {
			t.Errorf("the second time: %v, %d records, then %d", err, n, len(m.Records))
		}
	})
}
