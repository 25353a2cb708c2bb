package eurepoc

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/ingest/table"
	"marque/stix"
)

// Coded is what the coders of the Global Database filled in on one incident, as far as figures about answers rest on it. It is
// a row as it stands, not what Marque concludes from it.
type Coded struct {
	Incident   string    // number of the incident
	Start      time.Time // midnight UTC; zero where none is given. A 1 January stands for the year
	Categories []string  // of the initiators
	Countries  []string  // of the initiators, sorted, each once; unknown ones left out
	Bases      []string  // of the attributions: who attributes, in what capacity
	Answers    int       // political and legal responses, as counted by the coders
	AnsweredOn []time.Time
	// Allowed is the coder's word on which answer the law would allow (legal_response_indicator). Empty where the column is: then
	// nobody asked about answers either, and a count of zero says nothing.
	Allowed string
}

// Attribution is a row of the attribution dataset.
type Attribution struct {
	Incident string
	On       time.Time // zero where none is given. A 1 January stands for the year
	Basis    string    // empty where unknown
	By       []string  // countries of those who attribute, sorted, each once
}

// State tells whether a state stands behind the incident, or is suggested to.
func (c *Coded) State() bool {
	return slices.ContainsFunc(c.Categories, func(s string) bool {
		return s == "State" || s == "Non-state actor, state-affiliation suggested"
	})
}

// Asked tells whether the coders asked about answers at all: where they wrote which answer the law would allow, or found one.
func (c *Coded) Asked() bool { return c.Allowed != "" || c.Answers > 0 }

// CodedIncidents are the rows of a Global Database in CSV. A row that cannot be read comes with an error that names its place,
// and reading goes on behind it; an error without a row (nil) is the last.
func CodedIncidents(data []byte) iter.Seq2[*Coded, error] {
	return rows(data, slices.Concat(incidentColumns, []string{
		"initiator_country", "number_of_political_responses", "number_of_legal_responses", "legal_response_indicator",
	}), codedIncident)
}

// CodedAttributions are the rows of an attribution dataset in CSV, with errors as CodedIncidents has them.
func CodedAttributions(data []byte) iter.Seq2[*Attribution, error] {
	return rows(data, slices.Concat(attributionColumns, []string{"attributing_country"}), codedAttribution)
}

var errStop = errors.New("stop")

// rows decodes a table row by row. A row that does not decode is the zero value beside its error.
func rows[T any](data []byte, needed []string, decode func(*table.Row) (*T, error)) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if len(data) > maxFile {
			yield(nil, fmt.Errorf("file of %d bytes: want at most %d", len(data), maxFile))
			return
		}
		t, err := table.Open(data, needed...)
		if err != nil {
			yield(nil, err)
			return
		}
		err = t.Each(func(row *table.Row) error {
			out, err := new(T), row.Err
			if err == nil {
				out, err = decode(row)
			}
			if err != nil {
				out, err = new(T), fmt.Errorf("row %d, line %d: %w", row.Number, row.Line, err)
			}
			if !yield(out, err) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

func codedIncident(row *table.Row) (*Coded, error) {
	id, err := incidentID(row.Get("ID"))
	if err != nil {
		return nil, err
	}
	c := &Coded{Incident: id, Allowed: row.Get("legal_response_indicator")}
	start, err := date(row.Get("start_date"))
	if err != nil {
		return nil, fmt.Errorf("start_date: %w", err)
	}
	c.Start = start.Time()
	for _, l := range []struct {
		column string
		into   *[]string
	}{{"initiator_category", &c.Categories}, {"initiator_country", &c.Countries}} {
		if *l.into, err = flat(row.Get(l.column)); err != nil {
			return nil, fmt.Errorf("%s: %w", l.column, err)
		}
	}
	c.Countries, c.Bases = distinct(c.Countries), distinct(column(row.Get("attribution_basis")))
	for _, kind := range []string{"political", "legal"} {
		n, err := count(row.Get("number_of_" + kind + "_responses"))
		if err != nil {
			return nil, fmt.Errorf("number_of_%s_responses: %w", kind, err)
		}
		c.Answers += n
		for _, s := range column(row.Get(kind + "_response_date")) {
			on, err := date(s)
			if err != nil {
				return nil, fmt.Errorf("%s_response_date: %w", kind, err)
			}
			if !on.IsZero() {
				c.AnsweredOn = append(c.AnsweredOn, on.Time())
			}
		}
	}
	return c, nil
}

func codedAttribution(row *table.Row) (*Attribution, error) {
	id, a, err := attributionOf(row)
	if err != nil {
		return nil, err
	}
	return &Attribution{Incident: id, On: a.date.Time(), Basis: a.basis, By: distinct(column(row.Get("attributing_country")))}, nil
}

// count reads a number of responses; spreadsheets write whole numbers as "2.0". Empty is none.
func count(s string) (int, error) {
	if s = known(s); s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, ".0"))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%.40q: want a whole number", s)
	}
	return n, nil
}

// distinct are the values that are known, sorted, each once.
func distinct(values []string) []string {
	var out []string
	for _, v := range values {
		if v = known(v); v != "" {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Legal are the codes of international law that an incident has, as EuRepoC's coders wrote them; empty where they did not.
type Legal struct {
	Responsibility string `json:"x_eurepoc_state_responsibility_indicator"`
	Breach         string `json:"x_eurepoc_il_breach_indicator"` // values joined by semicolons
}

// LegalOf reads the codes back from the operation that stands for an incident.
func LegalOf(o *stix.Object) (Legal, error) {
	var l Legal
	err := o.Decode(&l)
	return l, err
}
