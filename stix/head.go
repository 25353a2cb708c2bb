package stix

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// readHead fills the head. What is common to all objects must be of its kind; the rest is so only in the types that the
// specification defines: an own type may have a name that is a list.
func (o *Object) readHead() error {
	err := unmarshal(o.raw, &o.Head)
	if err == nil || !isSemantic(err) {
		return err
	}
	head, typ := commonPart(o.raw)
	if typ == "" || slices.Contains(specified, typ) {
		return err
	}
	o.Head = Head{}
	return unmarshal(head, &o.Head)
}

// specified are the types of the specification with properties of their own in [Head].
var specified = []string{
	"attack-pattern", "autonomous-system", "campaign", "course-of-action", "extension-definition", "file", "grouping", "identity",
	"incident", "indicator", "infrastructure", "intrusion-set", "location", "malware", "marking-definition", "mutex", "relationship",
	"report", "sighting", "software", "threat-actor", "tool", "vulnerability",
}

// commonPart is an object without those members of [Head] that are not common to all types and not strings, and its type.
func commonPart(raw []byte) (part []byte, typ string) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.ReadToken(); err != nil {
		return nil, ""
	}
	part = append(part, '{')
	for dec.PeekKind() == '"' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, ""
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, ""
		}
		isString := value.Kind() == '"'
		switch name {
		case "name", "relationship_type", "source_ref", "target_ref", "sighting_of_ref":
			if !isString {
				continue
			}
		case "type":
			if isString {
				unquoted, _ := jsontext.AppendUnquote(nil, value) // the decoder has checked it
				typ = string(unquoted)
			}
		}
		if len(part) > 1 {
			part = append(part, ',')
		}
		part, _ = jsontext.AppendQuote(part, name) // as above
		part = append(part, ':')
		part = append(part, value...)
	}
	return append(part, '}'), typ
}

// unmarshal reads a value. Integers may be written as 50.0 or 5e1: they are integers to JSON and to STIX (section 2.10), though
// not to the library, which is asked again only where that was in the way.
func unmarshal(raw []byte, to any) error {
	err := json.Unmarshal(raw, to)
	if err != nil && isSemantic(err) {
		return json.Unmarshal(raw, to, json.WithUnmarshalers(json.UnmarshalFromFunc(wholeNumber)))
	}
	return err
}

func isSemantic(err error) bool {
	_, ok := errors.AsType[*json.SemanticError](err)
	return ok
}

func wholeNumber(dec *jsontext.Decoder, to *int) error {
	if dec.PeekKind() != '0' {
		return errors.ErrUnsupported
	}
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	f, err := strconv.ParseFloat(string(value), 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return fmt.Errorf("%.40s is not an integer", value)
	}
	*to = int(f)
	return nil
}
