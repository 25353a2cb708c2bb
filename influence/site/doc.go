// Package site says which new site comes in place of which one that is known, which will come next, and which sites have one operator.
//
// In come the sites of operations ([Site]: a host name, the day, the operation, what is known of registrar, addresses, certificates and
// trackers), seizure notices, the media of each country (embedded, or one's own), and a stream of new names ([New]). Out come alerts with
// their reasons in decibans ([Alert]), names that are likely to be registered next ([Forecast]), what replaced what after how many days
// ([Replacement], [Survival]), and families of sites with the reason for each tie ([Families]).
//
// Invariants:
//   - A new name is looked up once, in a number of steps that does not grow with the number of watched names; nothing is compared all with all.
//   - A weight compares two measured shares: how often successors look like that, and how often ordinary new names do by chance. It is
//     never read off the names to be found; [Threshold] reads it off ordinary names.
//   - A host name that cannot be one is refused with its reason and stops nothing ([ErrTooLong], [ErrNotHost]). Punycode is decoded once.
//   - Families depend on what was told of the sites, not on the order: the stream equals the batch. A value that many sites share that have
//     nothing else in common joins nothing. "Not the same" holds against any evidence.
//   - Nothing here knows the time or asks the network: days come with the names.
//
// Weights are decibans, ten times the decimal logarithm of a likelihood ratio, as everywhere in Marque (docs/judging.md). What the measured
// rates are and where they are from stands in data/rates.txt; docs/influence.md shows the way from a notice to a forecast.
package site
