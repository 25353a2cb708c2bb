package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"marque/stix/pattern"
	"marque/stix/validate"
)

func stixCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "stix", Short: "Check STIX"}
	var sarif bool
	var limit int
	var o validate.Options
	v := &cobra.Command{
		Use: "validate FILE...", Short: "Check STIX 2.1 (and 2.0) objects and bundles against the specification", Args: cobra.MinimumNArgs(1),
		Long: `Checks every MUST of the specification as an error and every SHOULD as a warning; each finding names the JSON pointer and
the section. Reads files, or standard input as "-". The exit code is 3 where an error was found.`,
	}
	v.RunE = func(_ *cobra.Command, args []string) error {
		o.Pattern = func(p string) error {
			_, err := pattern.Parse(p)
			return err
		}
		var files []validate.File
		valid := true
		for _, path := range args {
			f := validate.File{Name: path, Findings: []validate.Finding{}}
			text := &validate.Text{W: a.stdout, Name: path, Limit: limit}
			each := func(x validate.Finding) { f.Findings = append(f.Findings, x) }
			forPeople := !sarif && !a.json
			if forPeople {
				each = text.Finding
			}
			var err error
			if f.Summary, err = a.validate(path, o, each); err != nil {
				return err
			}
			if forPeople {
				if err := text.Close(f.Summary); err != nil {
					return err
				}
			}
			files = append(files, f)
			valid = valid && f.Summary.Valid()
		}
		var err error
		switch {
		case sarif:
			err = validate.WriteSARIF(a.stdout, version, files)
		case a.json:
			err = validate.WriteJSON(a.stdout, files)
		}
		if err == nil && !valid {
			err = fmt.Errorf("not valid STIX: %w", errCheck)
		}
		return err
	}
	v.Flags().BoolVar(&sarif, "sarif", false, "print SARIF 2.1.0")
	v.Flags().IntVar(&limit, "limit", 100, "how many findings a file are printed for people; 0 is all")
	v.Flags().BoolVar(&o.Strict, "strict", false, "take warnings for errors")
	v.Flags().BoolVar(&o.Notes, "notes", false, "print notes also")
	v.Flags().BoolVar(&o.Resolve, "resolve", false, "warn of references to objects that are not in the file")
	v.Flags().StringVar(&o.Version, "version", "", "2.1 or 2.0; found from the content by default")
	v.Flags().StringSliceVar(&o.Ignore, "ignore", nil, "leave out findings with these codes")
	c.AddCommand(v)
	return c
}

func (a *app) validate(path string, o validate.Options, each func(validate.Finding)) (validate.Summary, error) {
	in, err := a.openInput(path)
	if err != nil {
		return validate.Summary{}, err
	}
	defer in.Close()
	sum, err := validate.Bundle(in, o, each)
	if err != nil {
		return sum, fmt.Errorf("read %s: %w", path, err)
	}
	return sum, nil
}

// openInput opens a file, or standard input as "-".
func (a *app) openInput(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.stdin), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, nil
}

func patternCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "pattern", Short: "Check, explain and try STIX patterns"}
	check := &cobra.Command{
		Use: "check PATTERN...", Short: "Does the pattern parse? The error shows the place", Args: cobra.MinimumNArgs(1),
		Long: "Checks patterns given as arguments; \"-\" reads one pattern a line from standard input. The exit code is 3 where one does not parse.",
		RunE: func(_ *cobra.Command, args []string) error { return a.checkPatterns(args) },
	}
	explain := &cobra.Command{
		Use: "explain PATTERN", Short: "What the pattern looks for, in English", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := parsePattern(args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(map[string]string{"pattern": p.String(), "explanation": p.Explain()})
			}
			_, err = fmt.Fprintln(a.stdout, strings.TrimRight(p.Explain(), "\n"))
			return err
		},
	}
	match := &cobra.Command{
		Use: "match PATTERN FILE", Short: "Does the pattern match the observed data of a bundle?", Args: cobra.ExactArgs(2),
		Long: "Holds the pattern against the observed-data of a STIX 2.0 or 2.1 bundle and prints the observations that it binds. The exit code is 3 where it does not match.",
		RunE: func(_ *cobra.Command, args []string) error { return a.matchPattern(args[0], args[1]) },
	}
	c.AddCommand(check, explain, match)
	return c
}

// parsePattern shows where a pattern is wrong: the pattern, and a mark below the place.
func parsePattern(text string) (*pattern.Pattern, error) {
	p, err := pattern.Parse(text)
	if err == nil {
		return p, nil
	}
	if syn, ok := errors.AsType[*pattern.SyntaxError](err); ok && !strings.Contains(text, "\n") && len(text) < 200 {
		at := len([]rune(text[:min(syn.Offset, len(text))]))
		return nil, fmt.Errorf("pattern: %w\n  %s\n  %s^: %w", err, text, strings.Repeat(" ", at), errCheck)
	}
	return nil, fmt.Errorf("pattern: %w: %w", err, errCheck)
}

func (a *app) checkPatterns(args []string) error {
	if len(args) == 1 && args[0] == "-" {
		raw, err := io.ReadAll(io.LimitReader(a.stdin, 64<<20))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		args = strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	}
	type row struct {
		Pattern string `json:"pattern"`
		Valid   bool   `json:"valid"`
		Error   string `json:"error,omitempty"`
	}
	rows := make([]row, len(args))
	bad := 0
	for i, text := range args {
		rows[i] = row{Pattern: text, Valid: true}
		if _, err := parsePattern(text); err != nil {
			rows[i].Valid, rows[i].Error = false, strings.TrimSuffix(err.Error(), ": "+errCheck.Error())
			bad++
		}
	}
	if a.json {
		if err := a.printJSON(rows); err != nil {
			return err
		}
	} else {
		for _, r := range rows {
			line := "ok  " + r.Pattern
			if !r.Valid {
				line = r.Error
			}
			if _, err := fmt.Fprintln(a.stdout, line); err != nil {
				return err
			}
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d patterns do not parse: %w", bad, len(args), errCheck)
	}
	return nil
}

func (a *app) matchPattern(text, path string) error {
	p, err := parsePattern(text)
	if err != nil {
		return err
	}
	in, err := a.openInput(path)
	if err != nil {
		return err
	}
	defer in.Close()
	raw, err := io.ReadAll(io.LimitReader(in, 1<<30))
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	obs, err := pattern.ObservationsFromBundle(raw)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	m, err := p.Match(obs, pattern.Limits{})
	if err != nil {
		return fmt.Errorf("pattern: %w", err)
	}
	bound := [][]string{}
	for _, b := range m.Bindings {
		var ids []string
		for _, x := range b {
			ids = append(ids, obs[x.Observation].ID)
		}
		bound = append(bound, ids)
	}
	if a.json {
		err = a.printJSON(map[string]any{"matches": len(bound) > 0, "observations": len(obs), "bindings": bound})
	} else {
		for _, ids := range bound {
			fmt.Fprintln(a.stdout, "matches "+strings.Join(ids, ", "))
		}
	}
	if err == nil && len(bound) == 0 {
		err = fmt.Errorf("the pattern matches none of %d observations: %w", len(obs), errCheck)
	}
	return err
}
