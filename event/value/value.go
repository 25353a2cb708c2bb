package value

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"marque/event"
)

// Value is one that something can be equal to.
type Value struct {
	// Path is the STIX object path: "domain-name:value", "file:hashes.'SHA-256'".
	Path string
	// Kind is what events are searched for, KindNone for what events do not have.
	Kind event.Kind
	// Text is the spelling to store. URLs stay as written but for what was undone; all others are canonical.
	Text string
	// Note tells how the value was read where that is not as it stood, "" otherwise.
	Note string
}

// Notes.
const (
	noteWildcard  = "a wildcard *.x is read as x, which names under it meet"
	noteURLHost   = "a URL given as a domain is read as its host"
	notePort      = "a port behind an address or host is left out"
	noteZone      = "the zone of an IPv6 address is left out"
	noteMapped    = "an IPv4 address within an IPv6 address is read as IPv4"
	notePadded    = "an address with parts padded to three digits is read without the zeros"
	noteScheme    = "a URL without a scheme is read as http"
	noteName      = "an address is taken out of \"Name <user@host>\""
	noteComposite = "of two values in one field one is read"
)

// Errors.
var (
	errEmpty    = errors.New("value is empty")
	errNoDomain = errors.New("value is no host name: want letters, digits and hyphens with dots between them")
	errNoURL    = errors.New("value is no URL: want a scheme and a host")
	errNoEmail  = errors.New("value is no e-mail address: want user@host")
)

// maxText is the longest value that is looked at.
const maxText = 8 << 10

// Read reads a value of a type: a word of any vocabulary of types.csv, or an object path.
func Read(typ, text string) (Value, error) {
	if strings.TrimSpace(typ) == "" {
		return Value{}, errors.New("type is empty")
	}
	before, after, composite := strings.Cut(typ, "|")
	if first, second, ok := strings.Cut(text, "|"); composite && ok {
		text = first
		if Word(before) == "filename" { // the digest tells more than the name
			typ, text = after, second
		}
	}
	p, err := path(strings.TrimSpace(typ))
	if err != nil {
		return Value{}, err
	}
	v, err := at(p, text)
	if err == nil && composite && v.Note == "" {
		v.Note = noteComposite
	}
	return v, err
}

// At reads a value that stands at an object path.
func At(objectPath, text string) (Value, error) { return at(objectPath, text) }

// Of reads a value of a kind.
func Of(kind event.Kind, text string) (Value, error) {
	p := map[event.Kind]string{
		event.IPv4: anyAddress, event.IPv6: anyAddress, event.CIDR: anyAddress, event.Domain: "domain-name:value",
		event.URL: "url:value", event.Email: "email-addr:value",
	}[kind]
	if kind.IsHash() {
		p = anyHash
	}
	if p == "" {
		return Value{}, fmt.Errorf("kind %v is none of a value", kind)
	}
	return at(p, text)
}

// at reads a value at a path of types.csv or any other.
func at(p, text string) (Value, error) {
	if strings.TrimSpace(text) == "" {
		return Value{}, errEmpty
	}
	if len(text) > maxText {
		return Value{}, fmt.Errorf("value is longer than %d bytes", maxText)
	}
	clean := bare(text)
	switch {
	case p == anyAddress || strings.HasPrefix(p, "ipv4-addr:value") || strings.HasPrefix(p, "ipv6-addr:value"):
		return address(clean)
	case p == "domain-name:value":
		return domain(clean)
	case p == "url:value":
		return link(clean)
	case p == "email-addr:value", strings.HasPrefix(p, "email-message:") && strings.HasSuffix(p, "_ref.value"):
		v, err := email(clean)
		v.Path = p
		return v, err
	case p == anyHash || strings.Contains(p, ":hashes."):
		return digest(p, clean)
	case p == "mac-addr:value":
		return mac(clean)
	case strings.HasSuffix(p, "_port"), strings.HasSuffix(p, ":number"):
		return number(p, clean)
	}
	return Value{Path: p, Text: strings.TrimSpace(text)}, nil
}

