package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// refusal is a request that is wrong in itself.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// problem writes an error as RFC 9457 has it. Nothing of the request was acknowledged; sent again under the same key it counts once.
func problem(w http.ResponseWriter, err error) {
	status := http.StatusServiceUnavailable
	refused := new(refusal)
	switch {
	case errors.As(err, &refused):
		status = refused.status
	case errors.Is(err, ErrBusy):
		status = http.StatusTooManyRequests
	case errors.Is(err, ErrFull):
		status = http.StatusInsufficientStorage
	}
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": http.StatusText(status), "status": status, "detail": err.Error()}) // a client that has gone asks again
}
