package store

import (
	"context"
	"iter"
	"time"

	"marque/stix"
)

// Store is everything a driver offers. Stages ask for the narrow interfaces below.
type Store interface {
	Writer
	Withdrawer
	Documents
	Quarantine
	Marks
	Receipts
	// View fixes what is read: as of when, and up to which TLP level.
	View(View) Reader
	Close() error
}

// View is a way of looking at the store. The zero View sees the present, and only TLP:CLEAR.
type View struct {
	// MaxTLP is the highest level that is shown.
	MaxTLP stix.TLP
	// AsOf shows what had been stored by then; zero is now.
	AsOf time.Time
}

// Owner is the view of the person whose workspace it is: everything, now. It must not be used for anything that leaves the
// workspace.
func Owner() View { return View{MaxTLP: stix.Red} }

// Reader reads through a view. All sequences end with the first error. A Reader is safe for concurrent use.
type Reader interface {
	// Get returns the latest version. ErrNotFound where there is none for this view.
	Get(ctx context.Context, id stix.ID) (*Record, error)
	// Versions returns all versions of an object, oldest first; ErrNotFound where there are none.
	Versions(ctx context.Context, id stix.ID) ([]*Record, error)
	// Sources returns where the latest version came from, in the order of storing, as far as the view's level allows: a
	// source counts as marked with its Provenance.TLP. ErrNotFound as Get.
	Sources(ctx context.Context, id stix.ID) ([]Provenance, error)
	// Find streams the records that a query asks for, by sequence.
	Find(ctx context.Context, q Query) iter.Seq2[*Record, error]
	// Count counts what Find would stream.
	Count(ctx context.Context, q Query) (int, error)
	// Page selects what Find would stream, all at once, and reads it when it is asked for: what is stored meanwhile does not
	// change a page.
	Page(ctx context.Context, q Query) (Page, error)
	// Related streams the latest versions of the relationships, sightings, opinions and notes at an object, by sequence.
	Related(ctx context.Context, id stix.ID, d Direction) iter.Seq2[*Record, error]
	// Search finds objects by the words of their names, aliases, descriptions and quotes, best first. Any text is a
	// legal query: it is words, not a language.
	Search(ctx context.Context, words string, limit int) ([]*Record, error)
	// Stats counts objects by type, latest versions only.
	Stats(ctx context.Context) (map[string]int, error)
}

// Direction says which end of a relation an object stands at.
type Direction int

// Directions. Out: the object is source_ref. In: it is target_ref, sighting_of_ref, or one of object_refs.
const (
	Both Direction = iota
	Out
	In
)

// Query selects records. Empty fields select everything; fields are joined by AND, the values of one field by OR.
type Query struct {
	Types       []string
	IDs         []stix.ID
	CreatedBy   []stix.ID
	Importers   []string  // brought by one of these importers, for example "taxii:9cfa669c", and not withdrawn since
	AllVersions bool      // not only the latest
	Pick        Pick      // of all versions, only these
	AfterSeq    int64     // only records stored after this sequence
	AddedAfter  time.Time // only records whose Added is later
	Limit       int       // at most so many; 0 is all
}

// Pick chooses among the versions of each object that a query over AllVersions selects. Its fields are joined by OR; the zero
// Pick chooses all. Which version is first or last is judged among all that the query's Importers brought and the view shows,
// whatever AfterSeq and AddedAfter say: so pages of one query agree.
type Pick struct {
	First, Last bool
	// At chooses versions of an instant: modified, else created, else (objects without either) Record.Added.
	At []time.Time
}

// IsZero tells whether all versions are chosen.
func (p Pick) IsZero() bool { return !p.First && !p.Last && len(p.At) == 0 }

// Page is the records of a query, and what a paged protocol tells about them before the first. Without records all but Records is
// zero.
type Page struct {
	Count       int
	LastSeq     int64     // where the next page goes on
	First, Last time.Time // Record.Added of both ends
	More        bool      // whether there is more after Query.Limit
	// Records streams them in order. It may be ranged over again, and ends with the first error.
	Records iter.Seq2[*Record, error]
}

// Record is one version of an object as the store knows it.
type Record struct {
	*stix.Object
	Seq        int64     // position in the order of storing, from 1
	Stored     time.Time // UTC, when it was acknowledged: one time for a whole batch
	Added      time.Time // UTC, to the microsecond, a moment of its own: rises with Seq, and is Stored for the last of a batch
	Level      stix.TLP  // the level that is enforced: the object's own marking, else that of the freest source that told it
	Provenance Provenance
}

// Provenance is where a version came from. It is kept per version and source: a version that a second document brings
// again keeps both.
type Provenance struct {
	Document stix.ID   // the report that the object was read from, where there is one
	Source   string    // file name, URL or collection
	Importer string    // name and version of the reader, "stix", "eurepoc/1.1", "taxii:…"
	Digest   string    // SHA-256 of the source's bytes, hexadecimal
	Time     time.Time // when it was read
	TLP      stix.TLP  // level of objects without a TLP marking of their own
	// Apart names a party that may not speak for the creators of what it brings. Its versions are kept apart: they stand in for
	// an object that nobody else gave, and neither replace, hide nor revoke what others did. Empty is who may. It is not read back.
	Apart string
	// Derived is what the program concluded or saw: its unmarked relationships, sightings, notes and opinions rise in level when a creator
	// marks a new version of what they join or speak of more strictly. It is not read back.
	Derived bool
}

