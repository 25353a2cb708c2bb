package unpack

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"
)

// maxMembers bounds the files of an archive.
const maxMembers = 10_000

// IsZip tells whether a file that begins with head is a zip archive.
func IsZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06"))
}

// Member is one file of an archive.
type Member struct {
	Name string

	file *zip.File
}

// Zip lists the files of an archive, without folders and what systems add of their own. Encrypted files are an error.
func Zip(r io.ReaderAt, size int64) ([]Member, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("unpack zip: %w: %w", err, ErrMalformed)
	}
	if len(z.File) > maxMembers {
		return nil, fmt.Errorf("zip archive with %d files, limit %d: %w", len(z.File), maxMembers, ErrTooLarge)
	}
	var out []Member
	for _, f := range z.File {
		base := path.Base(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") || base == ".DS_Store" || base == "Thumbs.db" {
			continue
		}
		if f.Flags&1 != 0 {
			return nil, fmt.Errorf("%s in a zip archive is encrypted: unpack it with its password first: %w", f.Name, ErrForeign)
		}
		out = append(out, Member{Name: f.Name, file: f})
	}
	return out, nil
}

// Open returns the plain bytes of a member, within limits.
func (m Member) Open(limit int64) (io.ReadCloser, error) {
	r, err := m.file.Open()
	if err != nil {
		return nil, fmt.Errorf("unpack %s of a zip archive: %w: %w", m.Name, err, ErrMalformed)
	}
	packed := &Counter{N: int64(m.file.CompressedSize64)}
	return member{&guard{r: named{r, "zip"}, packed: packed, limit: limit, what: "unpacked input"}, r}, nil
}

type member struct {
	io.Reader
	io.Closer
}

// OtherOffice names a document of an office that is not read, with what to do, "" for anything else.
func OtherOffice(head []byte) string {
	for _, k := range []struct{ mark, advice string }{
		{"xl/", "an Excel workbook: save its sheets as CSV"},
		{"ppt/", "a PowerPoint presentation: save it as PDF or text"},
		{"mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet: save its sheets as CSV"},
		{"mimetypeapplication/vnd.oasis.opendocument", "an OpenDocument file that is no text: save it as PDF or text"},
		{"[Content_Types].xml", "an Office file: save it as PDF, HTML or text"},
	} {
		if IsZip(head) && bytes.Contains(head, []byte(k.mark)) {
			return k.advice
		}
	}
	return ""
}
