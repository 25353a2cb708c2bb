package misp

import (
	"cmp"
	"context" //nolint:gosec // hashes.csv is made of MD5: a name of a value, no protection
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"marque/ingest"
	"marque/internal/fetch"
	"marque/misp"
	"marque/stix"
	"marque/store"
)

// Limits on a feed.
const (
	maxManifest = 256 << 20
)

// Source opens the files of a feed by name.
type Source interface {
	Open(ctx context.Context, name string) (io.ReadCloser, error)
}

// Folder is a feed on disk. Names that lead out of it are refused.
type Folder string

// Open opens a file.
func (f Folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	root, err := os.OpenRoot(string(f))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Open(name)
}

// Web is a feed behind an address, such as https://www.circl.lu/doc/misp/feed-osint/.
type Web struct {
	Base   string
	Client *fetch.Client
}

// Open fetches a file.
func (w Web) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	at, err := url.JoinPath(w.Base, name)
	if err != nil {
		return nil, err
	}
	return w.Client.Get(ctx, at)
}

// Entry is one event of a manifest.
type Entry struct {
	UUID      string
	Info      string
	Timestamp time.Time
}

// Manifest reads manifest.json: the events of a feed, oldest first. Entries without a good uuid are left out and counted.
func Manifest(r io.Reader) (entries []Entry, bad int, err error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return nil, 0, fmt.Errorf("manifest: %w", err)
	}
	if len(raw) > maxManifest {
		return nil, 0, fmt.Errorf("manifest over %d bytes: %w", maxManifest, ingest.ErrTooLarge)
	}
	top, err := misp.ParseRecord(raw)
	if err != nil {
		return nil, 0, fmt.Errorf("manifest: %w: %w", err, ingest.ErrMalformed)
	}
	for id := range top {
		rec := top.Sub(id)
		if _, err := uuid.Parse(id); err != nil || len(id) != 36 || rec == nil {
			bad++
			continue
		}
		at, _ := rec.Time("timestamp")
		entries = append(entries, Entry{UUID: strings.ToLower(id), Info: rec.Text("info"), Timestamp: at.Time()})
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Or(a.Timestamp.Compare(b.Timestamp), strings.Compare(a.UUID, b.UUID)) })
	return slices.CompactFunc(entries, func(a, b Entry) bool { return a.UUID == b.UUID }), bad, nil
}

// Pulled counts what became of a feed.
type Pulled struct {
	Events  int // in the manifest
	Known   int // not read, because the workspace has them at this time or later
	Read    int
	Bad     int // entries of the manifest that name no event
	Failed  []FeedError
	Results []ingest.Result
}

// FeedError is an event of a feed that could not be read; the others were.
type FeedError struct {
	UUID string
	Err  error
}

// Error names the event.
func (f FeedError) Error() string { return "event " + f.UUID + ": " + f.Err.Error() }

func (f FeedError) Unwrap() error { return f.Err }

// maxFailures ends a feed whose events all fail, such as behind a server that went away.
const maxFailures = 20

// Pull reads the events of a feed that are new or changed since they were stored. It ends early when the context does, or when
// events fail one after another.
func Pull(ctx context.Context, src Source, p *ingest.Pipeline, known store.Reader) (Pulled, error) {
	var res Pulled
	entries, err := manifestOf(ctx, src, &res)
	if err != nil {
		return res, fmt.Errorf("read feed: %w", err)
	}
	failures := 0
	for _, entry := range entries {
		have, err := has(ctx, known, entry)
		if err != nil {
			return res, fmt.Errorf("read feed: %w", err)
		}
		if have {
			res.Known++
			continue
		}
		got, err := pullEvent(ctx, src, p, entry)
		if err == nil {
			res.Read++
			res.Results = append(res.Results, got)
			failures = 0
			continue
		}
		if ctx.Err() != nil {
			return res, fmt.Errorf("read feed: %w", context.Cause(ctx))
		}
		res.Failed = append(res.Failed, FeedError{UUID: entry.UUID, Err: err})
		if failures++; failures == maxFailures {
			return res, fmt.Errorf("read feed: %d events in sequence failed, the last: %w", failures, err)
		}
	}
	return res, nil
}

func manifestOf(ctx context.Context, src Source, res *Pulled) ([]Entry, error) {
	f, err := src.Open(ctx, misp.ManifestFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, bad, err := Manifest(f)
	res.Events, res.Bad = len(entries), bad
	return entries, err
}

// has tells whether the workspace has an event at its time or later.
func has(ctx context.Context, known store.Reader, entry Entry) (bool, error) {
	rec, err := known.Get(ctx, stix.ID("report--"+entry.UUID))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	from, ok := misp.OriginOf(rec.Object)
	if !ok || entry.Timestamp.IsZero() {
		return false, nil
	}
	n, err := strconv.ParseInt(from.Record.Text("timestamp"), 10, 64)
	return err == nil && n >= entry.Timestamp.Unix(), nil
}

func pullEvent(ctx context.Context, src Source, p *ingest.Pipeline, entry Entry) (ingest.Result, error) {
	name := entry.UUID + ".json"
	f, err := src.Open(ctx, name)
	if err != nil {
		return ingest.Result{}, err
	}
	defer f.Close()
	return p.Stream(ctx, name, f)
}
