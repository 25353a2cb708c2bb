package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/cobra"

	"marque/internal/charset"
	"marque/internal/unpack"
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
the section. Reads files, or standard input as "-", packed (gzip, zstd, xz, bzip2) or not. The exit code is 3 where an error was found.`,
	}
	v.RunE = func(c *cobra.Command, args []string) error {
		o.Pattern = checkIndicator
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
			if f.Summary, err = a.validate(c.Context(), path, o, each); err != nil {
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

// checkIndicator tells the validator what the pattern checker finds.
func checkIndicator(text, version string) []validate.PatternProblem {
	_, found := pattern.Check(text, pattern.Version(version))
	var problems []validate.PatternProblem
	for _, p := range found {
		if !p.Unsupported { // what our matcher can do is no question of the specification
			problems = append(problems, validate.PatternProblem{Warning: p.Warning, Message: fmt.Sprintf("column %d: %s", p.Column, p.Message), Section: p.Section})
		}
	}
	return problems
}

// validate checks a file, packed or not, in any encoding that JSON comes in.
func (a *app) validate(ctx context.Context, path string, o validate.Options, each func(validate.Finding)) (validate.Summary, error) {
	in, err := a.openInput(path)
	if err != nil {
		return validate.Summary{}, err
	}
	defer in.Close()
	plain, release, err := unpack.Stream(ctx, in, math.MaxInt64)
	if err != nil {
		return validate.Summary{}, fmt.Errorf("read %s: %w", path, err)
	}
	defer release()
	sum, err := validate.Bundle(charset.Reader(plain), o, each)
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
