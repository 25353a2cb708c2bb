package validate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The fixed TLP 1.0 markings of section 7.2.1.4: level → id.
var tlp1 = map[string]string{
	"white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
	"green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
	"amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
	"red":   "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}

// The fixed TLP 2.0 markings of the OASIS TC's extension definition: level → id.
var tlp2 = map[string]string{
	"clear":        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green":        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber":        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	"red":          "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

const (
	tlp1Created      = "2017-01-20T00:00:00.000Z"
	tlp2ExtensionKey = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
)

// fixedMarking says whether an id is one that a specification prescribes, whatever version of UUID it has.
func (r *run) fixedMarking(id string) bool {
	for _, level := range r.spec.vocabs["tlp-1"].list {
		if tlp1[level] == id {
			return true
		}
	}
	for _, level := range r.spec.vocabs["tlp-2"].list {
		if tlp2[level] == id {
			return true
		}
	}
	return id == tlp2ExtensionKey
}

// markingDefinition checks what a marking definition holds (section 7.2.1).
func (r *run) markingDefinition(n *node) {
	kind, definition := n.get("definition_type"), n.get("definition")
	if n.get("extensions") == nil {
		if kind == nil {
			r.add(Error, codeRequired, "7.2.1", n, "definition_type is missing, and there are no extensions", "")
		}
		if definition == nil {
			r.add(Error, codeRequired, "7.2.1", n, "definition is missing, and there are no extensions", "")
		}
	}
	r.circularMarking(n)
	if definition == nil {
		return
	}
	r.in("definition")
	defer r.out()
	if !r.isKind(r.typ.byName["definition"], definition, '{', "an object") {
		return
	}
	if len(definition.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", definition, "definition is empty", "")
		return
	}
	if kind == nil {
		return
	}
	if t := r.spec.structs[kind.str]; t != nil && (kind.str == "statement" || kind.str == "tlp") {
		r.properties(t, definition, nil)
	}
	if kind.str == "tlp" {
		r.tlp1(n, definition)
	}
}

// tlp1 checks that a TLP marking is one of the four fixed ones, to the letter.
func (r *run) tlp1(n, definition *node) {
	level := definition.get("tlp")
	if level == nil || level.kind != '"' {
		return
	}
	id, ok := tlp1[level.str]
	if !ok {
		r.addAt("tlp", Error, codeTLP, "7.2.1.4", level, fmt.Sprintf("%q is no TLP level", clip(level.str)), "one of white, green, amber, red; TLP 2.0 uses its extension definition")
		return
	}
	created, ok := parseTimestamp(n.text("created"))
	fixed, _ := parseTimestamp(tlp1Created)
	name, want := n.get("name"), "TLP:"+strings.ToUpper(level.str)
	if name == nil {
		r.add(Warning, codeTLP, "7.2.1.4", definition, fmt.Sprintf("the fixed marking definition has the name %s", want), "")
	}
	if n.text("id") != id || name != nil && name.str != want || !ok || created.compare(fixed) != 0 {
		r.add(Error, codeTLP, "7.2.1.4", definition, fmt.Sprintf("TLP:%s is not the fixed marking definition", strings.ToUpper(level.str)),
			fmt.Sprintf("use %s, created %s, as it stands in the specification", id, tlp1Created))
	}
}

// tlp2 checks the TLP 2.0 extension of a marking definition.
func (r *run) tlp2(m member) {
	if m.name != tlp2ExtensionKey {
		return
	}
	level := m.value.get("tlp_2_0")
	if level == nil {
		r.add(Error, codeTLP, "7.3", m.value, "tlp_2_0 is missing", "")
		return
	}
	id, ok := tlp2[level.str]
	switch {
	case level.kind != '"' || !ok:
		r.addAt("tlp_2_0", Error, codeTLP, "7.3", level, fmt.Sprintf("%q is no TLP 2.0 level", clip(level.str)), "one of "+strings.Join(r.spec.vocabs["tlp-2"].list, ", "))
	case r.root.text("type") == "marking-definition" && r.id != id:
		r.addAt("tlp_2_0", Warning, codeTLP, "7.3", level, fmt.Sprintf("TLP:%s is not the fixed marking definition", strings.ToUpper(level.str)), "use "+id)
	}
}

// circularMarking finds a marking definition that marks itself (section 3.2).
func (r *run) circularMarking(n *node) {
	if refs := n.get("object_marking_refs"); refs != nil {
		for i, ref := range refs.items {
			if ref.str == r.id && r.id != "" {
				r.in("object_marking_refs")
				r.at(i)
				r.add(Error, codeRefSelf, "3.2", ref, "marking definition marks itself", "")
				r.out()
				r.out()
			}
		}
	}
	if markings := n.get("granular_markings"); markings != nil {
		for i, marking := range markings.items {
			if ref := marking.get("marking_ref"); ref != nil && ref.str == r.id && r.id != "" {
				r.in("granular_markings")
				r.at(i)
				r.addAt("marking_ref", Error, codeRefSelf, "3.2", ref, "marking definition marks itself", "")
				r.out()
				r.out()
			}
		}
	}
}

// A selector component is a property name or dictionary key, or a list index in brackets (section 7.2.3.1).
var selectorPattern = lazily(`^[a-zA-Z0-9_-]{1,250}(\.([a-zA-Z0-9_-]{1,250}|\[[0-9]{1,9}\]))*$`)

// granularMarkings checks that each selector is well-formed and selects something that is there.
func (r *run) granularMarkings(n *node) {
	markings := n.get("granular_markings")
	if markings == nil {
		return
	}
	r.in("granular_markings")
	defer r.out()
	for i, marking := range markings.items {
		selectors := marking.get("selectors")
		if selectors == nil {
			continue
		}
		r.at(i)
		r.in("selectors")
		for j, selector := range selectors.items {
			if selector.kind == '"' {
				r.at(j)
				r.selector(n, selector)
				r.out()
			}
		}
		r.out()
		r.out()
	}
}

func (r *run) selector(root, selector *node) {
	if !selectorPattern.MatchString(selector.str) {
		r.add(Error, codeSelector, "7.2.3.1", selector, fmt.Sprintf("%q is not a selector", clip(selector.str)), "separate names and [indices] with dots, e.g. labels.[0]")
		return
	}
	if !selects(root, strings.Split(selector.str, ".")) {
		r.add(Error, codeSelector, "7.2.3.1", selector, fmt.Sprintf("%q selects nothing in this object", clip(selector.str)), "")
	}
}

func selects(n *node, components []string) bool {
	for _, c := range components {
		if index, ok := strings.CutPrefix(c, "["); ok {
			i, err := strconv.Atoi(strings.TrimSuffix(index, "]"))
			if err != nil || i >= len(n.items) {
				return false
			}
			n = n.items[i]
			continue
		}
		if n = n.get(c); n == nil {
			return false
		}
	}
	return true
}

// languageTags lists the keys of a language content's contents (section 7.1).
func checkTranslations(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '{', "a dictionary of language codes") {
		return
	}
	if len(n.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", n, "contents is empty", "")
	}
	for _, m := range n.members {
		r.in(m.name)
		if !isLanguage(m.name) {
			r.add(Error, codeLanguage, "7.1", m.value, fmt.Sprintf("%q is not a language code of RFC 5646", clip(m.name)), "")
		}
		if r.isKind(p, m.value, '{', "a dictionary of properties") {
			if len(m.value.members) == 0 {
				r.add(Error, codeDictEmpty, "2.3", m.value, "translation is empty", "")
			}
			for _, property := range m.value.members {
				r.in(property.name)
				if !propertyNamePattern.MatchString(property.name) {
					r.add(Error, codeLanguage, "7.1", property.value, fmt.Sprintf("%q is no property name", clip(property.name)), "use the names of the properties that are translated")
				}
				r.translation(property.value)
				r.out()
			}
		}
		r.out()
	}
}

// translation mirrors the target's value: strings, in lists and objects of any depth.
func (r *run) translation(n *node) {
	switch n.kind {
	case '"':
	case '[':
		if len(n.items) == 0 {
			r.add(Error, codeListEmpty, "2.12", n, "list is empty", "")
		}
		for i, item := range n.items {
			r.at(i)
			r.translation(item)
			r.out()
		}
	case '{':
		for _, m := range n.members {
			r.in(m.name)
			r.translation(m.value)
			r.out()
		}
	default:
		r.add(Error, codeLanguage, "7.1", n, fmt.Sprintf("a translation is a string, this is %s", kindName(n.kind)), "")
	}
}

// extensionDefinition checks what the table of section 7.3.1 says beyond kinds.
func (r *run) extensionDefinition(n *node) {
	var types []string
	if list := n.get("extension_types"); list != nil {
		for _, item := range list.items {
			types = append(types, item.str)
		}
	}
	properties, topLevel := n.get("extension_properties"), slices.Contains(types, "toplevel-property-extension")
	switch {
	case properties != nil && !topLevel:
		r.addAt("extension_properties", Error, codeExtension, "7.3.1", properties, "extension_properties is for toplevel-property-extension only", "")
	case properties == nil && topLevel:
		r.add(Warning, codeShould, "7.3.1", n, "extension_properties does not name the top-level properties", "")
	}
}
