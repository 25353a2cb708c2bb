package pattern

import (
	"errors"
	"fmt"
	"strings"
)

// Sentinels that callers test with errors.Is.
var (
	// ErrLimit says that a size, depth, memory or step limit was reached before an answer was found.
	// The answer is unknown: it is neither a match nor the absence of one.
	ErrLimit = errors.New("pattern limit reached")
	// ErrPattern says that a pattern is grammatical but cannot be evaluated: a set of mixed types,
	// WITHIN 0 SECONDS, REPEATS 0 TIMES, a day that does not exist, a broken subnet or regular expression.
	ErrPattern = errors.New("pattern cannot be evaluated")
	// ErrUnsupported says that a MATCHES expression uses a PCRE construct that a linear-time engine cannot
	// run: lookaround, backreferences, atomic groups, possessive quantifiers, recursion, conditionals.
	ErrUnsupported = errors.New("regular expression construct is not supported")
	// ErrData says that an observation is malformed: a required property is missing, or a value that a
	// pattern compares with a timestamp is not one.
	ErrData = errors.New("observation malformed")
)

// SyntaxError is what Parse returns for text that the grammar does not accept.
type SyntaxError struct {
	Offset   int    // byte offset of the offending token, from 0
	Line     int    // from 1; lines end with \n, \r\n or \r
	Column   int    // in code points, from 1
	Expected string // what could have stood here
	Found    string // what stands here
	Hint     string // what to do about it, or ""
}

func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "pattern syntax: line %d, column %d: expected %s, found %s", e.Line, e.Column, e.Expected, e.Found)
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// position turns a byte offset into the line and column that an editor shows.
func position(src string, offset int) (line, column int) {
	line, column = 1, 1
	for i, r := range src[:min(offset, len(src))] {
		if r == '\n' || (r == '\r' && !strings.HasPrefix(src[i+1:], "\n")) {
			line, column = line+1, 1
			continue
		}
		column++
	}
	return line, column
}
