// Package ledger keeps judgements so that none can be altered, or taken away, unnoticed.
//
// In go assessments and measures as STIX objects; each becomes an [Entry]: the object's id, version and the SHA-256 of its
// canonical form. Entries are leaves of a Merkle tree as Certificate Transparency defines it (RFC 6962), published as tiles by
// golang.org/x/mod/sumdb/tlog. The head of the tree is signed with the instance's Ed25519 key as a note (golang.org/x/mod/sumdb/note) in
// the C2SP tlog-checkpoint form: origin, size, hash. Out come proofs, and [Verify], which finds and names what is not as it was signed.
//
// On disk, below the ledger's folder:
//
//	key             the signing key (0600); key.pub is the verifier key that allies get
//	entries.jsonl   one entry a line, in order
//	tile/8/…        hash tiles of height 8, as tlog lays them out
//	checkpoints     every signed head since the beginning, oldest first
//	checkpoint      the newest signed head
//	pending         a batch that is signed and on its way into the files above; gone when it has arrived
//	key.next        the key of a change of keys that is under way
//	lock            held by the process that writes
//
// Invariants, each with its test:
//
//   - A batch counts from the moment at which pending, with its entries and the head that signs them, is on the disk. What follows only
//     copies it, and whoever opens the ledger next does it again. So there is never an entry that nobody signed, and never a signed
//     entry that is lost (TestEveryFaultLeavesALedgerThatVerifies, TestAKillWhileAFaultIsMended).
//   - Memory follows the disk: a batch is known to a Log when it has arrived. After a fault the Log reads the files again.
//   - One process writes at a time; others wait, and are told for whom (TestTwoProcessesWithSixWriters).
//   - Reading, Verify above all, writes nothing and makes nothing; it waits for no writer and goes on
//     where nothing can be written (TestReadingChangesNothing).
//   - Each flipped bit in each file but the private key is found (TestEveryFlippedBitIsFound).
//   - A new key is named by an entry that the old one signed; proofs under the old one hold (TestRotate).
//   - A log that was cut back to an older head is consistent in itself. It is found by what remembers more: the judgements of the store, and
//     a copy of a later head (TestACutBackLedgerIsFound). Who changes the folder, the store and every copy of a head together, and has
//     the private key, is not found.
package ledger
