// Package auth tells who sends a request: local users with a password (HTTP Basic, RFC 7617) or with tokens (Bearer, RFC 6750;
// the scheme "Token", which older TAXII clients send, means the same).
//
// In goes a [Config], which holds only hashes: bcrypt for passwords, SHA-256 for tokens (those are long and random, so a slow
// hash adds nothing). Out comes a [User] with the highest TLP level that it may see and its groups. Who may do what is the
// business of each surface.
//
// Invariants:
//   - A wrong name takes as long as a wrong password.
//   - Passwords that are wrong are slowed by user and by address ([ErrSlowDown], TestGuessing). Nobody is locked out by others' guesses: who
//     came in from an address before has a measure of its own there, and tokens have none.
//   - The number of passwords that are checked at the same time is bounded, and so is that of those who wait for it. Who is signed in waits
//     for nobody: a password that was right is remembered for minutes under a keyed hash, because bcrypt is slow on purpose and HTTP Basic
//     sends the password with every request.
//   - What [Authenticator.Reload] does not know is refused from the next request on.
package auth
