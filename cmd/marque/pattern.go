package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"marque/stix/pattern"
)

func patternCommand(a *app) *cobra.Command {
	c := &cobra.Command{Use: "pattern", Short: "Check, explain and try STIX patterns"}
	var edition string
	c.PersistentFlags().StringVar(&edition, "version", string(pattern.V21), "of the patterning language: 2.1 or 2.0")
	c.PersistentPreRunE = func(*cobra.Command, []string) error {
		if edition != string(pattern.V21) && edition != string(pattern.V20) {
			return usageError{fmt.Errorf("version %q of the patterning language, want 2.1 or 2.0", edition)}
		}
		return nil
	}
	var strict bool
	check := &cobra.Command{
		Use: "check PATTERN...", Short: "Is the pattern valid? Each problem shows its place", Args: cobra.MinimumNArgs(1),
		Long: `Checks patterns given as arguments; "-" reads one pattern a line from standard input. Errors are what the grammar does not
accept, hash values that do not have the form of their algorithm, and a qualifier given twice; warnings are what can never match
or what this matcher cannot run. The exit code is 3 where one is not valid.`,
		RunE: func(_ *cobra.Command, args []string) error {
			return a.checkPatterns(args, pattern.Version(edition), strict)
		},
	}
	check.Flags().BoolVar(&strict, "strict", false, "take warnings for errors")
	explain := &cobra.Command{
		Use: "explain PATTERN", Short: "What the pattern looks for, in English", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			p, err := parsePattern(args[0], pattern.Version(edition))
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
		RunE: func(_ *cobra.Command, args []string) error {
			return a.matchPattern(args[0], args[1], pattern.Version(edition))
		},
	}
	c.AddCommand(check, explain, match)
	return c
}

// parsePattern shows where a pattern is wrong: the pattern, and a mark below the place.
func parsePattern(text string, edition pattern.Version) (*pattern.Pattern, error) {
	p, err := pattern.ParseVersion(text, edition)
	if err == nil {
		return p, nil
	}
	if syn, ok := errors.AsType[*pattern.SyntaxError](err); ok && !strings.Contains(text, "\n") && len(text) < 200 {
		at := len([]rune(text[:min(syn.Offset, len(text))]))
		return nil, fmt.Errorf("pattern: %w\n  %s\n  %s^: %w", err, text, strings.Repeat(" ", at), errCheck)
	}
	return nil, fmt.Errorf("pattern: %w: %w", err, errCheck)
}

// checkedPattern is what `pattern check` says about a pattern.
type checkedPattern struct {
	Pattern  string           `json:"pattern"`
	Valid    bool             `json:"valid"`
	Error    string           `json:"error,omitempty"` // the first
	Problems []patternProblem `json:"problems,omitempty"`
}

type patternProblem struct {
	Severity string `json:"severity"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Message  string `json:"message"`
	Section  string `json:"section"`

	text string
}

func checkPattern(text string, edition pattern.Version, strict bool) checkedPattern {
	_, problems := pattern.Check(text, edition)
	c := checkedPattern{Pattern: text, Valid: true}
	for _, p := range problems {
		severity := "error"
		if p.Warning {
			severity = "warning"
		}
		if !p.Warning || strict {
			c.Valid = false
			if c.Error == "" {
				c.Error = p.String()
			}
		}
		c.Problems = append(c.Problems, patternProblem{
			Severity: severity, Line: p.Line, Column: p.Column, Message: p.Message, Section: p.Section, text: p.String(),
		})
	}
	return c
}

// print shows the pattern, and below it each problem with a mark at its place.
func (c checkedPattern) print(w io.Writer) error {
	head := "ok  "
	if !c.Valid {
		head = "bad "
	}
	lines := []string{head + c.Pattern}
	for _, p := range c.Problems {
		if !strings.Contains(c.Pattern, "\n") && len(c.Pattern) < 200 {
			lines = append(lines, strings.Repeat(" ", len(head)+p.Column-1)+"^")
		}
		lines = append(lines, "    "+p.text)
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func (a *app) checkPatterns(args []string, edition pattern.Version, strict bool) error {
	if len(args) == 1 && args[0] == "-" {
		raw, err := io.ReadAll(io.LimitReader(a.stdin, 64<<20))
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		args = strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	}
	rows := make([]checkedPattern, len(args))
	bad := 0
	for i, text := range args {
		rows[i] = checkPattern(text, edition, strict)
		if !rows[i].Valid {
			bad++
		}
	}
	if a.json {
		if err := a.printJSON(rows); err != nil {
			return err
		}
	} else {
		for _, r := range rows {
			if err := r.print(a.stdout); err != nil {
				return err
			}
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d patterns are not valid: %w", bad, len(args), errCheck)
	}
	return nil
}

func (a *app) matchPattern(text, path string, edition pattern.Version) error {
	p, err := parsePattern(text, edition)
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
