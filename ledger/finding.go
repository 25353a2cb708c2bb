package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/stix"
)

// Sentinels.
var (
	// ErrAltered is a ledger that is not what was signed. An [AlteredError] has the findings.
	ErrAltered = errors.New("the ledger was altered")
	// ErrNoEntry is an object that the ledger does not hold.
	ErrNoEntry = errors.New("no entry in the ledger")
	// ErrNoKey is a ledger without its private key: it can be read and verified, and nothing can be added.
	ErrNoKey = errors.New("the private key is missing")
	// ErrReadOnly is a Log that was opened for reading.
	ErrReadOnly = errors.New("the ledger was opened for reading")
	// ErrClosed is a Log that was closed.
	ErrClosed = errors.New("the ledger was closed")
	// ErrProof is a proof that does not hold.
	ErrProof = errors.New("the proof does not hold")
)

// Kind is what was found.
type Kind string

// Kinds of findings.
const (
	KindEntry      Kind = "entry"       // an entry is not the one that was signed
	KindMissing    Kind = "missing"     // entries that were signed are not there
	KindUnsigned   Kind = "unsigned"    // entries that no head covers
	KindHead       Kind = "head"        // a signed head is damaged, missing, forged, or not the newest
	KindTile       Kind = "tile"        // a tile is damaged or missing
	KindKey        Kind = "key"         // a verifier key is missing, or not the one that the log names
	KindPending    Kind = "pending"     // the batch on its way is damaged
	KindObject     Kind = "object"      // the store's object is gone, or not the one that was entered
	KindNotEntered Kind = "not-entered" // a judgement of the store that the ledger lacks
	KindCutBack    Kind = "cut-back"    // a head that is known from elsewhere is of more entries
	KindForked     Kind = "forked"      // a head that is known from elsewhere is of other entries, or of other keys
)

// Finding is one thing that is not as it was signed, told as closely as what is left allows.
type Finding struct {
	Kind   Kind      `json:"kind"`
	Seq    int64     `json:"seq"` // of the entry; -1 where no single entry can be named
	ID     stix.ID   `json:"id,omitzero"`
	Name   string    `json:"name,omitzero"` // of the operation or measure
	Date   time.Time `json:"date,omitzero"` // of the judgement or measure; where that is not known, of the entry
	Reason string    `json:"reason"`
}

// String names the place, the operation, the day, the object and the reason.
func (f Finding) String() string {
	var what []string
	if f.Name != "" {
		what = append(what, fmt.Sprintf("%q", f.Name))
	}
	if !f.Date.IsZero() {
		what = append(what, f.Date.UTC().Format(time.DateOnly))
	}
	if f.ID != "" {
		what = append(what, string(f.ID))
	}
	var place []string
	if f.Seq >= 0 {
		place = append(place, fmt.Sprintf("entry %d", f.Seq))
	}
	if len(what) > 0 {
		place = append(place, "("+strings.Join(what, ", ")+")")
	}
	if len(place) == 0 {
		return f.Reason
	}
	return strings.Join(place, " ") + ": " + f.Reason
}

// AlteredError is what was found in a ledger, the first in the order of the log before what belongs to no entry.
type AlteredError struct{ Findings []Finding }

// Error names the first finding and counts the others.
func (e *AlteredError) Error() string {
	text := fmt.Sprintf("%s: %v", e.Findings[0], ErrAltered)
	if n := len(e.Findings) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more of the kind; marque verify --json lists all)", n)
	}
	return text
}

// Unwrap makes it an ErrAltered.
func (e *AlteredError) Unwrap() error { return ErrAltered }

// findings collects; an entry is named once for each kind.
type findings []Finding

func (f *findings) add(kind Kind, seq int64, format string, args ...any) {
	if seq >= 0 && slices.ContainsFunc(*f, func(x Finding) bool { return x.Seq == seq && x.Kind == kind }) {
		return
	}
	*f = append(*f, Finding{Kind: kind, Seq: seq, Reason: fmt.Sprintf(format, args...)})
}

func (f *findings) err() error {
	if len(*f) == 0 {
		return nil
	}
	f.sort()
	return &AlteredError{*f}
}

// sort puts what belongs to an entry first, by entry.
func (f *findings) sort() {
	slices.SortStableFunc(*f, func(x, y Finding) int {
		if (x.Seq < 0) != (y.Seq < 0) {
			return cmp.Compare(y.Seq, x.Seq)
		}
		return cmp.Compare(x.Seq, y.Seq)
	})
}
