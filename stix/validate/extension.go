package validate

import (
	"fmt"
	"strings"
)

const extensionPrefix = "extension-definition--"

var extensionNamePattern = lazily(`^[a-z][a-z0-9-]{2,249}$`)

// checkExtensions checks the extensions of an object: predefined ones by their table, others by sections 7.3 and 11.3.
func checkExtensions(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '{', "a dictionary of extensions") {
		return
	}
	if len(n.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", n, "extensions is empty", "leave the property out instead")
	}
	for _, m := range n.members {
		r.in(m.name)
		r.extension(p, m)
		r.out()
	}
}

func (r *run) extension(p *propSpec, m member) {
	if !r.isKind(p, m.value, '{', "an object") {
		return
	}
	if r.typ != nil && r.typ.extensions[m.name] != nil {
		r.properties(r.typ.extensions[m.name], m.value, nil)
		return
	}
	if strings.HasPrefix(m.name, extensionPrefix) {
		r.definedExtension(m)
		return
	}
	r.customExtension(m)
}

// definedExtension checks one that follows an extension definition (section 7.3).
func (r *run) definedExtension(m member) {
	if _, u, ok := splitIdentifier(m.name); !ok || u.version() == 0 {
		r.add(Error, codeExtension, "7.3", m.value, fmt.Sprintf("key %q is not the id of an extension definition", clip(m.name)), "")
	}
	kind := m.value.get("extension_type")
	if kind == nil {
		r.add(Error, codeExtension, "3.2", m.value, "extension_type is missing", "it says how the extension definition is used")
	} else {
		r.extensionType(kind)
	}
	for _, property := range m.value.members {
		if property.name == "extension_type" {
			continue
		}
		r.in(property.name)
		if !propertyNamePattern.MatchString(property.name) {
			r.add(Error, codePropertyName, "7.3.2.1", property.value, fmt.Sprintf("%q is no name of an extension property", clip(property.name)), "use 3 to 250 of a-z, 0-9 and _")
		}
		r.customValue(property)
		r.out()
	}
	r.tlp2(m)
}

func (r *run) extensionType(n *node) {
	r.in("extension_type")
	defer r.out()
	types := r.spec.vocabs["extension-type-enum"]
	if n.kind != '"' || !types.terms[n.str] {
		r.add(Error, codeEnum, "10.5", n, fmt.Sprintf("extension_type %q is not in extension-type-enum", clip(n.str)), "one of "+strings.Join(types.list, ", "))
		return
	}
	if strings.HasPrefix(n.str, "new-") && r.typ != nil {
		r.add(Warning, codeExtension, "7.3", n, fmt.Sprintf("%s is used in a %s, which the specification defines", n.str, r.typ.name), "extend it with property-extension")
	}
}

// customExtension checks one in the deprecated way (section 11.3).
func (r *run) customExtension(m member) {
	for _, t := range r.spec.types {
		if t.extensions[m.name] != nil {
			r.add(Error, codeExtension, "3.10", m.value, fmt.Sprintf("%s is an extension of %s objects", m.name, t.name), "")
			return
		}
	}
	if !extensionNamePattern.MatchString(m.name) || !strings.HasSuffix(m.name, "-ext") {
		r.add(Error, codeExtension, "11.3", m.value, fmt.Sprintf("%q is no name of an extension", clip(m.name)),
			"use the id of an extension definition; custom names are of a-z, 0-9 and -, and end with -ext")
		return
	}
	r.add(Warning, codeCustomExtension, "11.3", m.value, fmt.Sprintf("custom extension %s is deprecated", m.name), "define it with an extension definition")
	if len(m.value.members) == 0 {
		r.add(Error, codeExtension, "11.3", m.value, "extension has no properties", "")
	}
	for _, property := range m.value.members {
		r.in(property.name)
		if !propertyNamePattern.MatchString(property.name) {
			r.add(Error, codePropertyName, "11.3", property.value, fmt.Sprintf("%q is no name of an extension property", clip(property.name)), "use 3 to 250 of a-z, 0-9 and _")
		}
		r.customValue(property)
		r.out()
	}
}

// customObject checks an object of a type that the specification does not define (sections 7.3.2.2 and 11.2).
func (r *run) customObject(n *node, name string) {
	if t := n.get("type"); t != nil && name != "" {
		r.in("type")
		if len(name) < 3 || len(name) > 250 || !isTypeName(name) || name[0] <= '9' {
			r.add(Error, codeTypeName, "11.2", t, fmt.Sprintf("%q is no name of a type", clip(name)), "use 3 to 250 of a-z, 0-9 and single hyphens, a letter first")
		}
		if name == "action" {
			r.add(Error, codeReserved, "3.8", t, "type name action is reserved", "")
		}
		r.out()
	}
	if !r.newType(n) && name != "" {
		hint := "define it with an extension definition"
		if !strings.HasPrefix(name, "x-") {
			hint = "check the spelling, or define it with an extension definition"
		}
		r.addAt("type", Warning, codeCustomObject, "11.2", n.get("type"), fmt.Sprintf("%s is not a type of the specification", clip(name)), hint)
	}
	own := 0
	for _, m := range n.members {
		if r.spec.common.byName[m.name] == nil {
			own++
			r.in(m.name)
			r.propertyName(m)
			r.customValue(m)
			r.out()
		}
	}
	if own == 0 && name != "" && !r.newType(n) {
		r.add(Error, codeCustomObject, "11.2", n, "a custom object has one or more properties of its own", "")
	}
}

