package bench

import (
	"syscall"
	"time"
)

// threadTime returns the processor time of the calling thread; its goroutine must be locked to it.
func threadTime() time.Duration {
	const rusageThread = 1 // RUSAGE_THREAD of getrusage(2), which package syscall does not name
	var u syscall.Rusage
	if syscall.Getrusage(rusageThread, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
