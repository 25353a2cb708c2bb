package document

import (
	"regexp"
	"strings"
	"time"

	"marque/stix"
)

const (
	maxTitle  = 200
	firstPart = 1500 // bytes of a text in which a dateline stands, if at all
)

func readPlain(s string) Document { return Document{Text: s} }

var (
	mdLink     = regexp.MustCompile(`!?\[([^\]\n]*)\]\([^)\s]*(?:\s+"[^"\n]*")?\)`)
	mdEmphasis = regexp.MustCompile("(\\*\\*|__|`)([^*_`\n]+)(\\*\\*|__|`)")
	mdHeading  = regexp.MustCompile(`(?m)^#{1,6}\s+(.+?)\s*#*$`)
	mdRule     = regexp.MustCompile(`(?m)^\s*([-*_=]\s*){3,}$`)
	mdQuote    = regexp.MustCompile(`(?m)^>\s?`)
	mdBullet   = regexp.MustCompile(`(?m)^(\s*)[-*+]\s+`)
)

// readMarkdown takes the marks off and reads front matter.
func readMarkdown(s string) Document {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var d Document
	if rest, ok := strings.CutPrefix(s, "---\n"); ok {
		if front, body, ok := strings.Cut(rest, "\n---\n"); ok {
			s = body
			frontMatter(&d, front)
		}
	}
	if m := mdHeading.FindStringSubmatch(s); m != nil && d.Title == "" {
		d.Title = m[1]
	}
	s = mdHeading.ReplaceAllString(s, "$1\n")
	s = mdRule.ReplaceAllString(s, "")
	s = mdQuote.ReplaceAllString(s, "")
	s = mdBullet.ReplaceAllString(s, "$1")
	s = mdLink.ReplaceAllString(s, "$1")
	d.Text = mdEmphasis.ReplaceAllString(s, "$2")
	return d
}

// frontMatter reads the simple lines of a YAML head: title, date, publisher, url, lang.
func frontMatter(d *Document, front string) {
	for line := range strings.Lines(front) {
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(strings.TrimSpace(value), `"'`)
		if !ok || value == "" {
			continue
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "title":
			d.Title = value
		case "date", "published":
			d.Published = parseDate(value)
		case "publisher", "source", "site":
			d.Publisher = value
		case "url", "canonical", "link":
			d.URL = value
		case "lang", "language":
			d.Lang = value
		case "tlp", "marking", "classification", "distribution":
			if level, err := stix.ParseTLP(value); err == nil {
				d.label.raise(level, true)
			}
		}
	}
}

// titleOf is the first line that is no label, where it stands alone and is no sentence of the text.
func titleOf(text string) string {
	line, rest, _ := strings.Cut(text, "\n")
	for line = strings.TrimSpace(line); rest != ""; line = strings.TrimSpace(line) {
		if _, label := labelOf(line); line != "" && !label {
			break
		}
		line, rest, _ = strings.Cut(rest, "\n")
	}
	if len(line) > maxTitle || strings.HasSuffix(line, ".") || rest == "" {
		return ""
	}
	return line
}

var agency = regexp.MustCompile(`\((AP|Reuters|AFP|dpa|UPI|Bloomberg|CNN)\)\s*(?:[-–—]|--)`)

var agencies = map[string]string{
	"AP": "Associated Press", "Reuters": "Reuters", "AFP": "Agence France-Presse", "dpa": "dpa", "UPI": "UPI",
	"Bloomberg": "Bloomberg", "CNN": "CNN",
}

// agencyOf reads a news agency's dateline: "WASHINGTON (AP) —".
func agencyOf(text string) string {
	if m := agency.FindStringSubmatch(text[:min(len(text), firstPart)]); m != nil {
		return agencies[m[1]]
	}
	return ""
}

const month = `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?`

var fullDate = regexp.MustCompile(`\b(?:(\d{4})-(\d{2})-(\d{2})\b|(` + month + `) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b|(\d{1,2})(?:st|nd|rd|th)? (` + month + `),? (\d{4})\b)`)

// dateOf is the publication date that a text says of itself: in a short line of its own near the top, or in the dateline that
// begins a paragraph. A date inside a sentence tells of something else.
func dateOf(text string) time.Time {
	for line := range strings.Lines(text[:min(len(text), firstPart)]) {
		line = strings.TrimSpace(line)
		at := fullDate.FindStringIndex(line)
		if at == nil {
			continue
		}
		after := strings.TrimLeft(line[at[1]:], " ,")
		dateline := at[0] < 60 && (strings.HasPrefix(after, "—") || strings.HasPrefix(after, "–") || strings.HasPrefix(after, "(") || strings.HasPrefix(after, "--"))
		if len(line) <= 90 && !strings.HasSuffix(line, ".") || dateline {
			if t := parseDate(line[at[0]:at[1]]); !t.IsZero() {
				return t
			}
		}
	}
	return time.Time{}
}

// parseDate reads the first full date of a text; zero where there is none.
func parseDate(s string) time.Time {
	m := fullDate.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}
	}
	for _, p := range [][3]string{{m[1], m[2], m[3]}, {m[6], m[4], m[5]}, {m[9], m[8], m[7]}} {
		if p[0] == "" {
			continue
		}
		mon := strings.TrimSuffix(p[1], ".")
		if len(mon) > 3 {
			mon = mon[:3]
		}
		layout := "2006 Jan 2"
		if mon[0] <= '9' {
			layout = "2006 01 2"
		}
		t, err := time.Parse(layout, p[0]+" "+mon+" "+p[2])
		if err == nil {
			return t
		}
	}
	return time.Time{}
}

// parsePDFDate reads D:20241015093000+02'00' (ISO 32000-1 section 7.9.4), to the day.
func parsePDFDate(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	if len(s) < 8 {
		return time.Time{}
	}
	t, err := time.Parse("20060102", s[:8])
	if err != nil {
		return time.Time{}
	}
	return t
}
