package sanctions

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"

	"marque/ingest"
)

// Source is a list that stands in one or more files.
type Source struct {
	// List is whose list it is.
	List string
	// Path is its first file.
	Path   string
	decode func([]io.Reader) Subjects
	files  []string // "" for one that is not there
}

// companions are lists of several files, by the name of the first one without its ending.
var companions = map[string]struct {
	list   string
	others []string
	decode func([]io.Reader) Subjects
}{
	"sdn":       {OFAC, []string{"alt", "add", "sdn_comments"}, decodeOFACFiles},
	"cons_prim": {OFAC, []string{"cons_alt", "cons_add", "cons_comments"}, decodeOFACFiles},
	"subjects":  {UK, []string{"subject_names", "subject_countries"}, decodeUKFiles},
}

func decodeOFACFiles(r []io.Reader) Subjects {
	return DecodeOFAC(OFACFiles{SDN: r[0], Alt: r[1], Add: r[2], Comments: r[3]})
}

func decodeUKFiles(r []io.Reader) Subjects {
	return DecodeUK(UKFiles{Subjects: r[0], Names: r[1], Countries: r[2]})
}

// walletFile is how the lists of addresses are called: sanctioned_addresses_XBT.txt.
const walletFile = "sanctioned_addresses_"

// Find looks for lists in files and folders. Files may be packed with gzip. A file that is named and is no list is an error; one that only
// stands in a folder is passed over.
func Find(paths ...string) ([]Source, error) {
	var out []Source
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			s, ok, err := sourceOf(path)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, fmt.Errorf("%s: no sanctions list that is known here: %w", path, ErrColumns)
			}
			out = append(out, s)
			continue
		}
		err = filepath.WalkDir(path, func(file string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			s, ok, err := sourceOf(file)
			if ok {
				out = append(out, s)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stem is a file's name without the endings .gz and .csv.
func stem(path string) string {
	return strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(filepath.Base(path)), ".gz"), ".csv")
}

// sourceOf tells a file by its name where it has companions, else by its content.
func sourceOf(path string) (Source, bool, error) {
	base := filepath.Base(path)
	if c, ok := companions[stem(path)]; ok && strings.Contains(base, ".csv") {
		s := Source{List: c.list, Path: path, decode: c.decode, files: []string{path}}
		for _, name := range c.others {
			s.files = append(s.files, beside(path, name))
		}
		return s, true, nil
	}
	if code, ok := strings.CutPrefix(strings.TrimSuffix(base, ".txt"), walletFile); ok {
		decode := func(r []io.Reader) Subjects { return DecodeWallets(OFAC, code, r[0]) }
		return Source{List: OFAC, Path: path, files: []string{path}, decode: decode}, true, nil
	}
	for _, c := range companions {
		if slices.Contains(c.others, stem(path)) {
			return Source{}, false, nil
		}
	}
	r, done, err := open(path)
	if err != nil {
		return Source{}, false, err
	}
	defer done()
	head, err := bufio.NewReaderSize(r, ingest.HeadSize).Peek(ingest.HeadSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return Source{}, false, fmt.Errorf("%s: %w", path, err)
	}
	f, ok := formOf(head)
	if !ok {
		return Source{}, false, nil
	}
	return Source{List: f.list, Path: path, files: []string{path}, decode: func(r []io.Reader) Subjects { return f.decode(r[0]) }}, true, nil
}

// Key names the list for who keeps its versions: the publisher's lists that stand in files of their own are lists of their own.
func (s Source) Key() string {
	name := stem(s.Path)
	if _, ok := companions[name]; ok || strings.HasPrefix(name, walletFile) {
		return s.List + "-" + strings.TrimSuffix(name, ".txt")
	}
	return s.List
}

// beside finds the companion of a file, packed or not; "" where there is none.
func beside(path, name string) string {
	for _, ending := range []string{".csv", ".csv.gz"} {
		file := filepath.Join(filepath.Dir(path), name+ending)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			return file
		}
	}
	return ""
}

// open opens a file and unpacks it.
func open(path string) (io.Reader, func(), error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	done := func() { _ = f.Close() }
	b := bufio.NewReaderSize(f, 64<<10)
	if magic, _ := b.Peek(2); !bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		return b, done, nil
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		done()
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return z, done, nil
}

// Subjects reads the list. The files are open while it is read.
func (s Source) Subjects() Subjects {
	return func(yield func(*Subject, error) bool) {
		readers := make([]io.Reader, len(s.files))
		for i, file := range s.files {
			if file == "" {
				continue
			}
			r, done, err := open(file)
			if err != nil {
				yield(nil, err)
				return
			}
			defer done()
			readers[i] = r
		}
		for subject, err := range s.decode(readers) {
			var p *EntryError
			if err != nil && !errors.As(err, &p) {
				err = fmt.Errorf("%s: %w", s.Path, err)
			}
			if !yield(subject, err) {
				return
			}
		}
	}
}
