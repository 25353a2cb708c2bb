package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"marque/deter/screen"
	"marque/ingest/sanctions"
	"marque/report"
)

// screenOptions are the flags of marque screen.
type screenOptions struct {
	lists, nationalities    []string
	file, kind, born, place string
	limit                   int
	least                   float64
	actors                  bool
	view                    viewFlags
}

func screenCommand(a *app) *cobra.Command {
	var o screenOptions
	c := &cobra.Command{
		Use: "screen NAME...", Short: "Does a name, wallet, number, e-mail address or domain stand on a sanctions list?",
		Long: "Compares names with the sanctions lists in the folder lists of the workspace, or in those that --list names: OFAC (sdn.csv with\n" +
			"alt.csv and add.csv beside it, or XML), the British, European and United Nations' lists, OpenSanctions, lists of wallets.\n" +
			"Each argument, and each line of --file, is one question. --actors asks the workspace's actors, people, organisations and sites too, as --tlp\n" +
			"shows them. docs/screening.md says how a score comes about.",
		RunE: func(c *cobra.Command, args []string) error { return a.screen(c.Context(), &o, args) },
	}
	f := c.Flags()
	f.StringArrayVar(&o.lists, "list", nil, "file or folder of lists (repeat; default: lists in the workspace)")
	f.StringVar(&o.file, "file", "", "file with one question a line, - for standard input")
	f.StringVar(&o.kind, "kind", "", "person, organisation, vessel or aircraft (default: by the words of the name)")
	f.StringVar(&o.born, "born", "", "date of birth, as much as is known: 1983-10-28, 1983-10, 1983")
	f.StringVar(&o.place, "birth-place", "", "place of birth")
	f.StringSliceVar(&o.nationalities, "nationality", nil, "nationalities, two-letter codes")
	f.BoolVar(&o.actors, "actors", false, "ask the actors, people, organisations and sites of the workspace too")
	o.view.register(c, true)
	f.IntVar(&o.limit, "limit", 5, "most hits of a question")
	f.Float64Var(&o.least, "least", .7, "least score of a hit")
	return c
}

// screened is the answer to one question.
type screened struct {
	Question string        `json:"question"`
	Exact    []screenedHit `json:"exact,omitempty"`
	Hits     []screenedHit `json:"hits,omitempty"`
}

// screenedHit is a hit with the subject that it is of.
type screenedHit struct {
	Subject *sanctions.Subject `json:"subject"`
	*screen.Hit
	As string `json:"as,omitempty"`
}

func (a *app) screen(ctx context.Context, o *screenOptions, args []string) error {
	q := screen.Query{Kind: sanctions.Kind(o.kind), BirthPlace: o.place}
	for _, n := range o.nationalities {
		q.Nationalities = append(q.Nationalities, strings.ToUpper(n))
	}
	if o.born != "" {
		var ok bool
		if q.Born, ok = sanctions.ParseDate(o.born); !ok {
			return usageError{fmt.Errorf("--born %q: want a date such as 1983-10-28, 1983-10 or 1983", o.born)}
		}
	}
	if len(args) == 0 && o.file == "" {
		return usageError{errors.New("nothing is asked: name somebody, or a file with --file")}
	}
	ix, err := a.screened(ctx, o)
	if err != nil {
		return err
	}
	var answers []screened
	for question, err := range a.questions(o.file, args) {
		if err := cmp.Or(err, ctx.Err()); err != nil {
			return err
		}
		q.Name = question
		answer := screened{Question: question}
		for _, e := range ix.Lookup(question) {
			answer.Exact = append(answer.Exact, screenedHit{Subject: e.Subject, As: e.As})
		}
		for _, h := range ix.Search(q, screen.Options{Limit: o.limit, Least: o.least}) {
			answer.Hits = append(answer.Hits, screenedHit{Subject: h.Subject, Hit: &h})
		}
		answers = append(answers, answer)
	}
	if a.json {
		return a.printJSON(answers)
	}
	return a.printScreened(answers)
}

