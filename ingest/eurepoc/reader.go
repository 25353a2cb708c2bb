package eurepoc

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"marque/ingest"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

const maxFile = 512 << 20

// Repository is who publishes the datasets.
const Repository = "European Repository of Cyber Incidents"

// Reader reads the three datasets.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "eurepoc".
func (Reader) Name() string { return "eurepoc" }

// The columns by which a dataset is known, and without which it cannot be read.
var (
	incidentColumns    = []string{"ID", "name", "start_date", "incident_type", "receiver_country", "initiator_category", "sources_url"}
	attributionColumns = []string{"incident_ID", "attribution_date", "attribution_type", "attribution_basis", "attributed_initiator"}
	receiverColumns    = []string{"ID", "receiver_country", "receiver_name", "receiver_category"}
)

// Detect knows the header rows.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	if table.IsHeader(head, incidentColumns...) || table.IsHeader(head, attributionColumns...) || table.IsHeader(head, receiverColumns...) {
		return ingest.Certain
	}
	return ingest.No
}

// Read reads one dataset.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	data, err := in.ReadAll(maxFile)
	if err != nil {
		return err
	}
	w := entity.NewWriter(out)
	r := &reader{w: w, by: w.Organisation(Repository)}
	read := r.receiver
	needed := receiverColumns
	switch {
	case table.IsHeader(data, incidentColumns...):
		read, needed = r.incident, incidentColumns
	case table.IsHeader(data, attributionColumns...):
		read, needed = r.attribution, attributionColumns
	}
	t, err := table.Open(data, needed...)
	if err != nil {
		return err
	}
	if r.until, err = reach(t); err != nil {
		return err
	}
	return t.Each(func(row *table.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := row.Err
		if err == nil {
			err = read(row)
		}
		if w.Err() != nil {
			return w.Err()
		}
		if err != nil {
			return out.Reject(row.Reject(err.Error()))
		}
		return nil
	})
}

type reader struct {
	w          *entity.Writer
	by         stix.ID
	supplement bool           // claims yield to those of the Global Database
	until      stix.Timestamp // the last day of which the dataset can know anything
}

// reach is the last day on which a dataset has somebody attribute or answer anything: its silence about what came later says nothing.
func reach(t *table.Table) (stix.Timestamp, error) {
	var last stix.Timestamp
	err := t.Each(func(row *table.Row) error {
		for _, name := range []string{"attribution_date", "political_response_date", "legal_response_date"} {
			for _, s := range column(row.Get(name)) {
				if on, err := date(s); err == nil && !on.IsZero() && on.Compare(last) > 0 {
					last = on
				}
			}
		}
		return nil
	})
	return last, err
}

// CampaignID is the id of the operation that stands for an incident.
func CampaignID(incident string) stix.ID { return stix.DerivedID("campaign", "eurepoc", incident) }

// incidentID checks the number of an incident; a row whose columns are shifted has something else there.
func incidentID(s string) (string, error) {
	s = strings.TrimSuffix(s, ".0")
	if n, err := strconv.Atoi(s); err != nil || n <= 0 {
		return "", fmt.Errorf("incident number %.40q: want a positive whole number", s)
	}
	return s, nil
}

// date reads "2022-08-26", with or without a time; absent is the zero value.
func date(s string) (stix.Timestamp, error) {
	s = known(s)
	if s == "" {
		return stix.Timestamp{}, nil
	}
	day, _, _ := strings.Cut(s, " ")
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return stix.Timestamp{}, fmt.Errorf("date %.40q: want year-month-day", s)
	}
	return stix.At(t), nil
}

// known is a value, or nothing where EuRepoC says that it knows nothing.
func known(s string) string {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "not available", "unknown", "none", "nan", "nat", "n":
		return ""
	}
	return s
}

// column splits a list that EuRepoC joins with semicolons; each element belongs to one attribution or response.
func column(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	parts := strings.Split(s, ";")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return ""
}
