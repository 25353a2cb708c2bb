package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"marque/deter/coded"
	"marque/deter/effect"
	"marque/internal/unpack"
)

// The protocol of deterrence. QUESTIONS is the data folder: eurepoc/EuRepoC_Global_Database_1.1.csv.gz,
// eurepoc/EuRepoC_Attribution_dataset_1.1.csv.gz, cfr/cyber-operations-incidents.csv.gz.
//
//	table   CSV key,value: what the data sets code
//	gap     CSV country,year,operations,with_response,countermeasures_justified_unused,impunity,low,high
//	effect  JSON lines, one for each measure that could be tested
var deterrence = map[string]answer{"table": deterrenceTable, "gap": deterrenceGap, "effect": deterrenceEffect}

func deterrenceTable(ctx context.Context, questions, answers string) error {
	r, err := codedRecords(ctx, questions)
	if err != nil {
		return err
	}
	rows := [][]string{{"key", "value"}}
	for _, f := range r.Table() {
		value := ""
		if !f.None {
			value = strconv.FormatFloat(math.Round(f.Value*1e4)/1e4, 'f', -1, 64)
		}
		rows = append(rows, []string{f.Key, value})
	}
	return writeCSV(answers, rows)
}

func deterrenceGap(ctx context.Context, questions, answers string) error {
	r, err := codedRecords(ctx, questions)
	if err != nil {
		return err
	}
	rows := [][]string{{"country", "year", "operations", "with_response", "countermeasures_justified_unused", "impunity", "low", "high"}}
	for _, g := range r.Gap() {
		year := "undated"
		if g.Year > 0 {
			year = strconv.Itoa(g.Year)
		}
		share := g.Impunity()
		rows = append(rows, []string{
			g.State, year, strconv.Itoa(g.Operations), strconv.Itoa(g.Responded), strconv.Itoa(g.Unused),
			fmt.Sprintf("%.3f", share.Value), fmt.Sprintf("%.3f", share.Low), fmt.Sprintf("%.3f", share.High),
		})
	}
	return writeCSV(answers, rows)
}

// effectLine is an answer as the protocol prints it.
type effectLine struct {
	Country    string  `json:"country"`
	Date       string  `json:"date"`
	Measure    string  `json:"measure"`
	Before     int     `json:"before_24m"`
	After      int     `json:"after_24m"`
	Ratio      float64 `json:"irr"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	Dispersion float64 `json:"dispersion"`
	Placebos   int     `json:"placebo_dates"`
	P          float64 `json:"placebo_p"`
	Corrected  float64 `json:"holm_p"`
	Smallest   float64 `json:"smallest_drop_seen_80pct"`
	Verdict    string  `json:"verdict"`
}

func deterrenceEffect(ctx context.Context, questions, answers string) error {
	r, err := codedRecords(ctx, questions)
	if err != nil {
		return err
	}
	measures, err := coded.Measures()
	if err != nil {
		return err
	}
	round := func(v float64) float64 { return math.Round(v*1e3) / 1e3 }
	return writeFile(answers, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for _, a := range effect.Test(measures, r.Series, effect.Config{}) {
			if a.Verdict == effect.NotTested {
				continue
			}
			err := enc.Encode(effectLine{
				Country: a.State, Date: a.Date.Format("2006-01-02"), Measure: a.What, Before: a.Before, After: a.After,
				Ratio: round(a.Ratio), Low: round(a.Low), High: round(a.High), Dispersion: round(a.Dispersion), Placebos: a.Placebos,
				P: round(a.P), Corrected: round(a.Corrected), Smallest: round(a.SmallestDrop), Verdict: string(a.Verdict),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// codedRecords reads the data sets; a row that cannot be read is named on standard error.
func codedRecords(ctx context.Context, dir string) (*coded.Records, error) {
	var f coded.Files
	for _, s := range []struct {
		path string
		into *[]byte
	}{
		{"eurepoc/EuRepoC_Global_Database_1.1.csv.gz", &f.Global},
		{"eurepoc/EuRepoC_Attribution_dataset_1.1.csv.gz", &f.Attribution},
		{"cfr/cyber-operations-incidents.csv.gz", &f.Tracker},
	} {
		data, err := readPacked(ctx, filepath.Join(dir, filepath.FromSlash(s.path)))
		if err != nil {
			return nil, err
		}
		*s.into = data
	}
	r, err := coded.Read(f)
	if err != nil {
		return nil, err
	}
	for _, bad := range r.Bad {
		fmt.Fprintln(os.Stderr, "protocol: not counted:", bad)
	}
	return r, nil
}

func readPacked(ctx context.Context, path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if data, err = unpack.All(ctx, f, maxFile); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, nil
}

const maxFile = 1 << 30

func writeCSV(path string, rows [][]string) error {
	return writeFile(path, func(w io.Writer) error {
		c := csv.NewWriter(w)
		if err := c.WriteAll(rows); err != nil {
			return err
		}
		return c.Error()
	})
}

// writeFile writes answers through write.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b := bufio.NewWriter(f)
	if err := write(b); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return b.Flush()
}
