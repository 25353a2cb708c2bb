package lock

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// ErrLocked says that the file is locked by another. A [HeldError] says by whom.
var ErrLocked = errors.New("locked by another process")

// Holder is who holds a lock.
type Holder struct {
	PID     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"`
}

// HeldError is a lock that could not be taken in time.
type HeldError struct {
	Path   string
	Holder Holder // zero where it is not known, as with shared locks
	Cause  error  // why waiting ended, where it was waited
}

// Error names the holder.
func (e *HeldError) Error() string {
	who := "by another process"
	if e.Holder.PID != 0 {
		who = fmt.Sprintf("by process %d (%s) since %s", e.Holder.PID, e.Holder.Command, e.Holder.Since.Format(time.DateTime))
	}
	return fmt.Sprintf("%s is locked %s; wait for it to end", e.Path, who)
}

// Is makes it an ErrLocked.
func (e *HeldError) Is(target error) bool { return target == ErrLocked }

// Unwrap returns why waiting ended.
func (e *HeldError) Unwrap() error { return e.Cause }

// Lock is a lock that is held.
type Lock struct {
	f     *os.File
	named bool // the file says that we hold it
}

// Try takes the lock for itself, or returns a HeldError at once.
func Try(path string) (*Lock, error) {
	return exclusive(path, func(f *os.File) error { return try(f, true) })
}

// Exclusive takes the lock for itself. It waits until ctx ends, and returns a HeldError then.
func Exclusive(ctx context.Context, path string) (*Lock, error) {
	return exclusive(path, func(f *os.File) error { return wait(ctx, f, true) })
}

func exclusive(path string, take func(*os.File) error) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	if err := take(f); err != nil {
		return nil, errors.Join(held(path, err), f.Close())
	}
	l := &Lock{f: f}
	l.named = l.sign() == nil // a full disk does not keep anybody from holding a lock
	return l, nil
}

// Shared takes the lock together with others that do. It waits until ctx ends, and returns a HeldError then. The file is made where it
// is missing, and only read where it is there: a folder that cannot be written can be locked for reading.
func Shared(ctx context.Context, path string) (*Lock, error) {
	f, err := os.OpenFile(path, os.O_RDONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		f, err = os.OpenFile(path, os.O_CREATE|os.O_RDONLY, 0o640)
	}
	if err != nil {
		return nil, err
	}
	if err := wait(ctx, f, false); err != nil {
		return nil, errors.Join(held(path, err), f.Close())
	}
	return &Lock{f: f}, nil
}

// Close lets the lock go.
func (l *Lock) Close() error {
	var err error
	if l.named {
		err = l.f.Truncate(0)
	}
	return errors.Join(err, l.f.Close())
}

// Pauses between two tries of a lock that is held.
const (
	firstPause = 2 * time.Millisecond
	lastPause  = 100 * time.Millisecond
)

// wait tries until ctx ends. It asks again and again because a wait inside flock(2) cannot be interrupted.
func wait(ctx context.Context, f *os.File, alone bool) error {
	pause := firstPause
	for {
		err := try(f, alone)
		if !errors.Is(err, ErrLocked) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		case <-time.After(pause):
			pause = min(2*pause, lastPause)
		}
	}
}

// maxHolder bounds what is read of a lock file.
const maxHolder = 4 << 10

// held turns an ErrLocked into a HeldError.
func held(path string, err error) error {
	if !errors.Is(err, ErrLocked) {
		return fmt.Errorf("lock %s: %w", path, err)
	}
	e := &HeldError{Path: path, Cause: err}
	if data, rerr := os.ReadFile(path); rerr == nil && len(data) <= maxHolder {
		if json.Unmarshal(data, &e.Holder) != nil { // nobody has signed yet, or is about to
			e.Holder = Holder{}
		}
	}
	return e
}

// sign writes into the file who holds it.
func (l *Lock) sign() error {
	data, err := json.Marshal(Holder{PID: os.Getpid(), Command: command(), Since: time.Now().UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err = l.f.WriteAt(append(data, '\n'), 0)
	return err
}

// command is the command line as others on this machine can see it anyway, shortened, and fit for a terminal.
func command() string {
	const longest = 120
	line := []rune(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.Join(os.Args, " ")))
	if len(line) > longest {
		return string(line[:longest]) + "…"
	}
	return string(line)
}