// screened is the index of all that is asked: the lists, and the actors of the workspace where they are asked too, then without lists if
// there are none.
func (a *app) screened(ctx context.Context, o *screenOptions) (*screen.Index, error) {
	b := screen.NewBuilder()
	err := a.addLists(ctx, b, o.lists)
	if o.actors && len(o.lists) == 0 && errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil || !o.actors {
		return b.Index(), err
	}
	v, err := o.view.view()
	if err == nil {
		err = a.open(ctx)
	}
	if err != nil {
		return nil, err
	}
	known, err := a.w.Subjects(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, s := range known {
		b.Add(s)
	}
	return b.Index(), nil
}

// readLists builds the index of the lists.
func (a *app) readLists(ctx context.Context, paths []string) (*screen.Index, error) {
	b := screen.NewBuilder()
	if err := a.addLists(ctx, b, paths); err != nil {
		return nil, err
	}
	return b.Index(), nil
}

// addLists adds the subjects of lists to an index.
func (a *app) addLists(ctx context.Context, b *screen.Builder, paths []string) error {
	if len(paths) == 0 {
		home, err := a.homeDir()
		if err != nil {
			return err
		}
		paths = []string{filepath.Join(home, "lists")}
	}
	sources, err := sanctions.Find(paths...)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w; put the published lists there, or name a file or folder with --list", err)
	}
	if err != nil {
		return err
	}
	if len(sources) == 0 {
		return fmt.Errorf("%s: no sanctions list is there; name a file or folder with --list", strings.Join(paths, ", "))
	}
	for _, source := range sources {
		problems := 0
		for s, err := range source.Subjects() {
			var p *sanctions.EntryError
			switch {
			case errors.As(err, &p):
				problems++
			case err != nil:
				return err
			default:
				b.Add(s)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if problems > 0 {
			fmt.Fprintf(a.stderr, "%s: %d entries could not be read\n", source.Path, problems)
		}
	}
	return nil
}

// questions are the arguments and then the lines of a file.
func (a *app) questions(file string, args []string) func(func(string, error) bool) {
	return func(yield func(string, error) bool) {
		for _, arg := range args {
			if !yield(arg, nil) {
				return
			}
		}
		if file == "" {
			return
		}
		var r io.Reader = a.stdin //nolint:staticcheck // a file takes its place below
		if file != "-" {
			f, err := os.Open(file)
			if err != nil {
				yield("", err)
				return
			}
			defer f.Close()
			r = f
		}
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if q := strings.TrimSpace(lines.Text()); q != "" && !yield(q, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("", fmt.Errorf("%s: %w", file, err))
		}
	}
}

func (a *app) printScreened(answers []screened) error {
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	rows := [][]string{{"asked", "score", "grade", "list", "id", "listed", "how"}}
	for _, answer := range answers {
		for _, e := range answer.Exact {
			rows = append(rows, []string{answer.Question, "1", "exact", e.Subject.List, e.Subject.ID, e.Subject.Name(), "the same " + e.As})
		}
		for _, h := range answer.Hits {
			rows = append(rows, []string{
				answer.Question, fmt.Sprintf("%.2f", h.Score), string(h.Grade), h.Subject.List, h.Subject.ID, h.Name.Full, reasons(h.Hit),
			})
		}
		if len(answer.Exact)+len(answer.Hits) == 0 {
			rows = append(rows, []string{answer.Question, "–", "", "", "", "", "nothing on these lists"})
		}
	}
	p.Table(rows)
	return p.Err()
}

// reasons tells in a line how a hit came about and what speaks against it.
func reasons(h *screen.Hit) string {
	var out []string
	for _, part := range h.Names.Parts {
		if part.Way == screen.Same {
			out = append(out, part.Asked)
			continue
		}
		out = append(out, fmt.Sprintf("%s ≈ %s (%s)", part.Asked, part.Listed, part.Way))
	}
	for _, side := range []struct {
		words []string
		what  string
	}{{h.Names.OnlyAsked, "asked only"}, {h.Names.OnlyListed, "listed only"}} {
		if len(side.words) > 0 {
			out = append(out, side.what+": "+strings.Join(side.words, " "))
		}
	}
	for _, f := range h.Facts {
		word := "differs"
		if f.Agrees {
			word = "agrees"
		}
		out = append(out, fmt.Sprintf("%s %s (%s)", f.What, word, f.Listed))
	}
	out = append(out, h.Names.Against...)
	return strings.Join(out, ", ")
}
