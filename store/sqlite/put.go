package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"marque/stix"
	"marque/store"
	"marque/store/decide"
)

// Put stores a batch, all or nothing, and returns when it is durable.
func (db *DB) Put(ctx context.Context, p store.Provenance, objects []*stix.Object) (store.PutResult, error) {
	if p.TLP < stix.Clear || p.TLP > stix.Red {
		return store.PutResult{}, fmt.Errorf("put: provenance with level %v: want TLP:CLEAR to TLP:RED", p.TLP)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	prepared := decide.Items(ctx, p, objects)
	var res store.PutResult
	err := db.update(ctx, func(tx *sql.Tx) error {
		b := &batch{tx: tx, provenance: p, now: db.cfg.Now}
		if err := b.begin(ctx); err != nil {
			return err
		}
		if err := b.define(ctx, objects); err != nil {
			return err
		}
		for chunk, err := range prepared {
			if err != nil {
				return err
			}
			// Not ctx: a context that can be cancelled costs a goroutine per statement.
			if err := b.add(context.WithoutCancel(ctx), chunk); err != nil {
				return err
			}
		}
		res = b.result
		return b.end(ctx)
	})
	if err != nil {
		return store.PutResult{}, fmt.Errorf("put %d objects: %w", len(objects), err)
	}
	return res, nil
}

// withdraw takes back all that an importer told of the version that stands under a sequence: it may have told it at several levels.
const withdraw = `
	WITH same AS (
		SELECT w.seq, w.importer FROM versions v JOIN versions w ON w.id = v.id AND w.line = v.line AND w.version = v.version AND w.digest = v.digest
		WHERE v.seq = coalesce((SELECT version FROM provenance WHERE seq = :target), :target)),
	told AS (
		SELECT seq FROM same WHERE importer = :importer
		UNION ALL SELECT p.seq FROM same JOIN provenance p ON p.version = same.seq WHERE p.importer = :importer AND p.fresh)
	INSERT INTO withdrawals (seq, target)
	SELECT :seq + row_number() OVER (ORDER BY seq), seq FROM told
	WHERE :target IN (SELECT seq FROM told) AND seq NOT IN (SELECT target FROM withdrawals)`

// Withdraw takes back what an importer brought.
func (db *DB) Withdraw(ctx context.Context, importer string, seqs []int64) error {
	err := db.update(ctx, func(tx *sql.Tx) error {
		b := &batch{tx: tx, provenance: store.Provenance{Importer: importer}, now: db.cfg.Now}
		if err := b.begin(ctx); err != nil {
			return err
		}
		stmt, err := tx.PrepareContext(ctx, withdraw)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, target := range seqs {
			res, err := stmt.ExecContext(ctx, sql.Named("seq", b.seq), sql.Named("target", target), sql.Named("importer", b.importer))
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			b.seq += n
		}
		return b.end(ctx)
	})
	if err != nil {
		return fmt.Errorf("withdraw %d records of %s: %w", len(seqs), importer, err)
	}
	return nil
}

// errNothing ends a transaction that has nothing to write.
var errNothing = errors.New("nothing to write")

// update runs one writing transaction.
func (db *DB) update(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return storeError(err)
	}
	if err := f(tx); err != nil {
		rerr := tx.Rollback()
		if errors.Is(err, errNothing) {
			return storeError(rerr)
		}
		return storeError(err)
	}
	return storeError(tx.Commit())
}

// batch is a Put under way.
type batch struct {
	tx         *sql.Tx
	provenance store.Provenance
	now        func() time.Time

	id, source, importer int64
	before, stored       int64 // last sequence and time stamp before this batch
	seq                  int64 // last sequence given out
	index                int   // of the next object
	result               store.PutResult

	levels  definitions
	changed []stix.ID            // markings whose definition came with this batch
	raised  map[stix.ID]stix.TLP // objects of which a version came that its creator marked

	ends                    []edgeAt
	refs                    []markedAt
	versions, edges, marked *inserter
	words                   *sql.Stmt // row by row: FTS5 flushes its memory at each statement of several rows
	again                   *sql.Stmt
}

type edgeAt struct {
	decide.Edge
	seq int64
}

type markedAt struct {
	marking stix.ID
	seq     int64
}

