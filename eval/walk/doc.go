// Package walk makes random workspaces whose every fact has a word and a level of its own, and asks them by every way out.
//
// In goes a source of random numbers; out comes a [World]: inputs in several formats (bundles, MISP events, tables of indicators,
// documents), marked in every spelling that is in use, and the words that must not be seen below a level. An [Opener] makes a [House] of
// inputs: a workspace that read them, in which the owner did what owners do ([Deeds]). [Ways] are the ways out: the readers of the store,
// the graph, the verbs of the workspace, the exports, the renderings and the routes of the TAXII server; what it refuses is an answer too.
//
// Two checks follow. A word above the level must be nowhere in an answer ([World.Leaks]). And the answer must be the same, byte for byte,
// as if nothing above the level had ever been there ([World.Below]): so neither a count, an order, a probability, a refusal nor a time
// tells of it.
//
// To ask every world in every way would cost more than it shows. World n is asked in a few ways that follow from n alone ([Turn]), so that
// in a run each way is asked of equally many worlds.
//
// Invariant: what a World says of levels it knows from how it was made, never by asking the product.
package walk
