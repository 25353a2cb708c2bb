package workspace

import "sync/atomic"

// Progress is how far long work is. Total is 0 where it is not known.
type Progress struct {
	What        string
	Done, Total int64
}

// counter tells of each step of work of a known size, from any goroutine.
func counter(progress func(Progress), what string, total int) func() {
	if progress == nil {
		return func() {}
	}
	var done atomic.Int64
	return func() { progress(Progress{What: what, Done: done.Add(1), Total: int64(total)}) }
}
