package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"marque/attribute"
	"marque/serve/problem"
	"marque/workspace"
)

// Fault is an answer that is not the one asked for (RFC 9457).
type Fault struct { //nolint:errname // the thing of RFC 9457 that it is
	problem.Problem
	Places []Place `json:"errors,omitempty" doc:"What is wrong, and where."`
}

// Place is what is wrong at one place of a request.
type Place struct {
	Message  string `json:"message"`
	Location string `json:"location,omitempty" doc:"Such as query.limit or body.lines[3]."`
}

// GetStatus is for huma.
func (f *Fault) GetStatus() int { return f.Status }

// ContentType is for huma.
func (f *Fault) ContentType(string) string { return "application/problem+json" }

func init() { //nolint:gochecknoinits // huma has one constructor of errors for the process
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		f := &Fault{Problem: *problem.New(status, codeOf(status), "%s", msg)}
		for _, err := range errs {
			place := Place{Message: err.Error()}
			if d := new(huma.ErrorDetail); errors.As(err, &d) {
				place = Place{d.Message, d.Location}
			}
			f.Places = append(f.Places, place)
		}
		return f
	}
}

// codeOf names what huma finds wrong itself.
func codeOf(status int) string {
	switch status {
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "request"
	default:
		return strings.ToLower(strings.ReplaceAll(http.StatusText(status), " ", "-"))
	}
}

// faultOf is what an error of a verb is answered with. What went wrong inside is logged, not told.
func (r *Room) faultOf(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err() // nobody is there to read it
	}
	switch {
	case errors.Is(err, workspace.ErrUnknown), errors.Is(err, attribute.ErrNoCase):
		err = problem.New(http.StatusNotFound, "unknown", "%v", err)
	case errors.Is(err, workspace.ErrSupposition):
		err = problem.New(http.StatusUnprocessableEntity, "supposition", "%v", err)
	}
	p, inside := problem.Of(err)
	if inside {
		r.log.Error("request failed", "error_id", p.ErrorID, "error", err)
	}
	return &Fault{Problem: *p}
}

// read registers an operation that answers with one value.
func read[I viewer, T any](r *Room, op huma.Operation, f func(ctx context.Context, v workspace.View, in *I) (T, error)) {
	op.Responses = r.described(reflect.TypeFor[T](), "application/json")
	huma.Register(r.api, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		v, err := (*in).view(userOf(ctx))
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		out, err := f(ctx, v, in)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		body, err := encode(out)
		if err != nil {
			return nil, r.faultOf(ctx, err)
		}
		return whole("application/json", body), nil
	})
}

// described are the responses of an operation whose body is of a type.
func (r *Room) described(t reflect.Type, types ...string) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	for _, typ := range types {
		content[typ] = &huma.MediaType{}
	}
	content["application/json"] = &huma.MediaType{Schema: r.api.OpenAPI().Components.Schemas.Schema(t, true, "")}
	return map[string]*huma.Response{
		"200": {Description: "OK", Content: content, Headers: map[string]*huma.Param{"ETag": {Schema: &huma.Schema{Type: "string"}}}},
		"304": {Description: "Not changed since the answer with the ETag of If-None-Match"},
	}
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(true) // a body that is opened in a browser after all holds no markup
	err := e.Encode(v)
	return b.Bytes(), err
}

// whole is an answer that is there already, with its ETag.
func whole(contentType string, body []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		sum := sha256.Sum256(body)
		tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
		c.SetHeader("ETag", tag)
		c.SetHeader("Content-Type", contentType)
		c.SetHeader("Vary", "Accept, Authorization")
		if matches(c.Header("If-None-Match"), tag) {
			c.SetStatus(http.StatusNotModified)
			return
		}
		c.SetHeader("Content-Length", strconv.Itoa(len(body)))
		c.SetStatus(http.StatusOK)
		_, _ = c.BodyWriter().Write(body) // a client that has gone asks again
	}}
}

// matches is the weak comparison of RFC 9110, section 13.1.2.
func matches(ifNoneMatch, tag string) bool {
	for t := range strings.SplitSeq(ifNoneMatch, ",") {
		if t = strings.TrimSpace(t); t == "*" || strings.TrimPrefix(t, "W/") == strings.TrimPrefix(tag, "W/") {
			return t != ""
		}
	}
	return false
}
