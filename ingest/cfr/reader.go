package cfr

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"marque/ingest"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

const maxFile = 256 << 20

// Source is how an operation refers to its row: the number of the row is its external id.
const Source = "cfr"

// Council is who publishes the tracker.
const Council = "Council on Foreign Relations"

var columns = []string{"Title", "Date", "Affiliations", "Description", "Response", "Victims", "Sponsor", "Type", "Category", "Sources_1"}

// Reader reads the tracker.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "cfr".
func (Reader) Name() string { return "cfr" }

// Detect knows the header row.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	if table.IsHeader(head, columns...) {
		return ingest.Certain
	}
	return ingest.No
}

// Read reads the tracker.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	data, err := in.ReadAll(maxFile)
	if err != nil {
		return err
	}
	t, err := table.Open(data, columns...)
	if err != nil {
		return err
	}
	w := entity.NewWriter(out)
	r := &reader{w: w, by: w.Organisation(Council)}
	return t.Each(func(row *table.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		in, repaired, err := parse(row)
		if err != nil {
			return out.Reject(row.Reject(err.Error()))
		}
		if repaired {
			out.Warn("row with slid columns, repaired")
		}
		r.write(in)
		return w.Err()
	})
}

type reader struct {
	w  *entity.Writer
	by stix.ID
}

// incident is a row.
type incident struct {
	number                                                                       int // of the row, from 1
	title, affiliations, description, response, victims, sponsor, kind, category string

	start    stix.Timestamp
	sponsors []string // ISO codes
	sources  []string
}

// kinds maps the tracker's types to kinds and acts of docs/model.md.
var kinds = map[string][2][]string{
	"":                  {nil, nil},
	"espionage":         {{"intrusion", "espionage"}, {"data-theft"}},
	"sabotage":          {{"sabotage"}, {"disruption"}},
	"denial of service": {{"ddos"}, {"disruption"}},
	"data destruction":  {{"wiper"}, {"wiping"}},
	"financial theft":   {{"theft"}, {"money-theft"}},
	"defacement":        {{"defacement"}, {"defacement"}},
	"doxing":            {{"hack-and-leak"}, {"data-theft", "leak"}},
}

// parse reads a row, after taking slid columns apart where it has some.
func parse(row *table.Row) (*incident, bool, error) {
	in, err := fields(row)
	if err == nil {
		return in, false, nil
	}
	for _, mended := range mend(row.Fields) {
		again := *row
		again.Fields, again.Err = mended, nil
		if in, err := fields(&again); err == nil {
			return in, true, nil
		}
	}
	return nil, false, err
}

func fields(row *table.Row) (*incident, error) {
	if row.Err != nil {
		return nil, row.Err
	}
	in := &incident{
		number: row.Number,
		title:  clean(row.Get("Title")), affiliations: clean(row.Get("Affiliations")), description: clean(row.Get("Description")),
		response: strings.TrimSpace(row.Get("Response")), victims: clean(row.Get("Victims")), sponsor: row.Get("Sponsor"),
		kind: strings.ToLower(row.Get("Type")), category: row.Get("Category"),
	}
	if in.title == "" {
		return nil, errors.New("row without a title")
	}
	var err error
	if in.start, err = date(row.Get("Date")); err != nil {
		return nil, err
	}
	if _, known := kinds[in.kind]; !known {
		return nil, fmt.Errorf("type %.60q is none of the tracker's; the columns slid", in.kind)
	}
	if _, isKind := kinds[strings.ToLower(in.sponsor)]; isKind && in.sponsor != "" {
		return nil, fmt.Errorf("sponsor %.60q is no state; the columns slid", in.sponsor)
	}
	in.sponsors, _ = entity.Countries(strings.Trim(in.sponsor, `"? `))
	for _, name := range []string{"Sources_1", "Sources_2", "Sources_3"} {
		for address := range strings.FieldsSeq(row.Get(name)) {
			if strings.HasPrefix(address, "http") {
				in.sources = append(in.sources, address)
			}
		}
	}
	return in, nil
}

// mend yields ways to take apart a field that swallowed its neighbours because its closing quote was lost: the place is a
// damaged character before a comma.
func mend(fields []string) [][]string {
	var out [][]string
	for i, f := range fields {
		at := damagedQuote.FindStringIndex(f)
		if at == nil {
			continue
		}
		tail := strings.TrimSuffix(f[at[1]:], `"`)
		parts := append([]string{f[:at[0]]}, strings.Split(tail, ",")...)
		if len(parts) > 3 { // the last neighbour may hold commas itself
			parts = append(parts[:2], strings.Join(parts[2:], ","))
		}
		for n := len(parts); n > 1; n-- {
			kept := append(slices.Clone(parts[:n-1]), strings.Join(parts[n-1:], ","))
			row := slices.Concat(fields[:i], kept, fields[i+1:])
			if len(row) >= len(fields) && !slices.ContainsFunc(row[len(fields):], func(s string) bool { return s != "" }) {
				out = append(out, row[:len(fields)])
			}
		}
	}
	return out
}

var (
	damagedQuote = regexp.MustCompile(`\?\?+,`)
	damagedEnd   = regexp.MustCompile(`([.!])\?+("?)$`)
	damagedSpace = regexp.MustCompile(`([A-Za-z,])\?([A-Za-z0-9])`)
	damagedOwner = regexp.MustCompile(`([A-Za-z])\?\? `)
)

// clean mends text that lost its characters beyond ASCII where there is no doubt: a possessive, a protected space, an end.
func clean(s string) string {
	s = strings.TrimSpace(s)
	s = damagedEnd.ReplaceAllString(s, "$1$2")
	s = damagedOwner.ReplaceAllString(s, "$1’s ")
	return damagedSpace.ReplaceAllString(s, "$1 $2")
}

// date reads month/day/year; absent is undated.
func date(s string) (stix.Timestamp, error) {
	if s == "" {
		return entity.Undated, nil
	}
	t, err := time.Parse("1/2/2006", s)
	if err != nil {
		return stix.Timestamp{}, fmt.Errorf("date %.40q: want month/day/year", s)
	}
	return stix.At(t), nil
}
