// Package statement is for words on an operation that several states sign together, and for checking them from files alone.
//
// In go an assessment of an operation and what it rests on; out comes a text, its envelope with the signatures of several instances,
// and, for whoever reads it, a [Result]: which states stand behind it, with which reservations, who withdrew when, and why it holds or
// does not.
//
// The forms are those of others, so that other tools can check them:
//
//   - the text is a STIX 2.1 bundle in canonical form (RFC 8785); each line of its report's description is a sentence
//   - an in-toto Statement v1 names the text by its SHA-256, and a DSSE 1.0 envelope carries it with Ed25519 signatures (RFC 8032)
//   - the envelope is a leaf of a log (RFC 6962), or of Marque's ledger by its digest, with a C2SP tlog-proof under a head that
//     witnesses cosigned (package witness)
//   - a [Directory], itself signed, says which key speaks for which state, from when until when
//
// Invariants:
//
//   - States count, never signatures or keys: two keys of one state are one state.
//   - A signature counts only if its key was valid when the log shows that it existed. A date that a signer writes proves nothing;
//     without a witnessed proof the time is now.
//   - Nothing is deleted. A withdrawal is a signed document of its own with its date; the signer is shown as withdrawn and no longer
//     counts. Anybody may sign one; it takes back only the signer's own word.
//   - A reservation cannot be stripped: it stands in the payload that everybody signs, or in an [Accession], which is the signature.
//   - The text holds nothing above the level at which it is published. What it rests on is kept apart: an [Evidence] list that is not
//     published, whose salted digest is in the statement.
//   - A decoder refuses two members of one name, what is not canonical, and what is too large; it never panics.
package statement
