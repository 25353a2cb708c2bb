package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"marque/stix"
	"marque/store"
	"marque/store/decide"
)

// reader reads through a view.
type reader struct {
	db   *DB
	view store.View
}

var _ store.Reader = reader{}

// View fixes what is read.
func (db *DB) View(v store.View) store.Reader { return reader{db: db, view: v} }

// These conditions on a version are the only place where time and TLP level are enforced; every query over versions carries one of
// them. :bound is the last sequence that the view sees, :tlp its level. What they decide stands in the package comment.

// top is the version that rules a line for this view, of which column is wanted: the latest among those that it shows, and those
// whose creator marked them above it.
func top(of, column string) string {
	return `(SELECT l.` + column + ` FROM versions l WHERE l.id = ` + of + `.id AND l.line = ` + of + `.line AND l.seq <= :bound
		AND (l.level <= :tlp OR l.own >= 0 AND l.version <> '') ORDER BY l.version DESC, l.seq DESC LIMIT 1)`
}

// shown: the version may be seen, and nothing later of its line withdrew it.
func shown(v string) string {
	return v + `.seq <= :bound AND ` + v + `.level <= :tlp AND :tlp >= ` + top(v, "level")
}

// leads: no other line that shows anything of the object comes before that of v. Lines come in the order of what they show, those apart
// after all others.
var leads = fmt.Sprintf(`NOT EXISTS (SELECT 1 FROM versions m WHERE m.id = v.id AND m.line <> v.line AND %s
	AND CASE (m.line < %[2]d) - (v.line < %[2]d) WHEN 1 THEN 1 WHEN 0 THEN m.seq < (SELECT min(f.seq) FROM versions f
		WHERE f.id = v.id AND f.line = v.line AND f.seq <= :bound AND f.level <= :tlp) END)`, shown("m"), decide.Apart)

// once: what was told again more freely is no version of its own for who saw it before. among is a condition on the earlier d.
func once(v, among string) string {
	return `(` + v + `.twin = 0 OR NOT EXISTS (SELECT 1 FROM versions d WHERE d.seq = ` + v + `.twin AND d.level <= :tlp` + among + `))`
}

var (
	// visibleLatest: v is the latest version, and may be seen.
	visibleLatest = `v.seq <= :bound AND v.level <= :tlp AND v.seq = ` + top("v", "seq") + ` AND ` + leads

	// visible: v is any version that may be seen.
	visible = shown("v") + ` AND ` + leads
)

// args are the parameters of the conditions above, and those of the query itself.
func (r reader) args(ctx context.Context, more ...any) ([]any, error) {
	bound, err := r.bound(ctx)
	if err != nil {
		return nil, err
	}
	return append([]any{sql.Named("bound", bound), sql.Named("tlp", int(r.view.MaxTLP))}, more...), nil
}

