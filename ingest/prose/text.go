package prose

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A paragraph is a run of the text between line breaks that end one.
type paragraph struct {
	start, end  int
	heading     bool
	boilerplate bool
	section     int // counts headings
	sentences   []int
	item        bool   // of a list
	lead        int    // of an item: the paragraph that begins its sentence, or -1
	leads       bool   // its items complete it
	labelled    bool   // a turn of a transcript
	speaker     string // of a turn, empty for who asks
}

// A sentence is a run of a paragraph with its tokens. Quotation marks are not tokens; token.quoted tells.
type sentence struct {
	start, end, par  int
	leadFrom, leadTo int  // the lead-in that begins the sentence of a list's item; it stands apart from [start,end)
	quoted           bool // begins inside a quotation
	toks             []token
}

type token struct {
	start, end int
	text       string // as written
	low        string // lower case, straight apostrophes
	quoted     bool
	ent        *Entity // name that begins here
	entLen     int     // tokens of that name
	inName     bool    // inside a name begun earlier
	demonym    bool
	tag        tag
	verb       verbForm
}

// splitParagraphs cuts the text at the line breaks that end a paragraph: all of them, unless the text is wrapped at a
// fixed width, where only empty lines and list marks do.
func splitParagraphs(text string, lx *lexicon) []paragraph {
	wrapped := isWrapped(text)
	var out []paragraph
	start := -1
	flush := func(end int) {
		if start >= 0 {
			if p, ok := trimmed(text, start, end); ok {
				out = append(out, p)
			}
		}
		start = -1
	}
	for at := 0; at < len(text); {
		end := at + strings.IndexByte(text[at:], '\n')
		if end < at {
			end = len(text)
		}
		line := strings.TrimSpace(text[at:end])
		if line == "" || !wrapped || strings.HasPrefix(line, "- ") || strings.HasPrefix(line, "* ") || strings.HasPrefix(line, "•") || strings.HasPrefix(line, "#") {
			flush(at)
		}
		if line != "" && start < 0 {
			start = at
		}
		at = end + 1
	}
	flush(len(text))
	section := 0
	for i := range out {
		p := &out[i]
		body := text[p.start:p.end]
		p.heading = isHeading(body)
		p.boilerplate = lx.isBoilerplate(body)
		if p.heading {
			section++
		}
		p.section = section
	}
	return out
}

// quotedAfter tells whether a quotation is open after the text.
func quotedAfter(text string, open bool) bool {
	for _, r := range text {
		switch r {
		case '“', '«':
			open = true
		case '”', '»':
			open = false
		case '"':
			open = !open
		}
	}
	return open
}

var datelineRE = regexp.MustCompile(`^[A-Z][A-Z .,'/-]{2,40}(?:, [A-Z][a-z]+\.?)?(?:,? ?[A-Z][a-z]{2,8}\.? \d{1,2}(?:,? \d{4})?)?(?: ?\([A-Za-z ]{2,30}\))? ?(?:—|–|--|-) `)

// datelineMixed is a dateline in small letters, with the agency's mark: "Berlin/Rome (xyz) - ".
var datelineMixed = regexp.MustCompile(`^[A-Z][A-Za-z]+[A-Za-z .,/'-]{0,38} \([A-Za-z][A-Za-z /]{1,20}\) ?(?:—|–|--|-) `)

// afterDateline skips "WASHINGTON (AP) — " at the beginning of a paragraph.
func afterDateline(text string, start, end int) int {
	if m := datelineMixed.FindStringIndex(text[start:min(end, start+120)]); m != nil {
		return start + m[1]
	}
	if m := datelineRE.FindStringIndex(text[start:min(end, start+120)]); m != nil {
		return start + m[1]
	}
	return start
}

func trimmed(text string, start, end int) (paragraph, bool) {
	end = min(end, len(text))
	start += len(text[start:end]) - len(strings.TrimLeftFunc(text[start:end], unicode.IsSpace))
	end = start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
	return paragraph{start: start, end: end}, end > start
}

// isWrapped tells a text that is broken at a fixed width: it has empty lines, no long line, and most lines break off
// in the middle of a sentence.
func isWrapped(text string) bool {
	lines, open, blank := 0, 0, 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			blank++
			continue
		case len(line) > 140:
			return false
		}
		lines++
		if !endsSentence(line) && len(line) > 45 {
			open++
		}
	}
	return blank > 0 && lines > 4 && open*2 > lines
}

