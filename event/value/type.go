package value

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

//go:embed types.csv
var typesCSV string

// The paths of words that do not tell one: the value does.
const (
	anyAddress = "ip"
	anyHash    = "hash"
)

// types are the object paths by their words as [Word] has them.
var types = func() map[string]string {
	rows, err := csv.NewReader(strings.NewReader(typesCSV)).ReadAll()
	if err != nil {
		return nil // the embedded file is covered by a test
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows[1:] {
		out[r[0]] = r[1]
	}
	return out
}()

// Word is a word of a header or a type column without what people write differently: case, blanks, signs.
func Word(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// IsType tells whether a word names a type of value, in any of the vocabularies that are known.
func IsType(word string) bool {
	_, known := types[Word(word)]
	return known
}

// path is the object path that a type stands for.
func path(typ string) (string, error) {
	if p, known := types[Word(typ)]; known {
		return p, nil
	}
	if object, rest, ok := strings.Cut(typ, ":"); ok && object != "" && rest != "" && !strings.ContainsAny(object, " '\"") {
		return typ, nil
	}
	if near := nearest(Word(typ)); near != "" {
		return "", fmt.Errorf("type %.40q is not known: did you mean %s?", typ, near)
	}
	return "", fmt.Errorf("type %.40q is not known: want ip, domain, url, email, md5, sha1, sha256, sha512, filename, mutex or a STIX path such as domain-name:value", typ)
}

// nearest is the known word that a misspelt one is one slip away from.
func nearest(word string) string {
	if len(word) < 3 {
		return ""
	}
	for _, near := range []string{"ip", "domain", "url", "email", "md5", "sha1", "sha256", "sha512", "filename", "mutex", "hostname"} {
		if Slip(word, near) {
			return near
		}
	}
	return ""
}

// Slip tells whether two words differ by one letter too many, too few, another, or by two that changed places.
func Slip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	x, y := []rune(a), []rune(b)
	i := 0
	for i < len(x) && i < len(y) && x[i] == y[i] {
		i++
	}
	rest, long := x[i:], y[i:]
	switch {
	case len(long) == len(rest)+1:
		return slices.Equal(rest, long[1:])
	case len(long) != len(rest) || len(rest) == 0:
		return false
	case len(rest) > 1 && rest[0] == long[1] && rest[1] == long[0]:
		return slices.Equal(rest[2:], long[2:])
	default:
		return slices.Equal(rest[1:], long[1:])
	}
}
