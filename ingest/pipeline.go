package ingest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/text/transform"

	"marque/internal/charset"
	"marque/internal/unpack"
	"marque/stix"
	"marque/store"
)

// Store is what the pipeline needs of a store.
type Store interface {
	store.Writer
	store.Documents
	store.Quarantine
	View(store.View) store.Reader
}

// Config tunes a pipeline. The zero Config works.
type Config struct {
	// Format forces a reader by name; empty detects.
	Format string
	// TLP is the level of objects and documents without a marking of their own. A document that says a stricter level of itself
	// has that, and all that is read from it.
	TLP stix.TLP
	// MaxBytes bounds an input, unpacked. 0 is 16 GiB: a bundle is read as a stream.
	MaxBytes int64
	// Batch is how many objects are stored at once. 0 is 1,000.
	Batch int
	// Progress is told after each batch, from one goroutine at a time.
	Progress func(Progress)
	// Now is the clock of provenance. nil is time.Now.
	Now func() time.Time
}

// Progress is how far an input was read.
type Progress struct {
	Source string
	Format string
	Read   int64 // bytes of the input as it came
	Size   int64 // of so many
	Result Result
}

// Result counts what became of an input.
type Result struct {
	Source    string
	Format    string
	Digest    string
	Bytes     int64
	Objects   int // that the reader found
	Added     int
	Updated   int
	Older     int
	Unchanged int
	Documents int
	Rejected  int
	Level     stix.TLP       // strictest level of what carries no marking: Config.TLP, or what a document says of itself
	Reasons   map[string]int // rejected, by reason
	Warnings  map[string]int // read, but not as written, by kind
	Elapsed   time.Duration

	Reports []stix.ID // of the documents, which they stand for
	// What a report gave to look for: values that wait to be accepted, those that became indicators, and of these those whose term is over
	// already. The workspace counts them.
	Candidates, Accepted, Expired int
}

// NotUnderstood counts what was seen and could not be read, by what it is ([Missed]).
func (r *Result) NotUnderstood() map[string]int {
	out := map[string]int{}
	for kind, n := range r.Warnings {
		if what, ok := strings.CutPrefix(kind, notUnderstood); ok {
			out[what] += n
		}
	}
	return out
}

// maxReasons bounds Result.Reasons: the reasons of a hostile file may all differ.
const maxReasons = 100

func (r *Result) reject(reason string) {
	r.Rejected++
	if r.Reasons == nil {
		r.Reasons = map[string]int{}
	}
	if _, known := r.Reasons[reason]; !known && len(r.Reasons) >= maxReasons {
		reason = "other reasons"
	}
	r.Reasons[reason]++
}

// Pipeline reads inputs into a store. It is safe for concurrent use as far as the store is.
type Pipeline struct {
	store    Store
	registry *Registry
	cfg      Config
}

// New makes a pipeline.
func New(st Store, registry *Registry, cfg Config) *Pipeline {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 16 << 30
	}
	if cfg.Batch <= 0 {
		cfg.Batch = 1000
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Progress == nil {
		cfg.Progress = func(Progress) {}
	}
	return &Pipeline{store: st, registry: registry, cfg: cfg}
}

// File reads a file.
func (p *Pipeline) File(ctx context.Context, path string) (Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return Result{Source: path}, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Result{Source: path}, fmt.Errorf("read %s: %w", path, err)
	}
	if info.IsDir() {
		return Result{Source: path}, fmt.Errorf("read %s: it is a directory; name the files in it: %w", path, ErrUnknownFormat)
	}
	if !info.Mode().IsRegular() {
		return p.Stream(ctx, path, f)
	}
	return p.seekable(ctx, path, f, info.Size())
}

