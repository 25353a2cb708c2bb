// Package buckettest is the suite that every lake/bucket.Bucket passes.
package buckettest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"

	"marque/internal/lock"
	"marque/lake/bucket"
)

// Run runs the suite. Each case gets a bucket of its own from open, empty. reopen is the bucket as another process finds it that starts when
// this one was killed; nil where nothing outlives the process.
func Run(t *testing.T, open func(t *testing.T) bucket.Bucket, reopen func(bucket.Bucket) bucket.Bucket) {
	t.Helper()
	for name, test := range map[string]func(s *suite){
		"put and get": putAndGet, "unseen before commit": unseen, "replace": replace, "read what was deleted": deleted, "list by name": list,
		"several at once": several, "aborted": aborted, "abandoned": abandoned, "whole while it is replaced": whole, "cancelled": cancelled, "locks": locks,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{T: t, Bucket: open(t), reopen: reopen}) })
	}
}

// suite is a case under way.
type suite struct {
	*testing.T
	bucket.Bucket
	reopen func(bucket.Bucket) bucket.Bucket
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) put(name, data string) {
	s.Helper()
	s.must(bucket.Put(s.Context(), s, name, []byte(data)))
}

func (s *suite) holds(name, want string) {
	s.Helper()
	got, err := bucket.Get(s.Context(), s, name)
	if err != nil || string(got) != want {
		s.Errorf("%s holds %.20q (%d bytes), %v, want %.20q", name, got, len(got), err, want)
	}
}

func (s *suite) lacks(name string) {
	s.Helper()
	if o, err := s.Open(s.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		s.Errorf("open of %s, which is not there: %v, %v", name, o, err)
	}
}

func (s *suite) names(prefix string) (out []string) {
	s.Helper()
	for info, err := range s.List(s.Context(), prefix) {
		s.must(err)
		out = append(out, info.Name)
	}
	return out
}

func (s *suite) create(name, data string) bucket.Upload {
	s.Helper()
	u, err := s.Create(s.Context(), name)
	s.must(err)
	_, err = io.WriteString(u, data)
	s.must(err)
	return u
}

func putAndGet(s *suite) {
	s.lacks("a/b/c")
	s.put("a/b/c", "words")
	s.put("empty", "")
	s.holds("a/b/c", "words")
	s.holds("empty", "")
	s.lacks("a/b") // a prefix is no object
	o, err := s.Open(s.Context(), "a/b/c")
	s.must(err)
	defer o.Close()
	part := make([]byte, 3)
	if n, err := o.ReadAt(part, 1); n != 3 || err != nil || string(part) != "ord" || o.Size() != 5 {
		s.Errorf("a part: %d, %v, %q of %d", n, err, part, o.Size())
	}
	if n, err := o.ReadAt(part, 4); n != 1 || !errors.Is(err, io.EOF) {
		s.Errorf("beyond the end: %d, %v", n, err)
	}
	if s.Where("a") == s.Where("b") || !strings.HasSuffix(s.Where("name"), "name") {
		s.Errorf("where: %q, %q", s.Where("a"), s.Where("name"))
	}
}

func unseen(s *suite) {
	u := s.create("a/x", "half")
	s.lacks("a/x")
	if got := s.names(""); len(got) > 0 {
		s.Errorf("an upload is listed: %q", got)
	}
	if err := s.Commit(s.Context(), u); err == nil {
		s.Error("an upload that is not closed was committed")
	}
	s.must(u.Sync())
	_, err := io.WriteString(u, " and half")
	s.must(err)
	s.must(u.Close())
	s.lacks("a/x")
	s.must(s.Commit(s.Context(), u))
	s.holds("a/x", "half and half")
	s.must(u.Abort())
	s.holds("a/x", "half and half")
}

func replace(s *suite) {
	s.put("x", "one")
	o, err := s.Open(s.Context(), "x")
	s.must(err)
	defer o.Close()
	s.put("x", "another")
	s.holds("x", "another")
	old := make([]byte, o.Size())
	if _, err := o.ReadAt(old, 0); err != nil && !errors.Is(err, io.EOF) || string(old) != "one" {
		s.Errorf("what was opened before reads %q, %v", old, err)
	}
}

func deleted(s *suite) {
	s.put("d/x", "one")
	s.put("d/y", "two")
	o, err := s.Open(s.Context(), "d/x")
	s.must(err)
	defer o.Close()
	s.must(s.Delete(s.Context(), "d/x", "not there"))
	s.lacks("d/x")
	s.holds("d/y", "two")
	data, err := io.ReadAll(io.NewSectionReader(o, 0, o.Size()))
	if err != nil || string(data) != "one" {
		s.Errorf("what was opened before reads %q, %v", data, err)
	}
	s.must(s.Delete(s.Context(), "d/y", "d/y"))
	s.put("d/x", "again")
	s.holds("d/x", "again")
}

