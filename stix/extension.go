package stix

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ExtensionOf decodes one extension of an object into v. It reports false where the object does not carry it.
func (o *Object) ExtensionOf(id ID, v any) (bool, error) {
	var view struct {
		Extensions Extensions `json:"extensions"`
	}
	if err := o.Decode(&view); err != nil {
		return false, err
	}
	raw, ok := view.Extensions[string(id)]
	if !ok {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return true, fmt.Errorf("%s: extension %s: %w", o.ID, id, syntaxError(err))
	}
	return true, nil
}

// Extend puts an extension into a set, making the set where there is none.
func (e *Extensions) Extend(id ID, content any) error {
	raw, err := json.Marshal(content, json.Deterministic(true))
	if err != nil {
		return fmt.Errorf("extension %s: %w", id, err)
	}
	if *e == nil {
		*e = Extensions{}
	}
	(*e)[string(id)] = jsontext.Value(raw)
	return nil
}
