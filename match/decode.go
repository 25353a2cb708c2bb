package match

import (
	"bytes"
	"errors"

	"marque/internal/jsonscan"
)

// Decoder turns JSON lines into events. One goroutine owns it.
type Decoder struct {
	formats *Formats
	scan    *jsonscan.Scanner
	canon   canon
	event   Event
	best    [manyRoles]uint8
	host    []byte // of url_host
	path    []byte // of url_path
	where   string // the field of url_path
}

// NewDecoder returns a decoder for formats.
func NewDecoder(formats *Formats) *Decoder {
	return &Decoder{formats: formats, scan: jsonscan.New(formats.paths)}
}

// Decode reads one line, or says why it cannot. The event is valid until the next call, see Event.
func (d *Decoder) Decode(line []byte) (*Event, Reason) {
	vals, err := d.scan.Scan(line)
	if err != nil {
		return nil, reasonOf(err, line)
	}
	var present pathSet
	for i := range vals {
		p := vals[i].Path
		present[p/64] |= 1 << (p % 64)
	}
	f := d.formats.detect(&present)
	if f == nil {
		return nil, UnknownFormat
	}
	e := &d.event
	*e = Event{Format: f.name, Line: line, Observables: e.Observables[:0]}
	for i := range d.best {
		d.best[i] = 255
	}
	d.host, d.path = nil, nil
	timed := false
	for i := range vals {
		v := &vals[i]
		t := f.targets[v.Path]
		switch {
		case t.role == roleNone || v.Type == jsonscan.Bool:
		case t.role > manyRoles:
			if v.Type == jsonscan.String {
				d.observe(t.role, d.formats.paths.Name(int(v.Path)), v.Text)
			}
		case t.order < d.best[t.role] || t.order == d.best[t.role] && t.role == roleTime:
			d.best[t.role] = t.order
			if t.role == roleTime {
				e.Time, timed = parseTime(v.Text)
			} else {
				d.single(t.role, int(v.Path), v.Text)
			}
		}
	}
	if !timed {
		return nil, BadTime
	}
	if d.path != nil {
		d.joinURL()
	}
	return e, ""
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

// single keeps a value of a role that an event has one of.
func (d *Decoder) single(role Role, path int, text []byte) {
	switch role {
	case roleSensor:
		d.event.Sensor = text
	case roleTechnique:
		d.event.Technique = text
	case roleSector:
		d.event.Sector = text
	case roleCountry:
		d.event.Country = text
	case roleVictim:
		d.event.Victim = text
	case roleURLHost:
		d.host = text
		d.observe(roleAny, d.formats.paths.Name(path), text)
	case roleURLPath:
		d.path, d.where = text, d.formats.paths.Name(path)
	}
}

// joinURL makes a URL of a request's host and path, as Zeek and Suricata log them; the scheme is http, as TLS hides both.
func (d *Decoder) joinURL() {
	if bytes.Contains(d.path, []byte("://")) {
		d.observe(roleURL, d.where, d.path)
		return
	}
	if d.host == nil {
		return
	}
	joined := d.canon.keep(func(buf []byte) []byte {
		buf = append(append(buf, "http://"...), d.host...)
		if len(d.path) == 0 || d.path[0] != '/' {
			buf = append(buf, '/')
		}
		return append(buf, d.path...)
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
			d.add(Observable{Kind: kind, Field: field, Value: v, Role: roleHash})
		}
	case roleEmail:
		if v := d.canon.email(text); v != nil {
			d.add(Observable{Kind: Email, Field: field, Value: v, Role: roleEmail})
		}
	case roleAny:
		d.observeAny(field, text)
	}
}

func (d *Decoder) add(o Observable) { d.event.Observables = append(d.event.Observables, o) }

func (d *Decoder) observeIP(role Role, field string, text []byte) bool {
	kind, v, a := d.canon.addr(text)
	if kind == KindNone {
		return false
	}
	d.add(Observable{Kind: kind, Field: field, Value: v, Addr: a, Role: role})
	return true
}

func (d *Decoder) observeDomain(field string, text []byte) {
	if last := text[len(text)-1]; last-'0' <= 9 || last == ']' || bytes.IndexByte(text, ':') >= 0 {
		if d.observeIP(RoleIP, field, text) {
			return
		}
	}
	if v := d.canon.domain(text); v != nil && !d.named(v) {
		d.add(Observable{Kind: Domain, Field: field, Value: v, Role: roleDomain})
	}
}

// named reports whether the event names a domain already, looking at the first observables only: a long list of them shall
// not cost its square.
func (d *Decoder) named(domain []byte) bool {
	list := d.event.Observables
	for i := range list[:min(len(list), 16)] {
		if list[i].Kind == Domain && bytes.Equal(list[i].Value, domain) {
			return true
		}
	}
	return false
}

// observeURL adds a URL, and its host unless the event names that host already.
func (d *Decoder) observeURL(field string, text []byte) {
	v := d.canon.url(text)
	if v == nil {
		return
	}
	d.add(Observable{Kind: URL, Field: field, Value: v, Role: roleURL})
	host := urlHost(v)
	if len(host) > 0 {
		d.observeDomain(field, host)
	}
}

// observeAny tells the kind from the form: address, digest, URL, e-mail address, and otherwise a name with a dot in it.
func (d *Decoder) observeAny(field string, text []byte) {
	if kind, v := d.canon.hash(text); kind != KindNone {
		d.add(Observable{Kind: kind, Field: field, Value: v, Role: roleHash})
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
