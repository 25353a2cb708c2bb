package event

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxElements bounds how deep the elements of an event of Windows may be nested; theirs are five.
const maxElements = 32

// windowsJSON turns one event as Windows renders it (http://schemas.microsoft.com/win/2004/08/events/event, Sysmon's among them) into
// {"Event":{"System":{…},"EventData":{…}}}: an element with elements is an object, one with text a string, one with neither its attributes,
// and <Data Name="x"> is called x. nil for what is no whole event.
func windowsJSON(_, text []byte) []byte {
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.Strict = false
	first, err := dec.Token()
	root, ok := first.(xml.StartElement)
	if err != nil || !ok {
		return nil
	}
	o := newObject(2*len(text) + 64)
	if err := o.element(dec, root, 0); err != nil {
		return nil
	}
	return o.done()
}

var errDeep = errors.New("elements nested too deep")

// element writes an element whose start was read, up to its end.
func (o *object) element(dec *xml.Decoder, start xml.StartElement, depth int) error {
	if depth > maxElements {
		return errDeep
	}
	key := start.Name.Local
	named := false
	for _, a := range start.Attr {
		if a.Name.Local == "Name" && strings.HasSuffix(key, "Data") && a.Value != "" {
			key, named = a.Value, true
		}
	}
	from := len(o.out)
	o.begin(key)
	bare := len(o.out)
	var words strings.Builder
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := o.element(dec, t, depth+1); err != nil {
				return err
			}
		case xml.CharData:
			words.Write(t)
		case xml.EndElement:
			said := strings.TrimSpace(words.String())
			switch {
			case len(o.out) > bare: // elements in it
			case said != "" || named:
				o.out = o.out[:from]
				o.put(key, said)
				return nil
			default:
				for _, a := range start.Attr {
					if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
						o.put(a.Name.Local, a.Value)
					}
				}
			}
			o.close()
			return nil
		}
	}
}