// Files reads a file, or each file of a zip archive by itself. A file of an archive that cannot be read does not stop the others.
func (p *Pipeline) Files(ctx context.Context, path string) ([]Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	var members []unpack.Member
	info, err := f.Stat()
	isArchive := false
	if err == nil && info.Mode().IsRegular() {
		members, isArchive, err = archive(f, info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if !isArchive {
		res, err := p.File(ctx, path)
		return []Result{res}, err
	}
	var results []Result
	var errs []error
	for _, m := range members {
		res, err := p.member(ctx, path+"/"+m.Name, m)
		results, errs = append(results, res), append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return results, errors.Join(errs...)
}

// only is the one file of a zip archive that came as a stream, nil where it is none.
func only(f io.ReadSeeker, size int64) (*unpack.Member, error) {
	at, ok := f.(io.ReaderAt)
	if !ok {
		return nil, nil
	}
	members, isArchive, err := archive(at, size)
	switch {
	case err != nil || !isArchive:
		return nil, err
	case len(members) > 1:
		return nil, fmt.Errorf("zip archive with %d files: want it as a file, whose files are read one by one: %w", len(members), ErrUnknownFormat)
	}
	return &members[0], nil
}

// archive lists the files of a zip archive; ok is false for what is none, or is one document in the form of an archive.
func archive(f io.ReaderAt, size int64) (members []unpack.Member, ok bool, err error) {
	head := make([]byte, 4)
	if _, err := f.ReadAt(head, 0); err != nil || !unpack.IsZip(head) {
		return nil, false, nil //nolint:nilerr // too short for an archive: the readers say what it is
	}
	if members, err = unpack.Zip(f, size); err != nil {
		return nil, false, err
	}
	for _, m := range members {
		if m.Name == "[Content_Types].xml" || m.Name == "mimetype" {
			return nil, false, nil // docx, odt, epub
		}
	}
	if len(members) == 0 {
		return nil, false, fmt.Errorf("zip archive without a file in it: %w", ErrEmpty)
	}
	return members, true, nil
}

func (p *Pipeline) member(ctx context.Context, name string, m unpack.Member) (Result, error) {
	r, err := m.Open(p.cfg.MaxBytes)
	if err != nil {
		return Result{Source: name}, err
	}
	defer r.Close()
	return p.Stream(ctx, name, r)
}

// Bytes reads an input that is in memory.
func (p *Pipeline) Bytes(ctx context.Context, name string, b []byte) (Result, error) {
	return p.seekable(ctx, name, bytes.NewReader(b), int64(len(b)))
}

// spoolMemory is how much of a stream is kept in memory before it goes to a temporary file.
const spoolMemory = 32 << 20

// Stream reads standard input, a pipe or a response. The bytes are kept aside first, because the digest of the whole goes
// into the provenance of each object.
func (p *Pipeline) Stream(ctx context.Context, name string, r io.Reader) (Result, error) {
	fail := func(err error) (Result, error) {
		return Result{Source: name}, fmt.Errorf("read %s: %w", name, err)
	}
	tmp, err := os.CreateTemp("", "marque-ingest-*")
	if err != nil {
		return fail(err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	w := bufio.NewWriterSize(tmp, spoolMemory)
	n, err := io.Copy(w, io.LimitReader(unpack.Cancelled(ctx, r), p.cfg.MaxBytes+1))
	if err != nil {
		return fail(err)
	}
	if n > p.cfg.MaxBytes {
		return fail(&unpack.LimitError{What: "input", Limit: p.cfg.MaxBytes})
	}
	if err := w.Flush(); err != nil {
		return fail(err)
	}
	if _, err := tmp.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	return p.seekable(ctx, name, tmp, n)
}

// seekable hashes, detects and reads.
func (p *Pipeline) seekable(ctx context.Context, name string, f io.ReadSeeker, size int64) (Result, error) {
	start := p.cfg.Now()
	res := Result{Source: name, Bytes: size, Level: p.cfg.TLP}
	fail := func(err error) (Result, error) {
		res.Elapsed = p.cfg.Now().Sub(start)
		return res, fmt.Errorf("read %s: %w", name, err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, unpack.Cancelled(ctx, f)); err != nil {
		return fail(err)
	}
	res.Digest = hex.EncodeToString(h.Sum(nil))
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fail(err)
	}
	if inner, err := only(f, size); err != nil {
		return fail(err)
	} else if inner != nil {
		in, err := p.member(ctx, name, *inner)
		in.Digest, in.Bytes = res.Digest, size
		return in, err
	}
	packed := &unpack.Counter{R: f}
	plain, release, err := unpack.Stream(ctx, packed, p.cfg.MaxBytes)
	if err != nil {
		return fail(err)
	}
	defer release()
	if plain, err = asUTF8(plain); err != nil {
		return fail(err)
	}
	head, err := plain.Peek(HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return fail(err)
	}
	reader, err := p.pick(head, name)
	if err != nil {
		return fail(err)
	}
	res.Format = reader.Name()
	in := &Input{Name: name, Digest: res.Digest, Size: size, Time: start.UTC(), Level: p.cfg.TLP, r: plain}
	err = p.run(ctx, reader, in, packed, &res)
	res.Elapsed = p.cfg.Now().Sub(start)
	if err != nil {
		return fail(fmt.Errorf("as %s: %w", reader.Name(), err))
	}
	return res, nil
}

// asUTF8 takes a byte order mark off, and turns UTF-16 into UTF-8, whatever the format: Windows' editors and shells write both.
func asUTF8(r *bufio.Reader) (*bufio.Reader, error) {
	head, err := r.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, err := r.Discard(3)
		return r, err
	}
	if enc := charset.UTF16(head); enc != nil {
		return bufio.NewReaderSize(transform.NewReader(r, enc.NewDecoder()), HeadSize), nil
	}
	return r, nil
}

func (p *Pipeline) pick(head []byte, name string) (Reader, error) {
	if p.cfg.Format != "" {
		return p.registry.ByName(p.cfg.Format)
	}
	return p.registry.Detect(head, name)
}

// run lets the reader parse in one goroutine while this one stores.
func (p *Pipeline) run(ctx context.Context, reader Reader, in *Input, packed *unpack.Counter, res *Result) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s := &sink{ctx: ctx, batches: make(chan batch, 2), packed: packed, size: p.cfg.Batch}
	done := make(chan error, 1)
	go func() {
		defer close(s.batches)
		err := reader.Read(ctx, in, s)
		if flushErr := s.flush(); err == nil {
			err = flushErr
		}
		done <- err
	}()
	w := &writer{
		store: p.store, now: in.Time, res: res,
		prov: store.Provenance{Source: in.Name, Importer: reader.Name(), Digest: in.Digest, Time: in.Time, TLP: p.cfg.TLP},
	}
	var failed error
	for b := range s.batches {
		if failed != nil {
			continue // the reader is told to stop; what it still sends is dropped
		}
		if err := w.write(ctx, b); err != nil {
			failed = err
			cancel(err)
			continue
		}
		p.cfg.Progress(Progress{Source: in.Name, Format: reader.Name(), Read: b.read, Size: in.Size, Result: *res})
	}
	readErr := <-done
	if failed != nil {
		return failed
	}
	if readErr != nil && errors.Is(readErr, context.Canceled) && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return readErr
}
