package main

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/influence/media"
)

// c2paCheck reads the JPEG files of a folder and writes what is said of their content credentials: file, manifest (yes, no, unreadable),
// state, failures (codes; the reason for what is unreadable), issuer, claim generator, actions, number of manifests and of ingredients.
func c2paCheck(ctx context.Context, questions, answers string) (err error) {
	entries, err := os.ReadDir(questions)
	if err != nil {
		return err
	}
	out, err := os.Create(answers)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := csv.NewWriter(out)
	w.UseCRLF = true
	rows := [][]string{{"file", "manifest", "state", "failures", "issuer", "claim_generator", "actions", "manifests", "ingredients"}}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if ext := strings.ToLower(filepath.Ext(e.Name())); e.IsDir() || !slices.Contains([]string{".jpg", ".jpeg", ".jpe", ".jfif"}, ext) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(questions, e.Name()))
		if err != nil {
			return err
		}
		rows = append(rows, c2paRow(e.Name(), media.ReadCredentials(data, time.Now())))
	}
	return w.WriteAll(rows)
}

func c2paRow(name string, c media.Credentials) []string {
	var actions []string
	for _, a := range c.Actions {
		actions = append(actions, a.Name)
	}
	failures := strings.Join(c.Failures, ";")
	if c.Present == media.Unreadable {
		failures = "Other: " + c.Reason // as the reference library writes it
	}
	return []string{
		name, string(c.Present), string(c.State), failures, c.Issuer, c.Generator, strings.Join(actions, ";"),
		strconv.Itoa(c.Manifests), strconv.Itoa(c.Ingredients),
	}
}
