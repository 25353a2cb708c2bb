package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"marque/match"
)

// follower is a file that is followed, and how far it is in the counts.
type follower struct {
	match.Checkpoint
	id int64
}

// folder is one pass of following after the other.
type folder struct {
	in    *Intake
	dir   string
	name  string // of the journal, for the lake's segments
	known []*follower
	last  map[string]*look // by path
}

// look is how a file was when it was last looked at. Resting goes by the monotonic clock, which does not jump.
type look struct {
	size  int64
	time  time.Time
	since time.Time // when it was first seen so
	known *follower
	done  bool // nothing is left to read
}

// Follow reads the files of a folder, and what is appended to them, until ctx ends. Files are told apart by how their text
// begins, so one that is rotated away, copied and truncated, or compressed (gzip, zstd) afterwards is not read twice; a file that has become
// shorter is a new one. A last line without newline waits for its end, at most Config.Quiet. Hidden files, and those ending in
// .tmp or .part, are left alone. Counts and checkpoints are committed together, as with messages. A folder
// that cannot be read is named in the log and tried again. One goroutine at a time may follow the folders of an intake.
func (in *Intake) Follow(ctx context.Context, dir string) {
	for ctx.Err() == nil {
		if err := in.follow(ctx, dir); ctx.Err() == nil {
			in.deps.Log.Error("folder cannot be followed", "folder", dir, "error", err)
			in.setFault(err)
		}
		_ = rest(ctx, in.cfg.Retry)
	}
}

// follow does so from where the journal stands, until something fails.
func (in *Intake) follow(ctx context.Context, dir string) error {
	f := &folder{in: in, dir: dir, last: map[string]*look{}}
	var err error
	if f.name, err = in.journal.identity(ctx); err != nil {
		return err
	}
	if f.known, err = in.journal.files(ctx); err != nil {
		return err
	}
	if in.deps.Lake != nil {
		if err := in.deps.Lake.Sweep(ctx, f.name, f.counted); err != nil {
			return err
		}
	}
	for {
		if err := f.pass(ctx); err != nil {
			return err
		}
		if err := rest(ctx, in.cfg.Poll); err != nil {
			return err
		}
	}
}

// counted reports whether a segment of the lake is in the counts.
func (f *folder) counted(segment string) bool {
	for _, c := range f.known {
		if strings.HasPrefix(segment, fmt.Sprintf("%s-%d-", f.name, c.id)) {
			return segment < f.segmentName(c)
		}
	}
	return true // of a file that is no longer remembered
}

// segmentName is that of the segment which begins where a file was read to.
func (f *folder) segmentName(c *follower) string {
	return fmt.Sprintf("%s-%d-%020d", f.name, c.id, c.Offset)
}

// pass reads what is new in the folder. A file that cannot be read is named in the log, and the others go on.
func (f *folder) pass(ctx context.Context) error {
	paths, err := f.list()
	if err != nil {
		return err
	}
	var found []*followedFile
	defer func() {
		for _, t := range found {
			_ = t.close() // only read
		}
	}()
	rested := map[*follower]*look{}
	next := map[string]*look{}
	for _, p := range paths {
		if l := f.last[p]; l != nil && l.done && unchanged(p, l) {
			next[p], rested[l.known] = l, l
			continue
		}
		t, err := openFollowed(p)
		if err != nil {
			f.in.deps.Log.Warn("file cannot be read", "file", p, "error", err)
			continue
		}
		found = append(found, t)
	}
	f.recognise(found, rested)
	for _, t := range found {
		l := f.last[t.path]
		if l == nil || l.size != t.size {
			l = &look{size: t.size, since: time.Now()}
		}
		l.time, next[t.path] = t.time, l
		if t.copied || len(t.head) == 0 {
			continue
		}
		if err := f.read(ctx, t, time.Since(l.since) >= f.in.cfg.Quiet); err != nil {
			return err
		}
		l.known, l.done = t.known, t.done
	}
	f.last = next
	return nil
}

func unchanged(path string, l *look) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() == l.size && info.ModTime().Equal(l.time)
}

