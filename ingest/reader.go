package ingest

import (
	"context"
	"io"
	"time"

	"marque/internal/unpack"
	"marque/stix"
	"marque/store"
)

// Confidence says how sure a reader is that an input is of its format.
type Confidence int

// Confidences. The surest reader reads; among equals the first registered one does.
const (
	No       Confidence = iota // another format
	Possible                   // could be, for example any text as a document
	Likely                     // the form fits, the marks of the publisher are missing
	Certain                    // marks that no other format carries
)

// HeadSize is how many bytes of the unpacked input a reader gets to see for detection, at most.
const HeadSize = 64 << 10

// Reader reads one format.
type Reader interface {
	// Name is the importer's name in provenance, short and stable: "stix", "eurepoc".
	Name() string
	// Detect looks at the first bytes (up to HeadSize, unpacked) and the name of the input. It must not assume that the head
	// is whole.
	Detect(head []byte, name string) Confidence
	// Read reads the input and hands what it finds to the sink. An error of the sink ends reading and is returned as it is.
	// Read must not keep what it is given after it returns.
	Read(ctx context.Context, in *Input, out Sink) error
}

// Sink takes what a reader finds. It is not safe for concurrent use.
type Sink interface {
	// Object stores an object of a source that has ids and versions of its own. What the store refuses goes to the quarantine.
	Object(o *stix.Object) error
	// Derived stores an object that the reader made from a source without versions, such as a row of a table. Where the row
	// was edited since, the object becomes a new version.
	Derived(o *stix.Object) error
	// Supplement stores an object unless one with its id is there: an entity that many sources name stays as the first one
	// spelled it, and a source that knows less does not overwrite one that knows more.
	Supplement(o *stix.Object) error
	// Merge stores an object that several inputs contribute to, such as an operation that two articles tell of. Where one is
	// there already with other content, merge makes one of the two (it must give the same whatever was merged before), which
	// is stored as a new version. Each TLP level has a version of its own, of what was told up to it.
	Merge(o *stix.Object, merge func(stored, o *stix.Object) (*stix.Object, error)) error
	// Document stores the text of a report. Objects that follow have it as their provenance, and are at least as strict as its Level:
	// what the text says of itself.
	Document(d store.Document) error
	// Reject keeps a record that could not be used. Place ("row 12"), Offset, Reason and Raw are the reader's; the rest is
	// filled in.
	Reject(r store.Reject) error
	// Warn counts something that was read but not as written, such as a repaired row, by its kind.
	Warn(kind string)
}

// AtLeast makes all objects that follow at least as strict as a level, until the next call or document: what a record brings along
// without a marking of its own, such as the organisation that made it, is as secret as the record. It is for sinks of a pipeline; others
// have no use for it.
func AtLeast(out Sink, level stix.TLP) error {
	if s, ok := out.(interface{ atLeast(level stix.TLP) error }); ok {
		return s.atLeast(level)
	}
	return nil
}

// notUnderstood begins the kind of a warning of what a reader saw and could not read.
const notUnderstood = "not understood: "

// Missed warns of something that was seen and could not be read, such as a column that means nothing or an attachment: it is told apart
// from what was read but not as written.
func Missed(out Sink, what string) { out.Warn(notUnderstood + what) }

// Input is one source, unpacked.
type Input struct {
	// Name is the file name, URL or "-".
	Name string
	// Digest is the SHA-256 of the bytes as they came (packed), hexadecimal.
	Digest string
	// Size is the number of bytes as they came.
	Size int64
	// Time is when it is read. Readers may use it only for what does not go into objects.
	Time time.Time
	// Level is that of what carries no marking.
	Level stix.TLP

	r io.Reader
}

// NewInput makes an input of unpacked bytes, for a caller that has done the unpacking, such as a test.
func NewInput(name, digest string, r io.Reader) *Input {
	return &Input{Name: name, Digest: digest, r: r}
}

// Read reads the unpacked bytes. It fails when the context of the pipeline is done, and when a limit is passed.
func (in *Input) Read(p []byte) (int, error) { return in.r.Read(p) }

// ReadAll reads the rest, up to limit bytes; more is ErrTooLarge. Formats that must see the whole input use it.
func (in *Input) ReadAll(limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(in.r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, &unpack.LimitError{What: "input", Limit: limit}
	}
	return b, nil
}
