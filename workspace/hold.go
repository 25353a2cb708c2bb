package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"marque/internal/filelock"
)

// ErrHeld says that another run is at work on the same file.
var ErrHeld = errors.New("another run is at work on it")

// hold takes a file for this run alone; release gives it back. ErrHeld, with the number of the process that has it.
func hold(file string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, err
	}
	f, err := filelock.Exclusive(file)
	if errors.Is(err, filelock.ErrLocked) {
		who, _ := os.ReadFile(file) // of whom nothing is known, the error says less
		return nil, fmt.Errorf("%w: process %s", ErrHeld, cmp.Or(strings.TrimSpace(string(who)), "(unknown)"))
	}
	if err != nil {
		return nil, err
	}
	_ = f.Truncate(0)
	_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // for the message alone
	return func() { _ = f.Close() }, nil                        // nothing is written but the number
}

// holdSightings waits until no other run adds to sightings: what is added to must not change in between.
func (w *Workspace) holdSightings(ctx context.Context) (release func(), err error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		release, err := hold(w.path("match", "sightings.lock"))
		if !errors.Is(err, ErrHeld) {
			return release, err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), err)
		}
	}
}
