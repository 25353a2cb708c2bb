package media

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits on what a file may make us hold.
const (
	maxBoxes = 10_000
	maxDepth = 10
)

// segment is a marker segment of a JPEG (ITU-T T.81, B.1.1): its marker's second byte and where it stands, marker included.
type segment struct {
	marker     byte
	start, end int
	data       []byte // after the length
}

// JPEG markers that are asked for by name.
const (
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerAPP11 = 0xeb
)

// segments lists the marker segments up to the first scan, which is the last one listed.
func segments(jpeg []byte) ([]segment, error) {
	if len(jpeg) < 4 || jpeg[0] != 0xff || jpeg[1] != markerSOI {
		return nil, errors.New("no JPEG: it does not begin with FF D8")
	}
	out := []segment{{marker: markerSOI, start: 0, end: 2}}
	for i := 2; ; {
		start := i
		if i >= len(jpeg) || jpeg[i] != 0xff {
			return out, fmt.Errorf("JPEG: byte %d: no marker where one must be", i)
		}
		for i < len(jpeg) && jpeg[i] == 0xff { // fill bytes
			i++
		}
		if i+3 > len(jpeg) {
			return out, fmt.Errorf("JPEG: byte %d: cut off", start)
		}
		marker := jpeg[i]
		if marker == markerEOI {
			return append(out, segment{marker: marker, start: start, end: i + 1}), nil
		}
		length := int(binary.BigEndian.Uint16(jpeg[i+1:]))
		end := i + 1 + length
		if length < 2 || end > len(jpeg) {
			return out, fmt.Errorf("JPEG: byte %d: segment FF %02X of %d bytes does not fit", start, marker, length)
		}
		out = append(out, segment{marker, start, end, jpeg[i+3 : end]})
		if marker == markerSOS {
			return out, nil
		}
		i = end
	}
}

// box is a JUMBF superbox (ISO/IEC 19566-5): a description and what it describes.
type box struct {
	label    string
	kind     string // the type's UUID, in hexadecimal
	content  []byte // all that stands in the superbox after its header: what hashed URIs are made over
	boxes    []box  // superboxes in it
	payloads []payload
}

// payload is a box with content.
type payload struct {
	kind string // four characters: cbor, json, bfdb …
	data []byte
}

// Types of superboxes in a manifest store (C2PA 2.1, 11.1), the first four bytes of their UUIDs in letters.
const (
	kindStore  = "c2pa"
	kindUpdate = "c2um"
)

// errNoStore says that there is no manifest store.
var errNoStore = errors.New("no manifest store")

// findStore takes the C2PA manifest store out of a JPEG's APP11 segments (ISO/IEC 19566-5, annex D): boxes are cut up over segments that
// have the same number, each with the box's header again.
func findStore(parts []segment) (box, error) {
	type piece struct {
		number uint32
		data   []byte
	}
	boxes := map[uint16][]piece{}
	for _, s := range parts {
		if s.marker != markerAPP11 || len(s.data) < 16 || s.data[0] != 'J' || s.data[1] != 'P' {
			continue
		}
		id, number := binary.BigEndian.Uint16(s.data[2:]), binary.BigEndian.Uint32(s.data[4:])
		boxes[id] = append(boxes[id], piece{number, s.data[8:]})
	}
	var found []box
	var broken error
	for _, pieces := range boxes {
		slices.SortStableFunc(pieces, func(a, b piece) int { return int(int64(a.number) - int64(b.number)) })
		var all []byte
		for i, p := range pieces {
			if i > 0 {
				header := 8
				if binary.BigEndian.Uint32(p.data) == 1 {
					header = 16
				}
				p.data = p.data[min(header, len(p.data)):]
			}
			all = append(all, p.data...)
		}
		if !bytes.Contains(all[:min(len(all), 64)], []byte("c2pa")) {
			continue
		}
		b, err := readStore(all)
		if err != nil {
			broken = err
			continue
		}
		found = append(found, b)
	}
	switch {
	case broken != nil:
		return box{}, broken
	case len(found) == 0:
		return box{}, errNoStore
	case len(found) > 1:
		return box{}, errors.New("more than one manifest store detected")
	}
	return found[0], nil
}

