package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"marque/stix"
	"marque/store"
	"marque/store/decide"
)

// A page of a sequence ends at either limit: memory stays small whatever the objects' size.
const (
	pageRows  = 1000
	pageBytes = 4 << 20
)

// limited is the number of rows as an expression: for a parameter alone, SQLite parses a statement again at each new value.
const limited = `:limit + 0`

// Get returns the latest version. One that is damaged is ErrNotFound and ErrDamaged: an older one need not be what may be seen.
func (r reader) Get(ctx context.Context, id stix.ID) (*store.Record, error) {
	found, err := r.all(ctx, `SELECT v.seq, `+columns("v.batch")+` FROM versions v WHERE v.id = :id AND `+visibleLatest,
		sql.Named("id", string(id)))
	switch {
	case err != nil:
		return nil, fmt.Errorf("get %s: %w", id, err)
	case len(found.damaged) > 0:
		return nil, fmt.Errorf("get %s: %w: %w: %s", id, store.ErrNotFound, store.ErrDamaged, found.damaged[0])
	case len(found.records) == 0:
		return nil, fmt.Errorf("get %s: %w", id, store.ErrNotFound)
	}
	return found.records[0], nil
}

// Versions returns all versions of an object, oldest first.
func (r reader) Versions(ctx context.Context, id stix.ID) ([]*store.Record, error) {
	found, err := r.all(ctx, `SELECT v.seq, `+columns("v.batch")+` FROM versions v WHERE v.id = :id AND `+visible+
		` AND `+once("v", "")+` ORDER BY v.version, v.seq`, sql.Named("id", string(id)))
	if err != nil {
		return nil, fmt.Errorf("versions of %s: %w", id, err)
	}
	if len(found.records) == 0 {
		return nil, fmt.Errorf("versions of %s: %w", id, store.ErrNotFound)
	}
	return found.records, nil
}

// Sources returns where the latest version came from, in the order of storing.
func (r reader) Sources(ctx context.Context, id stix.ID) ([]store.Provenance, error) {
	rec, err := r.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	args, err := r.args(ctx, sql.Named("seq", rec.Seq))
	if err != nil {
		return nil, fmt.Errorf("sources of %s: %w", id, storeError(err))
	}
	rows, err := r.db.read.QueryContext(ctx, `
		SELECT at, s.document, s.source, i.name, s.digest, b.read, s.tlp FROM (
			WITH same AS (SELECT w.seq, w.batch FROM versions v JOIN versions w
				ON w.id = v.id AND w.line = v.line AND w.version = v.version AND w.digest = v.digest
				WHERE v.seq = :seq AND w.seq <= :bound AND w.level <= :tlp)
			SELECT seq AS at, batch FROM same
			UNION ALL SELECT p.seq, p.batch FROM provenance p JOIN same ON p.version = same.seq WHERE p.seq <= :bound) o
			CROSS JOIN batches b ON b.id = o.batch CROSS JOIN sources s ON s.id = b.source CROSS JOIN importers i ON i.id = s.importer
		WHERE s.tlp <= :tlp ORDER BY at`, args...)
	if err != nil {
		return nil, fmt.Errorf("sources of %s: %w", id, storeError(err))
	}
	defer rows.Close()
	var out []store.Provenance
	for rows.Next() {
		var p store.Provenance
		var at, read int64
		if err := rows.Scan(&at, &p.Document, &p.Source, &p.Importer, &p.Digest, &read, &p.TLP); err != nil {
			return nil, fmt.Errorf("sources of %s: %w", id, err)
		}
		p.Time = decide.Moment(read)
		out = append(out, p)
	}
	return out, storeError(rows.Err())
}

// all reads every row of a query that has a natural bound.
func (r reader) all(ctx context.Context, query string, args ...any) (page, error) {
	args, err := r.args(ctx, args...)
	if err != nil {
		return page{}, storeError(err)
	}
	return r.page(ctx, query, args, 1<<62)
}

// page is some rows of a query, the damaged ones apart.
type page struct {
	records []*store.Record
	damaged []store.Damage
	last    int64 // sequence of the last row
	ended   bool  // there are no more rows
}

func (p page) rows() int { return len(p.records) + len(p.damaged) }

// page reads records until the query ends or they hold maxBytes.
func (r reader) page(ctx context.Context, query string, args []any, maxBytes int) (page, error) {
	p, batches, err := r.rows(ctx, query, args, maxBytes)
	if err == nil {
		err = r.settle(ctx, p.records, batches) // with no rows open: the connections may all be taken
	}
	return p, storeError(err)
}

