// Package lake keeps events as Parquet files by day and hour, so that tomorrow's indicators can be looked up in them.
//
// In: events from package match ([Lake.Begin] is a match.Keeper). Out: files that DuckDB, ClickHouse, Spark and Trino read in
// place ([DDL]), and the events that new indicators meet ([Lake.Hunt]).
//
// The files are objects in a [bucket.Bucket]: a folder ([Open]), memory, or whatever can do what an S3-compatible bucket can ([New]).
//
// Layout: <lake>/day=2006-01-02/hour=15/<segment>-<writer>-<number>.parquet, all hours UTC, and <lake>/marque-lake.json, which
// holds the seed of the hash columns. [Row] is the schema.
//
// Invariants:
//   - A file under its name is complete and durable: nothing is seen of it before the bucket commits it.
//   - A segment that is written twice under one name is kept once.
//   - A damaged file is an error with its name, and no reason not to read the others.
package lake
