package event

import (
	"bytes"
	"errors"
	"math"
	"time"

	"marque/internal/jsonscan"
)

// Decoder turns JSON lines into events. One goroutine owns it.
type Decoder struct {
	formats *Formats
	scan    *jsonscan.Scanner
	block   []byte // the lines that Next reads
	canon   canon
	clock   clock
	events  [2]Event // used in turns, so that an event outlives the decoding of the next one
	current *Event   // the one being decoded
	scratch plan     // of a line whose shape is new
	host    []byte   // of url_host
	path    []byte   // of url_path
	query   []byte   // of url_query
	scheme  []byte   // of url_scheme
	where   string   // the field of url_path
	from    int64    // events before it and from until on are refused, nanoseconds since 1970
	until   int64
	inner   *Decoder // of what stands in envelopes
	depth   int      // of envelopes around this decoder's lines
}

// NewDecoder returns a decoder for formats.
func NewDecoder(formats *Formats) *Decoder {
	d := &Decoder{formats: formats, scan: jsonscan.New(formats.paths), from: math.MinInt64, until: math.MaxInt64}
	d.current = &d.events[0]
	return d
}

// Within has events refused that are not in [from, until), with the reason FarTime. Nothing is refused for its time otherwise.
func (d *Decoder) Within(from, until time.Time) {
	d.from, d.until = from.UnixNano(), until.UnixNano()
	d.clock.before = d.until
}

// Decode reads one line, or says why it cannot. The event is valid until the next call, see Event.
func (d *Decoder) Decode(line []byte) (*Event, Reason) {
	vals, err := d.scan.Scan(line)
	if err != nil {
		return d.refused(line, reasonOf(err, line))
	}
	return d.event(line, vals)
}

// parse reads a line of an unknown shape that begins at start of the scanner's block.
func (d *Decoder) parse(start int, line []byte) (*Event, Reason) {
	vals, err := d.scan.Read(start, start+len(line))
	if err != nil {
		return d.refused(line, reasonOf(err, line))
	}
	return d.event(line, vals)
}

// event makes an event of the values of a line, or of the event in it where it is an envelope.
func (d *Decoder) event(line []byte, vals []jsonscan.Value) (*Event, Reason) {
	e, reason := d.own(line, vals)
	if reason == UnknownFormat || reason == BadTime || reason == "" && ofItsOwnHost(e.Observables) {
		if wrapped := d.unwrap(line); wrapped != nil {
			if e != nil && len(wrapped.Sensor) == 0 {
				wrapped.Sensor = e.Sensor
			}
			return wrapped, ""
		}
	}
	return e, reason
}

// own makes an event of the values of a line.
func (d *Decoder) own(line []byte, vals []jsonscan.Value) (*Event, Reason) {
	p := d.plan(vals)
	if p.format == nil {
		return nil, UnknownFormat
	}
	e := d.current
	e.Format, e.Line, e.Offset, e.Observables = p.format.Name, line, 0, e.Observables[:0]
	e.Sensor, e.Technique, e.Sector = textOf(vals, p.single[roleSensor]), textOf(vals, p.single[roleTechnique]), textOf(vals, p.single[roleSector])
	e.Country, e.Victim = textOf(vals, p.single[roleCountry]), textOf(vals, p.single[roleVictim])
	d.host, d.path, d.query, d.scheme = nil, nil, nil, nil
	for i := range p.steps {
		st := &p.steps[i]
		switch value := vals[st.value].Text; st.role {
		case roleURLHost:
			d.host = value
			d.observe(roleAny, st.field, value)
		case roleURLPath:
			d.path, d.where = value, st.field
		case roleURLQuery:
			d.query = value
		case roleURLScheme:
			d.scheme = value
		default:
			d.observe(st.role, st.field, value)
		}
	}
	at := p.single[roleTime]
	if at < 0 {
		return nil, BadTime
	}
	ok := false
	if e.Time, ok = d.clock.parse(vals[at].Text); !ok {
		return nil, BadTime
	}
	if e.Time < d.from || e.Time >= d.until {
		return nil, FarTime
	}
	if d.path != nil {
		d.joinURL()
	}
	d.current = &d.events[0]
	if e == d.current {
		d.current = &d.events[1]
	}
	return e, ""
}

func textOf(vals []jsonscan.Value, at int32) []byte {
	if at < 0 {
		return nil
	}
	return vals[at].Text
}

