package sanctions

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrTruncated says that a version of a list lacks so much of the one before that it must be a part of it.
var ErrTruncated = errors.New("list is truncated")

// ChangeKind is what happened to a subject between two versions of a list.
type ChangeKind string

// Kinds of changes.
const (
	Listed  ChangeKind = "listed"
	Changed ChangeKind = "changed"
	Lifted  ChangeKind = "lifted"
)

// Change is one subject's difference between two versions.
type Change struct {
	Kind ChangeKind `json:"kind"`
	ID   string     `json:"id"`
	Name string     `json:"name"`
	// On is when it happened: the list's own date where it gives one for the change, else zero, and then it happened between the dates
	// of the versions.
	On Date `json:"on,omitzero"`
	// After and By are the dates of the two versions, between which the change was made.
	After Date `json:"after,omitzero"`
	By    Date `json:"by,omitzero"`
	// Fields names what changed, in the order of Subject.
	Fields []string `json:"fields,omitempty"`
	// Programmes are those under which the subject is, or was, listed.
	Programmes []string `json:"programmes,omitempty"`
}

// Version is what is kept of a version of a list to compare it with the next: for each subject a digest of each field, not the subject.
type Version struct {
	List string `json:"list"`
	// AsOf is the date of the list.
	AsOf Date `json:"as_of,omitzero"`
	// Subjects are the entries by ID.
	Subjects map[string]Entry `json:"subjects"`
	// Problems counts what could not be read.
	Problems int `json:"problems,omitempty"`
	// Whole says that somebody looked, and that the version is all of the list although much is gone from it.
	Whole bool `json:"whole,omitempty"`
}

// Entry is what is kept of one subject.
type Entry struct {
	Name string `json:"name"`
	// Place counts the entries of the list from 0.
	Place   int               `json:"place"`
	Listed  Date              `json:"listed,omitzero"`
	Updated Date              `json:"updated,omitzero"`
	Fields  map[string]string `json:"fields"`
	// Programmes are kept as they are: a measure that lifts a listing tells under which it was.
	Programmes []string `json:"programmes,omitempty"`
}

// Take reads a list into a Version. The error is that which ended reading: such a version must not be compared.
func Take(list Subjects, name string, asOf Date) (*Version, error) {
	v := &Version{List: name, AsOf: asOf, Subjects: map[string]Entry{}}
	for s, err := range list {
		if _, ok := errors.AsType[*EntryError](err); ok {
			v.Problems++
			continue
		}
		if err != nil {
			return nil, err
		}
		e, err := entryOf(s)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", s.List, s.ID, err)
		}
		e.Place = len(v.Subjects)
		v.Subjects[s.ID] = e
	}
	return v, nil
}

// compared are the fields by which a subject may change, in the order of Subject. List, ID and Updated do not count.
var compared = []string{
	"kind", "names", "births", "nationalities", "gender", "titles", "identifiers", "addresses", "wallets", "programmes", "listed", "linked_to",
	"remarks",
}

// entryOf digests each field. The order of a list's values does not count: publishers reorder them.
func entryOf(s *Subject) (Entry, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return Entry{}, err
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(b, &fields); err != nil {
		return Entry{}, err
	}
	e := Entry{Name: plainName(s), Listed: s.Listed, Updated: s.Updated, Programmes: s.Programmes, Fields: map[string]string{}}
	for _, name := range compared {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		var values []json.RawMessage
		text := string(raw)
		if json.Unmarshal(raw, &values) == nil {
			parts := make([]string, len(values))
			for i, v := range values {
				parts[i] = string(v)
			}
			slices.Sort(parts)
			text = strings.Join(parts, "\n")
		}
		sum := sha256.Sum256([]byte(text))
		e.Fields[name] = fmt.Sprintf("%x", sum[:8])
	}
	return e, nil
}

// Most of a list that may be lifted from one version to the next. The largest delisting in years, of the programmes on Syria in 2025,
// took some five hundred of nearly twenty thousand entries.
const (
	mostLiftedPart = .1
	mostLifted     = 25 // fewer than these are always believed
)

// leastTail is how many entries at the end must be missing together to be a part that broke off.
const leastTail = 3

// truncated says that so much is missing, or so placed, that the newer version is no whole list.
func truncated(older, newer *Version, missing []string) bool {
	n := len(missing)
	return n > 0 && (len(newer.Subjects) == 0 || cutOff(older, missing) ||
		n > mostLifted && float64(n) > mostLiftedPart*float64(len(older.Subjects)))
}

// cutOff says that what is missing is just the end of the older version, as a download that broke off leaves it.
func cutOff(older *Version, missing []string) bool {
	first := len(older.Subjects)
	for _, id := range missing {
		first = min(first, older.Subjects[id].Place)
	}
	return len(missing) >= leastTail && first+len(missing) == len(older.Subjects)
}

// Compare says what changed from one version to the next, by ID. A newer version that lacks a tenth of the older one, or its
// end, is ErrTruncated with what is missing, and gives no changes: nobody is lifted because a download broke off.
func Compare(older, newer *Version) ([]Change, error) {
	var missing []string
	for id := range older.Subjects {
		if _, ok := newer.Subjects[id]; !ok {
			missing = append(missing, id)
		}
	}
	if !newer.Whole && truncated(older, newer, missing) {
		n := len(missing)
		slices.Sort(missing)
		const message = "%s: %d of %d subjects are missing (%s …), %d could not be read: %w; fetch the list again, or mark this version as whole"
		return nil, fmt.Errorf(message, newer.List, n, len(older.Subjects), strings.Join(missing[:min(n, 5)], ", "), newer.Problems, ErrTruncated)
	}
	var out []Change
	for _, id := range slices.Sorted(maps.Keys(newer.Subjects)) {
		now := newer.Subjects[id]
		was, ok := older.Subjects[id]
		c := Change{ID: id, Name: now.Name, After: older.AsOf, By: newer.AsOf, Programmes: now.Programmes}
		if !ok {
			c.Kind, c.On = Listed, now.Listed
			out = append(out, c)
			continue
		}
		for _, f := range compared {
			if was.Fields[f] != now.Fields[f] {
				c.Fields = append(c.Fields, f)
			}
		}
		if c.Fields != nil {
			c.Kind = Changed
			if now.Updated != was.Updated {
				c.On = now.Updated
			}
			out = append(out, c)
		}
	}
	slices.Sort(missing)
	for _, id := range missing {
		was := older.Subjects[id]
		out = append(out, Change{Kind: Lifted, ID: id, Name: was.Name, After: older.AsOf, By: newer.AsOf, Programmes: was.Programmes})
	}
	return out, nil
}