// bare takes off what stands around a value, and refangs it.
func bare(s string) string {
	s = strings.TrimSpace(s)
	for _, pair := range []string{`""`, "''", "``", "“”", "‘’", "«»"} {
		open, shut := pair[:len(pair)/2], pair[len(pair)/2:]
		if len(s) > len(pair) && strings.HasPrefix(s, open) && strings.HasSuffix(s, shut) {
			s = strings.TrimSpace(s[len(open) : len(s)-len(shut)])
		}
	}
	return strings.TrimSpace(Refang(s))
}

// address reads an IP address or block.
func address(s string) (Value, error) {
	v, err := plainAddress(s)
	if err == nil {
		return v, nil
	}
	if host, port, ok := strings.Cut(s, ":"); ok && isPort(port) {
		if v, hostErr := plainAddress(host); hostErr == nil {
			v.Note = notePort
			return v, nil
		}
	}
	if end := strings.LastIndex(s, "]:"); end > 0 && isPort(s[end+2:]) {
		if v, hostErr := plainAddress(s[:end+1]); hostErr == nil {
			v.Note = notePort
			return v, nil
		}
	}
	return Value{}, err
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

var padded = regexp.MustCompile(`^\d{3}\.\d{3}\.\d{3}\.\d{3}$`)

func plainAddress(s string) (Value, error) {
	note := ""
	if padded.MatchString(s) && strings.Contains("."+s, ".0") {
		parts := strings.Split(s, ".")
		for i, p := range parts {
			n, _ := strconv.Atoi(p)
			parts[i] = strconv.Itoa(n)
		}
		s, note = strings.Join(parts, "."), notePadded
	}
	kind := event.IPv4
	switch {
	case strings.Contains(s, "/"):
		kind = event.CIDR
	case strings.Contains(s, ":"):
		kind = event.IPv6
	}
	if strings.Contains(s, "%") && !strings.Contains(s, "/") {
		s, note = cutZone(s), noteZone
	}
	kind, text, ok := event.Canonical(kind, s)
	if !ok {
		return Value{}, addressFault(s)
	}
	if strings.Contains(s, ":") && !strings.Contains(text, ":") {
		note = noteMapped
	}
	p := "ipv4-addr:value"
	if strings.Contains(text, ":") {
		p = "ipv6-addr:value"
	}
	return Value{Path: p, Kind: kind, Text: text, Note: note}, nil
}

func cutZone(s string) string {
	shut := strings.HasSuffix(s, "]")
	s, _, _ = strings.Cut(s, "%")
	if shut {
		s += "]"
	}
	return s
}

var zeroLed = regexp.MustCompile(`(?:^|\.)0\d`)

// addressFault says what is wrong with what looks like an address.
func addressFault(s string) error {
	switch {
	case zeroLed.MatchString(s):
		return errors.New("value is an address with leading zeros, which programs read as octal or decimal: want it without")
	case strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789.") == "":
		return errors.New("value is no IP address: want four parts from 0 to 255")
	case strings.Contains(s, "/"):
		return errors.New("value is no address block: want ADDRESS/BITS")
	case strings.Contains(s, "-"):
		return errors.New("value is a range of addresses: want an address or a block")
	}
	return errors.New("value is no IP address or block")
}

// host checks the form of a name beyond what canonical spelling asks: labels of 63 bytes, a dot, no number as the last label.
func host(s string) (string, error) {
	_, name, ok := event.Canonical(event.Domain, strings.TrimSpace(s))
	if !ok {
		return "", errNoDomain
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", errors.New("value is an IP address and no domain: want the type ip")
	}
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if len(l) > 63 {
			return "", errors.New("value is no host name: a label is longer than 63 bytes")
		}
	}
	last := labels[len(labels)-1]
	switch {
	case len(labels) < 2:
		return "", errors.New("value is no domain: want a name with a dot in it")
	case strings.Trim(last, "0123456789") == "":
		return "", errors.New("value is no domain: its last label is a number")
	}
	return name, nil
}

