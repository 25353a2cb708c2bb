package witness

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// sizeType is the content type of the size that comes with a conflict.
const sizeType = "text/x.tlog.size"

// Handler answers POST /add-checkpoint as tlog-witness says. Mount it below the submission prefix, with http.StripPrefix. failed is
// called with faults of the witness itself, never with refusals; nil drops them.
func (w *Witness) Handler(failed func(error)) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /add-checkpoint", func(rw http.ResponseWriter, r *http.Request) {
		line, err := w.serve(rw, r)
		if err == nil {
			rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = rw.Write(line)
			return
		}
		if conflict, ok := errors.AsType[*ConflictError](err); ok {
			rw.Header().Set("Content-Type", sizeType)
			rw.WriteHeader(http.StatusConflict)
			fmt.Fprintf(rw, "%d\n", conflict.Size)
			return
		}
		status := statusOf(err)
		if status < http.StatusInternalServerError {
			http.Error(rw, err.Error(), status)
			return
		}
		if failed != nil {
			failed(err)
		}
		http.Error(rw, "the witness has a fault; try again later", status)
	})
	return mux
}

func (w *Witness) serve(rw http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxRequest))
	if err != nil {
		return nil, err
	}
	req, err := ParseRequest(body)
	if err != nil {
		return nil, err
	}
	return w.Add(r.Context(), req)
}

func statusOf(err error) int {
	_, large := errors.AsType[*http.MaxBytesError](err)
	switch {
	case large:
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, ErrUnknownLog):
		return http.StatusNotFound
	case errors.Is(err, ErrNotSigned):
		return http.StatusForbidden
	case errors.Is(err, ErrRequest):
		return http.StatusBadRequest
	case errors.Is(err, ErrSplitView), errors.Is(err, ErrRollback):
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}
