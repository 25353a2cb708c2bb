// Package sqlite is the default store: one SQLite file, no service, no cgo (modernc.org/sqlite).
//
// In goes what store.Store takes, out comes what it promises; nothing here is known to other packages but [Open].
//
// Durability. The file is in WAL mode with synchronous=FULL: when Put returns, the write-ahead log was synced to the disk,
// so neither a kill of the process nor a loss of power takes an acknowledged batch away. (synchronous=NORMAL would survive
// the kill only. Batches make the difference small: see BenchmarkPut.) A batch is one transaction: it is there whole or not
// at all.
//
// Versions are ordered by modified, else created. Objects without either (most cyber observables) are ordered by storing:
// other content under the same id is a newer version; content that was seen before is known, and does not come back.
//
// Time. Every batch that changes something gets a time stamp just before it is committed, later than all earlier ones to the
// microsecond even if the clock goes back, and by at least a microsecond per record: each record counts as added in one of
// its own (Record.Added), counted back from the batch's, so that paging by time neither skips nor repeats. A view as of T shows the batches stamped by then, so it can differ from what a
// reader saw at T only by a batch that was being synced at that very moment.
//
// Visibility. Each version has a level: its own marking, by the definitions that are known (an unknown one is RED), else that of the
// source that told it. The same version told again more freely is a row of its own, so that who pages by sequence meets it. For a
// view, what is above its level does not exist, with one exception: a version that its creator marked. Where that is the latest of
// those that count, the creator's versions are invisible, because their owner raised the marking. The versions of one creator, on the
// creators' own track or brought apart by one party, form a line (package decide); the one that leads is shown. All of this is one SQL condition, in view.go. When a definition comes after what it marks,
// the levels are settled again in the same transaction (definitions.go); that changes no sequence, so who pages by sequence does
// not meet again what a late definition loosened.
//
// Damage. A record whose bytes cannot be those that were stored is passed over, and remembered with its id and sequence (DB.Damaged); the rest
// of the store is answered from. DB.Check compares every record with its digest. A new store is made under another name and put in its
// place whole, so a file of 0 bytes has lost what it held and is store.ErrEmpty.
//
// Concurrency. One connection writes, several read and never wait for it. Long sequences are read page by page, bounded by
// the sequence at their beginning: they are a snapshot, without a transaction that is open while the caller works, and the
// caller may read and write meanwhile. Several processes may use a store at once; writers take turns, and one that waits
// longer than Config.BusyTimeout gets store.ErrLocked.
package sqlite
