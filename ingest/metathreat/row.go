package metathreat

import (
	"cmp"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"marque/ingest/table"
)

// Row is a row of a file.
type Row struct {
	// Line is where it stands in the file, from 1.
	Line int
	// Tactic, Technique and Procedure are of Meta's kill chain; Type is the column indicator_type of the older form.
	Tactic, Technique, Procedure, Type string
	// Text is the value as it stands there, Comment what is said of it.
	Text, Comment string
	// Kind is what the value is, in STIX's words (domain-name, url, ipv4-addr, ipv6-addr, email-addr, file, software); "" for prose.
	Kind string
	// Value is it refanged; a hash stands with its algorithm in Hash.
	Value, Hash string
	// Registered is the day of registration that the comment tells; Listed the day of the row (column ds). Zero where there is none.
	Registered, Listed time.Time
	// Country is the one that was likely targeted, as the comment writes it.
	Country string
	// Joined says that spaces were taken out of the value, which a page break had put there.
	Joined bool
}

// Victim tells whether the value is what the operation did something to, not what it used.
func (r *Row) Victim() bool {
	return strings.HasPrefix(r.Tactic, "8") || strings.HasPrefix(r.Procedure, "8.")
}

// Owned tells whether the value is infrastructure that the operation acquired, as against a place where it wrote.
func (r *Row) Owned() bool {
	if r.Type != "" {
		return true
	}
	for _, p := range []string{"0.6", "9.5.2", "9.5.3"} {
		if strings.HasPrefix(r.Procedure, p) {
			return true
		}
	}
	return false
}

// Site is the host name or address of infrastructure that the operation acquired; "" for everything else. An address on somebody else's
// host (a file share, a shortener) makes that host not theirs: only where the row is about domains is the host of a URL.
func (r *Row) Site() string {
	switch {
	case !r.Owned() || r.Victim():
		return ""
	case r.Kind == "ipv4-addr" || r.Kind == "ipv6-addr" || r.Kind == "domain-name":
		return r.Value
	case r.Kind == "url" && r.Type == "":
		return r.Host()
	}
	return ""
}

// Redirect tells whether the value is a name that only leads on to a site, made by the hundred and thrown away.
func (r *Row) Redirect() bool { return strings.HasPrefix(r.Procedure, "9.5.3") }

// Host is the host name of a domain name or an address, "" for others.
func (r *Row) Host() string {
	switch r.Kind {
	case "domain-name":
		return r.Value
	case "url":
		if u, err := url.Parse(r.Value); err == nil {
			return strings.ToLower(u.Hostname())
		}
	}
	return ""
}

// forms are the two sets of columns, each with the names that one column has had.
var forms = [][]string{{"Tactic", "Technique", "Procedure", "Indicator"}, {"indicator_type", "indicator_value", "comment", "ds"}}

// commentColumns are how the column of comments is called, slips of the pen included.
var commentColumns = []string{"Comments", "Commernts", "Comment", "comment", "Notes", "Note"}

// Is tells whether a file begins as these do.
func Is(head []byte) bool {
	return table.IsHeader(head, forms[0]...) || table.IsHeader(head, forms[1]...)
}

// Parse reads the rows of a file and hands each over; a row that is damaged has its error. Empty rows are handed over with neither value
// nor procedure.
func Parse(data []byte, each func(Row, *table.Row) error) error {
	t, err := table.Open(data)
	if err != nil {
		return err
	}
	return t.Each(func(raw *table.Row) error {
		return each(read(raw), raw)
	})
}

func read(raw *table.Row) Row {
	r := Row{
		Line: raw.Line, Tactic: raw.Get("Tactic"), Technique: raw.Get("Technique"), Procedure: spaces(raw.Get("Procedure")), Type: raw.Get("indicator_type"),
		Text: cmp.Or(raw.Get("Indicator"), raw.Get("indicator_value")),
	}
	for _, c := range commentColumns {
		r.Comment = cmp.Or(r.Comment, strings.Trim(raw.Get(c), `" `))
	}
	r.Kind, r.Value, r.Hash, r.Joined = classify(r.Text, r.Type)
	if m := registration.FindStringSubmatch(r.Comment); m != nil {
		r.Registered, _ = ParseDay(m[1])
	}
	if m := country.FindStringSubmatch(r.Comment); m != nil {
		r.Country = strings.TrimSpace(m[1])
	}
	r.Listed, _ = ParseDay(raw.Get("ds"))
	return r
}

