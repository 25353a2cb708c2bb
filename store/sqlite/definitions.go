package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"marque/stix"
	"marque/store/decide"
)

// definitions looks up what the marking definitions that the store knows say to who brings something, apart or not.
type definitions struct {
	tx    *sql.Tx
	apart string
	known decide.Definitions
}

// of looks up the levels of markings.
func (d *definitions) of(ctx context.Context, ids []stix.ID) (func(stix.ID) (stix.TLP, bool), error) {
	for _, id := range ids {
		if _, ok := d.known[id]; ok {
			continue
		}
		var level sql.NullInt64
		err := d.tx.QueryRowContext(ctx, `SELECT max(level) FROM definitions WHERE marking = ? AND track IN ('', ?)`, string(id), d.apart).Scan(&level)
		if err != nil {
			return nil, err
		}
		if d.known[id] = int(stix.Red); level.Valid {
			d.known[id] = int(level.Int64)
		}
	}
	return d.known.Level, nil
}

// define learns what the marking definitions of a batch say, before anything that they mark is stored.
func (b *batch) define(ctx context.Context, objects []*stix.Object) error {
	for _, o := range objects {
		if o == nil || o.Type != "marking-definition" {
			continue
		}
		changed, err := define(ctx, b.tx, o, b.provenance.Apart)
		if err != nil {
			return fmt.Errorf("%s: %w", o.ID, err)
		}
		if changed {
			b.changed = append(b.changed, o.ID)
		}
	}
	return nil
}

