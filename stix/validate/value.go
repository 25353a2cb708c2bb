package validate

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kinds are the types of section 2, by their name in spec.txt.
var kinds = map[string]func(*run, *propSpec, *node){
	"string":       func(r *run, p *propSpec, n *node) { r.isKind(p, n, '"', "a string") },
	"boolean":      checkBoolean,
	"integer":      checkInteger,
	"float":        checkFloat,
	"timestamp":    checkTimestamp,
	"identifier":   checkIdentifier,
	"ref":          checkRef,
	"hex":          checkHex,
	"binary":       checkBinary,
	"hashes":       checkHashes,
	"dict":         checkDict,
	"extensions":   checkExtensions,
	"container":    checkContainer,
	"translations": checkTranslations,
	"reserved":     checkReserved,
	"any":          func(*run, *propSpec, *node) {},
}

func checkReserved(r *run, p *propSpec, n *node) {
	r.add(Error, codeReserved, "3.8", n, fmt.Sprintf("property name %s is reserved", p.name), "")
}

func checkStruct(r *run, p *propSpec, n *node) {
	if r.isKind(p, n, '{', "an object") {
		r.properties(p.nested, n, nil)
	}
}

func checkBoolean(r *run, p *propSpec, n *node) {
	if n.kind != 't' && n.kind != 'f' {
		r.isKind(p, n, 't', "a boolean")
	}
}

// maxInteger bounds integers to what RFC 7493 lets every parser represent (section 2.10).
const maxInteger = 1<<53 - 1

func checkInteger(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '0', "an integer") {
		return
	}
	f, err := strconv.ParseFloat(n.str, 64)
	if err == nil && f != float64(int64(f)) && f > -maxInteger && f < maxInteger {
		r.add(Error, codeKind, "2.10", n, fmt.Sprintf("%s is not a whole number", n.str), "")
		return
	}
	if err != nil || f > maxInteger || f < -maxInteger {
		r.add(Error, codeRange, "2.10", n, fmt.Sprintf("%s does not fit a 54-bit integer", n.str), "")
		return
	}
	r.inRange(p, n, f)
}

func checkFloat(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '0', "a number") {
		return
	}
	f, err := strconv.ParseFloat(n.str, 64)
	if err != nil {
		r.add(Error, codeRange, "2.6", n, fmt.Sprintf("%s does not fit a double-precision number", n.str), "")
		return
	}
	r.inRange(p, n, f)
}

func (r *run) inRange(p *propSpec, n *node, f float64) {
	if p.min != nil && f < float64(*p.min) || p.max != nil && f > float64(*p.max) {
		low, high := "any", "any"
		if p.min != nil {
			low = strconv.FormatInt(*p.min, 10)
		}
		if p.max != nil {
			high = strconv.FormatInt(*p.max, 10)
		}
		r.add(Error, codeRange, p.section, n, fmt.Sprintf("%s is outside of %s to %s", n.str, low, high), "")
	}
}

func checkTimestamp(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '"', "a timestamp") {
		return
	}
	t, ok := parseTimestamp(n.str)
	if !ok {
		r.add(Error, codeTimestamp, "2.16", n, fmt.Sprintf("%q is not a timestamp", clip(n.str)), "use YYYY-MM-DDTHH:mm:ss[.s+]Z, in UTC")
		return
	}
	switch {
	case p.arg == "milliseconds" && t.digits < 3:
		r.add(Error, codePrecision, "3.2", n, fmt.Sprintf("%q is less precise than a millisecond", n.str), "write at least three digits after the second")
	case p.arg == "seconds" && t.digits > 0:
		r.add(Error, codePrecision, p.section, n, fmt.Sprintf("%q is more precise than a second", clip(n.str)), "write no digits after the second")
	}
}

