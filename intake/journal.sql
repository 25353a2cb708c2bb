CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- how far each stream is in the counts, and the last message that it is known to have had
CREATE TABLE position (stream TEXT PRIMARY KEY, seq INTEGER NOT NULL, had INTEGER NOT NULL) WITHOUT ROWID;

-- identities of messages, 16 bytes each, one row per segment
CREATE TABLE seen (id INTEGER PRIMARY KEY, n INTEGER NOT NULL, keys BLOB NOT NULL);

-- followed files: how far each is in the counts
CREATE TABLE file (
  id INTEGER PRIMARY KEY, path TEXT NOT NULL, offset INTEGER NOT NULL, line INTEGER NOT NULL,
  digest TEXT NOT NULL, head INTEGER NOT NULL
);

CREATE TABLE sighting (
  hour INTEGER NOT NULL, indicator TEXT NOT NULL, sensor TEXT NOT NULL, reason TEXT NOT NULL,
  count INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, revision INTEGER NOT NULL,
  PRIMARY KEY (hour, indicator, sensor, reason)
) WITHOUT ROWID;
CREATE INDEX sighting_revision ON sighting (revision);

CREATE TABLE rollup (
  hour INTEGER NOT NULL, actor TEXT NOT NULL, sponsor TEXT NOT NULL, technique TEXT NOT NULL, sector TEXT NOT NULL,
  country TEXT NOT NULL, reason TEXT NOT NULL, events INTEGER NOT NULL,
  PRIMARY KEY (hour, actor, sponsor, technique, sector, country, reason)
) WITHOUT ROWID;

CREATE TABLE counter (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, line INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
  reason TEXT NOT NULL, text BLOB NOT NULL
);

-- look backs that are due: JSON of the indicators, and of the lake's files as of their arrival
CREATE TABLE wanted (id INTEGER PRIMARY KEY AUTOINCREMENT, indicators BLOB NOT NULL);
CREATE TABLE lookback (id INTEGER PRIMARY KEY, wanted INTEGER NOT NULL REFERENCES wanted, files BLOB NOT NULL);
