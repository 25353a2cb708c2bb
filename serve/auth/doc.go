// Package auth tells who sends a request: local users with a password (HTTP Basic, RFC 7617) or with tokens (Bearer, RFC 6750;
// the scheme "Token", which older TAXII clients send, means the same).
//
// In goes a [Config], which holds only hashes: bcrypt for passwords, SHA-256 for tokens (those are long and random, so a slow
// hash adds nothing). Out comes a [User] with the highest TLP level that it may see and its groups. Who may do what is the
// business of each surface.
//
// Invariants: a wrong name takes as long as a wrong password; the number of passwords that are checked at the same time is
// bounded; a password that was right is remembered for minutes under a keyed hash, because bcrypt is slow on purpose and
// HTTP Basic sends the password with every request.
package auth
