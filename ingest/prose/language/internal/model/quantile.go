package model

import "slices"

// quantile returns the value under which the part q of the values lies. It sorts them.
func quantile(values []float64, q float64) float64 {
	slices.Sort(values)
	return values[min(int(q*float64(len(values))), len(values)-1)]
}
