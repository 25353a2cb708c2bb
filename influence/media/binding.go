package media

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// CodeBoxHash is the code for a picture whose boxes were changed.
const CodeBoxHash = "assertion.boxesHash.mismatch"

// dataHash says which bytes of the file the manifest stands for (C2PA 2.1, 18.5).
type dataHash struct {
	Exclusions []struct {
		Start  uint64 `cbor:"start"`
		Length uint64 `cbor:"length"`
	} `cbor:"exclusions"`
	Algorithm string `cbor:"alg"`
	Hash      []byte `cbor:"hash"`
}

// binding holds the picture against the hash in the manifest. A manifest that only updates another has none; its parent's counts.
func (c *checker) binding(manifest *box, assertions []*box, said claim, depth int) error {
	for _, a := range assertions {
		switch base(a.label) {
		case labelDataHash:
			return c.dataHash(a.data("cbor"), said.Algorithm)
		case labelBoxHash:
			return c.boxHash(a.data("cbor"), said.Algorithm)
		}
	}
	if manifest.is(kindUpdate) && depth < maxDepth {
		if parent := c.parent(assertions); parent != nil && parent != manifest {
			_, theirs, err := readClaim(parent)
			if err != nil {
				return err
			}
			return c.binding(parent, boxesOf(parent), theirs, depth+1)
		}
	}
	c.fail(CodeNoBinding)
	return nil
}

// boxesOf are the assertions of a manifest, declared or not.
func boxesOf(manifest *box) []*box {
	var out []*box
	if store := manifest.child(labelAssertions); store != nil {
		for i := range store.boxes {
			out = append(out, &store.boxes[i])
		}
	}
	return out
}

// parent is the manifest of the ingredient that the picture was made from.
func (c *checker) parent(assertions []*box) *box {
	for _, a := range assertions {
		var in struct {
			Relationship string     `cbor:"relationship"`
			Manifest     *hashedURI `cbor:"c2pa_manifest"`
			Active       *hashedURI `cbor:"activeManifest"`
		}
		if !strings.HasPrefix(base(a.label), labelIngredient) || decoding.Unmarshal(a.data("cbor"), &in) != nil || in.Relationship != "parentOf" {
			continue
		}
		u := in.Active
		if u == nil {
			u = in.Manifest
		}
		if u != nil {
			return c.store.child(u.URL[strings.LastIndexByte(u.URL, '/')+1:])
		}
	}
	return nil
}

// dataHash hashes the file without the ranges that are left out.
func (c *checker) dataHash(data []byte, algorithm string) error {
	var d dataHash
	if err := decoding.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("%s: %w", labelDataHash, err)
	}
	size := uint64(len(c.jpeg))
	var ranges [][]byte
	at := uint64(0)
	for _, x := range d.Exclusions {
		if x.Start < at || x.Start > size || x.Length > size-x.Start {
			c.fail(CodeDataHash) // ranges out of order or outside of the file: it is not the file that was signed
			return nil
		}
		ranges = append(ranges, c.jpeg[at:x.Start])
		at = x.Start + x.Length
	}
	ranges = append(ranges, c.jpeg[at:])
	same, err := matches(hashedURI{Algorithm: d.Algorithm, Hash: d.Hash}, algorithm, ranges...)
	if err == nil && !same {
		c.fail(CodeDataHash)
	}
	return err
}

// boxHash hashes the file by its marker segments (C2PA 2.1, 18.7 and A.3.1): each entry stands for one or more segments in a row.
func (c *checker) boxHash(data []byte, algorithm string) error {
	var d struct {
		Algorithm string `cbor:"alg"`
		Boxes     []struct {
			Names     []string `cbor:"names"`
			Algorithm string   `cbor:"alg"`
			Hash      []byte   `cbor:"hash"`
			Excluded  bool     `cbor:"excluded"`
		} `cbor:"boxes"`
	}
	if err := decoding.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("%s: %w", labelBoxHash, err)
	}
	if d.Algorithm != "" {
		algorithm = d.Algorithm
	}
	if len(d.Boxes) == 0 {
		return errors.New("c2pa.hash.boxes: no boxes")
	}
	files := c.fileBoxes()
	for _, b := range d.Boxes {
		start, end := -1, 0
		for _, name := range b.Names {
			if len(files) == 0 || files[0].name != name {
				c.fail(CodeBoxHash)
				return nil
			}
			if start < 0 {
				start = files[0].start
			}
			end, files = files[0].end, files[1:]
		}
		if b.Excluded || len(b.Names) == 1 && b.Names[0] == "C2PA" {
			continue
		}
		same, err := matches(hashedURI{Algorithm: b.Algorithm, Hash: b.Hash}, algorithm, c.jpeg[max(start, 0):end])
		if err != nil {
			return err
		}
		if !same {
			c.fail(CodeBoxHash)
			return nil
		}
	}
	if len(files) > 0 {
		c.fail(CodeBoxHash)
	}
	return nil
}

// fileBox is a stretch of the file that has a name.
type fileBox struct {
	name       string
	start, end int
}

// markerNames are the markers by name; APP0 to APP15, RST and the frames follow from their number.
var markerNames = map[byte]string{markerSOI: "SOI", markerEOI: "EOI", markerSOS: "SOS", 0xdb: "DQT", 0xc4: "DHT", 0xdd: "DRI", 0xfe: "COM", 0xc8: "JPG", 0xcc: "DAC", 0xdc: "DNL"}

// fileBoxes names the marker segments of the file; those of the manifest store are one, called C2PA, and the scan's data belong to SOS.
func (c *checker) fileBoxes() []fileBox {
	var out []fileBox
	for _, s := range c.parts {
		name := markerNames[s.marker]
		switch m := s.marker; {
		case name != "":
		case m == markerAPP11 && len(s.data) > 1 && s.data[0] == 'J' && s.data[1] == 'P':
			name = "C2PA"
		case m >= 0xe0 && m <= 0xef:
			name = fmt.Sprintf("APP%d", m-0xe0)
		case m >= 0xc0 && m <= 0xcf:
			name = fmt.Sprintf("SOF%d", m-0xc0)
		default:
			name = fmt.Sprintf("%02X", m)
		}
		if n := len(out); n > 0 && name == "C2PA" && out[n-1].name == name {
			out[n-1].end = s.end
			continue
		}
		out = append(out, fileBox{name, s.start, s.end})
	}
	if n := len(out); n > 0 && out[n-1].name == "SOS" {
		end := bytes.LastIndex(c.jpeg, []byte{0xff, markerEOI})
		if end < out[n-1].end {
			out[n-1].end = len(c.jpeg)
			return out
		}
		out[n-1].end = end
		out = append(out, fileBox{"EOI", end, len(c.jpeg)})
	}
	return out
}
