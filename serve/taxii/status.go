package taxii

import (
	"net/http"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of what is remembered about requests. Section 4.3 asks for a day; a restart forgets all, which it allows (404).
const (
	maxStatuses      = 10_000
	maxStatusDetails = 500_000
)

// statuses remembers what became of requests to add objects, the latest ones.
type statuses struct {
	mu      sync.Mutex
	byID    map[string]kept
	order   []string
	details int
}

type kept struct {
	root, user string
	*status
}

func newStatuses() *statuses { return &statuses{byID: map[string]kept{}} }

func (k kept) details() int { return len(k.Successes) + len(k.Failures) }

func (s *statuses) keep(root, user string, st *status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[st.ID] = kept{root, user, st}
	s.order = append(s.order, st.ID)
	s.details += s.byID[st.ID].details()
	for len(s.order) > 1 && (len(s.order) > maxStatuses || s.details > maxStatusDetails) {
		s.details -= s.byID[s.order[0]].details()
		delete(s.byID, s.order[0])
		s.order = s.order[1:]
	}
}

// status is section 4.3. A status is for the user who made the request.
func (s *Server) status(w http.ResponseWriter, q *request) error {
	s.statuses.mu.Lock()
	k, ok := s.statuses.byID[q.id]
	s.statuses.mu.Unlock()
	if !ok || k.root != q.root.Path || k.user != q.user.Name {
		return notFound("The status")
	}
	s.answer(w, http.StatusOK, k.status)
	return nil
}

// head is what can be told of an object that does not parse.
type head struct {
	ID       string `json:"id"`
	Created  string `json:"created"`
	Modified string `json:"modified"`
}

func looseHead(raw []byte) (h head, err error) {
	err = json.Unmarshal(raw, &h, jsontext.AllowDuplicateNames(true))
	return h, err
}
