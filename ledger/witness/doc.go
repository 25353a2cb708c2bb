// Package witness makes it impossible to show two histories of a log unnoticed.
//
// A witness remembers, of every log that it knows, the newest head it has cosigned. In goes a head with a proof that it continues that
// one; out comes a cosignature with the time, or a refusal. Who checks a statement asks for the cosignatures of a quorum of witnesses:
// then the log showed the same history to all of these, and it existed at the time they give.
//
// The formats are C2SP's: tlog-checkpoint (the head), signed-note (its signatures), tlog-cosignature (Ed25519, cosignature/v1) and
// tlog-witness (POST add-checkpoint over HTTP). [Witness] is the witness and its [Witness.Handler] speaks HTTP; a [Folder] is what it
// remembers. [Client] and [Collect] are the side of the log; [Policy] is the side of whoever reads.
//
// Invariants:
//
//   - A witness cosigns a head only if it continues every head that it cosigned before; what it remembers is durable before the
//     cosignature leaves it (TestAWitnessForgetsNothingAtAFault).
//   - Of two requests at the same time that both continue the same head, one wins; nothing is ever rolled back
//     (TestRacesNeverRollBack, TestCosignedHeadsAreOneHistory).
//   - A head without the signature of its log is nothing, whoever cosigned it. Distinct witnesses count, never signatures.
//   - A cosignature from the future beyond the allowed skew does not count.
package witness