func spaces(s string) string { return strings.Join(strings.Fields(s), " ") }

var (
	registration = regexp.MustCompile(`(?i)registration date:\s*([^,;"]+)`)
	country      = regexp.MustCompile(`(?i)country (?:likely )?targeted:\s*([^,;"]+)`)
)

// days are the forms in which days stand in the files; the month comes first, as Americans write it.
var days = []string{time.DateOnly, "01/02/2006", "1/2/2006", "01-02-2006", "2 January 2006", "January 2, 2006"}

// ParseDay reads a day in one of the forms of the files.
func ParseDay(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, form := range days {
		if d, err := time.Parse(form, s); err == nil {
			return d, true
		}
	}
	return time.Time{}, false
}

var refang = strings.NewReplacer(
	"hxxps", "https", "hxxp", "http", "hXXps", "https", "hXXp", "http", "[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".",
	"[:]", ":", "[://]", "://", "[/]", "/", "[@]", "@", "[at]", "@", "[.", ".", ".]", ".",
)

// Refang writes a defanged value as it was: example[.]org, hxxps://, info[at]example[.]org.
func Refang(s string) string { return refang.Replace(strings.TrimSpace(s)) }

var (
	hostForm  = regexp.MustCompile(`^(?:[\pL\pN_](?:[\pL\pN_-]{0,61}[\pL\pN])?\.)+(?:xn--[A-Za-z0-9-]{2,}|\pL{2,24})\.?$`)
	mailForm  = regexp.MustCompile(`^[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}$`)
	hashForm  = regexp.MustCompile(`^[0-9a-fA-F]+$`)
	hashNames = map[int]string{32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}
)

// classify says what a value is.
func classify(text, typ string) (kind, value, hash string, joined bool) {
	v := Refang(text)
	if typ == "android_package_name" || typ == "ios_app_id" {
		return "software", v, "", false
	}
	if name := hashNames[len(v)]; name != "" && hashForm.MatchString(v) {
		return "file", strings.ToLower(v), name, false
	}
	if a, err := netip.ParseAddr(v); err == nil && a.Zone() == "" {
		if a.Is4() {
			return "ipv4-addr", a.String(), "", false
		}
		return "ipv6-addr", a.String(), "", false
	}
	if mailForm.MatchString(v) {
		return "email-addr", strings.ToLower(v), "", false
	}
	if hostForm.MatchString(v) {
		return "domain-name", strings.ToLower(strings.TrimSuffix(v, ".")), "", false
	}
	if address, ok := address(v); ok {
		return "url", address, "", false
	}
	// An address that was printed over two lines has a space where the line ended.
	if strings.HasPrefix(v, "http") && len(strings.Fields(v)) <= 4 {
		if address, ok := address(strings.Join(strings.Fields(v), "")); ok {
			return "url", address, "", true
		}
	}
	return "", "", "", false
}

// address reads a URL, or a host with a path behind it.
func address(v string) (string, bool) {
	if strings.ContainsAny(v, " \t\r\n") {
		return "", false
	}
	if !strings.Contains(v, "://") {
		host, _, path := strings.Cut(v, "/")
		if !path || !hostForm.MatchString(host) {
			return "", false
		}
		v = "https://" + v
	}
	u, err := url.Parse(v)
	if err != nil {
		u, err = url.Parse(strings.ReplaceAll(v, "%", "%25"))
	}
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.Contains(u.Host, ".") {
		return "", false
	}
	return u.String(), true
}

// mentioned are the defanged values within prose, such as "Configure example[.]com with a mail service".
func mentioned(text string) []Row {
	var out []Row
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;\"“”<>", r) }) {
		clean := Refang(strings.Trim(word, ".:()'’"))
		if clean == strings.Trim(word, ".:()'’") {
			continue // a plain word is not meant as one
		}
		if kind, value, hash, _ := classify(clean, ""); kind != "" {
			out = append(out, Row{Kind: kind, Value: value, Hash: hash})
		}
	}
	return out
}
