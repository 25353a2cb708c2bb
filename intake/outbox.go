package intake

import (
	"context"
	"database/sql"
	_ "embed" // the schema
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"marque/match"
)

//go:embed outbox.sql
var outboxSchema string

// Outgoing is a hit in the outbox, for sinks to be told of it.
type Outgoing struct {
	Seq int64
	At  time.Time // when it was committed
	Why Reason
	Hit match.Hit
}

// Told is an indicator at a host that a sink told of on a day; the key is the sink's own.
type Told struct {
	Key [16]byte
	Day int64 // days since 1970
}

// Dead is an alert that a sink would not take.
type Dead struct {
	Sink   string          `json:"sink"`
	At     time.Time       `json:"at"`
	Reason string          `json:"reason"`
	Seq    int64           `json:"seq"`
	Alert  json.RawMessage `json:"alert"`
}

// toldDays is how long it is remembered what was told; events that come later than that are told again.
const toldDays = 40

// Enrol has the outbox keep hits for these sinks and for no others. A sink that is new begins with the hits that come next. It returns
// the outbox's identity, which a journal made anew does not share, and behind which hit each sink stands.
func (j *Journal) Enrol(ctx context.Context, sinks []string) (identity string, at map[string]int64, err error) {
	if identity, err = j.identity(ctx); err != nil {
		return "", nil, err
	}
	at = map[string]int64{}
	err = j.change(ctx, func(tx *sql.Tx) error {
		old, err := standing(ctx, tx)
		if err != nil {
			return err
		}
		var last int64 // of all that ever were there
		err = tx.QueryRowContext(ctx, "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").Scan(&last)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		for _, name := range sinks {
			seq, known := old[name]
			if !known {
				seq = last
			}
			at[name] = seq
			if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO sink VALUES (?, ?)", name, seq); err != nil {
				return err
			}
			delete(old, name)
		}
		for name := range old {
			if _, err := tx.ExecContext(ctx, "DELETE FROM sink WHERE name = ?", name); err != nil {
				return err
			}
		}
		return trim(ctx, tx)
	})
	if err != nil {
		return "", nil, err
	}
	j.telling.Store(len(sinks) > 0)
	return identity, at, nil
}

// standing tells behind which hit each sink stands.
func standing(ctx context.Context, tx *sql.Tx) (map[string]int64, error) {
	rows, err := tx.QueryContext(ctx, "SELECT name, seq FROM sink")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // only read
	at := map[string]int64{}
	for rows.Next() {
		var name string
		var seq int64
		if err := rows.Scan(&name, &seq); err != nil {
			return nil, err
		}
		at[name] = seq
	}
	return at, rows.Err()
}

// change runs a transaction.
func (j *Journal) change(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := j.db.BeginTx(ctx, nil)
	if err != nil {
		return j.fault(err)
	}
	if err := f(tx); err != nil {
		return errors.Join(j.fault(err), tx.Rollback())
	}
	return j.fault(tx.Commit())
}

// trim drops the hits that every sink has passed.
func trim(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM outbox WHERE seq <= coalesce((SELECT min(seq) FROM sink), 9223372036854775807)")
	return err
}

// writeOutgoing keeps the hits of an entry for the sinks.
func (e *entry) writeOutgoing(ctx context.Context, tx *sql.Tx) error {
	if len(e.hits) == 0 {
		return nil
	}
	st, err := tx.PrepareContext(ctx, "INSERT INTO outbox (at, reason, hit) VALUES (?, ?, ?)")
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // ends with the transaction at the latest
	for i := range e.hits {
		hit, err := json.Marshal(&e.hits[i])
		if err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx, e.at.UnixNano(), string(e.reason), hit); err != nil {
			return err
		}
	}
	return nil
}

// Pending returns the first hits behind one, in order.
func (j *Journal) Pending(ctx context.Context, after int64, limit int) ([]Outgoing, error) {
	var out []Outgoing
	err := j.each(ctx, func(rows *sql.Rows) error {
		var o Outgoing
		var at int64
		var hit []byte
		if err := rows.Scan(&o.Seq, &at, &o.Why, &hit); err != nil {
			return err
		}
		o.At = time.Unix(0, at).UTC()
		if err := json.Unmarshal(hit, &o.Hit); err != nil {
			return fmt.Errorf("outbox %d: %w", o.Seq, err)
		}
		out = append(out, o)
		return nil
	}, "SELECT seq, at, reason, hit FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?", after, limit)
	return out, err
}

// Advance moves a sink behind a hit, and remembers what it told and what it would not take: all of it or nothing. Hits that every sink
// has passed are gone.
func (j *Journal) Advance(ctx context.Context, sink string, seq int64, told []Told, buried []Dead) error {
	return j.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE sink SET seq = ? WHERE name = ? AND seq < ?", seq, sink, seq); err != nil {
			return err
		}
		youngest := int64(0)
		for _, t := range told {
			youngest = max(youngest, t.Day)
			if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO told VALUES (?, ?, ?)", sink, t.Day, t.Key[:]); err != nil {
				return err
			}
		}
		if len(told) > 0 {
			if _, err := tx.ExecContext(ctx, "DELETE FROM told WHERE sink = ? AND day < ?", sink, youngest-toldDays); err != nil {
				return err
			}
		}
		for _, d := range buried {
			if _, err := tx.ExecContext(ctx, "INSERT INTO dead (sink, at, seq, reason, alert) VALUES (?, ?, ?, ?, ?)", d.Sink, d.At.UnixNano(), d.Seq, d.Reason, []byte(d.Alert)); err != nil {
				return err
			}
		}
		return trim(ctx, tx)
	})
}

// Told tells which of some keys a sink has told of.
func (j *Journal) Told(ctx context.Context, sink string, keys []Told) (map[Told]bool, error) {
	out := map[Told]bool{}
	for _, k := range keys {
		var n int
		err := j.db.QueryRowContext(ctx, "SELECT count(*) FROM told WHERE sink = ? AND day = ? AND key = ?", sink, k.Day, k.Key[:]).Scan(&n)
		if err != nil {
			return nil, j.fault(err)
		}
		if n > 0 {
			out[k] = true
		}
	}
	return out, nil
}

// Waiting counts the hits behind one.
func (j *Journal) Waiting(ctx context.Context, after int64) (int64, error) {
	var n int64
	err := j.db.QueryRowContext(ctx, "SELECT count(*) FROM outbox WHERE seq > ?", after).Scan(&n)
	return n, j.fault(err)
}
