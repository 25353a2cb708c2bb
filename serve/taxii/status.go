package taxii

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"marque/store"
)

// owner is for whom a status is: who made the request, at the API root where it was made.
func (q *request) owner() string { return "taxii " + q.root.Path + " " + q.user.Name }

// remember keeps a status. Section 4.3 asks for a day.
func (s *Server) remember(q *request, st *status, at time.Time) error {
	body, err := json.Marshal(st)
	if err != nil {
		return err
	}
	return s.store.PutReceipt(q.Context(), store.Receipt{ID: st.ID, Owner: q.owner(), Time: at, Body: body})
}

// status is section 4.3.
func (s *Server) status(w http.ResponseWriter, q *request) error {
	receipt, err := s.store.GetReceipt(q.Context(), strings.ToLower(q.id))
	if errors.Is(err, store.ErrNotFound) || err == nil && receipt.Owner != q.owner() {
		return notFound("The status")
	}
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, json.RawMessage(receipt.Body))
	return nil
}

// head is what can be told of an object that does not parse.
type head struct {
	ID       string `json:"id"`
	Created  string `json:"created"`
	Modified string `json:"modified"`
}

func looseHead(raw []byte) (h head, err error) {
	err = jsonv2.Unmarshal(raw, &h, jsontext.AllowDuplicateNames(true))
	return h, err
}