func endsSentence(s string) bool {
	s = strings.TrimRight(s, "\"”’')] \t\r")
	return strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, "…")
}

func isHeading(s string) bool {
	if strings.HasPrefix(s, "#") {
		return true
	}
	return len(s) < 140 && !endsSentence(s) && !strings.HasSuffix(s, ":") && !strings.HasPrefix(s, "- ") && !strings.HasPrefix(s, "• ") && len(strings.Fields(s)) < 18
}

// splitSentences cuts a paragraph at ends of sentences and returns byte ranges.
func splitSentences(text string, start, end int, lx *lexicon) [][2]int {
	var out [][2]int
	from := start
	add := func(to int) {
		if p, ok := trimmed(text, from, to); ok {
			out = append(out, [2]int{p.start, p.end})
		}
		from = to
	}
	for i := start; i < end; i++ {
		c := text[i]
		if c != '.' && c != '!' && c != '?' {
			continue
		}
		j := i + 1
		for j < end && isCloser(text[j:end]) {
			_, n := utf8.DecodeRuneInString(text[j:end])
			j += n
		}
		if j < end && !isSpace(text[j]) {
			continue
		}
		if c == '.' && j < end && lx.endsInAbbreviation(text[from:i], text[j:end]) {
			continue
		}
		next := strings.TrimLeftFunc(text[j:end], unicode.IsSpace)
		if r, _ := utf8.DecodeRuneInString(next); next != "" && unicode.IsLower(r) {
			continue
		}
		add(j)
		i = j - 1
	}
	add(end)
	return out
}

func isSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

func isCloser(s string) bool {
	for _, c := range []string{"\"", "”", "’", "'", ")", "]", "»"} {
		if strings.HasPrefix(s, c) {
			return true
		}
	}
	return false
}

// endsInAbbreviation tells whether the full stop after before belongs to a shortened word. "U.S." may also end a
// sentence; it is taken to do so before a word that begins one.
func (lx *lexicon) endsInAbbreviation(before, after string) bool {
	word := before[strings.LastIndexFunc(before, func(r rune) bool { return unicode.IsSpace(r) || r == '(' || r == '“' || r == '"' })+1:]
	low := strings.ToLower(word)
	if low == "" {
		return false
	}
	r, n := utf8.DecodeRuneInString(word)
	if n == len(word) && unicode.IsUpper(r) {
		return true // an initial
	}
	if !lx.abbreviations[low] {
		return false
	}
	next := strings.ToLower(firstWord(after))
	return !strings.Contains(low, ".") || !lx.opensSentence[next]
}

func firstWord(s string) string {
	s = strings.TrimLeftFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		return s
	}
	return s[:end]
}

// compoundTails are the second halves that are cut off a hyphened word so that the name before them is seen.
var compoundTails = []string{
	"linked", "backed", "affiliated", "aligned", "sponsored", "based", "nexus", "speaking", "tied", "controlled", "run",
	"directed", "language", "state", "connected", "supported", "funded", "owned", "made", "born", "led", "associated", "attributed", "occupied", "sanctioned",
}

// tokenize cuts a byte range into tokens. What holds "://", "[.]" or "@" stays one token.
func tokenize(text string, start, end int) []token { return tokenizeQuoted(text, start, end, false) }

// tokenizeQuoted is tokenize for a run that may begin inside a quotation.
func tokenizeQuoted(text string, start, end int, quoted bool) []token {
	var out []token
	for i := start; i < end && len(out) < MaxSentence; {
		r, n := utf8.DecodeRuneInString(text[i:end])
		switch {
		case unicode.IsSpace(r) || r == utf8.RuneError && n <= 1:
			i += n
		case r == '“' || r == '”' || r == '"' || r == '«' || r == '»' || r == '‘' || r == '’' || r == '\'':
			switch r {
			case '“', '«':
				quoted = true
			case '”', '»':
				quoted = false
			case '"':
				quoted = !quoted
			}
			i += n
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '$' || r == '€' || r == '£':
			j := wordEnd(text, i, end)
			if j < end && text[j] == '.' && dotted[text[i:j]] {
				j++
			}
			out = appendWord(out, text, i, j, quoted)
			i = j
		default:
			out = append(out, token{start: i, end: i + n, text: text[i : i+n], low: text[i : i+n], quoted: quoted})
			i += n
		}
	}
	return out
}

