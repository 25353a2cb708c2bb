package sqlite

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"marque/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

//go:embed levels.sql
var levelsSchema string

// schemaVersion is the number of the last migration. Each migration sets user_version to its own number, which lets Open
// see in one read of the file's header that there is nothing to do.
const schemaVersion = 6

// levelsVersion is the migration that is not SQL alone.
const levelsVersion = 4

func (db *DB) schemaVersion(ctx context.Context) (int, error) {
	var v int
	err := db.write.QueryRowContext(ctx, "PRAGMA user_version").Scan(&v)
	return v, err
}

// migrate brings the file from an older version to schemaVersion. Another process may be doing the same: the one that comes
// second finds the work done.
func (db *DB) migrate(ctx context.Context, from int) error {
	if from > schemaVersion {
		return fmt.Errorf("schema version %d, this program knows %d: %w", from, schemaVersion, store.ErrNewer)
	}
	if from == 0 {
		for _, stmt := range []string{fmt.Sprintf("PRAGMA page_size = %d", pageSize), "PRAGMA journal_mode = WAL"} {
			if _, err := db.write.ExecContext(ctx, stmt); err != nil {
				return err
			}
		}
	}
	dir, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db.write, dir,
		goose.WithGoMigrations(goose.NewGoMigration(levelsVersion, &goose.GoFunc{RunTx: migrateLevels}, nil)))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		if v, verr := db.schemaVersion(ctx); verr == nil && v == schemaVersion {
			return nil
		}
		return fmt.Errorf("migrate from version %d: %w", from, err)
	}
	return nil
}
