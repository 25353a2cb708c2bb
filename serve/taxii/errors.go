package taxii

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"marque/store"
)

// httpError is an answer that is not the one asked for.
type httpError struct {
	status int
	code   string // stable, for programs
	reason string
}

func (e *httpError) Error() string { return e.reason }

func fault(status int, code, format string, args ...any) error {
	return &httpError{status: status, code: code, reason: fmt.Sprintf(format, args...)}
}

// The same words for what is not there and what the user may not know of.
func notFound(what string) error {
	return fault(http.StatusNotFound, "not-found", "%s is not found, or you have no access to it", what)
}

// fail answers with an error message (section 3.6.1). What went wrong inside is logged under error_id and not told.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody is there to read it
	}
	he := &httpError{status: http.StatusInternalServerError, code: "internal", reason: "The server could not answer."}
	msg := errorMessage{}
	if !errors.As(err, &he) {
		if errors.Is(err, store.ErrLocked) || errors.Is(err, store.ErrFull) {
			he = &httpError{status: http.StatusServiceUnavailable, code: "store", reason: "The store cannot be written to now."}
			w.Header().Set("Retry-After", "10")
		}
		msg.ErrorID = uuid.NewString()
		s.log.Error("request failed", "error_id", msg.ErrorID, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	msg.Title, msg.Description, msg.ErrorCode, msg.HTTPStatus = http.StatusText(he.status), he.reason, he.code, strconv.Itoa(he.status)
	if he.status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="TAXII", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="TAXII"`)
	}
	s.answer(w, he.status, msg)
}

// answer writes a small resource.
func (s *Server) answer(w http.ResponseWriter, status int, resource any) {
	body, err := json.Marshal(resource)
	if err != nil { // unreachable: resources are plain structs
		s.log.Error("resource does not marshal", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", MediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