// Outcome is what became of one object of a batch.
type Outcome int

// Outcomes of Put.
const (
	Added     Outcome = iota // a new object
	Updated                  // a newer version of a known object
	Older                    // an older version than the latest, kept as history
	Unchanged                // known already, to the byte of its canonical form
	Conflict                 // refused: another creator, or other content under the same id and version
)

// Refusal is an object that was refused, and why, for the quarantine.
type Refusal struct {
	Index  int // position in the batch
	Object *stix.Object
	Reason string
}

// PutResult counts a batch, as far as who brings it may know: what is above its level is to it as if it were not there.
type PutResult struct {
	Added, Updated, Older, Unchanged int
	Refused                          []Refusal
}

// Count adds an outcome; a refused object is added to Refused beside it.
func (r *PutResult) Count(o Outcome) {
	switch o {
	case Added:
		r.Added++
	case Updated:
		r.Updated++
	case Older:
		r.Older++
	case Unchanged:
		r.Unchanged++
	case Conflict:
	}
}

// Merge adds another result.
func (r *PutResult) Merge(o PutResult) {
	r.Added += o.Added
	r.Updated += o.Updated
	r.Older += o.Older
	r.Unchanged += o.Unchanged
	r.Refused = append(r.Refused, o.Refused...)
}

// Stored counts what was new.
func (r *PutResult) Stored() int { return r.Added + r.Updated + r.Older }

// Writer stores objects.
type Writer interface {
	// Put stores a batch, all or nothing, and returns when it is durable.
	Put(ctx context.Context, p Provenance, objects []*stix.Object) (PutResult, error)
}

// Withdrawer takes back what an importer brought.
type Withdrawer interface {
	// Withdraw takes records back, by their Record.Seq in a Query by this importer: such a query does not show them any more,
	// until the importer brings them again, at whatever level it told the same version. All else stays as it was: the versions are stored, and other importers' and
	// earlier views show them. What is not the importer's, or was withdrawn already, changes nothing.
	Withdraw(ctx context.Context, importer string, seqs []int64) error
}

// Document is a source text as it was read: claims point into it.
type Document struct {
	ID        stix.ID // the report object that stands for it
	Name      string
	Source    string // file name or URL
	MediaType string // of what came in: text/plain, text/html, application/pdf …
	Digest    string // SHA-256 of what came in, hexadecimal
	Text      string // UTF-8; offsets of quotes are byte offsets in it
	Level     stix.TLP
}

// Documents keeps source texts.
type Documents interface {
	// PutDocument keeps a text for good: other text or another digest under the same id is ErrConflict. The same again changes
	// nothing, unless it is told more freely: then level, name, source and media type are those of the freer.
	PutDocument(ctx context.Context, d Document) error
	// GetDocument returns a text; ErrNotFound where there is none, or it is above the level.
	GetDocument(ctx context.Context, id stix.ID, max stix.TLP) (Document, error)
	// ListDocuments streams all texts up to a level, in the order of storing.
	ListDocuments(ctx context.Context, max stix.TLP) iter.Seq2[Document, error]
}

// Reject is input that could not be used: where it stood and why. Nothing is lost: the bytes are kept.
type Reject struct {
	Source   string
	Importer string
	Place    string // "object 17", "row 1203", "line 8"
	Offset   int64  // byte offset in the source, -1 where unknown
	Reason   string
	Raw      []byte
	Time     time.Time
}

// Quarantine keeps what could not be used.
type Quarantine interface {
	// PutRejects keeps rejects. The same reject of the same source again changes nothing.
	PutRejects(ctx context.Context, rs []Reject) error
	// Rejects streams the quarantine in the order of storing.
	Rejects(ctx context.Context) iter.Seq2[Reject, error]
}

// Marks are small named values: where a feed was read up to, which key signs.
type Marks interface {
	GetMark(ctx context.Context, name string) (string, error) // ErrNotFound
	PutMark(ctx context.Context, name, value string) error
}

// Receipt is what became of a request, for who sent it.
type Receipt struct {
	ID    string
	Owner string // who may see it
	Time  time.Time
	Body  []byte
}

// Limits on receipts: what is older than the youngest by more than the age, or beyond the number or the bytes of younger ones, is
// dropped.
const (
	ReceiptAge      = 48 * time.Hour
	MaxReceipts     = 10_000
	MaxReceiptBytes = 64 << 20
)

// Receipts remembers requests for a while.
type Receipts interface {
	// PutReceipt keeps a receipt under an id of its own and drops what is over the limits. When it returns, it is durable.
	PutReceipt(ctx context.Context, r Receipt) error
	GetReceipt(ctx context.Context, id string) (Receipt, error) // ErrNotFound
}
