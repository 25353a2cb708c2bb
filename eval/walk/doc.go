// Package walk makes random workspaces whose every fact has a word and a level of its own, and looks at them by every way out.
//
// In goes a source of random numbers; out comes a [World]: inputs in several formats (bundles, MISP events, tables of indicators,
// documents), marked in every spelling that is in use, and the words that must not be seen below a level. [Look] reads a store by
// every reader, export, judgement and rendering that is left of eval; whoever has more ways out (the verbs of a workspace, the routes of a
// server) adds them to what it returns.
//
// Two checks follow. A word above the level must be nowhere in what was looked at ([World.Leaks]). And what was looked at must be the same,
// byte for byte, as if nothing above the level had ever been there ([World.Below]): so neither a count, an order, a probability
// nor a time stamp tells of it.
//
// Invariant: what a World says of levels it knows from how it was made, never by asking the product.
package walk
