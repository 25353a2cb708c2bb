// Package effect asks whether a measure changed how often a state's operations begin, and says how little can be told.
//
// In go, per measure, the operations by month of the state that it was aimed at and of all other states; out comes a ratio with
// its interval, a p-value from placebo dates, that p corrected for everything else that was tested, and the smallest change that
// would have been seen.
//
// The model is an interrupted time series (Bernal, Cummins, Gasparrini 2017): with 24 months on each side of the measure,
//
//	log E(operations) = level + slope·years + effect·after + others·log(1 + operations of all other states)
//
// with negative binomial counts (NB2), fitted by iteratively reweighted least squares, the dispersion by maximum likelihood. The
// other states carry what a measure did not cause: how many operations were found and written down at all. The same model at every
// other month of the series gives the placebo distribution, and Holm's procedure corrects for the number of measures tested.
//
// Invariants: an answer is an interval and a [Verdict]; the verdict is CannotTell unless the corrected p is below the level. No
// verdict says that a measure had no effect. What was looked at and could not be tested is returned too, and counts as tested
// nowhere.
package effect
