-- +goose Up

-- What importers took back: target is the seq of a row of versions or provenance. Rows are added, never changed, and take
-- their numbers from the same sequence, so that earlier views do not know of them.
CREATE TABLE withdrawals (
    seq    INTEGER PRIMARY KEY,
    target INTEGER NOT NULL UNIQUE
);

-- What was withdrawn may be brought again by the same source.
DROP INDEX provenance_version;
CREATE INDEX provenance_version ON provenance (version, source);

-- When a sequence was added.
CREATE UNIQUE INDEX batches_last_seq ON batches (last_seq);

PRAGMA user_version = 2;