// rows are a page whose records miss what their batches say, and these.
func (r reader) rows(ctx context.Context, query string, args []any, maxBytes int) (p page, batches []int64, err error) {
	rows, err := r.db.query(ctx, query, args)
	if err != nil {
		return p, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		rec, batch, damage, err := record(rows)
		if err != nil {
			return p, nil, err
		}
		p.last = rec.Seq
		if damage != nil {
			r.db.damaged(*damage)
			p.damaged = append(p.damaged, *damage)
			continue
		}
		p.records, batches = append(p.records, rec), append(batches, batch)
		if maxBytes -= len(rec.Raw()); maxBytes <= 0 {
			return p, batches, rows.Err()
		}
	}
	p.ended = true
	return p, batches, rows.Err()
}

// stream reads a query page by page: the query continues after the sequence :after and returns at most :limit rows.
func (r reader) stream(ctx context.Context, what string, query string, args []any, after int64, limit int) iter.Seq2[*store.Record, error] {
	return func(yield func(*store.Record, error) bool) {
		args, err := r.args(ctx, args...)
		if err != nil {
			yield(nil, fmt.Errorf("%s: %w", what, storeError(err)))
			return
		}
		left := limit
		for limit == 0 || left > 0 {
			want := pageRows
			if limit > 0 {
				want = min(want, left)
			}
			p, err := r.page(ctx, query, append(slices.Clip(args), sql.Named("after", after), sql.Named("limit", want)), pageBytes)
			if err != nil {
				yield(nil, fmt.Errorf("%s: %w", what, err))
				return
			}
			for _, rec := range p.records {
				if !yield(rec, nil) {
					return
				}
			}
			after = p.last
			if left -= len(p.records); p.ended && p.rows() < want {
				return
			}
		}
	}
}

// Find streams the records that a query asks for.
func (r reader) Find(ctx context.Context, q store.Query) iter.Seq2[*store.Record, error] {
	return func(yield func(*store.Record, error) bool) {
		s, err := r.selection(ctx, q)
		if err != nil {
			yield(nil, fmt.Errorf("find: %w", storeError(err)))
			return
		}
		r.stream(ctx, "find", s.query(true)+` ORDER BY at LIMIT `+limited, s.args, s.after, q.Limit)(yield)
	}
}

// Count counts what Find would stream.
func (r reader) Count(ctx context.Context, q store.Query) (int, error) {
	s, err := r.selection(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("count: %w", storeError(err))
	}
	args, err := r.args(ctx, append(s.args, sql.Named("after", s.after))...)
	if err != nil {
		return 0, fmt.Errorf("count: %w", storeError(err))
	}
	var n int
	if err := r.db.read.QueryRowContext(ctx, `SELECT count(*) FROM (`+s.query(false)+`)`, args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("count: %w", storeError(err))
	}
	if q.Limit > 0 {
		n = min(n, q.Limit)
	}
	return n, nil
}

// Related streams the latest versions of the relationships, sightings, opinions and notes at an object.
func (r reader) Related(ctx context.Context, id stix.ID, d store.Direction) iter.Seq2[*store.Record, error] {
	end := func(dir store.Direction, more string) arm {
		return arm{
			from: "edges e CROSS JOIN versions v ON v.seq = e.seq", at: "v.seq", batch: "v.batch",
			where: fmt.Sprintf("e.node = :node AND e.dir = %d AND e.seq > :after", dir) + more,
		}
	}
	s := selection{where: visibleLatest}
	switch d {
	case store.Both: // what has the object at both ends counts once
		s.arms = []arm{end(store.Out, ""), end(store.In,
			fmt.Sprintf(" AND NOT EXISTS (SELECT 1 FROM edges o WHERE o.node = e.node AND o.dir = %d AND o.seq = e.seq)", store.Out))}
	default:
		s.arms = []arm{end(d, "")}
	}
	return r.stream(ctx, "related to "+string(id), s.query(true)+` ORDER BY at LIMIT `+limited,
		[]any{sql.Named("node", string(id))}, 0, 0)
}

