package casebook

import (
	"cmp"
	"reflect"
	"strings"
)

// Types are what a casebook holds.
var Types = []reflect.Type{
	reflect.TypeFor[book](), reflect.TypeFor[source](), reflect.TypeFor[document](), reflect.TypeFor[actor](), reflect.TypeFor[statement](),
	reflect.TypeFor[denial](), reflect.TypeFor[operation](), reflect.TypeFor[measure](), reflect.TypeFor[indicators](),
}

// KeyOf is how a field is called in a file.
func KeyOf(f reflect.StructField) string { return cmp.Or(f.Tag.Get("yaml"), strings.ToLower(f.Name)) }