// begin finds the batch's place after all others, and its source.
func (b *batch) begin(ctx context.Context) error {
	err := b.tx.QueryRowContext(ctx, `SELECT id, last_seq, stored FROM batches ORDER BY id DESC LIMIT 1`).Scan(&b.id, &b.before, &b.stored)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	b.id, b.seq = b.id+1, b.before
	p := b.provenance
	err = b.tx.QueryRowContext(ctx, `INSERT INTO importers (name) VALUES (?) ON CONFLICT DO UPDATE SET name = name RETURNING id`,
		p.Importer).Scan(&b.importer)
	if err != nil {
		return err
	}
	err = b.tx.QueryRowContext(ctx, `INSERT INTO sources (importer, document, source, digest, tlp) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET tlp = tlp RETURNING id`,
		b.importer, string(p.Document), p.Source, p.Digest, int(p.TLP)).Scan(&b.source)
	if err != nil {
		return err
	}
	b.raised = map[stix.ID]stix.TLP{}
	b.levels = definitions{tx: b.tx, apart: p.Apart, known: decide.Definitions{}}
	b.versions = &inserter{
		tx: b.tx, columns: 16,
		into: "versions (seq, id, type, version, creator, level, batch, importer, digest, raw, track, line, own, told, twin, derived)",
	}
	b.marked = &inserter{tx: b.tx, into: "marked (marking, seq)", columns: 2}
	b.edges = &inserter{tx: b.tx, into: "edges (node, dir, seq)", columns: 3}
	b.words, err = b.tx.PrepareContext(ctx, `INSERT INTO words (rowid, name, aliases, body) VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	b.again, err = b.tx.PrepareContext(ctx, `
		INSERT INTO provenance (seq, version, batch, source, importer, fresh)
		SELECT :seq, known.seq, :batch, :source, :importer, known.fresh FROM (
			SELECT v.seq, b.source,
				NOT (v.importer = :importer AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.target = v.seq))
				AND NOT EXISTS (SELECT 1 FROM provenance p JOIN sources t ON t.id = p.source
					WHERE p.version = v.seq AND p.importer = :importer AND p.fresh AND (v.own >= 0 OR t.tlp <= :told)
					AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.target = p.seq)) AS fresh
			FROM versions v JOIN batches b ON b.id = v.batch WHERE v.seq = :version) known
		WHERE known.fresh OR known.source <> :source AND NOT EXISTS
			(SELECT 1 FROM provenance p WHERE p.version = known.seq AND p.source = :source)`)
	return err
}

// end writes the batch's own row, with the time that everything in it was stored.
func (b *batch) end(ctx context.Context) error {
	// Sorted, neighbours in the index are written together.
	slices.SortFunc(b.ends, func(x, y edgeAt) int {
		return cmp.Or(cmp.Compare(x.Node, y.Node), cmp.Compare(x.Dir, y.Dir), cmp.Compare(x.seq, y.seq))
	})
	for _, e := range b.ends {
		if err := b.edges.add(ctx, string(e.Node), int(e.Dir), e.seq); err != nil {
			return err
		}
	}
	slices.SortFunc(b.refs, func(x, y markedAt) int { return cmp.Or(cmp.Compare(x.marking, y.marking), cmp.Compare(x.seq, y.seq)) })
	for _, r := range b.refs {
		if err := b.marked.add(ctx, string(r.marking), r.seq); err != nil {
			return err
		}
	}
	for _, in := range []*inserter{b.versions, b.edges, b.marked} {
		if err := in.flush(ctx); err != nil {
			return err
		}
	}
	for _, id := range b.changed {
		if err := b.relevel(ctx, id); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.raised)) {
		if err := raise(ctx, b.tx, id, b.raised[id]); err != nil {
			return err
		}
	}
	if b.seq == b.before && len(b.changed) > 0 {
		b.seq++ // a definition that was refused counts all the same, and who keeps what it read by sequence must read again
	}
	if b.seq == b.before {
		return errNothing
	}
	stored := decide.Stamp(b.now(), b.stored, b.seq-b.before)
	_, err := b.tx.ExecContext(ctx, `INSERT INTO batches (id, source, read, stored, last_seq) VALUES (?, ?, ?, ?, ?)`,
		b.id, b.source, b.provenance.Time.UnixMicro(), stored, b.seq)
	return err
}

func (b *batch) add(ctx context.Context, items []decide.Item) error {
	have, err := b.lookUp(ctx, items)
	if err != nil {
		return err
	}
	for i := range items {
		it := &items[i]
		if len(it.Open) > 0 {
			define, err := b.levels.of(ctx, it.Open)
			if err != nil {
				return err
			}
			it.Mark(b.provenance.TLP, define)
		}
		id := it.Object.ID
		v := decide.Judge(it, have[id], b.seq+1)
		b.result.Count(v.Outcome)
		switch {
		case v.Stored():
			have[id] = append(have[id], v.Known(it, b.seq+1))
			err = b.insert(ctx, it, v)
		case v.Outcome == store.Unchanged:
			err = b.repeat(ctx, v.Same)
		default:
			b.result.Refused = append(b.result.Refused, store.Refusal{Index: b.index, Object: it.Object, Reason: v.Reason})
		}
		if err != nil {
			return err
		}
		b.index++
	}
	return nil
}

// lookUp finds all versions of the objects of a chunk.
func (b *batch) lookUp(ctx context.Context, items []decide.Item) (map[stix.ID][]decide.Known, error) {
	// What an earlier chunk of this batch brought must be seen.
	if err := b.versions.flush(ctx); err != nil {
		return nil, err
	}
	ids := make([]string, len(items))
	for i := range items {
		ids[i] = string(items[i].Object.ID)
	}
	rows, err := b.tx.QueryContext(ctx, `SELECT v.id, v.seq, v.line, v.version, v.creator, v.track, v.level, v.own, v.digest FROM versions v
		WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.seq`, jsonList(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	have := make(map[stix.ID][]decide.Known, len(items))
	for rows.Next() {
		var (
			id     stix.ID
			k      decide.Known
			digest sql.RawBytes
		)
		if err := rows.Scan(&id, &k.Seq, &k.Line, &k.Version, &k.Creator, &k.Track, &k.Level, &k.Own, &digest); err != nil {
			return nil, err
		}
		copy(k.Digest[:], digest)
		have[id] = append(have[id], k)
	}
	return have, rows.Err()
}

// insert stores a version with its edges and words.
func (b *batch) insert(ctx context.Context, it *decide.Item, v decide.Verdict) error {
	b.seq++
	o := it.Object
	if v.Raises(it) {
		b.raised[o.ID] = it.Level
	}
	err := b.versions.add(ctx, b.seq, string(o.ID), o.Type, it.Version, it.Creator(), int(it.Level), b.id, b.importer,
		it.Digest[:], o.Raw(), it.Track, v.Line, it.Own, int(b.provenance.TLP), v.Twin, b.provenance.Derived)
	if err != nil {
		return err
	}
	for _, e := range it.Edges {
		b.ends = append(b.ends, edgeAt{e, b.seq})
	}
	for _, id := range it.Open {
		b.refs = append(b.refs, markedAt{id, b.seq})
	}
	if it.Words != (decide.Words{}) {
		_, err = b.words.ExecContext(ctx, b.seq, it.Words.Name, it.Words.Aliases, it.Words.Body)
	}
	return err
}

// repeat notes that this batch's source brought a known version too.
func (b *batch) repeat(ctx context.Context, version int64) error {
	res, err := b.again.ExecContext(ctx, sql.Named("seq", b.seq+1), sql.Named("version", version), sql.Named("batch", b.id),
		sql.Named("source", b.source), sql.Named("importer", b.importer), sql.Named("told", int(b.provenance.TLP)))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	b.seq += n
	return err
}

// inserter gathers rows and inserts many with one statement: the way into SQLite costs more than a row.
type inserter struct {
	tx      *sql.Tx
	into    string
	columns int
	args    []any
	full    *sql.Stmt // inserts insertRows rows
}

const insertRows = 32

func (in *inserter) add(ctx context.Context, values ...any) error {
	in.args = append(in.args, values...)
	if len(in.args) < insertRows*in.columns {
		return nil
	}
	if in.full == nil {
		stmt, err := in.tx.PrepareContext(ctx, in.statement(insertRows))
		if err != nil {
			return err
		}
		in.full = stmt // closed with the transaction
	}
	_, err := in.full.ExecContext(ctx, in.args...)
	in.args = in.args[:0]
	return err
}

func (in *inserter) flush(ctx context.Context) error {
	if len(in.args) == 0 {
		return nil
	}
	_, err := in.tx.ExecContext(ctx, in.statement(len(in.args)/in.columns), in.args...)
	in.args = in.args[:0]
	return err
}

func (in *inserter) statement(rows int) string {
	row := "(?" + strings.Repeat(", ?", in.columns-1) + ")"
	// OR FAIL: an error ends the whole transaction anyway, so SQLite need not prepare to undo the statement alone.
	return "INSERT OR FAIL INTO " + in.into + " VALUES " + row + strings.Repeat(", "+row, rows-1)
}
