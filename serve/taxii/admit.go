package taxii

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"marque/serve/problem"
)

// smallBody is what goes past the large ones: it costs little, and whoever sends it does not wait for those who send much.
const smallBody = 256 << 10

// admission bounds the bodies that are in memory at the same time, together and of one user, so that twelve large ones cost no more
// than four. Who has to wait has sent nothing but a header yet. Reading is not affected.
type admission struct {
	small, large *semaphore.Weighted
	each         int64 // of one user
	// work is for what is made of large bodies: half of the processors, so that the other half answers who reads.
	work *semaphore.Weighted

	mu    sync.Mutex
	users map[string]*share
}

// begin waits until a body that is in memory may be worked on.
func (a *admission) begin(q *request, size int) (end func(), err error) {
	if size <= smallBody {
		return func() {}, nil
	}
	if err := acquire(q, a.work, 1); err != nil {
		return nil, err
	}
	return func() { a.work.Release(1) }, nil
}

// share is what one user has under way.
type share struct {
	large   *semaphore.Weighted
	waiting int // requests that hold or want some of it
}

// newAdmission makes room for four of the largest bodies, two of them of one user.
func newAdmission(limit int64) *admission {
	limit = max(limit, smallBody)
	return &admission{
		small: semaphore.NewWeighted(64 * smallBody), large: semaphore.NewWeighted(4 * limit), each: 2 * limit, users: map[string]*share{},
		work: semaphore.NewWeighted(int64(max(1, runtime.GOMAXPROCS(0)/2))),
	}
}

// patience is how long a request waits for its turn, and transfer how long its body may then take.
const (
	patience = 30 * time.Second
	transfer = time.Minute
)

// enter waits until the body of a request may come in. The caller calls leave when it is done with it.
func (a *admission) enter(w http.ResponseWriter, q *request) (leave func(), err error) {
	n := q.ContentLength
	if n >= 0 && n <= smallBody {
		if err := acquire(q, a.small, smallBody); err != nil {
			return nil, err
		}
		return func() { a.small.Release(smallBody) }, nil
	}
	if n < 0 || n > a.each/2 {
		n = a.each / 2 // as much as it may be
	}
	u := a.join(q.user.Name)
	if err := acquire(q, u.large, n); err != nil {
		a.part(q.user.Name, u)
		return nil, err
	}
	if err := acquire(q, a.large, n); err != nil {
		u.large.Release(n)
		a.part(q.user.Name, u)
		return nil, err
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(transfer)) // not every ResponseWriter has deadlines
	_ = control.SetWriteDeadline(time.Now().Add(2 * transfer))
	return func() {
		a.large.Release(n)
		u.large.Release(n)
		a.part(q.user.Name, u)
	}, nil
}

func acquire(q *request, s *semaphore.Weighted, n int64) error {
	ctx, cancel := context.WithTimeout(q.Context(), patience)
	defer cancel()
	if s.Acquire(ctx, n) == nil {
		return nil
	}
	if err := q.Context().Err(); err != nil {
		return err
	}
	p := problem.New(http.StatusServiceUnavailable, "busy", "Too much is being written: try again later.")
	p.RetryAfter = 10
	return p
}

func (a *admission) join(user string) *share {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.users[user]
	if u == nil {
		u = &share{large: semaphore.NewWeighted(a.each)}
		a.users[user] = u
	}
	u.waiting++
	return u
}

func (a *admission) part(user string, u *share) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if u.waiting--; u.waiting == 0 {
		delete(a.users, user)
	}
}