func (f *folder) list() ([]string, error) {
	var paths []string
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != f.dir {
			return nil // rotated away under our eyes
		}
		if err != nil {
			return err
		}
		name := d.Name()
		if path != f.dir && strings.HasPrefix(name, ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() && !strings.HasSuffix(name, ".tmp") && !strings.HasSuffix(name, ".part") {
			paths = append(paths, path)
		}
		return nil
	})
	return paths, err
}

// recognise finds for each file its checkpoint: first under its own path, then among those whose file has gone or is another
// one now, the longest beginning first. A file that begins like one that is there, and is no longer, is a copy in the making.
func (f *folder) recognise(found []*followedFile, rested map[*follower]*look) {
	owner := map[*follower]int64{} // size of the file that has it
	for c, l := range rested {
		owner[c] = l.size
	}
	for _, samePath := range []bool{true, false} {
		for _, t := range found {
			if t.known != nil {
				continue
			}
			for _, c := range f.known {
				if _, taken := owner[c]; !taken && (c.Path == t.path || !samePath) && t.is(c) && (t.known == nil || c.Head > t.known.Head) {
					t.known = c
				}
			}
			if t.known != nil {
				owner[t.known] = t.size
			}
		}
	}
	for _, t := range found {
		for c, size := range owner {
			t.copied = t.copied || t.known == nil && t.size <= size && t.is(c)
		}
	}
}

// read commits what is new in a file, segment by segment. Rested says that its last line needs no newline.
func (f *folder) read(ctx context.Context, t *followedFile, rested bool) error {
	if t.known == nil {
		c := &follower{Checkpoint: match.Checkpoint{Path: t.path}}
		if err := f.in.journal.addFile(ctx, c); err != nil {
			return err
		}
		t.known, f.known = c, append(f.known, c)
	}
	r, end, err := t.from(t.known.Offset)
	if errors.Is(err, io.EOF) {
		t.done = true // shorter than what was read of it
		return nil
	}
	if err != nil {
		return f.unreadable(t, err)
	}
	defer end()
	cut := &cutter{r: r, maxLine: f.in.cfg.MaxLine, offset: t.known.Offset, rested: rested}
	for ctx.Err() == nil {
		before := t.known.Offset
		if err := f.segment(ctx, t, cut); err != nil {
			return err
		}
		if !t.same() {
			return nil // the next pass sees what it is now
		}
		if cut.err != nil && !errors.Is(cut.err, io.EOF) && !errors.Is(cut.err, io.ErrUnexpectedEOF) {
			return f.unreadable(t, cut.err)
		}
		if t.known.Offset == before {
			t.done = cut.n == 0
			return nil
		}
	}
	return ctx.Err()
}

// unreadable leaves a file until it changes.
func (f *folder) unreadable(t *followedFile, err error) error {
	t.done = true
	f.in.deps.Log.Warn("file cannot be read to its end", "file", t.path, "offset", t.known.Offset, "error", err)
	return nil
}

// segment matches lines of a file and commits them with the checkpoint behind them.
func (f *folder) segment(ctx context.Context, t *followedFile, cut *cutter) error {
	in := f.in
	defer in.boundary.begin().end()
	var keep match.Segment
	if in.deps.Lake != nil {
		var err error
		if keep, err = in.deps.Lake.Begin(ctx, f.segmentName(t.known), in.cfg.Workers); err != nil {
			return err
		}
	}
	w := newWork(in.deps, in.cfg, keep, in.journal.telling.Load())
	began := cut.offset
	for n := 0; cut.offset-began < in.cfg.SegmentBytes && !w.full() && ctx.Err() == nil; n++ {
		at := cut.offset
		data := cut.next()
		if data == nil {
			break
		}
		w.in <- piece{number: n, name: t.path, data: data, offset: at, text: true}
	}
	out, err := w.finish(t.known.Line, true)
	if err == nil && cut.offset > began && t.same() {
		next := *t.known
		next.Path, next.Offset, next.Line = t.path, cut.offset, next.Line+out.lines
		next.Head = min(cut.offset, int64(len(t.head)))
		next.Digest = match.Digest(t.head[:next.Head])
		if err = in.save(context.WithoutCancel(ctx), keep, &entry{file: &next, tally: out.tally, reason: Live, counters: out.counters, bad: out.bad, hits: out.hits}); err == nil {
			*t.known = next
			return nil
		}
	}
	if keep != nil {
		err = errors.Join(err, keep.Abort())
	}
	return err
}