// plan is what a decoder does with the values of a line: which format it is, and which value means what. It depends on the
// line's shape alone, so it is made once per shape: a third of the time of decoding.
type plan struct {
	format *format // nil: none
	single [manyRoles]int32
	steps  []planned
}

// planned is one value that becomes an observable or a part of one.
type planned struct {
	field string
	value int32
	role  Role
}

// plan returns the plan of the line scanned last.
func (d *Decoder) plan(vals []jsonscan.Value) *plan {
	shape := d.scan.Shape()
	if shape == nil {
		d.scratch.make(d.formats, vals)
		return &d.scratch
	}
	if p, ok := shape.Plan.(*plan); ok {
		return p
	}
	p := new(plan)
	p.make(d.formats, vals)
	shape.Plan = p
	return p
}

// make works out what the values mean, from their paths and types alone.
func (p *plan) make(formats *Formats, vals []jsonscan.Value) {
	var present pathSet
	for i := range vals {
		path := vals[i].Path
		present[path/64] |= 1 << (path % 64)
	}
	p.format, p.steps = formats.detect(&present), p.steps[:0]
	for i := range p.single {
		p.single[i] = -1
	}
	if p.format == nil {
		return
	}
	var best [manyRoles]uint8
	for i := range best {
		best[i] = 255
	}
	for i := range vals {
		v := &vals[i]
		t := p.format.targets[v.Path]
		field := formats.paths.Name(int(v.Path))
		switch {
		case t.role == roleNone || v.Type == jsonscan.Bool:
		case t.role > manyRoles:
			if v.Type == jsonscan.String {
				p.steps = append(p.steps, planned{field, int32(i), t.role})
			}
		case t.order < best[t.role] || t.order == best[t.role] && t.role == roleTime:
			best[t.role] = t.order
			p.single[t.role] = int32(i)
			if t.role >= roleURLScheme {
				p.steps = append(p.steps, planned{field, int32(i), t.role})
			}
		}
	}
}

// reasonOf names why the scanner refused a line.
func reasonOf(err error, line []byte) Reason {
	switch {
	case bytes.IndexByte(line, 0) >= 0, bytes.HasPrefix(line, []byte("\xff\xfe")), bytes.HasPrefix(line, []byte("\xfe\xff")), bytes.HasPrefix(line, []byte("\xef\xbb\xbf")):
		return BadEncoding
	case errors.Is(err, jsonscan.ErrTruncated):
		return BadEnd
	case errors.Is(err, jsonscan.ErrDepth):
		return BadDepth
	case errors.Is(err, jsonscan.ErrNotObject):
		return NotObject
	}
	return BadSyntax
}

// joinURL makes a URL of a request's host, path and query, as Zeek, Suricata and shippers log them; the scheme is http unless the event
// tells it, as TLS hides both.
func (d *Decoder) joinURL() {
	if bytes.Contains(d.path, []byte("://")) {
		d.observe(roleURL, d.where, d.path)
		return
	}
	if d.host == nil {
		return
	}
	if len(d.host)+len(d.path)+len(d.query) > maxValue {
		return
	}
	joined := d.canon.keep(func(buf []byte) []byte {
		if len(d.scheme) > 0 {
			buf = append(append(buf, d.scheme...), "://"...)
		} else {
			buf = append(buf, "http://"...)
		}
		buf = append(buf, d.host...)
		if len(d.path) == 0 || d.path[0] != '/' {
			buf = append(buf, '/')
		}
		buf = append(buf, d.path...)
		if len(d.query) > 0 && bytes.IndexByte(d.path, '?') < 0 {
			buf = append(append(buf, '?'), bytes.TrimPrefix(d.query, []byte("?"))...)
		}
		return buf
	})
	d.observe(roleURL, d.where, joined)
}

// observe adds the observable that text is, if it is one.
func (d *Decoder) observe(role Role, field string, text []byte) {
	if len(text) == 0 || len(text) > maxValue {
		return
	}
	switch role {
	case RoleIP, RoleSrcIP, RoleDstIP:
		d.observeIP(role, field, text)
	case roleDomain:
		d.observeDomain(field, text)
	case roleURL:
		d.observeURL(field, text)
	case roleHash, roleMD5, roleSHA1, roleSHA256, roleSHA512:
		if kind, v := d.canon.hash(text); kind != KindNone {
			d.add(kind, roleHash, field, v)
		}
	case roleEmail:
		if v := d.canon.email(text); v != nil {
			d.add(Email, roleEmail, field, v)
		}
	case roleAny:
		d.observeAny(field, text)
	case roleMany:
		d.observeMany(field, text)
	}
}

