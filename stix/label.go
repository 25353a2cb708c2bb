package stix

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// protocol is how people write the levels of a protocol of traffic lights: TLP or PAP.
type protocol struct {
	mention *regexp.Regexp // its name, at a word's beginning
	direct  *regexp.Regexp // its name before a sign that announces a level, whether or not one follows
	level   *regexp.Regexp // what stands between the name and a level, and the level's word
	further *regexp.Regexp // another level that follows one: "GREEN/AMBER"
	key     string         // JSON members that hold a level begin so
	bare    bool           // its name without a level says something, too
	levels  map[string]int // by word without what is between letters
	red     int
}

// Between the name and the level may stand the protocol's version and a word for what follows.
const (
	between = `[\s:_\-=./"'(\[|–—]*`
	toLevel = `(?i)^(?:\s*\(\s*(?:tlp|pap)\s*\))?(?:[\s_]*v?[12](?:\.[0-9])?)?(?:` + between +
		`(?:level|marking|label|classification|designation|is)\b)*` + between
	toFurther = `(?i)^[\s/|,&_\-]*(?:or\b|and\b|to\b)?[\s/|,&_\-]*`
)

func newProtocol(short, long, levels string) protocol {
	name := `(?:` + long + `|` + short + `)`
	end := `)(?:[^a-z]|$)`
	return protocol{
		mention: regexp.MustCompile(`(?i)(?:^|[^a-z0-9])(` + name + `)(?:[^a-z]|$|v[12]|(?:` + levels + end + `)`),
		direct:  regexp.MustCompile(`(?i)^\s*[:=_\-]`),
		level:   regexp.MustCompile(toLevel + `(` + levels + end),
		further: regexp.MustCompile(toFurther + `(` + levels + end),
		key:     short,
	}
}

var (
	tlp = func() protocol {
		p := newProtocol("tlp", `traffic[\s_\-]*light[\s_\-]*protocol`, `clear|white|green|amber[\s_+\-]*strict|amber|red`)
		p.bare, p.red = true, int(Red)
		p.levels = map[string]int{
			"clear": int(Clear), "white": int(Clear), "green": int(Green), "amber": int(Amber), "amberstrict": int(AmberStrict), "red": int(Red),
		}
		return p
	}()
	pap = func() protocol {
		p := newProtocol("pap", `permissible[\s_\-]*actions?[\s_\-]*protocol`, `clear|white|green|amber|red`)
		p.red = int(PAPRed)
		p.levels = map[string]int{"clear": int(PAPClear), "white": int(PAPClear), "green": int(PAPGreen), "amber": int(PAPAmber), "red": int(PAPRed)}
		return p
	}()
)

// spoken is what a text says in a protocol.
type spoken struct {
	level  int
	levels int  // how many were understood
	bare   bool // it names the protocol, but no level
	other  bool // it names something as a level that is none
}

func (s *spoken) and(t spoken) {
	s.level = max(s.level, t.level)
	s.levels += t.levels
	s.bare, s.other = s.bare || t.bare, s.other || t.other
}

// verdict is the level, and whether the text speaks of the protocol at all. What speaks of it and is not understood is the strictest.
func (p *protocol) verdict(s spoken) (level int, says bool) {
	switch {
	case s.other, s.levels == 0 && s.bare && p.bare:
		return p.red, true
	default:
		return s.level, s.levels > 0
	}
}

// maxSpoken bounds the text that is looked at: statements are short, and a longer one keeps its label at its beginning.
const maxSpoken = 64 << 10

// read finds the levels that a text names.
func (p *protocol) read(text string) spoken {
	var out spoken
	text = text[:min(len(text), maxSpoken)]
	for {
		at := p.mention.FindStringSubmatchIndex(text)
		if at == nil {
			return out
		}
		text = text[at[3]:]
		one, rest := p.follow(text)
		if one.levels == 0 {
			one.bare, one.other = true, p.direct.MatchString(text)
		}
		out.and(one)
		text = rest
	}
}

// follow reads the levels right after the protocol's name.
func (p *protocol) follow(text string) (out spoken, rest string) {
	next := p.level
	for {
		at := next.FindStringSubmatchIndex(text)
		if at == nil {
			return out, text
		}
		level, ok := p.word(text[at[2]:at[3]])
		text = text[at[3]:]
		out.and(spoken{level: level, levels: 1, other: !ok || strings.HasPrefix(text, "+")})
		next = p.further
	}
}

