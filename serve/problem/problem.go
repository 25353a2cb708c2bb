// Package problem says what went wrong to those who sent a request: the one table from errors to answers, for all of serve.
//
// In: an error from any room. Out: status, stable code and words for it ([Of]), written as RFC 9457 ([Write]) or in a protocol's own
// form.
//
// Invariants:
//   - What went wrong inside is not told: the answer has an error id, the log has the error under it (TestInternalErrorsAreNotTold).
//   - The same error has the same status in every room (TestTable).
package problem

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"marque/intake"
	"marque/serve/auth"
	"marque/store"
)

// Problem is an answer that is not the one asked for. It is an error, so that it can be returned as one.
type Problem struct { //nolint:errname // the word of RFC 9457
	Type       string `json:"type"`  // a name for this kind of problem: [TypePrefix] and the code
	Title      string `json:"title"` // that of the status
	Status     int    `json:"status"`
	Code       string `json:"code"` // stable, for programs
	Detail     string `json:"detail"`
	ErrorID    string `json:"error_id,omitempty"` // under which the log has what went wrong inside
	RetryAfter int    `json:"-"`                  // seconds; 0: asking again does not help, or nobody knows when
}

// TypePrefix begins the types of problems: names, which lead nowhere (RFC 9457, section 3.1.1).
const TypePrefix = "urn:marque:problem:"

func (p *Problem) Error() string { return p.Detail }

// New makes a problem. The detail is for people.
func New(status int, code, format string, args ...any) *Problem {
	return &Problem{Type: TypePrefix + code, Title: http.StatusText(status), Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// table says what errors are answered with. An empty detail tells the error itself, which then has nothing secret.
var table = []struct {
	err    error
	status int
	code   string
	detail string
	retry  int
}{
	{auth.ErrNoCredentials, http.StatusUnauthorized, "credentials", "Credentials are needed.", 0},
	{auth.ErrBadCredentials, http.StatusUnauthorized, "credentials", "The credentials are not known.", 0},
	{auth.ErrSlowDown, http.StatusTooManyRequests, "slow-down", "Too many attempts to sign in: wait a moment.", 10},
	{store.ErrLocked, http.StatusServiceUnavailable, "store", "The store cannot be written to now.", 10},
	{store.ErrFull, http.StatusServiceUnavailable, "store", "The store cannot be written to now.", 10},
	{intake.ErrKey, http.StatusBadRequest, "key", "", 0},
	{intake.ErrTooLarge, http.StatusRequestEntityTooLarge, "too-large", "", 0},
	{intake.ErrEncoding, http.StatusUnsupportedMediaType, "encoding", "", 0},
	{intake.ErrBody, http.StatusBadRequest, "body", "", 0},
	{intake.ErrBusy, http.StatusTooManyRequests, "busy", "", 2},
	{intake.ErrFull, http.StatusInsufficientStorage, "disk-full", "", 0},
	{intake.ErrClosed, http.StatusServiceUnavailable, "ending", "", 2},
	{intake.ErrDown, http.StatusServiceUnavailable, "stream-down", "", 2},
}

// Of says what an error is answered with. Inside reports that something went wrong here, which belongs into a log under the
// problem's ErrorID.
func Of(err error) (p *Problem, inside bool) {
	if known := new(Problem); errors.As(err, &known) {
		return known, false
	}
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return New(http.StatusRequestEntityTooLarge, "too-large", "The body is larger than %d bytes.", tooLarge.Limit), false
	}
	p, inside = New(http.StatusInternalServerError, "internal", "The server could not answer."), true
	for _, row := range table {
		if errors.Is(err, row.err) {
			detail := row.detail
			if detail == "" {
				detail = err.Error()
			}
			p = New(row.status, row.code, "%s", detail)
			p.RetryAfter, inside = row.retry, row.status >= http.StatusInternalServerError
			break
		}
	}
	if inside {
		p.ErrorID = uuid.NewString()
	}
	return p, inside
}

// Write answers with an error as RFC 9457 has it.
func Write(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	if r.Context().Err() != nil {
		return // nobody is there to read it
	}
	p, inside := Of(err)
	if inside {
		log.Error("request failed", "error_id", p.ErrorID, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	h := w.Header()
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		h.Add("WWW-Authenticate", `Basic realm="marque", charset="UTF-8"`)
		h.Add("WWW-Authenticate", `Bearer realm="marque"`)
	}
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // a client that has gone asks again
}
