package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"marque/internal/durable"
	"marque/store"
)

// Config adjusts a store. The zero value works.
type Config struct {
	// Now is the clock for the times at which things are stored. Nil is time.Now.
	Now func() time.Time
	// BusyTimeout is how long a write waits for another process. Zero is ten seconds.
	BusyTimeout time.Duration
	// MaxBytes limits the size of the database file; a write beyond it is store.ErrFull. Zero is no limit but the disk's.
	MaxBytes int64
	// Readers is how many connections read at the same time. Zero is four.
	Readers int
}

// Validate returns every problem of the configuration at once.
func (c Config) Validate() error {
	var errs []error
	if c.BusyTimeout < 0 {
		errs = append(errs, fmt.Errorf("busy timeout %v: want zero or more", c.BusyTimeout))
	}
	if c.MaxBytes < 0 {
		errs = append(errs, fmt.Errorf("size limit of %d bytes: want zero or more", c.MaxBytes))
	}
	if c.Readers < 0 {
		errs = append(errs, fmt.Errorf("%d reading connections: want zero or more", c.Readers))
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.BusyTimeout == 0 {
		c.BusyTimeout = 10 * time.Second
	}
	if c.Readers == 0 {
		c.Readers = 4
	}
	return c
}

// DB is a store in one SQLite file. It is safe for concurrent use.
type DB struct {
	write *sql.DB // one connection
	read  *sql.DB
	cfg   Config

	mu         sync.Mutex
	statements map[string]*sql.Stmt   // for reading, by their text
	damage     map[int64]store.Damage // that readers met, by sequence
	origins    map[int64]origin       // of batches, by their numbers
}

// maxStatements bounds the statements that are kept ready. Queries have few shapes; their values are parameters.
const maxStatements = 256

// statement is a statement for reading that is kept ready: to parse one costs more than to look an object up. It is nil where as many are
// kept as may be.
func (db *DB) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	db.mu.Lock()
	stmt := db.statements[text]
	full := len(db.statements) >= maxStatements
	db.mu.Unlock()
	if stmt != nil || full {
		return stmt, nil
	}
	made, err := db.read.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	db.mu.Lock()
	if stmt = db.statements[text]; stmt == nil {
		stmt, db.statements[text] = made, made
	}
	db.mu.Unlock()
	if stmt != made {
		_ = made.Close() //nolint:sqlclosecheck // who came second closes the own one; the other is kept
	}
	return stmt, nil
}

// query asks with a statement that is kept ready.
func (db *DB) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	stmt, err := db.statement(ctx, text) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return db.read.QueryContext(ctx, text, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// ready is a querier whose statements are kept ready.
type ready struct{ *DB }

func (db ready) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if stmt, err := db.statement(ctx, text); err == nil && stmt != nil { //nolint:sqlclosecheck // it is kept
		return stmt.QueryRowContext(ctx, args...)
	}
	return db.read.QueryRowContext(ctx, text, args...) // and tells the error
}

var _ store.Store = (*DB)(nil)

// pageSize is that of new files: objects are around a kilobyte, and larger pages hold them without overflow chains.
const pageSize = 8192

