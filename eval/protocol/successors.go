package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"marque/influence/site"
)

// The protocol successors asks with a folder: DATE/known.txt and DATE/asked.txt (what was registered before that day, and on it), nrd.txt and
// matched.txt (ordinary new names), cuts.txt (days, one a line), and where there is one notice.csv with the columns date, domain and family.
//
// alert answers with date,name,score: each name asked with what was registered before its day, the ordinary ones (date nrd, matched) with all.
// predict answers with cut,rank,name: 10,000 names for each cut.

// wave is a folder of questions.
type wave struct {
	days   []string            // in order
	known  map[string][]string // by day: the file known.txt
	asked  map[string][]string
	notice []noticed
}

type noticed struct{ day, domain string }

const askedOperation = "asked"

func readWave(folder string) (*wave, error) {
	w := &wave{known: map[string][]string{}, asked: map[string][]string{}}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if _, err := time.Parse(time.DateOnly, e.Name()); err != nil || !e.IsDir() {
			continue
		}
		w.days = append(w.days, e.Name())
		if w.known[e.Name()], err = readLines(filepath.Join(folder, e.Name(), "known.txt")); err != nil {
			return nil, err
		}
		if w.asked[e.Name()], err = readLines(filepath.Join(folder, e.Name(), "asked.txt")); err != nil {
			return nil, err
		}
	}
	slices.Sort(w.days)
	w.notice, err = readNotice(filepath.Join(folder, "notice.csv"))
	return w, err
}

func readLines(file string) ([]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(b)), nil
}

func readNotice(file string) ([]noticed, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	day, domain := slices.Index(rows[0], "date"), slices.Index(rows[0], "domain")
	if day < 0 || domain < 0 {
		return nil, fmt.Errorf("read %s: want the columns date and domain", file)
	}
	var out []noticed
	for _, r := range rows[1:] {
		out = append(out, noticed{r[day], r[domain]})
	}
	return out, nil
}

// watchAt tells the watch what was known on the morning of a day: the list, with the days on which the folder says that names were asked
// for, and the notices until then.
func (w *wave) watchAt(watch *site.Watch, day string, list []string, done map[string]bool) error {
	registered := map[string]time.Time{}
	for _, d := range w.days {
		if d >= day {
			break
		}
		for _, n := range w.asked[d] {
			registered[n], _ = time.Parse(time.DateOnly, d)
		}
	}
	for _, n := range list {
		if done[n] {
			continue
		}
		done[n] = true
		if err := watch.Add(site.Site{Host: n, Operation: askedOperation, Registered: registered[n]}); err != nil {
			return err
		}
	}
	for _, n := range w.notice {
		key := "seized " + n.domain
		if n.day > day || done[key] {
			continue
		}
		done[key] = true
		seized, err := time.Parse(time.DateOnly, n.day)
		if err != nil {
			return fmt.Errorf("notice: %s: %w", n.domain, err)
		}
		if err := watch.Add(site.Site{Host: n.domain, Operation: askedOperation, Registered: registered[n.domain], Seized: seized}); err != nil {
			return err
		}
	}
	return nil
}

func successorsAlert(ctx context.Context, questions, answers string) error {
	w, err := readWave(questions)
	if err != nil {
		return err
	}
	watch, err := site.NewWatch(site.Config{})
	if err != nil {
		return err
	}
	rows := [][]string{{"date", "name", "score"}}
	ask := func(date string, names []string) {
		for _, n := range names {
			a, _, _ := watch.Look(site.New{Host: n})
			rows = append(rows, []string{date, n, strconv.FormatFloat(a.Score, 'f', 4, 64)})
		}
	}
	done := map[string]bool{}
	var all []string
	for _, d := range w.days {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.watchAt(watch, d, w.known[d], done); err != nil {
			return err
		}
		ask(d, w.asked[d])
		all = append(append(all, w.known[d]...), w.asked[d]...)
	}
	if err := w.watchAt(watch, "9999", all, done); err != nil {
		return err
	}
	for _, kind := range []string{"nrd", "matched"} {
		names, err := readLines(filepath.Join(questions, kind+".txt"))
		if err != nil {
			return err
		}
		ask(kind, names)
	}
	return writeRows(answers, rows)
}

func writeRows(file string, rows [][]string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func successorsPredict(ctx context.Context, questions, answers string) error {
	w, err := readWave(questions)
	if err != nil {
		return err
	}
	cuts, err := readLines(filepath.Join(questions, "cuts.txt"))
	if err != nil {
		return err
	}
	rows := [][]string{{"cut", "rank", "name"}}
	for _, cut := range cuts {
		if err := ctx.Err(); err != nil {
			return err
		}
		asOf, err := time.Parse(time.DateOnly, cut)
		if err != nil {
			return fmt.Errorf("cuts: %w", err)
		}
		var list []string
		for _, d := range w.days {
			if d < cut {
				list = append(append(list, w.known[d]...), w.asked[d]...)
			}
		}
		watch, err := site.NewWatch(site.Config{})
		if err != nil {
			return err
		}
		if err := w.watchAt(watch, cut, list, map[string]bool{}); err != nil {
			return err
		}
		names, err := watch.Next(askedOperation, asOf, 10000)
		if errors.Is(err, site.ErrNoOperation) {
			continue // nothing is known yet
		}
		if err != nil {
			return err
		}
		for i, f := range names {
			rows = append(rows, []string{cut, strconv.Itoa(i + 1), f.Name})
		}
	}
	return writeRows(answers, rows)
}
