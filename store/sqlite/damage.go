package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"

	"marque/stix"
	"marque/store"
)

func (db *DB) damaged(d store.Damage) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.damage[d.Seq] = d
}

// Damaged are the records that readers have passed over since the store was opened because their bytes are not those that were stored, in the
// order of storing. [DB.Check] looks for them in the whole store.
func (db *DB) Damaged() []store.Damage {
	db.mu.Lock()
	defer db.mu.Unlock()
	return slices.SortedFunc(maps.Values(db.damage), func(a, b store.Damage) int { return cmp.Compare(a.Seq, b.Seq) })
}

// Check reads every version of every object and compares it with the digest that was stored beside it. It returns all that do not hold:
// also those that readers do not notice, because what a flipped bit made of them is an object still.
func (db *DB) Check(ctx context.Context) ([]store.Damage, error) {
	r := reader{db, store.Owner()}
	err := error(nil)
	for after, ended := int64(0), false; err == nil && !ended; {
		after, ended, err = r.checkPage(ctx, after)
	}
	if err != nil {
		return nil, fmt.Errorf("check the store: %w", storeError(err))
	}
	return db.Damaged(), nil
}

// checkPage checks the records after a sequence, and returns the last sequence of the page and whether it is the last page.
func (r reader) checkPage(ctx context.Context, after int64) (last int64, ended bool, err error) {
	rows, err := r.db.query(ctx, `SELECT v.digest, v.seq, `+columns("v.batch")+` FROM versions v WHERE v.seq > ? ORDER BY v.seq LIMIT ?`,
		[]any{after, pageRows})
	if err != nil {
		return after, false, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
		var digest []byte
		rec, _, damage, err := record(rows, &digest)
		if err != nil {
			return after, false, err
		}
		if damage == nil {
			damage = compare(rec, digest)
		}
		if damage != nil {
			r.db.damaged(*damage)
		}
		last = rec.Seq
	}
	return last, n < pageRows, rows.Err()
}

// compare returns the damage of a record whose content does not have the digest that it was stored with.
func compare(rec *store.Record, digest []byte) *store.Damage {
	canonical, err := rec.Canonical()
	if err != nil {
		return &store.Damage{Seq: rec.Seq, ID: rec.ID, Reason: err.Error()}
	}
	exact, same := sha256.Sum256(canonical), sha256.Sum256(stix.SameInstants(canonical)) // older stores have the first
	if !bytes.Equal(exact[:], digest) && !bytes.Equal(same[:], digest) {
		return &store.Damage{Seq: rec.Seq, ID: rec.ID, Reason: "its content is not what was stored"}
	}
	return nil
}
