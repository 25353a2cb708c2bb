package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"marque/influence/site"
)

// The protocol families asks with a CSV of domain,kind,value: what is known of each site. figures answers with domain,family.

func familiesFigures(_ context.Context, questions, answers string) error {
	f, err := os.Open(questions)
	if err != nil {
		return err
	}
	defer f.Close()
	families := site.NewFamilies()
	r := csv.NewReader(f)
	if head, err := r.Read(); err != nil || !slices.Equal(head, []string{"domain", "kind", "value"}) {
		return fmt.Errorf("read %s: want the columns domain, kind and value: %w", questions, err)
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", questions, err)
		}
		families.Tell(row[0], site.Fact{Kind: row[1], Value: row[2]})
	}
	rows := [][]string{{"domain", "family"}}
	for _, fam := range families.All() {
		for _, d := range fam.Sites {
			rows = append(rows, []string{d, fam.Name})
		}
	}
	return writeRows(answers, rows)
}
