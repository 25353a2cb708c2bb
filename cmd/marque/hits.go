package main

import (
	"context"
	"encoding/csv"
	"fmt"

	"golang.org/x/term"

	"marque/alert"
	"marque/match"
)

// How hits can be printed.
const (
	hitsAuto  = "auto" // sentences on a terminal, JSON lines elsewhere
	hitsText  = "text"
	hitsLines = "jsonl"
	hitsCSV   = "csv"

	hitsHelp = "print each hit: who was hit, by which indicator, and who it points to; --hits=text, jsonl or csv (default: text on a terminal, else jsonl)"
)

func checkHits(how string) error {
	switch how {
	case "", hitsAuto, hitsText, hitsLines, hitsCSV:
		return nil
	}
	return usageError{fmt.Errorf("--hits %q: want %s, %s or %s", how, hitsText, hitsLines, hitsCSV)}
}

// hitPrinter prints hits with what is known of their indicators. End is called behind the last one.
func (a *app) hitPrinter(ctx context.Context, how string) (show func(match.Hit) error, end func()) {
	if how == hitsAuto {
		if how = hitsLines; !a.json && term.IsTerminal(int(a.stdout.Fd())) {
			how = hitsText
		}
	}
	of := a.w.Dossiers()
	table := csv.NewWriter(a.stdout)
	if how == hitsCSV {
		_ = table.Write(alert.Columns) // Flush says so below
	}
	return func(h match.Hit) error {
		f, err := of.Finding(ctx, h)
		if err != nil {
			return err
		}
		switch how {
		case hitsText:
			a.done() // the bar
			return a.print("%s\n", f.Line())
		case hitsCSV:
			return table.Write(f.Row())
		}
		return a.printLine(f)
	}, func() { table.Flush() }
}

// liveLine shows on a terminal what a run that follows a file came to; nil elsewhere.
func (a *app) liveLine() func(match.Stats) {
	if a.quiet || a.json || !term.IsTerminal(int(a.stderr.Fd())) {
		return nil
	}
	return func(s match.Stats) {
		bad := int64(0)
		for _, n := range s.Bad {
			bad += n
		}
		fmt.Fprintf(a.stderr, "\r%d events, %d met an indicator, %d lines set aside \r", s.Events, s.Matched, bad)
	}
}