var (
	hexPattern      = regexp.MustCompile(`^([0-9a-fA-F]{2})+$`)
	ssdeepPattern   = regexp.MustCompile(`^[0-9]{1,10}:[A-Za-z0-9+/]*:[A-Za-z0-9+/]*$`)
	tlshPattern     = lazily(`^(T1)?[0-9a-fA-F]{70}$`)
	keyPattern      = lazily(`^[a-zA-Z0-9_-]{1,250}$`)
	hashNamePattern = lazily(`^[a-zA-Z0-9_-]{3,250}$`)
)

func checkHex(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '"', "a hexadecimal string") {
		return
	}
	switch {
	case !hexPattern.MatchString(n.str):
		r.add(Error, codeHex, "2.8", n, fmt.Sprintf("%q is not an even number of hexadecimal digits", clip(n.str)), "")
	case strings.ToLower(n.str) != n.str:
		r.add(Warning, codeHex, "2.8", n, fmt.Sprintf("%q has upper-case digits", clip(n.str)), "use 0-9 and a-f")
	}
}

func checkBinary(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '"', "a base64 string") {
		return
	}
	if !isBase64(n.str) {
		r.add(Error, codeBinary, "2.1", n, "value is not base64", "use the alphabet of RFC 4648 section 4 with padding")
	}
}

func isBase64(text string) bool {
	if strings.ContainsAny(text, "\r\n") { // the decoder would skip them
		return false
	}
	_, err := base64.StdEncoding.DecodeString(text)
	return err == nil
}

// digestDigits is the number of hexadecimal digits of a hash algorithm's value.
var digestDigits = map[string]int{
	"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-512": 128, "SHA3-256": 64, "SHA3-512": 128,
}

func checkHashes(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '{', "a dictionary of hashes") {
		return
	}
	if len(n.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", n, "dictionary of hashes is empty", "leave the property out instead")
		return
	}
	for _, m := range n.members {
		r.in(m.name)
		r.hash(p, m)
		r.out()
	}
	if n.get("SHA-256") == nil {
		r.add(Note, codeHashSHA256, "2.7", n, "no SHA-256 hash is given", "it is what most products match on")
	}
}

func (r *run) hash(p *propSpec, m member) {
	algorithms := r.spec.vocabs["hash-algorithm-ov"]
	if !hashNamePattern.MatchString(m.name) {
		r.add(Error, codeDictKey, "2.7", m.value, fmt.Sprintf("%q is no name of a hash algorithm", clip(m.name)), "use 3 to 250 of a-z, A-Z, 0-9, - and _")
	} else if !algorithms.terms[m.name] && !strings.HasPrefix(m.name, "x_") {
		hint := "own algorithms begin with x_"
		if near := algorithms.nearest(m.name); near != "" {
			hint = "write " + near
		}
		r.add(Warning, codeHashName, "10.7", m.value, fmt.Sprintf("%s is not in hash-algorithm-ov", m.name), hint)
	}
	if !r.isKind(p, m.value, '"', "a string") {
		return
	}
	valid := true
	if digits := digestDigits[m.name]; digits > 0 {
		valid = len(m.value.str) == digits && hexPattern.MatchString(m.value.str)
	} else if m.name == "SSDEEP" {
		valid = ssdeepPattern.MatchString(m.value.str)
	} else if m.name == "TLSH" {
		valid = tlshPattern.MatchString(m.value.str)
	}
	if !valid {
		r.add(Error, codeHashValue, "10.7", m.value, fmt.Sprintf("%q is not a %s hash", clip(m.value.str), m.name), "")
	}
}

// checkTerm checks a value of an open vocabulary or of an enumeration.
func checkTerm(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '"', "a string") || p.vocab.terms[n.str] {
		return
	}
	hint := "one of " + strings.Join(p.vocab.list, ", ")
	if near := p.vocab.nearest(n.str); near != "" {
		hint = "write " + near
	}
	message := fmt.Sprintf("%q is not in %s", clip(n.str), p.vocab.name)
	if !p.vocab.open {
		r.add(Error, codeEnum, p.vocab.section, n, message, hint)
		return
	}
	r.add(Warning, codeVocab, p.vocab.section, n, message, hint)
	if strings.ToLower(n.str) != n.str || strings.ContainsAny(n.str, " _") {
		r.add(Warning, codeVocabFormat, "2.14", n, fmt.Sprintf("term %q is not lower case with hyphens", clip(n.str)), "")
	}
}

