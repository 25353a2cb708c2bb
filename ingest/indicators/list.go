package indicators

import (
	"bytes"
	"context"
	"regexp"
	"strings"

	"marque/event/value"
	"marque/ingest"
	"marque/stix"
	"marque/store"
)

// maxProbe is how many lines tell whether a text is a list of values.
const maxProbe = 50

// maxWords is how many blanks a line of a list may have.
const maxWords = 5

// isList tells a plain list of values, one a line, from writing: nearly all of the first lines are values.
func isList(text []byte, cut bool) bool {
	values, others := 0, 0
	if cut {
		text = text[:bytes.LastIndexByte(text, '\n')+1]
	}
	for line := range bytes.Lines(text) {
		entry := entryOf(string(line))
		if entry == "" {
			continue
		}
		if _, err := value.Guess(entry); err == nil && !isFileName(entry) {
			values++
		} else {
			others++
			if strings.Count(entry, " ") > maxWords {
				return false // a sentence: a report with its indicators
			}
		}
		if values+others == maxProbe {
			break
		}
	}
	return values > 0 && others*4 <= values
}

var fileName = regexp.MustCompile(`(?i)^[\w -]+\.(?:exe|dll|md|rs|zip|txt|pdf|docx?|xlsx?|py|sh|go|js|html?|json|ya?ml|csv|png|jpe?g|mov|app)$`)

// isFileName tells a name of a file, which has the form of a domain, where nothing says that it is one.
func isFileName(s string) bool { return fileName.MatchString(s) }

var (
	trailing = regexp.MustCompile(`\s+(?:#|//|;).*$`)
	bullet   = regexp.MustCompile(`^(?:[-*•]|\d{1,3}[.)])\s+`)
	hosts    = regexp.MustCompile(`^(?:0\.0\.0\.0|127\.0\.0\.1|::1?)\s+(\S+)$`)
)

// entryOf is the value on a line of a list: without its bullet, the comment behind it, the address before it in a hosts file. It is
// empty for comments.
func entryOf(line string) string {
	line = strings.TrimSpace(line)
	for _, mark := range []string{"#", ";", "//", "!"} {
		if strings.HasPrefix(line, mark) && !strings.HasPrefix(line, "//"+"/") {
			return ""
		}
	}
	line = trailing.ReplaceAllString(bullet.ReplaceAllString(line, ""), "")
	if m := hosts.FindStringSubmatch(line); m != nil {
		line = m[1]
	}
	return strings.TrimRight(strings.TrimSpace(line), ",;")
}

// readList reads a plain list.
func readList(ctx context.Context, text []byte, out ingest.Sink) error {
	seen := map[stix.ID]bool{}
	number, offset := 0, 0
	for line := range bytes.Lines(text) {
		if err := ctx.Err(); err != nil {
			return err
		}
		number++
		at := offset
		offset += len(line)
		entry := entryOf(string(line))
		if entry == "" {
			continue
		}
		reject := func(err error) error {
			return out.Reject(store.Reject{Place: place("line", number), Offset: int64(at), Reason: err.Error(), Raw: bytes.Clone(line)})
		}
		v, err := value.Guess(entry)
		if err != nil {
			if err := reject(err); err != nil {
				return err
			}
			continue
		}
		r := Row{Pattern: v.Pattern()}
		o, err := r.indicator()
		switch {
		case err != nil:
			err = reject(err)
		case !seen[o.ID]:
			seen[o.ID] = true
			if v.Note != "" {
				out.Warn(v.Note)
			}
			err = out.Derived(o)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