// Page selects what Find would stream. Rows are never changed, so their sequences are all that it has to keep.
func (r reader) Page(ctx context.Context, q store.Query) (p store.Page, err error) {
	fail := func(err error) (store.Page, error) { return store.Page{}, fmt.Errorf("page: %w", storeError(err)) }
	s, err := r.selection(ctx, q)
	if err != nil {
		return fail(err)
	}
	args, err := r.args(ctx, s.args...)
	if err != nil {
		return fail(err)
	}
	limit := -1 // SQLite: no limit
	if q.Limit > 0 {
		limit = q.Limit + 1
	}
	seqs, err := r.sequences(ctx, s.query(false)+` ORDER BY at LIMIT `+limited, append(args, sql.Named("after", s.after), sql.Named("limit", limit)))
	if err != nil {
		return fail(err)
	}
	if p.More = q.Limit > 0 && len(seqs) > q.Limit; p.More {
		seqs = seqs[:q.Limit]
	}
	p.Records = r.records(ctx, seqs)
	if p.Count = len(seqs); p.Count == 0 {
		return p, nil
	}
	p.LastSeq = seqs[len(seqs)-1]
	if p.First, err = r.db.added(ctx, ready{r.db}, seqs[0]); err != nil {
		return fail(err)
	}
	if p.Last, err = r.db.added(ctx, ready{r.db}, p.LastSeq); err != nil {
		return fail(err)
	}
	return p, nil
}

func (r reader) sequences(ctx context.Context, query string, args []any) (seqs []int64, err error) {
	rows, err := r.db.query(ctx, query, args)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		if err := rows.Scan(&seq); err != nil {
			return nil, err
		}
		seqs = append(seqs, seq)
	}
	return seqs, rows.Err()
}

// records streams the records of sequences, which were selected as visible.
func (r reader) records(ctx context.Context, seqs []int64) iter.Seq2[*store.Record, error] {
	// A sequence is that of a version, or of a further time that a version was brought.
	query := `SELECT j.value, ` + columns("coalesce(p.batch, v.batch)") + ` FROM json_each(:seqs) j LEFT JOIN provenance p ON p.seq = j.value
		CROSS JOIN versions v ON v.seq = coalesce(p.version, j.value)`
	return func(yield func(*store.Record, error) bool) {
		for left := seqs; len(left) > 0; {
			p, err := r.page(ctx, query, []any{sql.Named("seqs", jsonList(left[:min(len(left), pageRows)]))}, pageBytes)
			if err == nil && (p.rows() == 0 || p.last != left[p.rows()-1]) {
				err = fmt.Errorf("sequence %d is not there", left[0])
			}
			if err != nil {
				yield(nil, fmt.Errorf("page: %w", err))
				return
			}
			for _, rec := range p.records {
				if !yield(rec, nil) {
					return
				}
			}
			left = left[p.rows():]
		}
	}
}

// Stats counts objects by type.
func (r reader) Stats(ctx context.Context) (map[string]int, error) {
	args, err := r.args(ctx)
	if err != nil {
		return nil, fmt.Errorf("stats: %w", storeError(err))
	}
	rows, err := r.db.read.QueryContext(ctx, `SELECT v.type, count(*) FROM versions v WHERE `+visibleLatest+` GROUP BY v.type`, args...)
	if err != nil {
		return nil, fmt.Errorf("stats: %w", storeError(err))
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var typ string
		var n int
		if err := rows.Scan(&typ, &n); err != nil {
			return nil, fmt.Errorf("stats: %w", err)
		}
		out[typ] = n
	}
	return out, storeError(rows.Err())
}

// Search finds objects by their words, best first. All words must occur; bm25 weighs names above aliases above the rest.
func (r reader) Search(ctx context.Context, words string, limit int) ([]*store.Record, error) {
	match := matchExpr(words)
	if match == "" {
		return nil, nil
	}
	if limit <= 0 {
		limit = -1 // SQLite: no limit
	}
	found, err := r.all(ctx, `
		WITH hits AS MATERIALIZED (
			SELECT v.seq, bm25(words, 10, 8, 1) AS score FROM words CROSS JOIN versions v ON v.seq = words.rowid
			WHERE words MATCH :match AND `+visibleLatest+` ORDER BY score, v.seq LIMIT `+limited+`)
		SELECT v.seq, `+columns("v.batch")+` FROM hits h CROSS JOIN versions v ON v.seq = h.seq ORDER BY h.score, h.seq`,
		sql.Named("match", match), sql.Named("limit", limit))
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return found.records, nil
}

// matchExpr makes an FTS5 expression of any text: each word becomes a quoted phrase, so nothing in it is syntax.
func matchExpr(words string) string {
	var phrases []string
	for w := range strings.FieldsSeq(strings.ToValidUTF8(strings.ReplaceAll(words, "\x00", " "), " ")) {
		phrases = append(phrases, `"`+strings.ReplaceAll(w, `"`, `""`)+`"`)
	}
	return strings.Join(phrases, " ")
}

func strs(ids []stix.ID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}

func jsonList[T string | int64](values []T) string {
	b, _ := json.Marshal(values) // strings and numbers always marshal
	return string(b)
}
