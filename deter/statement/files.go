package statement

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// A statement as files:
//
//	statement.json            the text
//	envelope.json             the envelope with all signatures
//	directory.json            the directory that the signers used; whoever reads it needs the root keys from elsewhere
//	proofs/*.tlog-proof       that logs hold the envelope
//	earlier/N.json            the envelope before more states signed
//	accessions/N.json         signatures with reservations of their own
//	withdrawals/N.json        words that were taken back
//
// beside each N.json of the last three, N.*.tlog-proof.
const (
	envelopeFile  = "envelope.json"
	directoryFile = "directory.json"
	proofSuffix   = ".tlog-proof"
	jsonSuffix    = ".json"
	maxFiles      = 1000
)

// folders are the documents that come in numbers.
func (d *Dossier) folders() []struct {
	name string
	into *[]Signed
} {
	return []struct {
		name string
		into *[]Signed
	}{{"earlier", &d.Earlier}, {"accessions", &d.Accessions}, {"withdrawals", &d.Withdrawals}}
}

// ReadFolder reads a statement from files, and the directory beside it (nil where there is none). A proof that cannot be read is an
// error: what a folder holds is meant to prove something.
func ReadFolder(fsys fs.FS) (d *Dossier, directory *Envelope, err error) {
	d = &Dossier{}
	if d.Text, err = readFile(fsys, textName); err != nil {
		return nil, nil, err
	}
	d.Text = bytes.TrimSuffix(d.Text, []byte("\n")) // which editors add, and nobody signed
	if d.Envelope, err = readFile(fsys, envelopeFile); err != nil {
		return nil, nil, err
	}
	if d.Proofs, err = readProofs(fsys, "proofs", ""); err != nil {
		return nil, nil, err
	}
	for _, f := range d.folders() {
		if *f.into, err = readSigned(fsys, f.name); err != nil {
			return nil, nil, err
		}
	}
	raw, err := readFile(fsys, directoryFile)
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil, nil
	}
	if err == nil {
		directory, err = ParseEnvelope(raw)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", directoryFile, err)
	}
	return d, directory, nil
}

// Files are the statement as files, by path. A directory of nil is left out.
func (d *Dossier) Files(directory *Envelope) map[string][]byte {
	out := map[string][]byte{textName: d.Text, envelopeFile: d.Envelope}
	if directory != nil {
		out[directoryFile] = directory.Canonical()
	}
	put := func(prefix string, proofs []*Proof) {
		for i, p := range proofs {
			out[fmt.Sprintf("%s%d%s", prefix, i+1, proofSuffix)] = p.Bytes()
		}
	}
	put("proofs/", d.Proofs)
	for _, f := range d.folders() {
		for i, s := range *f.into {
			name := fmt.Sprintf("%s/%03d", f.name, i+1)
			out[name+jsonSuffix] = s.Envelope
			put(name+".", s.Proofs)
		}
	}
	return out
}

func readSigned(fsys fs.FS, dir string) ([]Signed, error) {
	names, err := list(fsys, dir)
	if err != nil {
		return nil, err
	}
	var out []Signed
	for _, name := range names {
		stem, ok := strings.CutSuffix(name, jsonSuffix)
		if !ok {
			continue
		}
		s := Signed{}
		if s.Envelope, err = readFile(fsys, path.Join(dir, name)); err != nil {
			return nil, err
		}
		if s.Proofs, err = readProofs(fsys, dir, stem+"."); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func readProofs(fsys fs.FS, dir, prefix string) ([]*Proof, error) {
	names, err := list(fsys, dir)
	if err != nil {
		return nil, err
	}
	var out []*Proof
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) || !strings.HasSuffix(name, proofSuffix) {
			continue
		}
		raw, err := readFile(fsys, path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		p, err := ParseProof(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Join(dir, name), err)
		}
		out = append(out, p)
	}
	return out, nil
}

// list names the files of a folder in order; none where there is no such folder.
func list(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(entries) > maxFiles {
		return nil, fmt.Errorf("%s: %d files, at most %d: %w", dir, len(entries), maxFiles, ErrForm)
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

func readFile(fsys fs.FS, name string) (data []byte, err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data, err = io.ReadAll(io.LimitReader(f, maxDocument+1))
	if err == nil && len(data) > maxDocument {
		err = fmt.Errorf("over %d bytes: %w", maxDocument, ErrForm)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return data, nil
}
