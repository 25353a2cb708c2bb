// Package profile answers "who": it compares an operation's techniques and software with what earlier reports
// say each actor has done, and ranks the actors, with an unknown actor as a hypothesis that can win.
//
// In: a Corpus (which actor uses which ATT&CK technique, malware or tool, each statement with the reports that
// make it and their dates) and a Query (the features of one operation and the day of the judgement). Out: a
// Judgement (every hypothesis with its probability, its evidence in decibans, the sponsor countries, and whether
// the evidence carries a name at all).
//
// Invariants:
//   - Nothing dated on or after the day of the judgement (less the gap) is used, for profiles, for document
//     frequencies, for base rates; nor is a report that the query excludes.
//   - A root counts once: citations that share a Root are one report, however many documents retell it.
//   - What everybody uses weighs little: each weight is a log-likelihood ratio against all actors' use, or
//     falls with the share of actors that use the feature. No list of commodity tools exists.
//   - Correlated pieces are not added up: a sub-technique and its technique count once, the second and third
//     shared program count less than the rarest, and the techniques' joint weight is below one.
//   - Same inputs, same bytes: results are ordered by rounded probability, then by id, and rounded before
//     they leave.
//
// The method is a conditional logit (McFadden 1974) over a few terms, each a likelihood ratio learned per query
// from the corpus as of that day: hierarchical multinomial naive Bayes with Dirichlet smoothing over techniques
// (sub-techniques back off to their technique), inverse document frequency over software, the most alike single
// report, co-citation of software and actor, and how often the actor was reported of late. Nine weights join
// them; Model documents on which reports they were fitted. Weights of evidence follow I. J. Good (1950): ten
// decibans are odds of ten to one. The threshold below which no name is given is ICD 203's lower bound of
// "likely" (55 %).
package profile
