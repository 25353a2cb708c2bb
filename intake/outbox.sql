-- hits that were committed with their counts and are to be told, and how far each sink has come with telling them
CREATE TABLE IF NOT EXISTS outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, reason TEXT NOT NULL, hit BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS sink (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
-- what a sink told of on a day, where it tells only the first of each
CREATE TABLE IF NOT EXISTS told (sink TEXT NOT NULL, day INTEGER NOT NULL, key BLOB NOT NULL, PRIMARY KEY (sink, day, key)) WITHOUT ROWID;
-- what a sink would not take
CREATE TABLE IF NOT EXISTS dead (id INTEGER PRIMARY KEY, sink TEXT NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL, reason TEXT NOT NULL, alert BLOB NOT NULL);