// word is the level that a word alone stands for.
func (p *protocol) word(s string) (level int, ok bool) {
	level, ok = p.levels[strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", "+", "").Replace(strings.TrimSpace(s)))]
	if !ok {
		level = p.red
	}
	return level, ok
}

// value is the level in the value of a member, of which it is known that it holds one.
func (p *protocol) value(s string) spoken {
	if level, ok := p.word(s); ok {
		return spoken{level: level, levels: 1}
	}
	if out := p.read(s); out.levels > 0 {
		return out
	}
	return spoken{other: true}
}

// tag reads a tag, which speaks of the protocol if it begins with its name: "tlp:amber", "TLP AMBER", "Traffic Light Protocol: red".
func (p *protocol) tag(s string) (level int, says bool) {
	s = strings.TrimSpace(s)
	if at := p.mention.FindStringSubmatchIndex(s); at == nil || at[2] != 0 {
		return 0, false
	}
	return p.verdict(p.whole(s))
}

// whole reads a text that should be a label and nothing else.
func (p *protocol) whole(s string) spoken {
	out := p.read(s)
	if at := p.mention.FindStringSubmatchIndex(s); at != nil {
		_, rest := p.follow(s[at[3]:])
		out.other = out.other || strings.Trim(rest, " \t.)]\"'") != ""
	}
	return out
}

// SpokenTLP reads a text that may speak of TLP: a statement, the name of a marking, a line of a document. It reports false where
// it does not; what speaks of TLP and is not understood is [Red].
func SpokenTLP(text string) (TLP, bool) {
	level, says := tlp.verdict(tlp.read(text))
	return TLP(level), says
}

// TagTLP reads a tag or label in any of the spellings in use: "tlp:amber", "TLP-RED", "tlp_green", "Traffic Light Protocol: red".
// It reports false for other tags; one that begins so and is not understood, such as "tlp:ex:chr", is [Red].
func TagTLP(tag string) (TLP, bool) {
	level, says := tlp.tag(tag)
	return TLP(level), says
}

// TagPAP is [TagTLP] for PAP.
func TagPAP(tag string) (PAP, bool) {
	level, says := pap.tag(tag)
	return PAP(level), says
}

// definition reads what a marking definition says in a protocol: in members of the protocol's name (definition.tlp, tlp_2_0 of any
// extension), in members beside a type of that name (x_opencti_definition), in its name and its statements.
func (p *protocol) definition(o *Object) (level int, says bool) {
	var out spoken
	dec := jsontext.NewDecoder(bytes.NewReader(o.raw), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	typed := p.typed(o)
	p.walk(dec, "", typed, &out)
	return p.verdict(out)
}

// typed tells which members a definition's types declare to hold a level of this protocol: "x_opencti_definition" beside
// x_opencti_definition_type.
func (p *protocol) typed(o *Object) map[string]bool {
	props, err := o.Properties()
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for name, value := range props {
		of, ok := strings.CutSuffix(name, "_type")
		if s, err := jsontext.AppendUnquote(nil, value); ok && err == nil && p.mention.Match(s) {
			out[of] = true
		}
	}
	return out
}

// walk reads one value of a marking definition, which stands under a name.
func (p *protocol) walk(dec *jsontext.Decoder, name string, typed map[string]bool, out *spoken) {
	key := strings.ToLower(name)
	holds := key == p.key || strings.HasPrefix(key, p.key+"_")
	switch dec.PeekKind() {
	case '"':
		tok, err := dec.ReadToken()
		switch {
		case err != nil:
		case holds || typed[name]:
			out.and(p.value(tok.String()))
		default:
			out.and(p.read(tok.String()))
		}
	case '{', '[':
		list := dec.PeekKind() == '['
		if _, err := dec.ReadToken(); err != nil {
			return
		}
		for k := dec.PeekKind(); k != '}' && k != ']' && k != 0; k = dec.PeekKind() {
			inner := name
			if !list {
				tok, err := dec.ReadToken()
				if err != nil {
					return
				}
				inner = tok.String()
			}
			if unspoken[inner] {
				if dec.SkipValue() != nil {
					return
				}
				continue
			}
			p.walk(dec, inner, typed, out)
		}
		_, _ = dec.ReadToken()
	default:
		if dec.SkipValue() == nil && (holds || typed[name]) {
			out.and(spoken{other: true}) // a level that is no text
		}
	}
}

// unspoken are the members of a marking definition that speak of other things: links to a protocol's home page are no label.
var unspoken = map[string]bool{
	"external_references": true, "object_marking_refs": true, "granular_markings": true, "id": true, "created_by_ref": true,
	"type": true, "extension_type": true,
}