// add appends an observable, whose Addr the caller sets, field by field: a literal would be built elsewhere and copied.
func (d *Decoder) add(kind Kind, role Role, field string, value []byte) *Observable {
	e := d.current
	n := len(e.Observables)
	if n == cap(e.Observables) {
		e.Observables = append(e.Observables, Observable{})
	}
	e.Observables = e.Observables[:n+1]
	o := &e.Observables[n]
	o.Kind, o.Role, o.Field, o.Value = kind, role, field, value
	return o
}

func (d *Decoder) observeIP(role Role, field string, text []byte) bool {
	kind, v, a := d.canon.addr(text)
	if kind == KindNone {
		if text = withoutPort(text); text == nil {
			return false
		}
		if kind, v, a = d.canon.addr(text); kind == KindNone {
			return false
		}
	}
	d.add(kind, role, field, v).Addr = a
	return true
}

func (d *Decoder) observeDomain(field string, text []byte) {
	if d.named(text) {
		return // in its canonical spelling already
	}
	last := text[len(text)-1]
	mayBeIP := last-'0' <= 9 || last == ']'
	if !mayBeIP && plainName(text) {
		d.add(Domain, roleDomain, field, text)
		return
	}
	if (mayBeIP || bytes.IndexByte(text, ':') >= 0) && d.observeIP(RoleIP, field, text) {
		return
	}
	if v := d.canon.domain(text); v != nil && !d.named(v) {
		d.add(Domain, roleDomain, field, v)
	}
}

// named reports whether the event names a domain already, looking at the first observables only: a long list of them shall
// not cost its square.
func (d *Decoder) named(domain []byte) bool {
	list := d.current.Observables
	for i := range list[:min(len(list), 16)] {
		if list[i].Kind == Domain && bytes.Equal(list[i].Value, domain) {
			return true
		}
	}
	return false
}

// observeURL adds a URL, and its host unless the event names that host already: then the host needs no second look.
func (d *Decoder) observeURL(field string, text []byte) {
	if host, path := splitURL(text); host != nil && d.named(host) && plainPath(path) {
		d.add(URL, roleURL, field, text)
		return
	}
	v, host := d.canon.url(text)
	if v == nil {
		return
	}
	d.add(URL, roleURL, field, v)
	if len(host) > 0 {
		d.observeDomain(field, host)
	}
}

// observeAny tells the kind from the form: address, digest, URL, e-mail address, and otherwise a name with a dot in it.
func (d *Decoder) observeAny(field string, text []byte) {
	if kind, v := d.canon.hash(text); kind != KindNone {
		d.add(kind, roleHash, field, v)
		return
	}
	switch {
	case d.observeIP(RoleIP, field, text):
	case bytes.Contains(text, []byte("://")):
		d.observeURL(field, text)
	case bytes.IndexByte(text, '@') > 0:
		d.observe(roleEmail, field, text)
	case bytes.IndexByte(text, '.') > 0:
		if i := bytes.IndexByte(text, ':'); i > 0 {
			text = text[:i] // host:port
		}
		d.observeDomain(field, text)
	}
}

// observeMany looks at each value of a text that holds several, with blanks, commas or semicolons between them; a word and an equals sign
// before a value say what it is ("SHA256=…"), which its form says as well.
func (d *Decoder) observeMany(field string, text []byte) {
	for len(text) > 0 {
		n := bytes.IndexAny(text, " \t\r\n,;|")
		value := text
		if n >= 0 {
			value, text = text[:n], text[n+1:]
		} else {
			text = nil
		}
		if name, rest, ok := bytes.Cut(value, []byte{'='}); ok && isWord(name) {
			value = rest
		}
		if len(value) > 0 {
			d.observeAny(field, value)
		}
	}
}

func isWord(b []byte) bool {
	for _, ch := range b {
		if class := domainBytes[ch]; class != nameByte && class != upperByte {
			return false
		}
	}
	return true
}

// withoutPort is the address of 192.0.2.1:443 or [2001:db8::1]:443, nil for anything else.
func withoutPort(b []byte) []byte {
	n := bytes.LastIndexByte(b, ':')
	if n <= 0 || n == len(b)-1 || len(b)-n > 6 {
		return nil
	}
	if _, ok := number(b[n+1:]); !ok {
		return nil
	}
	if b[n-1] == ']' || bytes.IndexByte(b, ':') == n {
		return b[:n]
	}
	return nil
}
