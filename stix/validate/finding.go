package validate

import "fmt"

// Severity orders findings: notes, warnings, errors.
type Severity uint8

// The severities, least first.
const (
	Note Severity = iota
	Warning
	Error
)

var severityNames = [...]string{Note: "note", Warning: "warning", Error: "error"}

// String gives the name that all renderers use: "note", "warning" or "error".
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText makes a severity its name in JSON.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the name of a severity.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, name := range severityNames {
		if name == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q: not one of note, warning, error", text)
}

// Finding is one departure from the specification.
type Finding struct {
	Severity Severity `json:"severity"`
	// Code is stable and names the rule; Rules lists all of them.
	Code string `json:"code"`
	// Path is the RFC 6901 pointer of the value in the input; "" is the whole input.
	Path string `json:"path"`
	// ID is the id of the object that the finding is about, where it has one.
	ID      string `json:"id,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Section is the section of the STIX 2.1 specification, e.g. "4.11".
	Section string `json:"section,omitempty"`
	// Offset is the byte position of the value in the input; Line and Column are the same, from 1, columns in bytes.
	Offset int64 `json:"offset"`
	Line   int   `json:"line"`
	Column int   `json:"column"`
}

// String gives the finding on one line.
func (f Finding) String() string {
	path := f.Path
	if path == "" {
		path = "/"
	}
	return fmt.Sprintf("%s: %s: %s (%s, section %s)", path, f.Severity, f.Message, f.Code, f.Section)
}

// Rule describes a code for catalogues such as SARIF's.
type Rule struct {
	Code     string
	Severity Severity
	Text     string
	Section  string
}
