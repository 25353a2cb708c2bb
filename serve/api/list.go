package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"marque/internal/plain"
	"marque/serve/problem"
	"marque/workspace"
)

// Media types of lists beside JSON.
const (
	ndjson  = "application/x-ndjson"
	csvType = "text/csv"
)

// Window is the part of a list that a request asks for.
type Window struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many to answer with at most."`
	Cursor string `query:"cursor" maxLength:"2000" doc:"Where the page before ended: its next."`
	Accept string `header:"Accept" doc:"application/json for a page, application/x-ndjson or text/csv for the whole list."`
}

func (w Window) window() Window { return w }

// lister is the input of a list.
type lister interface {
	viewer
	window() Window
}

// Page is a part of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Total int    `json:"total" doc:"How many there are in all, for this reader."`
	Next  string `json:"next,omitempty" doc:"The cursor of the next page; absent on the last."`
}

// list registers an operation that answers with a list. key is what the list is sorted and paged by: it must differ from item to item.
func list[I lister, T any](r *Room, op huma.Operation, key func(*T) string, f func(ctx context.Context, v workspace.View, in *I) ([]T, error)) {
	op.Responses = r.described(reflect.TypeFor[Page[T]](), "application/json", ndjson, csvType)
	huma.Register(r.api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		v, err := (*in).view(userOf(ctx))
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		items, err := f(ctx, v, in)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		keys := sortByKey(items, key)
		w := (*in).window()
		switch asked(w.Accept) {
		case ndjson:
			return lines(items), nil
		case csvType:
			return table(items), nil
		}
		page, err := r.page(op.OperationID, items, keys, w)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		body, err := encode(page)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		return whole("application/json", body), nil
	})
}

// sortByKey sorts items and returns their keys.
func sortByKey[T any](items []T, key func(*T) string) []string {
	type keyed struct {
		key  string
		item T
	}
	all := make([]keyed, len(items))
	for i := range items {
		all[i] = keyed{key(&items[i]), items[i]}
	}
	slices.SortStableFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	keys := make([]string, len(all))
	for i := range all {
		keys[i], items[i] = all[i].key, all[i].item
	}
	return keys
}

func (r *Room) page(of string, items any, keys []string, w Window) (any, error) {
	from := 0
	if w.Cursor != "" {
		last, err := r.open(of, w.Cursor)
		if err != nil {
			return nil, err
		}
		from, _ = slices.BinarySearch(keys, last+"\x00")
	}
	to := min(from+w.Limit, len(keys))
	v := reflect.ValueOf(items)
	page := map[string]any{"items": v.Slice(from, to).Interface(), "total": len(keys)}
	if from == to {
		page["items"] = []struct{}{}
	}
	if to < len(keys) {
		page["next"] = r.seal(of, keys[to-1])
	}
	return page, nil
}

// seal makes a cursor that only this server can have made, and only for this list.
func (r *Room) seal(of, key string) string {
	return base64.RawURLEncoding.EncodeToString(append(r.mac(of, key), key...))
}

func (r *Room) open(of, cursor string) (string, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < macSize || !hmac.Equal(b[:macSize], r.mac(of, string(b[macSize:]))) {
		return "", problem.New(http.StatusBadRequest, "cursor", "cursor: this server did not give it out for this list; begin without one")
	}
	return string(b[macSize:]), nil
}

const macSize = 16

func (r *Room) mac(of, key string) []byte {
	m := hmac.New(sha256.New, r.key[:])
	_, _ = fmt.Fprintf(m, "%d:%s%s", len(of), of, key)
	return m.Sum(nil)[:macSize]
}

// asked is the first of the list's media types that a client names.
func asked(accept string) string {
	for part := range strings.SplitSeq(accept, ",") {
		switch t, _, _ := strings.Cut(strings.TrimSpace(part), ";"); strings.ToLower(t) {
		case ndjson, "application/ndjson", "application/jsonl":
			return ndjson
		case csvType:
			return csvType
		case "application/json":
			return "application/json"
		}
	}
	return ""
}

// lines is the whole list, one JSON value a line.
func lines[T any](items []T) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", ndjson)
		c.SetHeader("Vary", "Accept, Authorization")
		e := json.NewEncoder(c.BodyWriter())
		for i := range items {
			if e.Encode(items[i]) != nil {
				return // the client has gone
			}
		}
	}}
}

// table is the whole list as CSV (RFC 4180): a column a field, lists joined by "; ", what is deeper as JSON. Characters that do something
// are dropped, and a cell that a spreadsheet would run begins with an apostrophe.
func table[T any](items []T) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", csvType+"; charset=utf-8; header=present")
		c.SetHeader("Vary", "Accept, Authorization")
		c.SetHeader("Content-Disposition", `attachment; filename="marque.csv"`)
		w := csv.NewWriter(c.BodyWriter())
		columns := fields(reflect.TypeFor[T]())
		_ = w.Write(columns)
		for i := range items {
			if w.Write(cells(items[i], columns)) != nil {
				return
			}
		}
		w.Flush()
	}}
}

// fields are the JSON names of a struct's fields, those of embedded structs in their place.
func fields(t reflect.Type) []string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && name != "-" && name != "" {
			out = append(out, name)
		}
	}
	return out
}

func cells(item any, columns []string) []string {
	var values map[string]json.RawMessage
	if b, err := json.Marshal(item); err != nil || json.Unmarshal(b, &values) != nil {
		return make([]string, len(columns))
	}
	out := make([]string, len(columns))
	for i, c := range columns {
		out[i] = cell(values[c])
	}
	return out
}

func cell(raw json.RawMessage) string {
	var s string
	var ss []string
	switch raw = bytes.TrimSpace(raw); {
	case len(raw) == 0 || string(raw) == "null":
		return ""
	case json.Unmarshal(raw, &s) == nil:
	case json.Unmarshal(raw, &ss) == nil:
		s = strings.Join(ss, "; ")
	default:
		return string(raw) // a number, a truth value, or something deeper
	}
	s = plain.Line(s)
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		s = "'" + s
	}
	return s
}
