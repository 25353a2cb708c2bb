package event

import (
	"bytes"
	"encoding/json"
	"slices"
)

// envelopes are the keys under which shippers and exports put the event of somebody else, as an object or as its text.
var envelopes = []string{"message", "log", "original", "_source", "result", "_raw", "payload", "raw", "body", "event", "data", "record"}

// maxEnvelopes is how many envelopes are opened, one in another.
const maxEnvelopes = 3

// unwrap decodes the event in an envelope: a line that is no event by itself, or one without a value, which holds one that is. Lines of
// the usual kind never come here.
func (d *Decoder) unwrap(line []byte) *Event {
	if d.depth >= maxEnvelopes || !slices.ContainsFunc(envelopeMarks, func(mark []byte) bool { return bytes.Contains(line, mark) }) {
		return nil
	}
	inner := letters(line)
	if inner == nil {
		return nil
	}
	if d.inner == nil {
		d.inner = NewDecoder(d.formats)
		d.inner.depth, d.inner.from, d.inner.until = d.depth+1, d.from, d.until
	}
	for _, text := range inner {
		e, reason := d.inner.Decode(text)
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

// giveBack frees an event that is not handed out, so that the one before it stays valid.
func (d *Decoder) giveBack(e *Event) {
	for ; d != nil; d = d.inner {
		if e == &d.events[0] || e == &d.events[1] {
			d.current = e
		}
	}
}

// envelopeMarks are what a line with one of the keys holds: enough to leave the others alone.
var envelopeMarks = func() (marks [][]byte) {
	for _, key := range envelopes {
		marks = append(marks, []byte(`"`+key+`"`))
	}
	return append(marks, []byte(`"event.original"`))
}()

// letters are the events that an envelope may hold.
func letters(line []byte) (out [][]byte) {
	var top map[string]json.RawMessage
	if json.Unmarshal(line, &top) != nil {
		return nil
	}
	for _, key := range append([]string{"event.original"}, envelopes...) {
		raw := bytes.TrimSpace(top[key])
		if len(raw) == 0 {
			continue
		}
		switch raw[0] {
		case '{':
			out = append(out, raw)
			var within struct {
				Original string `json:"original"`
			}
			if key == "event" && json.Unmarshal(raw, &within) == nil && isObject(within.Original) {
				out = append(out, []byte(within.Original))
			}
		case '"':
			var text string
			if json.Unmarshal(raw, &text) == nil && isObject(text) {
				out = append(out, []byte(text))
			}
		}
	}
	return out
}

func isObject(s string) bool {
	b := bytes.TrimSpace([]byte(s))
	return len(b) > 1 && b[0] == '{'
}
