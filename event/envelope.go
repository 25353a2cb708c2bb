package event

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// envelopes are the keys under which shippers, queues and exports put the event of somebody else, as an object or as its text.
var envelopes = []string{
	"message", "log", "original", "_source", "result", "_raw", "payload", "raw", "body", "event", "data", "record", // shippers, searches, queues
	"value", "@message", "Message", "MESSAGE", "msg", "line", "content", "rawEvent", "raw_event", "fields", "doc", "@raw", "@rawstring",
	"detail", "jsonPayload", "textPayload", "AuditData", "full_log", "original_event", "rawLog", "EventData", "Payload",
}

// maxEnvelopes is how many envelopes are opened, one in another.
const maxEnvelopes = 4

// letter is what an envelope may hold.
type letter struct {
	in   string // what it stood in, for people
	text []byte
}

// unwrap decodes the event in an envelope: a line that is no event by itself, or one without a value, which holds one that is. Lines of
// the usual kind never come here.
func (d *Decoder) unwrap(line []byte) *Event {
	if d.depth >= maxEnvelopes || !slices.ContainsFunc(envelopeMarks, func(mark []byte) bool { return bytes.Contains(line, mark) }) {
		return nil
	}
	for _, l := range letters(line) {
		e, reason := d.within().Decode(l.text)
		if reason != "" {
			continue
		}
		if len(e.Observables) == 0 {
			d.inner.giveBack(e)
			continue
		}
		e.Line = line
		return e
	}
	return nil
}

// within is the decoder of what stands in this one's lines.
func (d *Decoder) within() *Decoder {
	if d.inner == nil {
		d.inner = NewDecoder(d.formats)
		d.inner.depth = d.depth + 1
	}
	d.inner.from, d.inner.until, d.inner.clock.before = d.from, d.until, d.clock.before
	return d.inner
}

// refused decodes what a line carries that is no JSON, see carriedIn; the reason stays that of the line where it carries nothing.
func (d *Decoder) refused(line []byte, reason Reason) (*Event, Reason) {
	if d.depth >= maxEnvelopes || reason == BadDepth || reason == BadEncoding {
		return nil, reason
	}
	text, _ := carriedIn(line)
	if text == nil {
		return nil, reason
	}
	e, inside := d.within().Decode(text)
	if inside != "" {
		return nil, inside
	}
	e.Line = line
	return e, ""
}

// giveBack frees an event that is not handed out, so that the one before it stays valid.
func (d *Decoder) giveBack(e *Event) {
	for ; d != nil; d = d.inner {
		if e == &d.events[0] || e == &d.events[1] {
			d.current = e
		}
	}
}

// ofItsOwnHost tells whether observables say nothing but where the event was written: shippers add that to every line that they pass on.
func ofItsOwnHost(list []Observable) bool {
	for i := range list {
		if f := list[i].Field; !strings.HasPrefix(f, "host.") && !strings.HasPrefix(f, "observer.") {
			return false
		}
	}
	return true
}

// envelopeMarks are what a line with one of the keys holds: enough to leave the others alone.
var envelopeMarks = func() (marks [][]byte) {
	for _, key := range envelopes {
		marks = append(marks, []byte(`"`+key+`"`))
	}
	return append(marks, []byte(`"event.original"`))
}()

// letters are the events that an envelope may hold.
func letters(line []byte) (out []letter) {
	var top map[string]json.RawMessage
	if json.Unmarshal(line, &top) != nil {
		return nil
	}
	add := func(key string, text []byte) {
		if text = bytes.TrimSpace(text); len(text) > 1 && text[0] == '[' {
			var list []json.RawMessage
			if json.Unmarshal(text, &list) != nil || len(list) != 1 {
				return // a line is one event; lists are taken apart where files are read
			}
			text = bytes.TrimSpace(list[0])
		}
		if len(text) > 1 && text[0] == '"' {
			var s string
			if json.Unmarshal(text, &s) != nil {
				return
			}
			text = bytes.TrimSpace([]byte(s))
		}
		if len(text) < 2 {
			return
		}
		if text[0] != '{' {
			if text, _ = carriedIn(text); text == nil {
				return
			}
		}
		out = append(out, letter{key, text})
	}
	for _, key := range append([]string{"event.original"}, envelopes...) {
		raw, ok := top[key]
		if !ok {
			continue
		}
		add(key, raw)
		var within struct {
			Original json.RawMessage `json:"original"`
		}
		if key == "event" && json.Unmarshal(raw, &within) == nil {
			add("event.original", within.Original)
		}
	}
	return out
}