// Open opens the store in the file at path, making or migrating it where needed. A file that cannot be written is opened for reading; writes
// return store.ErrReadOnly. Errors: store.ErrNewer, store.ErrLocked, store.ErrEmpty, store.ErrDamaged.
func Open(ctx context.Context, path string, cfg Config) (*DB, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	cfg = cfg.withDefaults()
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		if err := create(ctx, path, cfg); err != nil {
			return nil, fmt.Errorf("make store %s: %w", path, storeError(err))
		}
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return nil, fmt.Errorf("open store %s: %w; put a copy in its place, or remove it to begin anew", path, store.ErrEmpty)
	}
	write, err := openWriter(path, cfg)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	db := &DB{write: write, cfg: cfg, statements: map[string]*sql.Stmt{}, damage: map[int64]store.Damage{}, origins: map[int64]origin{}}
	if err := storeError(db.prepare(ctx)); err != nil {
		_ = write.Close()
		if errors.Is(err, store.ErrReadOnly) {
			return openReadOnly(ctx, path, cfg)
		}
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	if db.read, err = sql.Open("sqlite", dsn(path, cfg, "query_only(1)")); err != nil {
		_ = write.Close()
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	db.read.SetMaxOpenConns(cfg.Readers)
	db.read.SetMaxIdleConns(cfg.Readers)
	return db, nil
}

// openWriter opens the one connection that writes.
func openWriter(path string, cfg Config) (*sql.DB, error) {
	write, err := sql.Open("sqlite", dsn(path, cfg, "synchronous(FULL)", "cache_size(-32768)", "wal_autocheckpoint(4000)"))
	if err == nil {
		write.SetMaxOpenConns(1)
	}
	return write, err
}

// create makes a new store beside its place and puts it there whole. So no file of 0 bytes is ever a store that another process is just making,
// or that a kill left half made: one that has 0 bytes has lost what it held. Of two processes that do this at once, the second finds the
// store of the first.
func create(ctx context.Context, path string, cfg Config) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	made := f.Name()
	defer os.Remove(made) // the second name of what was put in place
	if err := f.Close(); err != nil {
		return err
	}
	write, err := openWriter(made, cfg)
	if err != nil {
		return err
	}
	if err := errors.Join((&DB{write: write, cfg: cfg}).migrate(ctx, 0), write.Close()); err != nil {
		return err
	}
	if err := os.Link(made, path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := os.Rename(made, path); err != nil { // a file system without links
			return err
		}
	}
	return durable.SyncDir(durable.OS, filepath.Dir(path))
}

// openReadOnly opens a file that cannot be written, or that lies in a folder that cannot. SQLite wants to write beside a file in WAL mode even
// to read it, unless it is told that the file stays as it is: so it does, as far as we are concerned, once no log waits to be
// taken in.
func openReadOnly(ctx context.Context, path string, cfg Config) (*DB, error) {
	address := dsn(path, cfg, "query_only(1)") + "&mode=ro"
	if log, err := os.Stat(path + "-wal"); err != nil || log.Size() == 0 {
		address += "&immutable=1"
	}
	read, err := sql.Open("sqlite", strings.Replace(address, "_txlock=immediate", "_txlock=deferred", 1))
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", path, err)
	}
	read.SetMaxOpenConns(cfg.Readers)
	db := &DB{write: read, read: read, cfg: cfg, statements: map[string]*sql.Stmt{}, damage: map[int64]store.Damage{}, origins: map[int64]origin{}}
	version, err := db.schemaVersion(ctx)
	if err == nil && version != schemaVersion {
		err = fmt.Errorf("%w, and its version %d is not this program's, %d: make it writable once", store.ErrReadOnly, version, schemaVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store %s: %w", path, storeError(err)), read.Close())
	}
	return db, nil
}

// Close closes the file. What was acknowledged needs no Close to be safe.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close())
}

// prepare brings an older store up to date.
func (db *DB) prepare(ctx context.Context) error {
	version, err := db.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if version != schemaVersion {
		if err := db.migrate(ctx, version); err != nil {
			return err
		}
	}
	if db.cfg.MaxBytes > 0 {
		// The page size of an existing file need not be the one of new files.
		var size int64
		if err := db.write.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
			return err
		}
		_, err := db.write.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", max(1, db.cfg.MaxBytes/size)))
		return err
	}
	return nil
}

// dsn is the address of the file with what each new connection sets first. Transactions take the write lock when they begin:
// two writers then wait for each other instead of failing half-way.
func dsn(path string, cfg Config, pragmas ...string) string {
	q := url.Values{"_txlock": {"immediate"}}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", cfg.BusyTimeout.Milliseconds()))
	for _, p := range pragmas {
		q.Add("_pragma", p)
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// storeError puts the sentinels of package store around the errors of SQLite that callers tell apart.
func storeError(err error) error {
	var se *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return store.ErrNotFound
	case !errors.As(err, &se):
		return err
	}
	switch se.Code() & 0xff { // the low byte is the primary result code
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", store.ErrLocked, err)
	}
	return err
}