// domain reads a host name, also with what blockers and lists write around it.
func domain(s string) (Value, error) {
	note := ""
	if strings.Contains(s, "://") || strings.HasPrefix(s, "//") {
		u, err := url.Parse(s)
		if err != nil || u.Hostname() == "" {
			return Value{}, errNoDomain
		}
		s, note = u.Hostname(), noteURLHost
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "||"), "^")
	if rest, ok := strings.CutPrefix(s, "*."); ok {
		s, note = rest, noteWildcard
	} else if rest, ok := strings.CutPrefix(s, "."); ok && rest != "" {
		s, note = rest, noteWildcard
	}
	if at := strings.IndexAny(s, "/?#"); at > 0 {
		s, note = s[:at], noteURLHost
	}
	if name, port, ok := strings.Cut(s, ":"); ok && isPort(port) {
		s, note = name, notePort
	}
	name, err := host(s)
	return Value{Path: "domain-name:value", Kind: event.Domain, Text: name, Note: note}, err
}

var scheme = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9+.-]*://`)

// link reads a URL.
func link(s string) (Value, error) {
	note := ""
	if !scheme.MatchString(s) {
		s, note = "http://"+strings.TrimPrefix(s, "//"), noteScheme
	}
	if strings.ContainsAny(s, " \t\r\n<>\"") {
		return Value{}, errors.New("value is no URL: it holds blanks or brackets")
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return Value{}, errNoURL
	}
	if _, addrErr := plainAddress(u.Hostname()); addrErr != nil {
		if _, err := host(u.Hostname()); err != nil {
			return Value{}, errNoURL
		}
	}
	at := strings.Index(s, "://")
	s = strings.ToLower(s[:at]) + s[at:]
	_, canonical, ok := event.Canonical(event.URL, s)
	if !ok {
		return Value{}, errNoURL
	}
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		s = canonical // STIX' URLs are those of RFC 3986, which know ASCII alone
	}
	return Value{Path: "url:value", Kind: event.URL, Text: s, Note: note}, nil
}

func email(s string) (Value, error) {
	if rest, ok := strings.CutPrefix(strings.ToLower(s), "mailto:"); ok {
		s, _, _ = strings.Cut(rest, "?")
	}
	_, text, ok := event.Canonical(event.Email, s)
	if !ok || strings.Count(text, "@") != 1 {
		return Value{}, errNoEmail
	}
	user, name, _ := strings.Cut(text, "@")
	name, err := host(name)
	if err != nil {
		return Value{}, errNoEmail
	}
	v := Value{Path: "email-addr:value", Kind: event.Email, Text: user + "@" + name}
	if strings.Contains(s, "<") {
		v.Note = noteName
	}
	return v, nil
}

// digests are the algorithms by the kinds of package event, with the number of hex digits.
var digests = []struct {
	kind event.Kind
	name string
	size int
}{{event.MD5, "MD5", 32}, {event.SHA1, "SHA-1", 40}, {event.SHA256, "SHA-256", 64}, {event.SHA512, "SHA-512", 128}}

var hexDigits = regexp.MustCompile(`^[0-9a-fA-F]+$`)

// digest reads a checksum by its length and alphabet.
func digest(p, s string) (Value, error) {
	if before, after, ok := strings.Cut(s, ":"); ok && IsType(before) {
		s = after
	}
	text := s
	if strings.Count(text, ":") >= 15 || strings.Count(text, " ") >= 15 { // as fingerprints of certificates are written
		text = strings.NewReplacer(":", "", " ", "").Replace(text)
	}
	name := ""
	if _, key, ok := strings.Cut(p, ":hashes."); ok {
		name = strings.Trim(key, "'\"")
	}
	want := name
	if strings.EqualFold(name, "IMPHASH") {
		want = "MD5"
	}
	for _, d := range digests {
		switch same := strings.EqualFold(strings.ReplaceAll(want, "-", ""), strings.ReplaceAll(d.name, "-", "")); {
		case p == anyHash && len(text) == d.size && hexDigits.MatchString(text):
			return Value{Path: "file:hashes." + literalKey(d.name), Kind: d.kind, Text: strings.ToLower(text)}, nil
		case same && len(text) != d.size:
			return Value{}, fmt.Errorf("value is no %s: want %d hex digits", want, d.size)
		case same && !hexDigits.MatchString(text):
			return Value{}, fmt.Errorf("value is no %s: want hex digits only", want)
		case same && (name != want || !strings.HasPrefix(p, "file:")):
			return Value{Path: p, Text: strings.ToLower(text)}, nil
		case same:
			return Value{Path: p, Kind: d.kind, Text: strings.ToLower(text)}, nil
		}
	}
	if p == anyHash {
		return Value{}, errors.New("value is no digest: want the 32, 40, 64 or 128 hex digits of MD5, SHA-1, SHA-256 or SHA-512")
	}
	return Value{Path: p, Text: s}, nil // SSDEEP, TLSH and others are not of one length
}

