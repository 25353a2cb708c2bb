package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"

	"marque/stix"
	"marque/store"
	"marque/store/decide"
)

// PutDocument keeps a text.
func (db *DB) PutDocument(ctx context.Context, d store.Document) error {
	err := db.update(ctx, func(tx *sql.Tx) error {
		var digest, text string
		var level stix.TLP
		err := tx.QueryRowContext(ctx, `SELECT digest, text, level FROM documents WHERE id = ?`, string(d.ID)).Scan(&digest, &text, &level)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err = tx.ExecContext(ctx, `INSERT INTO documents (id, name, source, media_type, digest, level, text) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				string(d.ID), d.Name, d.Source, d.MediaType, d.Digest, int(d.Level), d.Text)
			return err
		case err != nil:
			return err
		case digest != d.Digest || text != d.Text:
			return store.ErrConflict
		case level <= d.Level:
			return errNothing
		}
		// Told more freely: with the words of who did, not of who told it in confidence.
		_, err = tx.ExecContext(ctx, `UPDATE documents SET level = ?, name = ?, source = ?, media_type = ? WHERE id = ?`,
			int(d.Level), d.Name, d.Source, d.MediaType, string(d.ID))
		return err
	})
	if err != nil {
		return fmt.Errorf("put document %s: %w", d.ID, err)
	}
	return nil
}

const documentColumns = `seq, id, name, source, media_type, digest, level, text`

type scanner interface{ Scan(dest ...any) error }

func scanDocument(s scanner) (seq int64, d store.Document, err error) {
	err = s.Scan(&seq, &d.ID, &d.Name, &d.Source, &d.MediaType, &d.Digest, &d.Level, &d.Text)
	return seq, d, err
}

// GetDocument returns a text.
func (db *DB) GetDocument(ctx context.Context, id stix.ID, maxLevel stix.TLP) (store.Document, error) {
	_, d, err := scanDocument(db.read.QueryRowContext(ctx, `SELECT `+documentColumns+` FROM documents WHERE id = ? AND level <= ?`,
		string(id), int(maxLevel)))
	if err != nil {
		return store.Document{}, fmt.Errorf("document %s: %w", id, storeError(err))
	}
	return d, nil
}

// ListDocuments streams all texts up to a level. One is read at a time: they can be large.
func (db *DB) ListDocuments(ctx context.Context, maxLevel stix.TLP) iter.Seq2[store.Document, error] {
	return each(func(after int64) (int64, store.Document, error) {
		return scanDocument(db.read.QueryRowContext(ctx, `SELECT `+documentColumns+` FROM documents WHERE seq > ? AND level <= ? ORDER BY seq LIMIT 1`,
			after, int(maxLevel)))
	}, "list documents")
}

// PutRejects keeps rejects.
func (db *DB) PutRejects(ctx context.Context, rs []store.Reject) error {
	err := db.update(ctx, func(tx *sql.Tx) error {
		stmt, err := tx.PrepareContext(ctx, `INSERT INTO rejects (digest, source, importer, place, offset, reason, raw, time)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`)
		if err != nil {
			return err
		}
		defer stmt.Close()
		for _, r := range rs {
			raw := r.Raw
			if raw == nil {
				raw = []byte{}
			}
			_, err := stmt.ExecContext(ctx, rejectDigest(r), r.Source, r.Importer, r.Place, r.Offset, r.Reason, raw, r.Time.UnixMicro())
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("put %d rejects: %w", len(rs), err)
	}
	return nil
}

// rejectDigest names a reject by everything but the time, each part with its length before it.
func rejectDigest(r store.Reject) []byte {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(r.Source), []byte(r.Importer), []byte(r.Place), []byte(r.Reason), r.Raw} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		h.Write(part)
	}
	_ = binary.Write(h, binary.BigEndian, r.Offset)
	return h.Sum(nil)
}

// Rejects streams the quarantine.
func (db *DB) Rejects(ctx context.Context) iter.Seq2[store.Reject, error] {
	return each(func(after int64) (seq int64, r store.Reject, err error) {
		var at int64
		err = db.read.QueryRowContext(ctx, `SELECT seq, source, importer, place, offset, reason, raw, time FROM rejects
			WHERE seq > ? ORDER BY seq LIMIT 1`, after).Scan(&seq, &r.Source, &r.Importer, &r.Place, &r.Offset, &r.Reason, &r.Raw, &at)
		r.Time = decide.Moment(at)
		return seq, r, err
	}, "list rejects")
}

// each streams rows that are read one by one: next returns the one after a sequence, sql.ErrNoRows after the last.
func each[T any](next func(after int64) (int64, T, error), what string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := int64(0); ; {
			seq, v, err := next(after)
			if errors.Is(err, sql.ErrNoRows) {
				return
			}
			if err != nil {
				var zero T
				yield(zero, fmt.Errorf("%s: %w", what, storeError(err)))
				return
			}
			if !yield(v, nil) {
				return
			}
			after = seq
		}
	}
}

// GetMark returns a named value.
func (db *DB) GetMark(ctx context.Context, name string) (string, error) {
	var v string
	if err := db.read.QueryRowContext(ctx, `SELECT value FROM marks WHERE name = ?`, name).Scan(&v); err != nil {
		return "", fmt.Errorf("mark %q: %w", name, storeError(err))
	}
	return v, nil
}

// PutMark sets a named value.
func (db *DB) PutMark(ctx context.Context, name, value string) error {
	_, err := db.write.ExecContext(ctx, `INSERT INTO marks (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value`, name, value)
	if err != nil {
		return fmt.Errorf("put mark %q: %w", name, storeError(err))
	}
	return nil
}
