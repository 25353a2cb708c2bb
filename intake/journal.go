package intake

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"
	"iter"
	"net/url"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"marque/match"
)

//go:embed journal.sql
var journalSchema string

const journalVersion = "1"

// maxQuarantine is how many refused lines are kept; the oldest go first. Their counts stay.
const maxQuarantine = 100_000

// Reason says why something counts.
type Reason string

// Reasons.
const (
	Live     Reason = "live"      // an event met an indicator that was in force when it came in
	LookBack Reason = "look-back" // an event of the lake met an indicator that arrived later
)

// Journal is one SQLite file with counts, and how far streams and files are in them: both change in one transaction.
// Reads are safe for concurrent use.
type Journal struct {
	path    string
	db      *sql.DB
	telling atomic.Bool // the outbox keeps hits
}

// OpenJournal opens the journal at path, making it where there is none. A file that is not sound is ErrDamaged.
func OpenJournal(ctx context.Context, path string) (*Journal, error) {
	q := url.Values{"_pragma": {"busy_timeout(2000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	db.SetMaxOpenConns(4)
	j := &Journal{path: path, db: db}
	err = j.check(ctx)
	if err == nil { // journals of before the outbox have none
		_, err = db.ExecContext(ctx, outboxSchema)
		err = j.fault(err)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return j, nil
}

// check makes the tables of a new file, and reads through an old one.
func (j *Journal) check(ctx context.Context) error {
	var tables int
	if err := j.db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return j.fault(err)
	}
	if tables == 0 {
		_, err := j.db.ExecContext(ctx, "BEGIN IMMEDIATE;"+journalSchema+"INSERT INTO meta VALUES ('version', '"+journalVersion+"'), ('identity', lower(hex(randomblob(8))));COMMIT;")
		return j.fault(err)
	}
	var answer, version string
	if err := j.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&answer); err != nil {
		return j.fault(err)
	}
	if answer != "ok" {
		return fmt.Errorf("journal %s: %w: %s; restore a copy, or move the file away to begin with empty counts", j.path, ErrDamaged, answer)
	}
	if err := j.db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'version'").Scan(&version); err != nil {
		return j.fault(err)
	}
	if version != journalVersion {
		return fmt.Errorf("journal %s: version %s, this program knows %s", j.path, version, journalVersion)
	}
	return nil
}

// fault names the file, and tells damage and a full disk from other faults.
func (j *Journal) fault(err error) error {
	if err == nil {
		return nil
	}
	if se := new(sqlite.Error); errors.As(err, &se) {
		switch se.Code() & 0xff { // the low byte is the primary result code
		case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
			return fmt.Errorf("journal %s: %w: %w; restore a copy, or move the file away to begin with empty counts", j.path, ErrDamaged, err)
		case sqlite3.SQLITE_FULL:
			return fmt.Errorf("journal %s: %w: %w", j.path, ErrFull, err)
		}
	}
	return fmt.Errorf("journal %s: %w", j.path, diskFault(err))
}

// Close closes the journal.
func (j *Journal) Close() error { return j.db.Close() }

// entry is what one transaction of the journal says.
type entry struct {
	stream   string // of seq; empty: no stream moves
	seq      uint64
	had      uint64 // the last message that the stream is known to have
	keys     []byte // identities of the messages, keySize each
	remember int    // identities to keep in all
	file     *follower
	tally    *match.Tally
	reason   Reason
	counters map[string]int64
	bad      []match.Bad
	arrived  *arrival
	looked   int64       // id of the look back that is done; 0: none
	hits     []match.Hit // for the outbox
	at       time.Time   // when they were found
}

// commit makes an entry durable, all of it or nothing.
func (j *Journal) commit(ctx context.Context, e *entry) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return j.fault(err)
	}
	if err := errors.Join(e.write(ctx, tx)); err != nil {
		return errors.Join(j.fault(err), tx.Rollback())
	}
	return j.fault(tx.Commit())
}

