package stix

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits on one object. An artifact may carry its payload, so the size is generous.
const (
	MaxObjectBytes = 64 << 20
	MaxDepth       = 200
)

// Head is what every stage needs to know of an object without decoding it whole.
type Head struct {
	Type         string            `json:"type"`
	SpecVersion  string            `json:"spec_version"`
	ID           ID                `json:"id"`
	CreatedByRef ID                `json:"created_by_ref"`
	Created      Timestamp         `json:"created"`
	Modified     Timestamp         `json:"modified"`
	Revoked      bool              `json:"revoked"`
	Confidence   *int              `json:"confidence"`
	MarkingRefs  []ID              `json:"object_marking_refs"`
	Name         string            `json:"name"`
	Granular     []GranularMarking `json:"granular_markings"`
	// The ends of a relationship, the object of a sighting: what makes a graph of objects.
	RelationshipType string `json:"relationship_type"`
	SourceRef        ID     `json:"source_ref"`
	TargetRef        ID     `json:"target_ref"`
	SightingOfRef    ID     `json:"sighting_of_ref"`
}

// GranularMarking applies a marking, or a language, to the properties that its selectors name (section 7.2.3).
type GranularMarking struct {
	MarkingRef ID       `json:"marking_ref,omitempty"`
	Lang       string   `json:"lang,omitempty"`
	Selectors  []string `json:"selectors"`
}

// Object is one STIX object: the bytes as they came and a typed head. It is immutable.
type Object struct {
	Head
	raw jsontext.Value
}

// Parse reads one object. The bytes are copied only if the caller says so by passing a copy: Parse keeps raw.
func Parse(raw []byte) (*Object, error) {
	if len(raw) > MaxObjectBytes {
		return nil, fmt.Errorf("object of %d bytes, limit %d: %w", len(raw), MaxObjectBytes, ErrTooLarge)
	}
	o := &Object{raw: bytes.TrimSpace(raw)}
	if err := checkDepth(o.raw); err != nil {
		return nil, err
	}
	if err := o.readHead(); err != nil {
		return nil, syntaxError(err)
	}
	if o.Type == "" {
		return nil, fmt.Errorf("object without a type: %w", ErrNotObject)
	}
	if _, err := ParseID(string(o.ID)); err != nil {
		return nil, err
	}
	if o.ID.Type() != o.Type {
		return nil, fmt.Errorf("object of type %q has the id %s: %w", o.Type, o.ID, ErrNotObject)
	}
	return o, nil
}

// New makes an object from a view or any other value that marshals to a STIX object.
func New(view any) (*Object, error) {
	raw, err := json.Marshal(view, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("make object: %w", err)
	}
	return Parse(raw)
}

// Raw is the object as JSON, as it came. The caller must not change it.
func (o *Object) Raw() []byte { return o.raw }

// MarshalJSON is Raw, for encoding/json and its kin.
func (o *Object) MarshalJSON() ([]byte, error) { return o.raw, nil }

// Decode fills a typed view, for example a *Relationship. Properties that the view does not know are left alone.
func (o *Object) Decode(view any) error {
	if err := unmarshal(o.raw, view); err != nil {
		return fmt.Errorf("%s: %w", o.ID, syntaxError(err))
	}
	return nil
}

// Properties decodes the top level and leaves the values as JSON.
func (o *Object) Properties() (map[string]jsontext.Value, error) {
	var m map[string]jsontext.Value
	if err := json.Unmarshal(o.raw, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", o.ID, syntaxError(err))
	}
	return m, nil
}

// With is a new version of the object: the named properties are set (or removed, where the value is nil), all others stay,
// in their order; new ones follow by name.
func (o *Object) With(changes map[string]any) (*Object, error) {
	var out bytes.Buffer
	enc := jsontext.NewEncoder(&out)
	dec := jsontext.NewDecoder(bytes.NewReader(o.raw))
	rest := maps.Clone(changes)
	write := func(name string, value any) error {
		if value == nil {
			return nil
		}
		if err := enc.WriteToken(jsontext.String(name)); err != nil {
			return err
		}
		return json.MarshalEncode(enc, value, json.Deterministic(true))
	}
	copyAll := func() error {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
		if err := enc.WriteToken(jsontext.BeginObject); err != nil {
			return err
		}
		for dec.PeekKind() != '}' {
			tok, err := dec.ReadToken()
			if err != nil {
				return err
			}
			name := tok.String()
			val, err := dec.ReadValue()
			if err != nil {
				return err
			}
			var v any = val
			if c, ok := rest[name]; ok {
				v = c
				delete(rest, name)
			}
			if err := write(name, v); err != nil {
				return err
			}
		}
		for _, name := range slices.Sorted(maps.Keys(rest)) {
			if err := write(name, rest[name]); err != nil {
				return err
			}
		}
		return enc.WriteToken(jsontext.EndObject)
	}
	if err := copyAll(); err != nil {
		return nil, fmt.Errorf("%s: change properties: %w", o.ID, err)
	}
	return Parse(bytes.TrimSpace(out.Bytes()))
}

// Canonical is the JCS form (RFC 8785): two objects mean the same if and only if these bytes are equal.
func (o *Object) Canonical() ([]byte, error) {
	v := o.raw.Clone()
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("%s: canonical form: %w", o.ID, err)
	}
	return v, nil
}

// Digest is the SHA-256 of the canonical form in hexadecimal, whatever the precision of its instants ([SameInstants]): the name of
// exactly this version.
func (o *Object) Digest() (string, error) {
	c, err := o.Canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(SameInstants(c))
	return hex.EncodeToString(sum[:]), nil
}

// Version is what orders the versions of one object: modified, or created where there is none (section 3.6). It is zero for
// objects without either, such as most cyber observables.
func (h *Head) Version() Timestamp {
	if !h.Modified.IsZero() {
		return h.Modified
	}
	return h.Created
}

// checkDepth bounds nesting before anything recursive looks at the value.
func checkDepth(raw []byte) error {
	depth, inString, escaped := 0, false, false
	for _, c := range raw {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped = c == '\\'
			inString = c != '"'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			if depth++; depth > MaxDepth {
				return fmt.Errorf("nested deeper than %d: %w", MaxDepth, ErrTooLarge)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// syntaxError turns a library error into one sentence with the place and our sentinel.
func syntaxError(err error) error {
	if syn, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("byte %d, %s: %w: %w", syn.ByteOffset, pointerOrTop(syn.JSONPointer), syn.Err, ErrSyntax)
	}
	if sem, ok := errors.AsType[*json.SemanticError](err); ok {
		cause := sem.Err
		if cause == nil {
			cause = fmt.Errorf("JSON %s where %v is wanted", sem.JSONKind, sem.GoType)
		}
		return fmt.Errorf("property %s: %w: %w", pointerOrTop(sem.JSONPointer), cause, ErrNotObject)
	}
	return fmt.Errorf("%w: %w", err, ErrSyntax)
}

func pointerOrTop(p jsontext.Pointer) string {
	if p == "" {
		return "top level"
	}
	return string(p)
}