// checkDict checks a dictionary; the argument of its kind says what its values, and for some its keys, may be.
func checkDict(r *run, p *propSpec, n *node) {
	if !r.isKind(p, n, '{', "a dictionary") {
		return
	}
	if len(n.members) == 0 {
		r.add(Error, codeDictEmpty, "2.3", n, "dictionary is empty", "leave the property out instead")
	}
	for _, m := range n.members {
		r.in(m.name)
		if !keyPattern.MatchString(m.name) {
			r.add(Error, codeDictKey, "2.3", m.value, fmt.Sprintf("%q is no dictionary key", clip(m.name)), "use up to 250 of a-z, A-Z, 0-9, - and _")
		} else {
			r.dictName(p, m)
		}
		r.dictValue(p, m)
		r.out()
	}
}

// dictName checks keys against the names that they stand for.
func (r *run) dictName(p *propSpec, m member) {
	var expect string
	severity, code := Warning, codeIANA
	switch p.arg {
	case "pdf":
		if !r.spec.vocabs["pdf-information"].terms[m.name] {
			expect = "a standard entry of the document information dictionary"
		}
	case "socket":
		if !r.spec.vocabs["socket-option"].terms[m.name] {
			expect = "among the socket options known here, such as SO_REUSEADDR"
		}
	case "ipfix":
		if !ipfixElement.MatchString(m.name) {
			expect = "an IPFIX element such as octetDeltaCount"
		}
	case "exif":
		if !exifTag.MatchString(m.name) {
			expect, severity, code = "the name of an EXIF tag such as XResolution in its own case", Error, codeDictKey
		}
	case "startup":
		if !r.spec.vocabs["startup-info"].terms[m.name] {
			expect, severity, code = "a field of the STARTUPINFO structure in its own case", Error, codeDictKey
		}
	}
	if expect != "" {
		r.add(severity, code, p.section, m.value, fmt.Sprintf("key %s is not %s", m.name, expect), "")
	}
}

var (
	exifTag      = regexp.MustCompile(`^[A-Z][A-Za-z0-9_-]*$`)
	ipfixElement = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{2,}$`)
)

// dictValues says what the values of a dictionary are, by the argument of its kind.
var dictValues = map[string][]string{
	"": nil, "startup": nil, "string": {"a string"}, "exif": {"an integer", "a string"}, "strings": {"a list of strings"},
	"header": {"a list of strings"}, "pdf": {"a string"}, "socket": {"an integer"}, "ipfix": {"an integer", "a string"},
}

func (r *run) dictValue(p *propSpec, m member) {
	wanted := dictValues[p.arg]
	if wanted == nil {
		r.customValue(m)
		return
	}
	var got string
	switch m.value.kind {
	case '"':
		got = "a string"
	case '0':
		got = "an integer"
		if strings.ContainsAny(m.value.str, ".eE") {
			got = "a number"
		}
	case '[':
		got = "a list of strings"
		for i, item := range m.value.items {
			if item.kind != '"' {
				r.at(i)
				r.add(Error, codeDictValue, p.section, item, fmt.Sprintf("value is %s, not a string", kindName(item.kind)), "")
				r.out()
			}
		}
		if len(m.value.items) == 0 {
			r.add(Error, codeListEmpty, "2.12", m.value, "list is empty", "")
		}
	default:
		got = kindName(m.value.kind)
	}
	switch {
	case slices.Contains(wanted, got):
	case p.arg == "header" && got == "a string":
		r.add(Warning, codeDictValue, p.section, m.value, "header field is a string, not a list of strings", "write a list of one string")
	default:
		r.add(Error, codeDictValue, p.section, m.value, fmt.Sprintf("value is %s, not %s", got, strings.Join(wanted, " or ")), "")
	}
}

// clip shortens a value for a message.
func clip(text string) string {
	const limit = 80
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit]) + "…"
}
