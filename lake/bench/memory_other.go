//go:build !linux

package bench

import "time"

// peakMemory is not known here.
func peakMemory() int64 { return 0 }

// processorTime is not known here.
func processorTime() time.Duration { return 0 }
