// Package screen asks whether a name stands on a sanctions list, in whatever writing, order and spelling it comes.
//
// In come names (with a kind, and where known a date or place of birth and nationalities) and the subjects of package sanctions; out
// come the subjects that a name may mean, each with a score in [0,1], the parts that met and how, and the parts that did not.
//
// A name is read into words (read.go): folded, its writing turned into Latin letters (script.go), phrases of the word list replaced by
// what they stand for (lexicon.go). Two words meet by a [Way] (meet.go): the same, one spelling of the same sound, one name in two
// languages, an initial, a slip of a letter. Two names are compared by laying their words against each other (compare.go). An [Index]
// finds the names worth comparing (index.go). Wallets, numbers and addresses are looked up exactly after their checks (exact.go,
// wallet.go): a wallet with one letter changed is another wallet.
//
// Invariants:
//   - The same input gives the same answer; nothing depends on time, order of goroutines or of maps.
//   - A score is never without its reason, and what speaks against a hit is part of it.
//   - Words, names, letters and what sounds alike are data (data/), none is in the code.
//   - No input panics; a name is read up to [MaxName] characters and [MaxWords] words.
//   - An Index that is built is read only and may be asked from many goroutines.
package screen
