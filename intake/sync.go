package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"marque/internal/durable"
)

// syncer brings the stream's blocks onto the disk. JetStream itself can sync each message, at one fsync a message; here all
// requests that wait share one.
type syncer struct {
	dir   string
	last  int // number of the newest block that was synced
	queue chan chan error
	stop  chan struct{}
	done  chan struct{}
}

func newSyncer(dir string) *syncer {
	s := &syncer{dir: dir, queue: make(chan chan error, 1024), stop: make(chan struct{}), done: make(chan struct{})}
	go s.run()
	return s
}

// wait returns when everything that was written before the call is on the disk.
func (s *syncer) wait(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case s.queue <- answer:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrClosed
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.done:
		return ErrClosed
	}
}

func (s *syncer) run() {
	defer close(s.done)
	for {
		var waiting []chan error
		select {
		case w := <-s.queue:
			waiting = append(waiting, w)
		case <-s.stop:
			return
		}
		for more := true; more; {
			select {
			case w := <-s.queue:
				waiting = append(waiting, w)
			default:
				more = false
			}
		}
		err := s.flush()
		for _, w := range waiting {
			w <- err
		}
	}
}

func (s *syncer) close() error {
	close(s.stop)
	<-s.done
	return nil
}

// flush syncs the blocks from the newest one of the last time on: JetStream only appends to the newest.
func (s *syncer) flush() error {
	list, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	newest, fresh := s.last, false
	for _, f := range list {
		name, ok := strings.CutSuffix(f.Name(), ".blk")
		if !ok {
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil || n < s.last {
			continue
		}
		if err := durable.SyncFile(durable.OS, filepath.Join(s.dir, f.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("sync: %w", err)
		}
		fresh = fresh || n > s.last
		newest = max(newest, n)
	}
	if fresh {
		if err := durable.SyncDir(durable.OS, s.dir); err != nil {
			return fmt.Errorf("sync: %w", err)
		}
	}
	s.last = newest
	return nil
}
