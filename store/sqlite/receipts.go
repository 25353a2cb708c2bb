package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"marque/store"
	"marque/store/decide"
)

// PutReceipt keeps a receipt and drops those that are over the limits.
func (db *DB) PutReceipt(ctx context.Context, r store.Receipt) error {
	err := db.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO receipts (id, owner, time, size, body) VALUES (?, ?, ?, ?, ?)`,
			r.ID, r.Owner, r.Time.UnixMicro(), len(r.Body), append([]byte{}, r.Body...))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM receipts WHERE seq IN (
			SELECT seq FROM (SELECT seq, time, row_number() OVER younger AS n, sum(size) OVER younger - size AS before
				FROM receipts WINDOW younger AS (ORDER BY seq DESC))
			WHERE n > ? OR before >= ? OR time < ?)`,
			store.MaxReceipts, store.MaxReceiptBytes, r.Time.Add(-store.ReceiptAge).UnixMicro())
		return err
	})
	if err != nil {
		return fmt.Errorf("put receipt %s: %w", r.ID, err)
	}
	return nil
}

// GetReceipt returns a receipt.
func (db *DB) GetReceipt(ctx context.Context, id string) (store.Receipt, error) {
	r := store.Receipt{ID: id}
	var at int64
	if err := db.read.QueryRowContext(ctx, `SELECT owner, time, body FROM receipts WHERE id = ?`, id).Scan(&r.Owner, &at, &r.Body); err != nil {
		return store.Receipt{}, fmt.Errorf("receipt %s: %w", id, storeError(err))
	}
	r.Time = decide.Moment(at)
	return r, nil
}