// bound is the last sequence that the view sees.
func (r reader) bound(ctx context.Context) (int64, error) {
	if r.view.AsOf.IsZero() {
		return r.db.lastSeq(ctx, ready{r.db}, 1<<63-1)
	}
	return r.db.lastSeq(ctx, ready{r.db}, r.view.AsOf.UnixMicro())
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// lastSeq is the last sequence that was stored by a time in microseconds.
func (db *DB) lastSeq(ctx context.Context, q querier, stored int64) (int64, error) {
	var seq int64
	err := q.QueryRowContext(ctx, `SELECT last_seq FROM batches WHERE stored <= ? ORDER BY stored DESC LIMIT 1`, stored).Scan(&seq)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return seq, err
}

// addedSeq is the last sequence that was added by a moment.
func (db *DB) addedSeq(ctx context.Context, q querier, added time.Time) (int64, error) {
	before, err := db.lastSeq(ctx, q, added.UnixMicro())
	if err != nil {
		return 0, err
	}
	var stored, last int64
	err = q.QueryRowContext(ctx, `SELECT stored, last_seq FROM batches WHERE stored > ? ORDER BY stored LIMIT 1`, added.UnixMicro()).Scan(&stored, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return before, nil
	}
	return decide.AddedBy(added, before, stored, last), err
}

// added is when a sequence was added.
func (db *DB) added(ctx context.Context, q querier, seq int64) (time.Time, error) {
	var stored, last int64
	err := q.QueryRowContext(ctx, `SELECT stored, last_seq FROM batches WHERE last_seq >= ? ORDER BY last_seq LIMIT 1`, seq).Scan(&stored, &last)
	return decide.Added(stored, last, seq), err
}

// columns are what record scans after the sequence: the version and the batch that brought it.
func columns(batch string) string { return `v.id, v.level, v.raw, ` + batch }

// record reads one row of "seq, columns", with what stands before it, and returns the batch that brought it. Where the bytes cannot be those that
// were stored, the record has no object and there is a damage.
func record(rows *sql.Rows, before ...any) (rec *store.Record, batch int64, damage *store.Damage, err error) {
	var (
		id  stix.ID
		raw []byte
	)
	rec = new(store.Record)
	if err := rows.Scan(append(before, &rec.Seq, &id, &rec.Level, &raw, &batch)...); err != nil {
		return nil, 0, nil, err
	}
	if rec.Object, err = stix.Parse(raw); err == nil && rec.ID != id {
		err = fmt.Errorf("its bytes are those of %s", rec.ID)
	}
	if err != nil {
		damage = &store.Damage{Seq: rec.Seq, ID: id, Reason: err.Error()}
	}
	return rec, batch, damage, nil
}

// origin is what all records of a batch have in common. It never changes.
type origin struct {
	stored, last int64 // stamp and last sequence of the batch
	provenance   store.Provenance
}

// maxOrigins bounds the origins that are kept at hand.
const maxOrigins = 10_000

// origins are those of batches, most of which are at hand.
func (db *DB) originsOf(ctx context.Context, batches []int64) (map[int64]origin, error) {
	found := make(map[int64]origin, 8)
	var missing []int64
	db.mu.Lock()
	for _, b := range batches {
		if _, ok := found[b]; ok {
			continue
		}
		o, ok := db.origins[b]
		if found[b] = o; !ok {
			missing = append(missing, b)
		}
	}
	db.mu.Unlock()
	if len(missing) == 0 {
		return found, nil
	}
	rows, err := db.query(ctx, `SELECT b.id, b.stored, b.last_seq, b.read, s.document, s.source, s.digest, s.tlp, i.name
		FROM json_each(?) j CROSS JOIN batches b ON b.id = j.value CROSS JOIN sources s ON s.id = b.source CROSS JOIN importers i ON i.id = s.importer`,
		[]any{jsonList(missing)})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	db.mu.Lock()
	defer db.mu.Unlock()
	if len(db.origins)+len(missing) > maxOrigins {
		clear(db.origins)
	}
	for rows.Next() {
		var (
			id, read int64
			o        origin
			p        = &o.provenance
		)
		if err := rows.Scan(&id, &o.stored, &o.last, &read, &p.Document, &p.Source, &p.Digest, &p.TLP, &p.Importer); err != nil {
			return nil, err
		}
		p.Time = decide.Moment(read)
		found[id], db.origins[id] = o, o
	}
	return found, rows.Err()
}

// settle completes records with what their batches say. The provenance is left out where it is above the view's level itself: an object may be
// shared more widely than where it was read.
func (r reader) settle(ctx context.Context, recs []*store.Record, batches []int64) error {
	origins, err := r.db.originsOf(ctx, batches)
	if err != nil {
		return err
	}
	for i, rec := range recs {
		o := origins[batches[i]]
		rec.Stored, rec.Added = decide.Moment(o.stored), decide.Added(o.stored, o.last, rec.Seq)
		if o.provenance.TLP <= r.view.MaxTLP {
			rec.Provenance = o.provenance
		}
	}
	return nil
}

// LastSeq is the sequence of the newest record, 0 in an empty store.
func (db *DB) LastSeq(ctx context.Context) (int64, error) {
	return db.lastSeq(ctx, ready{db}, 1<<63-1)
}
