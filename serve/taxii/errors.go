package taxii

import (
	"encoding/json"
	"net/http"
	"strconv"

	"marque/serve/problem"
)

func fault(status int, code, format string, args ...any) error {
	return problem.New(status, code, format, args...)
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
	p, inside := problem.Of(err)
	if inside {
		s.log.Error("request failed", "error_id", p.ErrorID, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if p.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	msg := errorMessage{Title: p.Title, Description: p.Detail, ErrorID: p.ErrorID, ErrorCode: p.Code, HTTPStatus: strconv.Itoa(p.Status)}
	if p.Status == http.StatusUnauthorized {
		w.Header().Add("WWW-Authenticate", `Basic realm="TAXII", charset="UTF-8"`)
		w.Header().Add("WWW-Authenticate", `Bearer realm="TAXII"`)
	}
	s.answer(w, p.Status, msg)
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
