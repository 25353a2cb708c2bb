package decide

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"marque/stix"
	"marque/store"
)

// Known is a version that the store has.
type Known struct {
	Seq, Line               int64
	Version, Creator, Track string
	Level                   stix.TLP
	Own                     int // as Item.Own
	Digest                  [sha256.Size]byte
}

// counts tells whether a version exists for who brings something at a level: what its creator marked does so above it, too.
func (k *Known) counts(level stix.TLP) bool { return k.Level <= level || k.Own >= 0 && k.Version != "" }

// Apart is the first line of what was brought apart. The creators' own lines have lower numbers.
const Apart = 1 << 40

// Verdict is what becomes of an item.
type Verdict struct {
	Outcome store.Outcome
	Reason  string // why it is refused
	Same    int64  // the sequence under which it is known, where it is
	Line    int64  // the line that it joins
	Twin    int64  // the sequence of the same version as it was told before, less freely; 0 where there is none
}

// Stored tells whether the item becomes a version.
func (v *Verdict) Stored() bool {
	return v.Outcome == store.Added || v.Outcome == store.Updated || v.Outcome == store.Older
}

// Raises tells whether what is derived from the object rises to the item's level: its first creator marked a new version.
func (v *Verdict) Raises(it *Item) bool {
	return v.Outcome == store.Updated && v.Line == 0 && it.Own > int(stix.Clear) && it.Version != ""
}

// Known is the version that the item becomes.
func (v *Verdict) Known(it *Item, seq int64) Known {
	return Known{
		Seq: seq, Line: v.Line, Version: it.Version, Creator: it.Creator(), Track: it.Track, Level: it.Level, Own: it.Own, Digest: it.Digest,
	}
}

// line is what counts for an item of one creator's versions.
type line struct {
	number  int64
	creator string
	first   int64  // the sequence of the first that may be seen, or is the item's own creator's
	top     *Known // the latest that counts
}

// leading is the creator of the line that leads for who brings an item: the line that came first as far as the level tells.
func leading(lines []line, it *Item) (creator string, found bool) {
	first := int64(0)
	for _, l := range lines {
		shown := l.creator == it.Creator() || l.top.Level <= it.Level
		if shown && (!found || l.first < first) {
			creator, first, found = l.creator, l.first, true
		}
	}
	return creator, found
}

// Judge decides what becomes of an item that is stored under the sequence seq, if it is. have are all versions of the object that the
// store has, in the order of storing.
func Judge(it *Item, have []Known, seq int64) Verdict {
	var (
		by    = it.Creator()
		v     = Verdict{Line: newLine(it.Track, have, seq)}
		lines = make([]line, 0, 4)
		mine  *Known
		clash bool
	)
	for i := range have {
		k := &have[i]
		if k.Track != it.Track {
			continue
		}
		same := k.Creator == by && k.Version == it.Version && (k.Digest == it.Digest || k.Digest == it.exact)
		if k.Creator == by {
			v.Line = k.Line
		}
		if same {
			v.Twin = k.Seq
		}
		if !k.counts(it.Level) {
			continue
		}
		i := slices.IndexFunc(lines, func(l line) bool { return l.number == k.Line })
		if i < 0 {
			i, lines = len(lines), append(lines, line{number: k.Line, creator: k.Creator, top: k})
		}
		l := &lines[i]
		if k.Version >= l.top.Version {
			l.top = k
		}
		if l.first == 0 && (k.Level <= it.Level || k.Creator == by) {
			l.first = k.Seq
		}
		if k.Creator != by {
			continue
		}
		mine = l.top
		if same {
			v.Same = k.Seq
		}
		clash = clash || !same && k.Version == it.Version && k.Version != ""
	}
	owner, owned := leading(lines, it)
	switch {
	case owned && owner != by:
		v.Outcome, v.Same = store.Conflict, 0
		v.Reason = fmt.Sprintf("created by %s, but this store has it from %s: only the creator may change an object (STIX 2.1 section 3.6.2)",
			nobody(by), nobody(owner))
	case v.Same > 0:
		v.Outcome = store.Unchanged
	case clash:
		v.Outcome, v.Reason = store.Conflict, fmt.Sprintf("other content under the known version %s", it.Object.Version())
	case mine == nil:
		v.Outcome = store.Added
	case mine.Version > it.Version:
		v.Outcome = store.Older
	default:
		v.Outcome = store.Updated
	}
	return v
}

// newLine is the number of a line that begins with a sequence.
func newLine(track string, have []Known, seq int64) int64 {
	switch {
	case track != "":
		return Apart + seq
	case slices.ContainsFunc(have, func(k Known) bool { return k.Track == "" }):
		return seq
	}
	return 0
}

func nobody(creator string) string {
	if creator == "" {
		return "nobody"
	}
	return creator
}