// newType says whether an extension of the object makes its type.
func (r *run) newType(n *node) bool {
	extensions := n.get("extensions")
	if extensions == nil {
		return false
	}
	for _, m := range extensions.members {
		if strings.HasPrefix(m.value.text("extension_type"), "new-") {
			return true
		}
	}
	return false
}

// customProperty checks a property that the table of its object or type does not have.
func (r *run) customProperty(m member, topLevel bool) {
	r.in(m.name)
	defer r.out()
	if topLevel && r.spec.vocabs["reserved"].terms[m.name] {
		r.add(Error, codeReserved, "3.8", m.value, fmt.Sprintf("property name %s is reserved", m.name), "")
		return
	}
	if m.name == "extension_type" && !topLevel {
		return
	}
	r.propertyName(m)
	if !r.open || !topLevel {
		hint := "use an extension definition"
		if !strings.HasPrefix(m.name, "x_") {
			hint = "check the spelling; own properties need an extension definition, or at least the prefix x_"
		}
		r.add(Warning, codeCustomProperty, "11.1", m.value, fmt.Sprintf("%s is not a property of the specification", clip(m.name)), hint)
	}
	r.customValue(m)
}

func (r *run) propertyName(m member) {
	switch {
	case r.spec.vocabs["reserved"].terms[m.name]:
		r.add(Error, codeReserved, "3.8", m.value, fmt.Sprintf("property name %s is reserved", m.name), "")
	case !propertyNamePattern.MatchString(m.name) || m.name[0] < 'a':
		r.add(Error, codePropertyName, "3.1", m.value, fmt.Sprintf("%q is no property name", clip(m.name)), "use 3 to 250 of a-z, 0-9 and _, a letter first")
	}
}

// customValue checks what holds for every value, whoever defined its property: no null, no empty list, suffixes.
func (r *run) customValue(m member) {
	n := m.value
	switch n.kind {
	case 'n':
		r.add(Error, codeNull, "3.1", n, "value is null", "leave the property out instead")
	case '[':
		if len(n.items) == 0 {
			r.add(Error, codeListEmpty, "2.12", n, "list is empty", "leave the property out instead")
		}
		for i, item := range n.items {
			r.at(i)
			r.customValue(member{strings.TrimSuffix(m.name, "s"), item})
			r.out()
		}
	case '{':
		if len(n.members) == 0 {
			r.add(Error, codeDictEmpty, "2.3", n, "dictionary is empty", "leave the property out instead")
		}
		for _, inner := range n.members {
			r.in(inner.name)
			if !keyPattern.MatchString(inner.name) { // be it a property or a key
				r.add(Error, codeDictKey, "2.3", inner.value, fmt.Sprintf("%q is no dictionary key", clip(inner.name)), "use up to 250 of a-z, A-Z, 0-9, - and _")
			}
			r.customValue(inner)
			r.out()
		}
	case '"':
		r.suffix(m)
	}
}

// suffix checks that a value is what the suffix of its name promises (section 3.1).
func (r *run) suffix(m member) {
	_, u, isID := splitIdentifier(m.value.str)
	isID = isID && u.version() != 0
	switch {
	case strings.HasSuffix(m.name, "_ref"):
		if !isID {
			r.add(Warning, codeCustomValue, "3.1", m.value, fmt.Sprintf("%q is not an identifier, as _ref promises", clip(m.value.str)), "")
		} else if r.refs != nil {
			r.refs(r.reference(m.value.str, r.pointer(), m.value))
		}
	case strings.HasSuffix(m.name, "_hex"):
		if !hexPattern.MatchString(m.value.str) {
			r.add(Error, codeHex, "2.8", m.value, fmt.Sprintf("%q is not hexadecimal, as _hex promises", clip(m.value.str)), "")
		}
	case strings.HasSuffix(m.name, "_bin"):
		if !isBase64(m.value.str) {
			r.add(Error, codeBinary, "2.1", m.value, "value is not base64, as _bin promises", "")
		}
	case isID:
		r.add(Warning, codeCustomValue, "3.1", m.value, fmt.Sprintf("%s looks like a reference", m.value.str), "names of references end in _ref or _refs")
	}
}
