package claim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"marque/claim"
	"marque/stix"
)

var updateSchemas = flag.Bool("update-schemas", false, "write docs/schemas from the Go types")

// TestSchemasTellTheTypes keeps the published JSON Schemas of Marque's extensions equal to the types that read and write them.
func TestSchemasTellTheTypes(t *testing.T) {
	for name, c := range map[string]struct {
		typ         any
		description string
	}{
		"claim":      {claim.Claim{}, "Property extension of a relationship, sighting, note or opinion: somebody's statement, where it stands and how it is graded. Meaning of the fields: docs/model.md."},
		"operation":  {claim.Operation{}, "Property extension of a campaign or incident: what was done, as codes. Codes: docs/model.md."},
		"measure":    {claim.Measure{}, "The object type marque-measure: something done to deter. Codes: docs/model.md."},
		"counts":     {claim.Counts{}, "Property extension of a sighting: what each file of events contributed to its count."},
		"label":      {claim.Labelled{}, "Property extension of any object: it was marked with the level at which it was passed on; what its creator marked it with stands here."},
		"assessment": {claim.Assessment{}, "The object type marque-assessment: a judgement by competing hypotheses. Method: docs/judging.md."},
	} {
		s := schemaOf(reflect.TypeOf(c.typ))
		s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		s["title"], s["description"] = "marque-"+name, c.description
		want, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		path := filepath.Join("..", "docs", "schemas", name+".json")
		if *updateSchemas {
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s does not tell the type; run go test ./claim -update-schemas (%v)", path, err)
		}
	}
}

func schemaOf(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[stix.Timestamp]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[stix.ID]():
		return map[string]any{"type": "string", "pattern": "^[a-z0-9-]+--[0-9a-f-]{36}$"}
	case t == reflect.TypeFor[stix.Extensions]():
		return map[string]any{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return map[string]any{"type": "array", "minItems": 1, "items": schemaOf(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	props, required := map[string]any{}, []string{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for f := range t.Fields() {
			if f.Anonymous {
				walk(f.Type)
				continue
			}
			name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			props[name] = schemaOf(f.Type)
			if opts == "" {
				required = append(required, name)
			}
		}
	}
	walk(t)
	return map[string]any{"type": "object", "properties": props, "required": required}
}