func list(s *suite) {
	want := []string{"a", "a!b", "a-b/c", "a/b", "a/b/c/d", "a0", "b/c"}
	if strings.HasPrefix(s.Where(""), "/") { // in a folder a name is not also that of a folder
		want = []string{"a!b", "a-b/c", "a/b/c/d", "a/e", "a0", "b/c"}
	}
	for _, name := range slices.Backward(want) {
		s.put(name, name)
	}
	if got := s.names(""); !slices.Equal(got, want) {
		s.Errorf("all: %q, want %q", got, want)
	}
	for _, prefix := range []string{"a", "a/", "a/b", "a-", "c"} {
		var some []string
		for _, n := range want {
			if strings.HasPrefix(n, prefix) {
				some = append(some, n)
			}
		}
		if got := s.names(prefix); !slices.Equal(got, some) {
			s.Errorf("with prefix %q: %q, want %q", prefix, got, some)
		}
	}
	for info, err := range s.List(s.Context(), "") {
		s.must(err)
		if int(info.Size) != len(info.Name) {
			s.Errorf("%s has %d bytes", info.Name, info.Size)
		}
		break // may end early
	}
}

func several(s *suite) {
	var uploads []bucket.Upload
	for i := range 20 {
		u := s.create(fmt.Sprintf("h=%02d/x", i%5)+fmt.Sprint(i), fmt.Sprint(i))
		s.must(u.Close())
		uploads = append(uploads, u)
	}
	s.must(s.Commit(s.Context(), uploads...))
	if got := s.names("h="); len(got) != 20 {
		s.Errorf("%d of 20 are there", len(got))
	}
	s.holds("h=03/x13", "13")
}

func aborted(s *suite) {
	s.put("x", "before")
	s.must(s.create("x", "half").Abort())
	u := s.create("y", "closed")
	s.must(u.Close())
	s.must(u.Abort())
	s.must(u.Abort())
	s.holds("x", "before")
	s.lacks("y")
	s.put("y", "anew")
	s.holds("y", "anew")
}

func abandoned(s *suite) {
	s.put("kept", "words")
	s.create("a/left", "half")
	must := s.create("a/other", "half")
	if s.reopen != nil {
		s.Bucket = s.reopen(s.Bucket)
	}
	s.must(s.Abandon(s.Context(), func(name string) bool {
		if name == "kept" {
			s.Error("what was committed counts as left")
		}
		return name == "a/left"
	}))
	s.holds("kept", "words")
	s.lacks("a/left")
	s.put("a/left", "anew")
	s.holds("a/left", "anew")
	s.must(must.Close())
	s.must(s.Commit(s.Context(), must))
	s.holds("a/other", "half")
}

// whole: a reader sees one version or the other, never a mixture, whatever goes on meanwhile.
func whole(s *suite) {
	versions := []string{strings.Repeat("a", 100_000), strings.Repeat("b", 70_000)}
	s.put("x", versions[0])
	var writers sync.WaitGroup
	writers.Go(func() {
		for i := range 20 {
			if err := bucket.Put(s.Context(), s, "x", []byte(versions[i%2])); err != nil {
				s.Error(err)
			}
		}
	})
	for range 50 {
		got, err := bucket.Get(s.Context(), s, "x")
		if err != nil || !slices.Contains(versions, string(got)) {
			s.Errorf("read %d bytes, %v", len(got), err)
		}
	}
	writers.Wait()
}

func cancelled(s *suite) {
	s.put("x", "words")
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	failed := false
	for _, err := range s.List(ctx, "") {
		failed = errors.Is(err, context.Canceled)
	}
	if !failed {
		s.Error("a list under a context that has ended does not end with it")
	}
	s.holds("x", "words")
}

// locks: the bucket's own, or those within the process.
func locks(s *suite) {
	s.put("x", "words") // a folder is there with its first object
	l, ok := s.Bucket.(bucket.Locker)
	if !ok {
		l = &bucket.Locks{}
	}
	alone, err := l.Lock("a")
	s.must(err)
	if _, err := l.Lock("a"); !errors.Is(err, lock.ErrLocked) {
		s.Errorf("a lock that is held was taken: %v", err)
	}
	other, err := l.Lock("b")
	s.must(err)
	shared := make(chan error)
	var first io.Closer
	go func() {
		var err error
		first, err = l.Share(s.Context(), "a") // waits
		shared <- err
	}()
	ended, cancel := context.WithCancel(s.Context())
	cancel()
	if _, err := l.Share(ended, "a"); !errors.Is(err, context.Canceled) {
		s.Errorf("waiting under a context that has ended: %v", err)
	}
	s.must(alone.Close())
	s.must(<-shared)
	second, err := l.Share(s.Context(), "a")
	s.must(err)
	s.must(first.Close())
	if _, err := l.Lock("a"); !errors.Is(err, lock.ErrLocked) {
		s.Errorf("a lock that is shared still was taken: %v", err)
	}
	s.must(second.Close())
	alone, err = l.Lock("a")
	s.must(err)
	s.must(errors.Join(alone.Close(), other.Close()))
}
