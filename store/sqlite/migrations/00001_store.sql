-- +goose Up

-- Where input came from; one row however often it is read again.
CREATE TABLE importers (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
CREATE TABLE sources (
    id       INTEGER PRIMARY KEY,
    importer INTEGER NOT NULL REFERENCES importers (id),
    document TEXT NOT NULL,
    source   TEXT NOT NULL,
    digest   TEXT NOT NULL,
    tlp      INTEGER NOT NULL,
    UNIQUE (importer, document, source, digest, tlp)
);

-- One row per Put that changed something. Sequences up to last_seq existed once it was committed, which turns every
-- question about time into one about sequence.
CREATE TABLE batches (
    id       INTEGER PRIMARY KEY,
    source   INTEGER NOT NULL REFERENCES sources (id),
    read     INTEGER NOT NULL, -- microseconds since 1970: when the source was read
    stored   INTEGER NOT NULL, -- microseconds since 1970, strictly rising
    last_seq INTEGER NOT NULL
);
CREATE UNIQUE INDEX batches_stored ON batches (stored, last_seq);

-- The versions of objects. Rows are added, never changed.
CREATE TABLE versions (
    seq      INTEGER PRIMARY KEY,
    id       TEXT NOT NULL,
    type     TEXT NOT NULL,
    version  TEXT NOT NULL, -- modified, else created, as text that sorts by instant; '' where there is neither
    creator  TEXT NOT NULL,
    level    INTEGER NOT NULL,
    batch    INTEGER NOT NULL REFERENCES batches (id),
    importer INTEGER NOT NULL REFERENCES importers (id),
    digest   BLOB NOT NULL, -- SHA-256 of the canonical form
    raw      BLOB NOT NULL
);
CREATE UNIQUE INDEX versions_id ON versions (id, version, seq);
CREATE INDEX versions_type ON versions (type, seq);
CREATE INDEX versions_importer ON versions (importer, seq);

-- Further sources of a version. They take their numbers from the same sequence as versions, so that who reads what one
-- importer brought, in order, also meets a version that was known before this importer brought it.
CREATE TABLE provenance (
    seq      INTEGER PRIMARY KEY,
    version  INTEGER NOT NULL REFERENCES versions (seq),
    batch    INTEGER NOT NULL REFERENCES batches (id),
    source   INTEGER NOT NULL REFERENCES sources (id),
    importer INTEGER NOT NULL REFERENCES importers (id),
    fresh    INTEGER NOT NULL -- whether this importer had not brought the version before
);
CREATE UNIQUE INDEX provenance_version ON provenance (version, source);
CREATE INDEX provenance_importer ON provenance (importer, seq) WHERE fresh;

-- Both ends of relationships, sightings, opinions and notes. dir: 1 out, 2 in, as store.Direction.
CREATE TABLE edges (
    node TEXT NOT NULL,
    dir  INTEGER NOT NULL,
    seq  INTEGER NOT NULL REFERENCES versions (seq),
    PRIMARY KEY (node, dir, seq)
) WITHOUT ROWID;

-- The words of a version, under its sequence. Contentless: the text itself is in versions.raw.
CREATE VIRTUAL TABLE words USING fts5 (
    name, aliases, body,
    content = '', tokenize = 'unicode61 remove_diacritics 2'
);

-- Gather the words of a whole batch in memory, and merge segments only when there are many: imports are twice as fast.
INSERT INTO words (words, rank) VALUES ('hashsize', 16777216);
INSERT INTO words (words, rank) VALUES ('automerge', 0);

CREATE TABLE documents (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    source     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    digest     TEXT NOT NULL,
    level      INTEGER NOT NULL,
    text       TEXT NOT NULL
);

CREATE TABLE rejects (
    seq      INTEGER PRIMARY KEY,
    digest   BLOB NOT NULL UNIQUE, -- of everything but the time
    source   TEXT NOT NULL,
    importer TEXT NOT NULL,
    place    TEXT NOT NULL,
    offset   INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    raw      BLOB NOT NULL,
    time     INTEGER NOT NULL
);

CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- What Open looks at first: equal to the number of the last migration.
PRAGMA user_version = 1;