// readStore reads the superbox that a manifest store is.
func readStore(data []byte) (box, error) {
	r := boxReader{}
	bs, ps, err := r.read(data, 0, true)
	if err != nil {
		return box{}, fmt.Errorf("JUMBF: %w", err)
	}
	if len(bs) != 1 || len(ps) > 0 || !bs[0].is(kindStore) {
		return box{}, errors.New("JUMBF: the outermost box is no manifest store")
	}
	return bs[0], nil
}

// is says whether the superbox is of a kind.
func (b *box) is(kind string) bool {
	return strings.HasPrefix(b.kind, hex.EncodeToString([]byte(kind)))
}

// child is the superbox with a label in this one.
func (b *box) child(label string) *box {
	for i := range b.boxes {
		if b.boxes[i].label == label {
			return &b.boxes[i]
		}
	}
	return nil
}

// data is the first payload of a kind; nil where there is none.
func (b *box) data(kind string) []byte {
	for _, p := range b.payloads {
		if p.kind == kind {
			return p.data
		}
	}
	return nil
}

// boxReader reads boxes and counts them.
type boxReader struct{ n int }

// read reads the boxes in data. With first, only the first one counts: what follows it is padding.
func (r *boxReader) read(data []byte, depth int, first bool) (boxes []box, payloads []payload, err error) {
	if depth > maxDepth {
		return nil, nil, fmt.Errorf("boxes are nested more than %d deep", maxDepth)
	}
	for at := 0; at < len(data); {
		if r.n++; r.n > maxBoxes {
			return nil, nil, fmt.Errorf("more than %d boxes", maxBoxes)
		}
		kind, body, size, err := header(data[at:])
		if err != nil {
			return nil, nil, fmt.Errorf("byte %d of a box: %w", at, err)
		}
		at += size
		if kind != "jumb" {
			payloads = append(payloads, payload{kind, body})
			continue
		}
		b := box{content: body}
		inner := payload{}
		if b.boxes, b.payloads, err = r.read(body, depth+1, false); err != nil {
			return nil, nil, err
		}
		if len(b.payloads) == 0 || b.payloads[0].kind != "jumd" {
			return nil, nil, errors.New("superbox without a description")
		}
		inner, b.payloads = b.payloads[0], b.payloads[1:]
		if b.kind, b.label, err = description(inner.data); err != nil {
			return nil, nil, err
		}
		boxes = append(boxes, b)
		if first {
			break
		}
	}
	return boxes, payloads, nil
}

// header reads a box's header: its kind, what it holds, and its size.
func header(data []byte) (kind string, body []byte, size int, err error) {
	if len(data) < 8 {
		return "", nil, 0, errors.New("cut off")
	}
	length, head := uint64(binary.BigEndian.Uint32(data)), 8
	kind = string(data[4:8])
	switch length {
	case 0: // to the end
		length = uint64(len(data))
	case 1:
		if len(data) < 16 {
			return "", nil, 0, errors.New("cut off")
		}
		length, head = binary.BigEndian.Uint64(data[8:]), 16
	}
	if length < uint64(head) || length > uint64(len(data)) {
		return "", nil, 0, fmt.Errorf("%q of %d bytes does not fit into %d", kind, length, len(data))
	}
	return kind, data[head:length], int(length), nil
}

// description reads a description box: type and label.
func description(data []byte) (kind, label string, err error) {
	if len(data) < 17 {
		return "", "", errors.New("description: cut off")
	}
	kind = hex.EncodeToString(data[:16])
	const hasLabel = 0x02
	if data[16]&hasLabel == 0 {
		return kind, "", nil
	}
	end := bytes.IndexByte(data[17:], 0)
	if end < 0 {
		return "", "", errors.New("description: label without end")
	}
	return kind, string(data[17 : 17+end]), nil
}
