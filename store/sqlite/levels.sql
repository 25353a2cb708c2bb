-- The level of a version is kept per source: see the package comment, Visibility.

-- Whose versions these are: '' the creator's own, else a party that may not speak for the creators (store.Provenance.Apart).
ALTER TABLE versions ADD COLUMN track TEXT NOT NULL DEFAULT '';
-- The versions of an object in one track: 0 for the creator's own, else the sequence of the first.
ALTER TABLE versions ADD COLUMN line INTEGER NOT NULL DEFAULT 0;
-- The level of the version's own marking, -1 where it has none; and that of the source that told it. level is the one that counts.
ALTER TABLE versions ADD COLUMN own INTEGER NOT NULL DEFAULT -1;
ALTER TABLE versions ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
-- The sequence of the same version as it was told before, less freely; 0 where there is none.
ALTER TABLE versions ADD COLUMN twin INTEGER NOT NULL DEFAULT 0;

-- All that decides what a view shows is in the index: the rows are large.
DROP INDEX versions_id;
CREATE UNIQUE INDEX versions_id ON versions (id, line, version, seq, level, own);

-- What marking definitions without a fixed id say of TLP: a level, or -1 where they speak of something else.
CREATE TABLE definitions (
    marking TEXT NOT NULL,
    track   TEXT NOT NULL,
    level   INTEGER NOT NULL,
    PRIMARY KEY (marking, track)
) WITHOUT ROWID;

-- The versions that carry such a marking.
CREATE TABLE marked (
    marking TEXT NOT NULL,
    seq     INTEGER NOT NULL REFERENCES versions (seq),
    PRIMARY KEY (marking, seq)
) WITHOUT ROWID;
