package report

// Percent is a probability as people read it: whole percents, and no certainty that is not there. It is the one rounding of all that
// Marque tells.
func Percent(p float64) string { return percent(p) }
