package match

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

// Account is what one origin counted, all of it: an account of the same origin takes the place of its earlier one, accounts of
// different origins add up.
type Account struct {
	Origin Origin
	Rows   []SightingRow
}

// Origin is where counts come from. The zero value is a file without text.
type Origin struct {
	// Beginning is how a file's text begins, see Checkpoint. A file that begins with all that an earlier one began with is that
	// file, grown.
	Beginning []byte
	// Lake is a look back in the lake, whose events may be those of files and of other look backs: of what it and the files counted,
	// the larger count holds.
	Lake bool
	// Apart names an origin whose sightings are objects of their own, and have no other origin; Note says so in their description.
	Apart, Note string
}

// Sightings gives the sightings of accounts as objects to store: one for each indicator, sensor and hour, whose count is the sum over
// origins. What the store holds is added to, as a new version; what changes nothing is left out. An origin never counts for less than it
// did. Versions are told by the count, not by a clock: modified is the hour and a millisecond for each event. Errors are
// the store's.
func Sightings(ctx context.Context, stored store.Reader, accounts ...Account) ([]*stix.Object, error) {
	known := map[stix.ID]*summed{}
	var order []*summed
	for _, a := range accounts {
		for i := range a.Rows {
			row := &a.Rows[i]
			id := a.Origin.sighting(row)
			s := known[id]
			if s == nil {
				var err error
				if s, err = readSummed(ctx, stored, id); err != nil {
					return nil, fmt.Errorf("sighting of %s: %w", row.Indicator, err)
				}
				known[id] = s
				order = append(order, s)
			}
			s.add(&a.Origin, row)
		}
	}
	var out []*stix.Object
	for _, s := range order {
		if !s.grew() {
			continue
		}
		o, err := s.object()
		if err != nil {
			return nil, fmt.Errorf("sighting of %s: %w", s.row.Indicator, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// sighting is the id of a row's object.
func (o *Origin) sighting(r *SightingRow) stix.ID {
	if o.Apart == "" {
		return stix.DerivedID("sighting", r.Indicator, r.Sensor, fmt.Sprint(r.Hour))
	}
	return stix.DerivedID("sighting", r.Indicator, r.Sensor, fmt.Sprint(r.Hour), o.Apart)
}

// summed is a sighting as it stands.
type summed struct {
	id     stix.ID
	row    SightingRow // identity, and the extreme times of all origins
	counts claim.Counts
	apart  int64 // of an origin that stands apart
	had    int64 // what the store says
	mark   int64 // of the version that it holds
	note   string
}

// readSummed reads what the store holds of a sighting.
func readSummed(ctx context.Context, r store.Reader, id stix.ID) (*summed, error) {
	s := &summed{id: id, counts: claim.Counts{ExtensionType: "property-extension"}}
	rec, err := r.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	var v stix.Sighting
	if err := rec.Decode(&v); err != nil {
		return nil, err
	}
	if v.Count != nil {
		s.had = int64(*v.Count)
	}
	s.row.First, s.row.Last = v.FirstSeen.Time(), v.LastSeen.Time().Add(-lastSeenAfter)
	_, err = rec.ExtensionOf(claim.CountsExtension, &s.counts)
	s.mark = s.version()
	return s, err
}

// lastSeenAfter makes last_seen later than first_seen, as STIX wants it (section 5.2).
const lastSeenAfter = time.Millisecond

func (s *summed) add(o *Origin, r *SightingRow) {
	first, last := s.row.First, s.row.Last
	s.row.SightingKey = r.SightingKey
	if first.IsZero() || r.First.Before(first) {
		s.row.First = r.First
	}
	if r.Last.After(last) {
		s.row.Last = r.Last
	}
	switch {
	case o.Apart != "":
		s.apart, s.note = max(s.apart, int64(r.Count)), o.Note
	case o.Lake:
		s.counts.Lake = max(s.counts.Lake, int64(r.Count))
	default:
		s.addFile(o.Beginning, int64(r.Count))
	}
}

// addFile sets what a file counted, which may be an earlier one that grew.
func (s *summed) addFile(beginning []byte, n int64) {
	mine := claim.FileCount{Start: int64(len(beginning)), Digest: s.digest(beginning), Count: n}
	i := slices.IndexFunc(s.counts.Files, func(f claim.FileCount) bool {
		return f.Start >= 0 && f.Start <= mine.Start && s.digest(beginning[:f.Start]) == f.Digest
	})
	if i < 0 {
		s.counts.Files = append(s.counts.Files, mine)
		return
	}
	mine.Count = max(mine.Count, s.counts.Files[i].Count)
	s.counts.Files[i] = mine
}

// digest tells files apart within one sighting, and says nothing of a file to those who have sightings alone.
func (s *summed) digest(beginning []byte) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\n", s.id) // never fails
	_, _ = h.Write(beginning)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// files is what all files counted together.
func (s *summed) files() (n int64) {
	for _, f := range s.counts.Files {
		n += f.Count
	}
	return n
}

// version grows with each of the counts. A sighting of an earlier release, which has no counts of origins, has version 0.
func (s *summed) version() int64 { return s.files() + s.counts.Lake + s.apart }

// grew reports whether there is anything to store.
func (s *summed) grew() bool {
	if s.apart > 0 {
		return s.apart > s.had
	}
	return s.version() > s.mark
}

// maxCount is the specification's limit for the count of a sighting (STIX 2.1, section 5.2).
const maxCount = 999_999_999

func (s *summed) object() (*stix.Object, error) {
	hour := time.Unix(s.row.Hour, 0)
	n := int(min(max(s.files()+s.apart, s.counts.Lake, s.had), maxCount))
	v := stix.Sighting{
		Common:      stix.NewCommon(s.id, stix.At(hour), claim.MarqueIdentity),
		Description: "seen by sensor " + cmp.Or(s.row.Sensor, "(unnamed)") + s.note, FirstSeen: stix.At(s.row.First),
		LastSeen: stix.At(s.row.Last.Add(lastSeenAfter)), Count: &n, SightingOfRef: stix.ID(s.row.Indicator), Summary: true,
	}
	v.Modified = stix.At(hour.Add(time.Duration(min(s.version(), 2*maxCount)) * time.Millisecond))
	if s.apart == 0 {
		if err := v.Extensions.Extend(claim.CountsExtension, s.counts); err != nil {
			return nil, err
		}
	}
	return stix.New(v)
}