func literalKey(name string) string {
	if strings.Contains(name, "-") {
		return "'" + name + "'"
	}
	return name
}

var macDigits = regexp.MustCompile(`^[0-9a-f]{12}$`)

// mac writes a hardware address as STIX does (section 6.9): lower case, colons.
func mac(s string) (Value, error) {
	text := strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "", " ", "").Replace(s))
	if !macDigits.MatchString(text) {
		return Value{}, errors.New("value is no MAC address: want six pairs of hex digits")
	}
	var pairs []string
	for i := 0; i < len(text); i += 2 {
		pairs = append(pairs, text[i:i+2])
	}
	return Value{Path: "mac-addr:value", Text: strings.Join(pairs, ":")}, nil
}

func number(p, s string) (Value, error) {
	bits := 32
	if strings.HasSuffix(p, "_port") {
		bits = 16
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(strings.ToUpper(s), "AS"), 10, bits)
	if err != nil {
		return Value{}, fmt.Errorf("value is no number for %s", p)
	}
	return Value{Path: p, Text: strconv.FormatUint(n, 10)}, nil
}

// Guess tells the type of a value from its form: digest, address, URL, e-mail address, domain, or a host with a path.
func Guess(text string) (Value, error) {
	if strings.TrimSpace(text) == "" {
		return Value{}, errEmpty
	}
	if len(text) > maxText {
		return Value{}, fmt.Errorf("value is longer than %d bytes", maxText)
	}
	s := bare(text)
	if v, err := digest(anyHash, s); err == nil {
		return v, nil
	}
	v, addressErr := address(s)
	switch {
	case addressErr == nil:
		return v, nil
	case strings.Contains(s, "://"):
		return link(s)
	case strings.Contains(s, "@"):
		return email(s)
	case strings.ContainsAny(s, " \t,;") || !strings.Contains(s, "."):
		return Value{}, errors.New("value is of no kind that is known: want an address, domain, URL, e-mail address or digest")
	case strings.Count(s, ".") == 3 && strings.Trim(s, "0123456789./:") == "":
		return Value{}, addressErr
	case strings.Contains(s, "/"):
		return link(s)
	}
	return domain(s)
}

// Pattern is the STIX pattern that meets the value.
func (v Value) Pattern() string {
	literal := "'" + strings.ReplaceAll(strings.ReplaceAll(v.Text, `\`, `\\`), "'", `\'`) + "'"
	op := " = "
	switch {
	case v.Kind == event.CIDR:
		op = " ISSUBSET "
	case strings.HasSuffix(v.Path, "_port"), strings.HasSuffix(v.Path, ":number"):
		literal = v.Text
	}
	return "[" + v.Path + op + literal + "]"
}

// equality is a pattern of one value, as Pattern writes it.
var equality = regexp.MustCompile(`^\[\s*([a-z0-9-]+:[^\s=]+)\s*(?:=|ISSUBSET)\s*(?:'((?:[^'\\]|\\.)*)'|([0-9]+))\s*\]$`)

// InPattern is the value of a pattern that asks for a single one; ok is false for any other.
func InPattern(pattern string) (v Value, ok bool) {
	m := equality.FindStringSubmatch(pattern)
	if m == nil {
		return Value{}, false
	}
	text := strings.NewReplacer(`\\`, `\`, `\'`, "'").Replace(m[2]) + m[3]
	v, err := at(m[1], text)
	return v, err == nil
}
