package eval

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/influence/event"
	"marque/ingest/entity"
)

// union are the members of the European Union, which its elections are held in (the United Kingdom not counted among them).
var union = strings.Fields("AT BE BG HR CZ DK EE FI FR DE GR HU IT LV LT NL PL PT RO SK SI ES SE")

// StateActivities are EuRepoC's incidents by a state, or suspected to be for one, that have a day: one for each initiator's and each
// receiver's country. A 1 January is a year and is left out.
func StateActivities(data string) ([]event.Activity, error) {
	var out []event.Activity
	err := gunzip(filepath.Join(data, "eurepoc", "EuRepoC_Global_Database_1.1.csv.gz"), func(z *gzip.Reader) error {
		r := csv.NewReader(z)
		r.LazyQuotes = true
		head, err := r.Read()
		if err != nil {
			return err
		}
		head[0] = strings.TrimPrefix(head[0], "\ufeff")
		column := func(row []string, name string) string { return row[slices.Index(head, name)] }
		for {
			row, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			day, err := time.Parse(time.DateOnly, column(row, "start_date")[:min(10, len(column(row, "start_date")))])
			byState := slices.ContainsFunc(literals(column(row, "initiator_category")), func(c string) bool {
				return c == "State" || c == "Non-state actor, state-affiliation suggested"
			})
			if err != nil || !byState || day.YearDay() == 1 {
				continue
			}
			for _, s := range countryCodes(column(row, "initiator_country")) {
				for _, t := range countryCodes(column(row, "receiver_country")) {
					if s != t {
						out = append(out, event.Activity{ID: column(row, "ID"), Sponsor: s, Target: t, Day: day})
					}
				}
			}
		}
	})
	return out, err
}

// literals reads a list as the file writes it, ['a', "b"], or one value.
func literals(v string) []string {
	if !strings.HasPrefix(v, "[") {
		return []string{v}
	}
	var out []string
	for v = strings.Trim(v, "[]"); v != ""; {
		quote := v[:1]
		end := strings.Index(v[1:], quote)
		if end < 0 {
			break
		}
		out = append(out, v[1:1+end])
		v = strings.TrimLeft(v[2+end:], ", ")
	}
	return out
}

func countryCodes(v string) []string {
	var out []string
	for _, name := range literals(v) {
		if code, ok := entity.CountryCode(name); ok && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// NationalElections reads the calendar of elections: national ones, second rounds left out, a European election in each member.
func NationalElections(data string) ([]event.Event, error) {
	raw, err := os.ReadFile(filepath.Join(data, "measures", "elections.csv"))
	if err != nil {
		return nil, err
	}
	var kept []string
	for i, line := range strings.Split(string(raw), "\n") {
		if f := strings.Split(strings.TrimSpace(line), ","); i == 0 || len(f) == 4 && f[3] == "national" && !strings.Contains(f[2], "second") {
			kept = append(kept, strings.TrimSpace(line))
		}
	}
	return event.ReadEvents(strings.NewReader(strings.Join(kept, "\n")), func(country string) []string {
		if country == "EU" {
			return union
		}
		return []string{country}
	})
}
