package document

import (
	"regexp"
	"strings"

	"marque/stix"
)

// Where a label stands: FIRST asks for it in the header and footer of each page, mails have it in the subject, advisories in the
// table at their beginning.
const (
	headLines  = 40
	footLines  = 20
	labelLine  = 220 // bytes; longer lines are prose
	pageEdge   = 3   // lines at both ends of a page
	pageBreaks = "\f"
)

const (
	protocolName = `(?:traffic[\s_-]*light[\s_-]*protocol(?:\s*\(\s*tlp\s*\))?|tlp)`
	labelText    = protocolName +
		`(?:\s*v?[12](?:\.\d)?)?(?:\s+(?:level|marking|label|classification|designation))?[\s:_=|./"'–—-]*[\[("']*[a-z]+(?:[\s_+-]*strict)?\b(?:\+[a-z]+)?`
	lead     = `(?:[a-z][a-z /-]{0,40}[:|]\s*|\d+\s*[|–—-]?\s+|page\s+\d+(?:\s*(?:of|/)\s*\d+)?[\s|–—-]*)`
	handling = `(?:not for|for |limited|restricted|recipients?\b|disclosure|handl|distribut|shar(?:e|ing)|page\b|this (?:document|report)|do not|\d)`
)

var (
	// A line that begins with a label: nothing follows, or something set apart from it, or words on how to handle it.
	leading = regexp.MustCompile(`(?i)^[\s#*_=>|\[("'~–—•-]*` + lead + `{0,3}[\s*_\[("']*(` + labelText +
		`)(?:[\s*_"'.]*$|[\s*_"']*[\])|,;:•·–—/-]|\s*\*\*|\s+` + handling + `)`)
	// A line that ends with one, set apart: "Report [TLP:GREEN]", "Page 3 of 9 | TLP:AMBER".
	trailing = regexp.MustCompile(`(?i)(?:[\[(|–—•·-]|\s{3,}|\t|\d\s|:)\s*[*_"']*(` + labelText + `)[\s*_\])"'.|]*$`)
	// A sentence about the document itself.
	itself = regexp.MustCompile(`(?i)\bthis\s+(?:entire\s+)?` +
		`(?:document|report|advisory|alert|bulletin|message|e-?mail|notice|briefing|publication|page|product|information)\b[^.;]{0,80}?\b(` + labelText + `)`)
	// The name alone, with the level in the next line, as the cells of a table come out.
	name = regexp.MustCompile(`(?i)^[\s*_|]*(?:` + protocolName + `)(?:\s+(?:level|marking|label|classification|designation|colou?r))?[\s:*_|]*$`)
	// A page's text without line ends.
	pageStart = regexp.MustCompile(`(?i)^\s*(` + labelText + `)`)
	pageEnd   = regexp.MustCompile(`(?i)(` + labelText + `)[\s.|]*(?:page\s*)?\d*\s*$`)
)

// label is what a document says of its own level.
type label struct {
	level stix.TLP
	found bool
}

func (l *label) raise(level stix.TLP, ok bool) {
	if ok {
		l.level, l.found = max(l.level, level), true
	}
}

// read looks for labels at the beginning and the end of a text and at the edges of its pages. The strictest counts. What the text
// tells about labels of other documents is prose, and no label.
func (l *label) read(text string) {
	pages := strings.Split(text, pageBreaks)
	for i, page := range pages {
		lines := nonEmpty(page)
		head, foot := pageEdge, pageEdge
		if i == 0 {
			head = headLines
		}
		if i == len(pages)-1 {
			foot = footLines
		}
		for n, line := range lines {
			if n >= head && n < len(lines)-foot {
				continue
			}
			l.raise(labelOf(line))
			if name.MatchString(line) && n+1 < len(lines) && len(lines[n+1]) <= len("amber + strict") {
				if level, err := stix.ParseTLP(lines[n+1]); err == nil {
					l.raise(level, true)
				}
			}
		}
	}
}

// page looks at both ends of the text of a page whose lines may be lost.
func (l *label) page(text string) {
	l.read(text)
	text = strings.TrimSpace(text)
	for at, part := range map[*regexp.Regexp]string{pageStart: text[:min(len(text), labelLine)], pageEnd: text[max(0, len(text)-labelLine):]} {
		if m := at.FindStringSubmatch(part); m != nil {
			if level, err := stix.ParseTLP(m[1]); err == nil {
				l.raise(level, true)
			}
		}
	}
}

// labelOf is the level that a line gives the document that it stands in. A label that is not understood is RED.
func labelOf(line string) (stix.TLP, bool) {
	if len(line) > labelLine {
		return stix.Clear, false
	}
	for _, form := range []*regexp.Regexp{leading, trailing, itself} {
		if m := form.FindStringSubmatch(line); m != nil {
			return stix.SpokenTLP(m[1])
		}
	}
	return stix.Clear, false
}

func nonEmpty(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
