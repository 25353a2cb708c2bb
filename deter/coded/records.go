package coded

import (
	"errors"
	"iter"
	"time"

	"marque/ingest/cfr"
	"marque/ingest/eurepoc"
	"marque/ingest/table"
)

// Records are the rows of the data sets.
type Records struct {
	Incidents    []*eurepoc.Coded
	Attributions []*eurepoc.Attribution
	Tracker      []*cfr.Coded
	Bad          []error // rows that could not be read, each with its place

	state []*eurepoc.Coded // the incidents behind which a state stands, or is suggested to
	end   time.Time        // the last attribution: what came after it, these records cannot know
}

// Files are the data sets in CSV; a nil one is left out.
type Files struct {
	Global      []byte // EuRepoC's Global Database
	Attribution []byte // EuRepoC's attribution dataset
	Tracker     []byte // the CFR tracker
}

// columns are those by which a file is known, and which none of the others has.
var columns = []struct {
	names []string
	of    func(*Files) *[]byte
}{
	{[]string{"ID", "number_of_political_responses", "legal_response_indicator"}, func(f *Files) *[]byte { return &f.Global }},
	{[]string{"incident_ID", "attribution_basis"}, func(f *Files) *[]byte { return &f.Attribution }},
	{[]string{"Title", "Affiliations", "Response", "Sponsor"}, func(f *Files) *[]byte { return &f.Tracker }},
}

// Add takes a file for what its header says that it is. Errors: a file that is none of the data sets, and one that is there already.
func (f *Files) Add(data []byte) error {
	for _, c := range columns {
		if !table.IsHeader(data, c.names...) {
			continue
		}
		into := c.of(f)
		if *into != nil {
			return errors.New("the same data set twice")
		}
		*into = data
		return nil
	}
	return errors.New("want EuRepoC's Global Database or attribution dataset, or the CFR tracker, in CSV")
}

// Read decodes the files. A row that cannot be read is kept in Bad and counts nowhere; a file that is none is an error.
func Read(f Files) (*Records, error) {
	r := &Records{}
	if err := collect(r, &r.Incidents, f.Global, eurepoc.CodedIncidents); err != nil {
		return nil, err
	}
	if err := collect(r, &r.Attributions, f.Attribution, eurepoc.CodedAttributions); err != nil {
		return nil, err
	}
	if err := collect(r, &r.Tracker, f.Tracker, cfr.CodedIncidents); err != nil {
		return nil, err
	}
	for _, in := range r.Incidents {
		if in.State() {
			r.state = append(r.state, in)
		}
	}
	for _, a := range r.Attributions {
		if a.On.After(r.end) {
			r.end = a.On
		}
	}
	return r, nil
}

// End is the last day of which the records of EuRepoC can know anything: that of the last attribution.
func (r *Records) End() time.Time { return r.end }

func collect[T any](r *Records, into *[]*T, file []byte, rows func([]byte) iter.Seq2[*T, error]) error {
	if file == nil {
		return nil
	}
	for row, err := range rows(file) {
		switch {
		case row == nil:
			return err
		case err != nil:
			r.Bad = append(r.Bad, err)
		default:
			*into = append(*into, row)
		}
	}
	return nil
}

// isYear tells whether a date stands for a whole year.
func isYear(t time.Time) bool { return t.Month() == time.January && t.Day() == 1 }

// hasDay tells whether a date names a day.
func hasDay(t time.Time) bool { return !t.IsZero() && !isYear(t) }

// days is how many days lie between two midnights.
func days(from, to time.Time) int { return int(to.Sub(from).Hours() / 24) }

// latest is the last day that a date can mean.
func latest(t time.Time) time.Time {
	if !t.IsZero() && isYear(t) {
		return time.Date(t.Year(), time.December, 31, 0, 0, 0, 0, time.UTC)
	}
	return t
}
