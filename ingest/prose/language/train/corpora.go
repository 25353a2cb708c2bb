package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// rawTexts returns texts without annotation, from which the clusters of words are learned: descriptions of the field's
// collections, headlines of local news and posts in plain English.
func rawTexts(dir string) ([]string, error) {
	var all []string
	take := func(list []string, err error) error {
		all = append(all, list...)
		return err
	}
	err := errors.Join(
		take(described(dir, "attack/enterprise-attack-reports-before-2023.json.gz")),
		take(described(dir, "misp-galaxy/threat-actor.json.gz")),
		take(described(dir, "misp-galaxy/ransomware.json.gz")),
		take(described(dir, "misp-galaxy/disarm-techniques.json.gz")),
		take(described(dir, "misp-galaxy/disarm-countermeasures.json.gz")),
		take(described(dir, "misp-galaxy/surveillance-vendor.json.gz")),
		take(described(dir, "tram/single_label.json.gz")),
		take(columns(dir, "eurepoc/EuRepoC_Global_Database_1.1.csv.gz", ',', "name", "description")),
		take(columns(dir, "cfr/cyber-operations-incidents.csv.gz", ',', "Title", "Description", "Response")),
		take(columns(dir, "massmove/stories.csv.gz", ',', "storyTitle", "description")),
		take(columns(dir, "posts/ira-two-sides-2015.tsv.gz", '\t', "text")),
		take(columns(dir, "posts/ira-posts-2016-2017.tsv.gz", '\t', "text")),
		take(columns(dir, "posts/ordinary-debate-2015.tsv.gz", '\t', "text")),
	)
	return all, err
}

func unzip(dir, name string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	raw, err = io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

// described returns every text under the keys "description" and "text", in the order of the file.
func described(dir, name string) ([]string, error) {
	raw, err := unzip(dir, name)
	if err != nil {
		return nil, err
	}
	var texts []string
	d := json.NewDecoder(bytes.NewReader(raw))
	wanted := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		s, ok := t.(string)
		if ok && wanted {
			texts = append(texts, s)
		}
		wanted = ok && !wanted && (s == "description" || s == "text")
	}
}

// columns returns the named columns of a table with a header; rows of another language than English are left out.
func columns(dir, name string, comma rune, wanted ...string) ([]string, error) {
	raw, err := unzip(dir, name)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(raw))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, true, -1, true
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var at []int
	language := -1
	for i, h := range head {
		for _, w := range wanted {
			if strings.TrimPrefix(h, "\ufeff") == w {
				at = append(at, i)
			}
		}
		if h == "language" {
			language = i
		}
	}
	if len(at) != len(wanted) {
		return nil, fmt.Errorf("%s: %d of the columns %v", name, len(at), wanted)
	}
	var texts []string
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return texts, nil
		}
		if err != nil {
			continue // a row that is broken teaches nothing
		}
		if language >= 0 && language < len(row) && row[language] != "English" {
			continue
		}
		for _, i := range at {
			if i < len(row) {
				texts = append(texts, strings.Clone(row[i]))
			}
		}
	}
}
