package lake

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"

	"marque/lake/bucket"
)

// metaFile names the bucket a lake and keeps what its files share.
const metaFile = "marque-lake.json"

// schemaVersion is raised when a column changes its meaning.
const schemaVersion = 1

type meta struct {
	Version int    `json:"version"`
	Seed    uint64 `json:"seed,string"` // of the hash columns
}

// Lake is a bucket of Parquet files by day and hour. It is safe for use by several goroutines of one process.
type Lake struct {
	bucket bucket.Bucket
	locks  bucket.Locker
	meta   meta
	layout *layout
	groups sync.Pool // of *group
}

// ErrNotLake says that a folder or bucket has files but no lake in it.
var ErrNotLake = errors.New("no lake")

// Open opens the lake in the folder dir, making one if dir is empty or missing.
func Open(dir string) (*Lake, error) { return New(context.Background(), bucket.Folder(dir)) }

// New opens the lake in a bucket, making one if the bucket is empty.
func New(ctx context.Context, b bucket.Bucket) (*Lake, error) {
	l := &Lake{bucket: b}
	l.groups.New = func() any { return newGroup() }
	var ok bool
	if l.locks, ok = b.(bucket.Locker); !ok {
		l.locks = &bucket.Locks{}
	}
	var err error
	if l.layout, err = newLayout(); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	data, err := bucket.Get(ctx, b, metaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return l, l.create(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	if err := json.Unmarshal(data, &l.meta); err != nil {
		return nil, fmt.Errorf("lake: %s: %w", b.Where(metaFile), err)
	}
	if l.meta.Version != schemaVersion {
		return nil, fmt.Errorf("lake %s: schema version %d, this program knows %d", l.Where(), l.meta.Version, schemaVersion)
	}
	return l, nil
}

func (l *Lake) create(ctx context.Context) error {
	for _, err := range l.bucket.List(ctx, "") {
		return errors.Join(fmt.Errorf("lake %s: %w: it is not empty and has no %s", l.Where(), ErrNotLake, metaFile), err)
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	l.meta = meta{schemaVersion, binary.LittleEndian.Uint64(b[:])}
	data, err := json.Marshal(l.meta)
	if err == nil {
		err = bucket.Put(ctx, l.bucket, metaFile, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// Seed returns the seed of the hash columns; events must be hashed with it.
func (l *Lake) Seed() uint64 { return l.meta.Seed }

// Where returns the lake's place: its folder or its URL.
func (l *Lake) Where() string { return l.bucket.Where("") }

const (
	parquetSuffix = ".parquet"
	hourLayout    = "day=2006-01-02/hour=15"
)

// File is one file of the lake.
type File struct {
	Name  string    `json:"-"`    // in the lake's bucket
	Path  string    `json:"path"` // where it is
	Hour  time.Time `json:"hour"`
	Bytes int64     `json:"bytes"`
	Rows  int64     `json:"rows"` // set by Stats only
}

// Files lists the lake's files by hour and name.
func (l *Lake) Files(ctx context.Context) ([]File, error) {
	var out []File
	for o, err := range l.bucket.List(ctx, "day=") {
		if err != nil {
			return nil, fmt.Errorf("lake: %w", err)
		}
		hour, err := time.Parse(hourLayout, path.Dir(o.Name))
		if err != nil || path.Ext(o.Name) != parquetSuffix {
			continue // not ours
		}
		out = append(out, File{Name: o.Name, Path: l.bucket.Where(o.Name), Hour: hour, Bytes: o.Size})
	}
	return out, nil
}

// Stats is what a lake holds.
type Stats struct {
	Files  int       `json:"files"`
	Hours  int       `json:"hours"`
	Rows   int64     `json:"rows"`
	Bytes  int64     `json:"bytes"`
	First  time.Time `json:"first"` // start of the first hour
	Last   time.Time `json:"last"`  // end of the last hour
	Broken []string  `json:"broken,omitempty"`
	List   []File    `json:"-"`
}

// Stats reads the footer of every file. Files that cannot be read are named in Broken.
func (l *Lake) Stats(ctx context.Context) (Stats, error) {
	list, err := l.Files(ctx)
	if err != nil {
		return Stats{}, err
	}
	s := Stats{Files: len(list), List: list}
	var hour time.Time
	for i := range list {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		f := &list[i]
		s.Bytes += f.Bytes
		if !f.Hour.Equal(hour) || i == 0 {
			s.Hours++
			hour = f.Hour
		}
		if err := l.read(ctx, *f, func(p *parquet.File) error { f.Rows = p.NumRows(); return nil }); err != nil {
			s.Broken = append(s.Broken, err.Error())
			continue
		}
		s.Rows += f.Rows
	}
	if len(list) > 0 {
		s.First, s.Last = list[0].Hour, list[len(list)-1].Hour.Add(time.Hour)
	}
	return s, nil
}

// read opens a Parquet file and hands it to f. A damaged file is an error with its place, never a panic.
func (l *Lake) read(ctx context.Context, file File, f func(*parquet.File) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("lake file %s: damaged: %v", file.Path, v)
		}
	}()
	o, err := l.bucket.Open(ctx, file.Name)
	if err != nil {
		return fmt.Errorf("lake file: %w", err)
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	p, err := parquet.OpenFile(o, o.Size(), parquet.SkipPageIndex(true))
	if err != nil {
		return fmt.Errorf("lake file %s: damaged: %w", file.Path, err)
	}
	if err := f(p); err != nil {
		return fmt.Errorf("lake file %s: %w", file.Path, err)
	}
	return nil
}

// sourceName makes a segment's name fit for a file name.
func sourceName(segment string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '_'
	}, segment)
}
