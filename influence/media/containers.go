package media

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"io"
	"strings"
	"unicode/utf16"
)

// pngText reads the text chunks of a PNG (third edition, 11.3.3).
func (r *Report) pngText(data []byte) {
	for at := 8; at+12 <= len(data); {
		length := int(binary.BigEndian.Uint32(data[at:]))
		kind := string(data[at+4 : at+8])
		if length < 0 || length > len(data)-at-12 {
			r.problem("PNG: chunk %q at byte %d does not fit", kind, at)
			return
		}
		body := data[at+8 : at+8+length]
		at += 12 + length
		key, value, ok := bytes.Cut(body, []byte{0})
		if !ok {
			continue
		}
		switch kind {
		case "tEXt":
			r.tag("PNG text", string(key), latin1(value))
		case "zTXt":
			if len(value) > 1 && value[0] == 0 {
				r.tag("PNG text", string(key), latin1(r.inflate(value[1:])))
			}
		case "iTXt":
			r.internationalText(string(key), value)
		}
	}
}

// internationalText reads what follows the keyword: compressed or not, by which method, language, translated keyword, text.
func (r *Report) internationalText(key string, value []byte) {
	if len(value) < 2 || key == "XML:com.adobe.xmp" { // XMP is read as such
		return
	}
	compressed := value[0] == 1
	_, rest, ok := bytes.Cut(value[2:], []byte{0})
	if !ok {
		return
	}
	if _, rest, ok = bytes.Cut(rest, []byte{0}); !ok {
		return
	}
	if compressed {
		rest = r.inflate(rest)
	}
	r.tag("PNG text", key, string(rest))
}

// inflate unpacks at most as much as a tag may have.
func (r *Report) inflate(data []byte) []byte {
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		r.problem("PNG: compressed text: %v", err)
		return nil
	}
	out, err := io.ReadAll(io.LimitReader(z, maxTagBytes))
	if err != nil {
		r.problem("PNG: compressed text: %v", err)
	}
	return out
}

func latin1(b []byte) string {
	b = b[:min(len(b), maxTagBytes)]
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// riff reads the INFO list of a WAV (RIFF MCI, chapter 2).
func (r *Report) riff(data []byte) {
	for at := 12; at+8 <= len(data); {
		kind, length := string(data[at:at+4]), int64(binary.LittleEndian.Uint32(data[at+4:]))
		body := data[at+8:]
		if length > int64(len(body)) {
			r.problem("WAV: chunk %q at byte %d does not fit", kind, at)
			return
		}
		body = body[:length]
		if kind == "LIST" && bytes.HasPrefix(body, []byte("INFO")) {
			r.info(body[4:])
		}
		at += 8 + int(length+length%2)
	}
}

func (r *Report) info(list []byte) {
	for at := 0; at+8 <= len(list); {
		length := int64(binary.LittleEndian.Uint32(list[at+4:]))
		if length > int64(len(list)-at-8) {
			return
		}
		r.tag("RIFF", string(list[at:at+4]), string(list[at+8:at+8+int(length)]))
		at += 8 + int(length+length%2)
	}
}

// id3 reads the text frames of an ID3v2 tag (2.3 and 2.4), at the beginning of an MP3.
func (r *Report) id3(data []byte) {
	if len(data) < 10 || string(data[:3]) != "ID3" {
		return
	}
	version := data[3]
	size := syncsafe(data[6:10])
	if version < 3 || version > 4 || size > len(data)-10 {
		r.problem("MP3: ID3 2.%d of %d bytes is not read", version, size)
		return
	}
	tag := data[10 : 10+size]
	for at := 0; at+10 <= len(tag) && tag[at] != 0; {
		length := int64(binary.BigEndian.Uint32(tag[at+4:]))
		if version == 4 {
			length = int64(syncsafe(tag[at+4 : at+8]))
		}
		if length > int64(len(tag)-at-10) {
			r.problem("MP3: frame %q does not fit", tag[at:at+4])
			return
		}
		r.frame(string(tag[at:at+4]), tag[at+10:at+10+int(length)])
		at += 10 + int(length)
	}
}

// syncsafe is a number of four bytes of seven bits.
func syncsafe(b []byte) int {
	return int(b[0]&127)<<21 | int(b[1]&127)<<14 | int(b[2]&127)<<7 | int(b[3]&127)
}

func (r *Report) frame(name string, body []byte) {
	if len(body) < 2 || name[0] != 'T' && name != "COMM" {
		return
	}
	text := body[1:]
	if name == "COMM" { // a language before the text
		if len(text) < 3 {
			return
		}
		name, text = "comment", text[3:]
	}
	value := id3Text(body[0], text)
	if key, v, ok := strings.Cut(value, "\x00"); ok && (name == "TXXX" || name == "comment") {
		if name == "TXXX" {
			name = "TXXX:" + key
		}
		value = v
	}
	r.tag("ID3", name, value)
}

// id3Text decodes by the byte that says how: Latin 1, UTF-16 with or without mark, UTF-8.
func id3Text(encoding byte, b []byte) string {
	switch encoding {
	case 1, 2:
		order := binary.ByteOrder(binary.BigEndian)
		if len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe {
			order = binary.LittleEndian
		}
		units := make([]uint16, 0, len(b)/2)
		for i := 0; i+2 <= len(b); i += 2 {
			if u := order.Uint16(b[i:]); u != 0xfeff {
				units = append(units, u)
			}
		}
		return string(utf16.Decode(units))
	case 3:
		return string(b)
	}
	return latin1(b)
}

// mp4 reads the tags of an MP4: moov/udta/meta/ilst (as iTunes writes them) and their encoder.
func (r *Report) mp4(data []byte) { r.atoms(data, "", 0) }

// within are the atoms that hold others on the way to the tags.
var within = map[string]bool{"/moov": true, "/moov/udta": true, "/moov/udta/meta": true, "/moov/udta/meta/ilst": true, "/moov/meta": true, "/moov/meta/ilst": true}

func (r *Report) atoms(data []byte, path string, depth int) {
	for at := 0; at < len(data); {
		kind, body, size, err := header(data[at:])
		if err != nil {
			if depth == 0 || len(data)-at >= 8 {
				r.problem("MP4: byte %d of %q: %v", at, path, err)
			}
			return
		}
		at += size
		here := path + "/" + latin1([]byte(kind))
		switch {
		case strings.HasSuffix(path, "/ilst"):
			r.item(latin1([]byte(kind)), body)
		case within[here] && depth < maxDepth:
			if strings.HasSuffix(here, "/meta") && len(body) >= 4 { // version and flags
				body = body[4:]
			}
			r.atoms(body, here, depth+1)
		}
	}
}

// item reads the data atom of a tag: header, type and language of eight bytes, then the value.
func (r *Report) item(name string, body []byte) {
	kind, data, _, err := header(body)
	if err == nil && kind == "data" && len(data) > 8 {
		r.tag("MP4", name, string(data[8:min(len(data), 8+maxTagBytes)]))
	}
}