// dotted are short words whose full stop is theirs.
var dotted = set([]string{"Jan", "Feb", "Mar", "Apr", "Aug", "Sept", "Sep", "Oct", "Nov", "Dec", "Sen", "Rep", "Gov", "Gen", "St", "Mr", "Ms", "Mrs", "Dr", "Lt", "Col", "Sgt", "Prof"})

// wordEnd finds the end of the word that begins at i: letters and digits, joined by single hyphens, dots, apostrophes,
// slashes of addresses and the like.
func wordEnd(text string, i, end int) int {
	run := i + strings.IndexFunc(text[i:end], unicode.IsSpace)
	if run < i {
		run = end
	}
	if word := text[i:run]; strings.Contains(word, "://") || strings.Contains(word, "[.]") || strings.Contains(word, "[://]") || strings.Contains(word, "@") {
		return i + len(strings.TrimRight(word, ".,;:!?)\"”’'"))
	}
	j := i
	for j < run {
		r, n := utf8.DecodeRuneInString(text[j:run])
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || r == '$' && (j == i || j > i) || r == '€' || r == '£' || r == '%' {
			j += n
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[min(j+n, run):run])
		joins := r == '-' || r == '‑' || r == '.' || r == '\'' || r == '’' || r == '&' || r == '_' || r == '/' || r == ',' && unicode.IsDigit(next)
		if !joins || (!unicode.IsLetter(next) && !unicode.IsDigit(next)) {
			if r == '.' && strings.Contains(text[i:j], ".") && len(text[i:j]) <= 7 { // the last dot of U.S.
				j += n
			}
			break
		}
		if r == '/' && !unicode.IsDigit(next) {
			break
		}
		j += n
	}
	if j < run && text[j] == '(' && j > i { // NoName057(16)
		k := j + 1
		for k < run && text[k] >= '0' && text[k] <= '9' {
			k++
		}
		if k < run && k > j+1 && text[k] == ')' {
			return k + 1
		}
	}
	return max(j, i+1)
}

// contractions of a pronoun and an auxiliary, with what they stand for.
var contractions = [][2]string{{"'re", "are"}, {"'ve", "have"}, {"'ll", "will"}, {"'d", "would"}, {"'m", "am"}}

// appendWord adds a word, with its possessive ending and the tail of a compound as tokens of their own.
func appendWord(out []token, text string, i, j int, quoted bool) []token {
	word := text[i:j]
	low := strings.ReplaceAll(strings.ToLower(word), "’", "'")
	low = strings.ReplaceAll(low, "‑", "-")
	if strings.HasSuffix(low, "'s") {
		cut := strings.LastIndex(word, "’")
		if cut < 0 {
			cut = strings.LastIndex(word, "'")
		}
		if verbal := low[:len(low)-2]; verbal == "it" || verbal == "he" || verbal == "she" || verbal == "that" || verbal == "there" || verbal == "what" {
			out = appendWord(out, text, i, i+cut, quoted)
			return append(out, token{start: i + cut, end: j, text: text[i+cut : j], low: "is", quoted: quoted})
		}
		out = appendWord(out, text, i, i+cut, quoted)
		return append(out, token{start: i + cut, end: j, text: text[i+cut : j], low: "'s", quoted: quoted})
	}
	for _, c := range contractions {
		if strings.HasSuffix(low, c[0]) && len(low) > len(c[0]) {
			cut := i + max(strings.LastIndex(word, "'"), strings.LastIndex(word, "’"))
			out = appendWord(out, text, i, cut, quoted)
			return append(out, token{start: cut, end: j, text: text[cut:j], low: c[1], quoted: quoted})
		}
	}
	for _, tail := range compoundTails {
		if len(low) > len(tail)+1 && strings.HasSuffix(low, "-"+tail) && len(low) == len(word) {
			cut := i + len(word) - len(tail) - 1
			out = append(out, token{start: i, end: cut, text: text[i:cut], low: low[:cut-i], quoted: quoted})
			return append(out, token{start: cut, end: j, text: text[cut:j], low: "-" + tail, quoted: quoted})
		}
	}
	out = append(out, token{start: i, end: j, text: word, low: low, quoted: quoted})
	// The possessive of a plural: states' goals.
	if strings.HasSuffix(low, "s") && (strings.HasPrefix(text[j:], "’ ") || strings.HasPrefix(text[j:], "' ")) && !quoted {
		n := strings.IndexByte(text[j:], ' ')
		out = append(out, token{start: j, end: j + n, text: text[j : j+n], low: "'s", quoted: quoted})
	}
	return out
}
