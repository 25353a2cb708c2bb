-- +goose Up

-- What became of requests, for those who sent them. Unlike all else, rows go after a while.
CREATE TABLE receipts (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT, -- AUTOINCREMENT: the last one stays the youngest, whatever was dropped
    id    TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    time  INTEGER NOT NULL, -- microseconds since 1970
    size  INTEGER NOT NULL, -- bytes of body
    body  BLOB NOT NULL
);
CREATE INDEX receipts_size ON receipts (seq, size, time);

PRAGMA user_version = 3;
