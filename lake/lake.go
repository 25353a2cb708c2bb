package lake

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"

	"marque/internal/durable"
)

// metaFile names the folder a lake and keeps what its files share.
const metaFile = "marque-lake.json"

// schemaVersion is raised when a column changes its meaning.
const schemaVersion = 1

type meta struct {
	Version int    `json:"version"`
	Seed    uint64 `json:"seed,string"` // of the hash columns
}

// Lake is a folder of Parquet files by day and hour. It is safe for use by several goroutines of one process.
type Lake struct {
	dir    string
	meta   meta
	layout *layout
	groups sync.Pool // of *group
}

// ErrNotLake says that a folder has files but no lake in it.
var ErrNotLake = errors.New("no lake")

// Open opens the lake in dir, making one if dir is empty or missing.
func Open(dir string) (*Lake, error) {
	l := &Lake{dir: dir}
	l.groups.New = func() any { return newGroup() }
	var err error
	if l.layout, err = newLayout(); err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	data, err := os.ReadFile(filepath.Join(dir, metaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return l, l.create()
	}
	if err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	if err := json.Unmarshal(data, &l.meta); err != nil {
		return nil, fmt.Errorf("lake: %s: %w", filepath.Join(dir, metaFile), err)
	}
	if l.meta.Version != schemaVersion {
		return nil, fmt.Errorf("lake %s: schema version %d, this program knows %d", dir, l.meta.Version, schemaVersion)
	}
	return l, nil
}

func (l *Lake) create() error {
	if err := os.MkdirAll(l.dir, 0o750); err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	if list, err := os.ReadDir(l.dir); err != nil || len(list) > 0 {
		return errors.Join(fmt.Errorf("lake %s: %w: folder is not empty and has no %s", l.dir, ErrNotLake, metaFile), err)
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	l.meta = meta{schemaVersion, binary.LittleEndian.Uint64(b[:])}
	data, err := json.Marshal(l.meta)
	if err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	if err := durable.WriteFile(durable.OS, filepath.Join(l.dir, metaFile), append(data, '\n'), 0o640); err != nil {
		return fmt.Errorf("lake: %w", err)
	}
	return nil
}

// Seed returns the seed of the hash columns; events must be hashed with it.
func (l *Lake) Seed() uint64 { return l.meta.Seed }

// Dir returns the lake's folder.
func (l *Lake) Dir() string { return l.dir }

const (
	tmpSuffix     = ".tmp"
	parquetSuffix = ".parquet"
	hourLayout    = "day=2006-01-02/hour=15"
)

// File is one file of the lake.
type File struct {
	Path  string    `json:"path"`
	Hour  time.Time `json:"hour"`
	Bytes int64     `json:"bytes"`
	Rows  int64     `json:"rows"` // set by Stats only
}

// Files lists the lake's files by hour and name.
func (l *Lake) Files(ctx context.Context) ([]File, error) {
	var out []File
	paths, err := filepath.Glob(filepath.Join(l.dir, "day=*", "hour=*", "*"+parquetSuffix))
	if err != nil {
		return nil, fmt.Errorf("lake: %w", err)
	}
	slices.Sort(paths)
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rel, err := filepath.Rel(l.dir, filepath.Dir(p))
		if err != nil {
			return nil, fmt.Errorf("lake: %w", err)
		}
		hour, err := time.Parse(hourLayout, filepath.ToSlash(rel))
		if err != nil {
			continue // not ours
		}
		info, err := os.Stat(p)
		if errors.Is(err, fs.ErrNotExist) {
			continue // compacted away
		}
		if err != nil {
			return nil, fmt.Errorf("lake: %w", err)
		}
		out = append(out, File{Path: p, Hour: hour, Bytes: info.Size()})
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
		if err := withFile(f.Path, func(p *parquet.File) error { f.Rows = p.NumRows(); return nil }); err != nil {
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

// withFile opens a Parquet file and hands it to f. A damaged file is an error with its name, never a panic.
func withFile(path string, f func(*parquet.File) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("lake file %s: damaged: %v", path, v)
		}
	}()
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("lake file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("lake file: %w", err)
	}
	p, err := parquet.OpenFile(file, info.Size(), parquet.SkipPageIndex(true))
	if err != nil {
		return fmt.Errorf("lake file %s: damaged: %w", path, err)
	}
	if err := f(p); err != nil {
		return fmt.Errorf("lake file %s: %w", path, err)
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