func (e *entry) write(ctx context.Context, tx *sql.Tx) error {
	if e.stream != "" {
		if _, err := tx.ExecContext(ctx, "INSERT INTO position VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq, had = excluded.had", e.stream, int64(e.seq), int64(max(e.had, e.seq))); err != nil {
			return err
		}
	}
	if f := e.file; f != nil {
		if _, err := tx.ExecContext(ctx, "UPDATE file SET path = ?, offset = ?, line = ?, digest = ?, head = ? WHERE id = ?", f.Path, f.Offset, f.Line, f.Digest, f.Head, f.id); err != nil {
			return err
		}
	}
	for name, n := range e.counters {
		if _, err := tx.ExecContext(ctx, "INSERT INTO counter VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n", name, n); err != nil {
			return err
		}
	}
	if e.looked != 0 {
		res, err := tx.ExecContext(ctx, "DELETE FROM lookback WHERE id = ?", e.looked)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errors.New("look back is done already"))
		}
	}
	for _, f := range []func(context.Context, *sql.Tx) error{e.writeKeys, e.writeSightings, e.writeRollup, e.writeBad, e.writeArrival, e.writeOutgoing} {
		if err := f(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// writeKeys keeps the identities of the segment and drops the oldest beyond the number to remember.
func (e *entry) writeKeys(ctx context.Context, tx *sql.Tx) error {
	if len(e.keys) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO seen (n, keys) VALUES (?, ?)", len(e.keys)/keySize, e.keys); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM seen WHERE id IN (
		SELECT id FROM (SELECT id, sum(n) OVER (ORDER BY id DESC) - n AS younger FROM seen) WHERE younger >= ?)`, e.remember)
	return err
}

func (e *entry) writeSightings(ctx context.Context, tx *sql.Tx) error {
	if e.tally == nil || len(e.tally.Sightings) == 0 {
		return nil
	}
	var revision int64
	if err := tx.QueryRowContext(ctx, "SELECT coalesce(max(revision), 0) + 1 FROM sighting").Scan(&revision); err != nil {
		return err
	}
	st, err := tx.PrepareContext(ctx, `INSERT INTO sighting VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		count = count + excluded.count, first = min(first, excluded.first), last = max(last, excluded.last), revision = excluded.revision`)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // ends with the transaction at the latest
	for k, s := range e.tally.Sightings {
		if _, err := st.ExecContext(ctx, k.Hour, k.Indicator, k.Sensor, string(e.reason), int64(s.Count), s.First, s.Last, revision); err != nil {
			return err
		}
	}
	return nil
}

func (e *entry) writeRollup(ctx context.Context, tx *sql.Tx) error {
	if e.tally == nil || len(e.tally.Rollup) == 0 {
		return nil
	}
	st, err := tx.PrepareContext(ctx, `INSERT INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET events = events + excluded.events`)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // ends with the transaction at the latest
	for k, n := range e.tally.Rollup {
		if _, err := st.ExecContext(ctx, k.Hour, k.Actor, k.Sponsor, k.Technique, k.Sector, k.Country, string(e.reason), int64(n)); err != nil {
			return err
		}
	}
	return nil
}

func (e *entry) writeBad(ctx context.Context, tx *sql.Tx) error {
	if len(e.bad) == 0 {
		return nil
	}
	for i := range e.bad {
		b := &e.bad[i]
		if _, err := tx.ExecContext(ctx, "INSERT INTO quarantine (source, line, offset, length, reason, text) VALUES (?, ?, ?, ?, ?, ?)",
			b.Source, b.Line, b.Offset, b.Length, string(b.Reason), b.Text); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM quarantine WHERE id <= (SELECT max(id) FROM quarantine) - ?", maxQuarantine)
	return err
}

// position returns how far a stream is in the counts, by the sequence number of its last message that is, and the last
// message that it is known to have had.
func (j *Journal) position(ctx context.Context, stream string) (seq, had uint64, err error) {
	var s, h int64
	err = j.db.QueryRowContext(ctx, "SELECT seq, had FROM position WHERE stream = ?", stream).Scan(&s, &h)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, 0, nil
	}
	return uint64(s), uint64(h), j.fault(err)
}

// each reads the rows of a query.
func (j *Journal) each(ctx context.Context, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := j.db.QueryContext(ctx, query, args...)
	if err != nil {
		return j.fault(err)
	}
	defer func() { _ = rows.Close() }() // only read
	for rows.Next() {
		if err := f(rows); err != nil {
			return j.fault(err)
		}
	}
	return j.fault(rows.Err())
}

// seen loads the identities that are remembered, oldest first.
func (j *Journal) seen(ctx context.Context, add func(keys []byte)) error {
	return j.each(ctx, func(rows *sql.Rows) error {
		var keys []byte
		if err := rows.Scan(&keys); err != nil {
			return err
		}
		add(keys)
		return nil
	}, "SELECT keys FROM seen ORDER BY id")
}

// Tally reads all counts of a reason; the empty reason is all of them together.
func (j *Journal) Tally(ctx context.Context, reason Reason) (*match.Tally, error) {
	t := match.NewTally()
	err := j.each(ctx, func(rows *sql.Rows) error {
		var k match.RollupKey
		var n int64
		err := rows.Scan(&k.Hour, &k.Actor, &k.Sponsor, &k.Technique, &k.Sector, &k.Country, &n)
		t.Rollup[k] += uint64(n)
		return err
	}, "SELECT hour, actor, sponsor, technique, sector, country, events FROM rollup WHERE ? IN ('', reason)", string(reason))
	if err != nil {
		return nil, err
	}
	for s, err := range j.Sightings(ctx, 0) {
		if err != nil {
			return nil, err
		}
		if reason == "" || s.Reason == reason {
			old, ok := t.Sightings[s.SightingKey]
			next := match.Sighting{Count: s.Count, First: s.First.UnixNano(), Last: s.Last.UnixNano()}
			if ok {
				next = match.Sighting{Count: old.Count + next.Count, First: min(old.First, next.First), Last: max(old.Last, next.Last)}
			}
			t.Sightings[s.SightingKey] = next
		}
	}
	return t, nil
}

// Sighting is a row of the journal: the count as it stands, and the revision that changed it last.
type Sighting struct {
	match.SightingRow
	Reason   Reason `json:"reason"`
	Revision int64  `json:"revision"`
}

// Sightings streams the sightings that changed after a revision, by revision.
func (j *Journal) Sightings(ctx context.Context, after int64) iter.Seq2[Sighting, error] {
	return func(yield func(Sighting, error) bool) {
		rows, err := j.db.QueryContext(ctx, "SELECT hour, indicator, sensor, reason, count, first, last, revision FROM sighting WHERE revision > ? ORDER BY revision", after)
		if err != nil {
			yield(Sighting{}, j.fault(err))
			return
		}
		defer func() { _ = rows.Close() }() // only read
		for rows.Next() {
			var s Sighting
			var first, last int64
			if err := rows.Scan(&s.Hour, &s.Indicator, &s.Sensor, &s.Reason, &s.Count, &first, &last, &s.Revision); err != nil {
				yield(Sighting{}, j.fault(err))
				return
			}
			s.First, s.Last = time.Unix(0, first).UTC(), time.Unix(0, last).UTC()
			if !yield(s, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Sighting{}, j.fault(err))
		}
	}
}

// Counters returns what was counted since the journal was made: lines, events, matched, repeated and lost messages, bad lines by reason.
func (j *Journal) Counters(ctx context.Context) (map[string]int64, error) {
	out := map[string]int64{}
	err := j.each(ctx, func(rows *sql.Rows) error {
		var name string
		var n int64
		err := rows.Scan(&name, &n)
		out[name] = n
		return err
	}, "SELECT name, n FROM counter")
	return out, err
}

// Quarantine streams the lines that were refused, oldest first.
func (j *Journal) Quarantine(ctx context.Context) iter.Seq2[match.Bad, error] {
	return func(yield func(match.Bad, error) bool) {
		rows, err := j.db.QueryContext(ctx, "SELECT source, line, offset, length, reason, text FROM quarantine ORDER BY id")
		if err != nil {
			yield(match.Bad{}, j.fault(err))
			return
		}
		defer func() { _ = rows.Close() }() // only read
		for rows.Next() {
			var b match.Bad
			if err := rows.Scan(&b.Source, &b.Line, &b.Offset, &b.Length, &b.Reason, &b.Text); err != nil {
				yield(match.Bad{}, j.fault(err))
				return
			}
			if !yield(b, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(match.Bad{}, j.fault(err))
		}
	}
}

// maxFiles is how many followed files are remembered; the oldest go first.
const maxFiles = 10_000

// files returns the files that were followed.
func (j *Journal) files(ctx context.Context) ([]*follower, error) {
	var out []*follower
	err := j.each(ctx, func(rows *sql.Rows) error {
		f := new(follower)
		out = append(out, f)
		return rows.Scan(&f.id, &f.Path, &f.Offset, &f.Line, &f.Digest, &f.Head)
	}, "SELECT id, path, offset, line, digest, head FROM file ORDER BY id")
	return out, err
}

// addFile gives a file its number.
func (j *Journal) addFile(ctx context.Context, f *follower) error {
	res, err := j.db.ExecContext(ctx, "INSERT INTO file (path, offset, line, digest, head) VALUES (?, 0, 0, '', 0)", f.Path)
	if err != nil {
		return j.fault(err)
	}
	if f.id, err = res.LastInsertId(); err != nil {
		return j.fault(err)
	}
	_, err = j.db.ExecContext(ctx, "DELETE FROM file WHERE id <= ?", f.id-maxFiles)
	return j.fault(err)
}

// identity is the journal's name in the lake's segments of followed files: a new journal does not touch an old one's.
func (j *Journal) identity(ctx context.Context) (string, error) {
	var id string
	err := j.db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'identity'").Scan(&id)
	return id, j.fault(err)
}

// lookBacksDue is how many arrivals are to be looked up in the past.
func (j *Journal) lookBacksDue(ctx context.Context) (int, error) {
	var n int
	err := j.db.QueryRowContext(ctx, "SELECT count(*) FROM lookback").Scan(&n)
	return n, j.fault(err)
}