// define keeps what a definition says, the strictest where there are several, and reports whether that is news.
func define(ctx context.Context, tx *sql.Tx, o *stix.Object, track string) (changed bool, err error) {
	res, err := tx.ExecContext(ctx, `INSERT INTO definitions (marking, track, level) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET level = excluded.level WHERE excluded.level > level`, string(o.ID), track, decide.Says(o))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// relevel settles the levels of all versions with a marking whose definition came after them: this batch's own know it.
func (b *batch) relevel(ctx context.Context, marking stix.ID) error {
	return relevel(ctx, b.tx, marking, b.provenance.Apart, b.before)
}

// raise lifts what was derived from an object to a level.
func raise(ctx context.Context, tx *sql.Tx, id stix.ID, level stix.TLP) error {
	_, err := tx.ExecContext(ctx, `UPDATE versions SET level = :level
		WHERE seq IN (SELECT seq FROM edges WHERE node = :node) AND derived AND own < 0 AND level < :level`,
		sql.Named("level", int(level)), sql.Named("node", string(id)))
	return err
}

// markedVersion is a version whose level is to be settled again.
type markedVersion struct {
	seq   int64
	track string
	level stix.TLP
	own   int
	told  stix.TLP
	raw   []byte
	leads bool // it is the latest marked one of the first creator
}

func relevel(ctx context.Context, tx *sql.Tx, marking stix.ID, track string, until int64) error {
	levels := map[string]*definitions{}
	for after := int64(0); ; {
		versions, err := markedBy(ctx, tx, marking, track, after, until)
		if err != nil || len(versions) == 0 {
			return err
		}
		for _, v := range versions {
			after = v.seq
			if levels[v.track] == nil {
				levels[v.track] = &definitions{tx: tx, apart: v.track, known: decide.Definitions{}}
			}
			if err := v.settle(ctx, tx, levels[v.track]); err != nil {
				return fmt.Errorf("level of version %d: %w", v.seq, err)
			}
		}
	}
}

// settle writes the level by what the definitions say now. A version without a marking of its own is as free as the freest source
// that told it.
func (v *markedVersion) settle(ctx context.Context, tx *sql.Tx, levels *definitions) error {
	o, err := stix.Parse(v.raw)
	if err != nil {
		return nil // a damaged object keeps the level that it had
	}
	say, err := levels.of(ctx, o.OpenMarkings())
	if err != nil {
		return err
	}
	it := decide.Item{Object: o}
	it.Mark(v.told, say)
	if it.Level == v.level && it.Own == v.own {
		return nil
	}
	_, err = tx.ExecContext(ctx, `UPDATE versions SET level = ?, own = ?, told = ? WHERE seq = ?`, int(it.Level), it.Own, int(v.told), v.seq)
	if err == nil && v.leads && it.Level > v.level {
		err = raise(ctx, tx, o.ID, it.Level)
	}
	return err
}

// markedBy is the next part of the versions with a marking.
func markedBy(ctx context.Context, tx *sql.Tx, marking stix.ID, track string, after, until int64) ([]markedVersion, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT v.seq, v.track, v.level, v.own, v.raw, min(v.told, coalesce((SELECT min(s.tlp) FROM provenance p JOIN sources s ON s.id = p.source
			WHERE p.version = v.seq), v.told)),
			v.line = 0 AND v.version <> '' AND NOT EXISTS (SELECT 1 FROM versions n
				WHERE n.id = v.id AND n.line = 0 AND n.own >= 0 AND (n.version, n.seq) > (v.version, v.seq))
		FROM marked m CROSS JOIN versions v ON v.seq = m.seq
		WHERE m.marking = ? AND m.seq > ? AND m.seq <= ? AND (? = '' OR v.track = ?) ORDER BY m.seq LIMIT 1000`, string(marking), after, until, track, track)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []markedVersion
	for rows.Next() {
		var v markedVersion
		if err := rows.Scan(&v.seq, &v.track, &v.level, &v.own, &v.raw, &v.told, &v.leads); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// versionsAfter is a part of all versions, for a migration.
func versionsAfter(ctx context.Context, tx *sql.Tx, after int64) ([]markedVersion, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT v.seq, v.level, v.raw, min(s.tlp, coalesce((SELECT min(t.tlp) FROM provenance p JOIN sources t ON t.id = p.source
			WHERE p.version = v.seq), s.tlp))
		FROM versions v CROSS JOIN batches b ON b.id = v.batch CROSS JOIN sources s ON s.id = b.source
		WHERE v.seq > ? ORDER BY v.seq LIMIT 1000`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []markedVersion
	for rows.Next() {
		var v markedVersion
		if err := rows.Scan(&v.seq, &v.level, &v.raw, &v.told); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// migrateLevels brings a store up to levelsVersion, in which the level of a version is kept per source: it reads every object
// again, because the schema before knew neither definitions under ids of their own nor labels.
func migrateLevels(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, levelsSchema); err != nil {
		return err
	}
	defined, err := definitionsOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, o := range defined {
		if _, err := define(ctx, tx, o, ""); err != nil {
			return err
		}
	}
	levels := &definitions{tx: tx, known: decide.Definitions{}}
	for after := int64(0); ; {
		versions, err := versionsAfter(ctx, tx, after)
		if err != nil {
			return err
		}
		if len(versions) == 0 {
			break
		}
		for _, v := range versions {
			after = v.seq
			o, err := stix.Parse(v.raw)
			if err != nil {
				continue // a damaged object keeps the level that it had
			}
			for _, id := range o.OpenMarkings() {
				if _, err := tx.ExecContext(ctx, `INSERT INTO marked (marking, seq) VALUES (?, ?)`, string(id), v.seq); err != nil {
					return err
				}
			}
			v.own = unsettled
			if err := v.settle(ctx, tx, levels); err != nil {
				return err
			}
		}
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", levelsVersion))
	return err
}

// unsettled is an own level that no version has: settle always writes.
const unsettled = -2

func definitionsOf(ctx context.Context, tx *sql.Tx) ([]*stix.Object, error) {
	rows, err := tx.QueryContext(ctx, `SELECT raw FROM versions WHERE type = 'marking-definition' ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*stix.Object
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if o, err := stix.Parse(raw); err == nil {
			out = append(out, o)
		}
	}
	return out, rows.Err()
}
