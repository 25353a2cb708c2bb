// Package ledger keeps judgements so that none can be altered unnoticed.
//
// In go assessments and measures as STIX objects; each becomes an [Entry]: the object's id, version and the SHA-256 of its
// canonical form. Entries are leaves of a Merkle tree as Certificate Transparency defines it (RFC 6962), kept as tiles by
// golang.org/x/mod/sumdb/tlog. After every append the head of the tree is signed with the instance's Ed25519 key as a note
// (golang.org/x/mod/sumdb/note) in the C2SP tlog-checkpoint form: origin, size, hash. Out come proofs, and [Log.Verify],
// which names the first entry that is not what was signed.
//
// On disk, below the ledger's folder:
//
//	key             the signing key (0600); key.pub is the verifier key that allies get
//	entries.jsonl   one entry a line, in order
//	tile/8/…        hash tiles of height 8, as tlog lays them out
//	checkpoints     every signed head since the beginning, oldest first
//	checkpoint      the newest signed head
//
// Invariants: entries are written and synced before tiles, tiles before the checkpoint that covers them. A kill in between
// leaves entries that no checkpoint covers; the next Open takes them in, or drops the last line if it was not finished.
package ledger
