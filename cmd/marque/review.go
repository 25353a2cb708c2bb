package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"marque/report"
	"marque/workspace"
)

type reviewOptions struct {
	signed                                    signedFlags
	filter                                    workspace.QueueFilter
	accept, reject, candidates, preview, undo bool
	keys                                      string
	limit                                     int
}

func reviewCommand(a *app) *cobra.Command {
	var o reviewOptions
	c := &cobra.Command{
		Use: "review [ID...]", Short: "What waits for a person, what would move a verdict most first", Args: cobra.ArbitraryArgs,
		Long: `What a rule read, and pairs of records that may be one operation, count less or not at all until a person has looked at them. On a terminal
each is shown with its quote in its paragraph and what it would do to a verdict; a key decides:

  a accept   r reject   e correct   s skip   u undo   q leave   ? help

Elsewhere, and with --json, the queue is listed. --accept and --reject decide everything that the ids and filters choose: --rule, --document,
--source, --operation, --kind; --preview says exactly what would change and changes nothing; --undo takes the last decision back.`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			o.filter.IDs = args
			switch {
			case o.accept && o.reject:
				return usageError{errors.New("--accept and --reject together; choose one")}
			case o.filter.Kind == "indicator" || len(args) > 0 && !slices.ContainsFunc(args, func(id string) bool { return !strings.HasPrefix(id, "indicator--") }):
				return a.reviewIndicators(c.Context(), o, args)
			case o.undo:
				return a.undoReview(c.Context(), o)
			case o.accept || o.reject || o.preview:
				return a.reviewAll(c.Context(), o)
			case o.keys != "" || !a.json && a.interactive():
				return a.reviewByKey(c.Context(), o)
			}
			items, err := a.w.Queue(c.Context(), workspace.Owner(), o.filter)
			if err != nil {
				return err
			}
			return a.printQueue(items, o.limit)
		}),
	}
	o.signed.register(c)
	f := c.Flags()
	f.StringVar(&o.filter.Kind, "kind", "", "only claims or joins: claim, join; or indicator: what reports give to look for")
	f.StringVar(&o.filter.Rule, "rule", "", "only what this rule read")
	f.StringVar(&o.filter.Document, "document", "", "only what stands in this document (part of its name)")
	f.StringVar(&o.filter.Source, "source", "", "only what this source says")
	f.StringVar(&o.filter.Operation, "operation", "", "only what bears on this operation")
	f.BoolVar(&o.accept, "accept", false, "accept all that is chosen: it counts in full")
	f.BoolVar(&o.reject, "reject", false, "reject all that is chosen: it no longer counts, but stays on record")
	f.BoolVar(&o.candidates, "candidates", false, "all claims that are still candidates (as --kind claim)")
	f.BoolVar(&o.preview, "preview", false, "say what --accept or --reject would change, and change nothing")
	f.BoolVar(&o.undo, "undo", false, "take the last decision back")
	f.StringVar(&o.keys, "keys", "", "type these keys, for scripts")
	f.IntVar(&o.limit, "limit", 20, "list at most so many; 0 is all")
	return c
}

// interactive tells whether a person sits at both ends.
func (a *app) interactive() bool {
	return term.IsTerminal(int(a.stdout.Fd())) && term.IsTerminal(int(os.Stdin.Fd()))
}

func (o *reviewOptions) verdict() workspace.Verdict {
	if o.reject {
		return workspace.Reject
	}
	return workspace.Accept
}

// reviewAll decides all that is chosen, or says what that would change.
func (a *app) reviewAll(ctx context.Context, o reviewOptions) error {
	f := o.filter
	if o.candidates {
		f.Kind = "claim"
	}
	if f.Empty() {
		return usageError{errors.New("nothing chosen; name ids, a filter such as --rule, --document or --source, or --candidates for all claims")}
	}
	items, err := a.w.Queue(ctx, workspace.Owner(), f)
	if err != nil {
		return err
	}
	if o.preview {
		return a.printPreview(ctx, items, o)
	}
	if len(items) == 0 {
		return a.answer(map[string]any{"verdict": o.verdict(), "ids": map[string][]string{}}, "nothing of that waits\n")
	}
	d, err := a.w.Decide(ctx, items, o.verdict(), o.signed.signed())
	if err != nil {
		return err
	}
	var done []string
	for _, kind := range []string{"claim", "join", "indicator"} {
		if n := len(d.IDs[kind]); n > 0 {
			done = append(done, count(n, kind))
		}
	}
	return a.answer(d, "%s %s\n", strings.Join(done, " and "), d.Verdict)
}

// answer prints in JSON or in words.
func (a *app) answer(v any, format string, args ...any) error {
	if a.json {
		return a.printJSON(v)
	}
	return a.print(format, args...)
}

func (a *app) undoReview(ctx context.Context, o reviewOptions) error {
	d, err := a.w.UndoReview(ctx, o.signed.signed())
	if err != nil {
		return err
	}
	n := 0
	for _, ids := range d.IDs {
		n += len(ids)
	}
	return a.answer(d, "%s no longer %s; in the queue again\n", count(n, "decision"), d.Verdict)
}

func (a *app) printPreview(ctx context.Context, items []workspace.Waiting, o reviewOptions) error {
	effects, err := a.w.EffectOf(ctx, workspace.Owner(), items)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(map[string]any{"items": items, "verdicts": effects})
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Heading(fmt.Sprintf("Would be %s: %s", o.verdict(), count(len(items), "decision")))
	for _, x := range items {
		p.Line(x.Text, short(x.ID)+" · "+x.Rule+" · "+x.Document)
	}
	p.Heading("Verdicts, about")
	for _, e := range effects {
		to := e.Accepted
		if o.reject {
			to = e.Rejected
		}
		p.Line(fmt.Sprintf("%s: %s %.0f %% → %.0f %%", e.Operation, e.Answer, 100*e.Now, 100*to), "")
	}
	p.Dim("nothing was changed")
	return p.Err()
}

func (a *app) printQueue(items []workspace.Waiting, limit int) error {
	if a.json {
		return a.printJSON(items)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	for i, x := range items {
		if i == limit && limit > 0 {
			p.Dim(fmt.Sprintf("and %d more; --limit 0 lists all", len(items)-limit))
			break
		}
		printWaiting(p, &x)
	}
	p.Dim(count(len(items), "decision") + " waiting; marque review ID --accept or --reject, or marque review on a terminal")
	return p.Err()
}

func printWaiting(p *report.Printer, x *workspace.Waiting) {
	p.Line(x.Text, fmt.Sprintf("%s %s · %s", x.Kind, short(x.ID), x.Document))
	if x.Quote != "" {
		p.Indent(strings.TrimSpace(x.Before + " «" + x.Quote + "» " + x.After))
	}
	if x.Why != "" {
		p.Indent("why: " + x.Why)
	}
	for _, e := range x.Verdicts {
		if x.Kind == "join" {
			p.Indent(fmt.Sprintf("%s: %s %.0f %%", e.Operation, e.Answer, 100*e.Now))
			continue
		}
		p.Indent(fmt.Sprintf("%s: %s %.0f %%; about %.0f %% if accepted, %.0f %% if rejected", e.Operation, e.Answer, 100*e.Now, 100*e.Accepted, 100*e.Rejected))
	}
}

const reviewKeys = `a accept: it counts in full        r reject: it no longer counts, but stays on record
e correct: hedge and grade         s skip: it waits on
u undo the last decision           q leave                   ? these keys`

// reviewByKey walks the queue; each key acts at once, so leaving loses nothing.
func (a *app) reviewByKey(ctx context.Context, o reviewOptions) error {
	items, err := a.w.Queue(ctx, workspace.Owner(), o.filter)
	if err != nil {
		return err
	}
	keys, restore, err := a.keyboard(o.keys)
	if err != nil {
		return err
	}
	defer restore()
	var out io.Writer = a.stdout
	if o.keys == "" {
		out = &returns{w: a.stdout}
	}
	p := report.NewPrinter(out, a.width(), a.colour())
	var decided []int // places in the queue, to go back to
	for i := 0; i < len(items); {
		p.Heading(fmt.Sprintf("%d of %d", i+1, len(items)))
		printWaiting(p, &items[i])
		p.Dim("a accept  r reject  e correct  s skip  u undo  q leave  ? help")
		key, err := keys.ReadByte()
		if errors.Is(err, io.EOF) {
			return p.Err()
		}
		if err != nil {
			return err
		}
		switch key {
		case 'a', 'r':
			v := map[byte]workspace.Verdict{'a': workspace.Accept, 'r': workspace.Reject}[key]
			if _, err := a.w.Decide(ctx, items[i:i+1], v, o.signed.signed()); err != nil {
				return err
			}
			p.Dim(string(v))
			decided = append(decided, i)
			i++
		case 'e':
			if err := a.correct(ctx, p, keys, &items[i], o); err != nil {
				p.Line(err.Error(), "")
			}
		case 's':
			i++
		case 'u':
			switch d, err := a.w.UndoReview(ctx, o.signed.signed()); {
			case err != nil:
				p.Line(err.Error(), "")
			default:
				p.Dim("no longer " + string(d.Verdict))
				if n := len(decided) - 1; n >= 0 {
					i, decided = decided[n], decided[:n]
				}
			}
		case 'q', 3, 4: // also ^C and ^D, which a raw terminal hands on as keys
			return p.Err()
		default:
			for line := range strings.SplitSeq(reviewKeys, "\n") {
				p.Line(line, "")
			}
		}
	}
	p.Dim("nothing more waits")
	return p.Err()
}

// correct asks for a hedge and a grade of a claim. A line ends with the return key; an empty one leaves the field as it is.
func (a *app) correct(ctx context.Context, p *report.Printer, keys io.ByteReader, x *workspace.Waiting, o reviewOptions) error {
	if x.Kind != "claim" {
		return errors.New("only claims can be corrected")
	}
	edit := workspace.ClaimEdit{Signed: o.signed.signed()}
	if edit.Reason == "" {
		edit.Reason = "corrected in review"
	}
	for _, ask := range []struct {
		what string
		to   *string
	}{{"hedge (- for none)", &edit.Hedge}, {"grade, such as B2", &edit.Grade}} {
		p.Dim(ask.what + ":")
		for {
			key, err := keys.ReadByte()
			if err != nil || key == '\r' || key == '\n' {
				break
			}
			*ask.to += string(rune(key))
		}
	}
	rows, err := a.w.PickClaims(ctx, workspace.Owner(), []string{x.ID}, false)
	if err != nil {
		return err
	}
	_, err = a.w.EditClaims(ctx, rows, edit)
	return err
}

// keyboard reads single keys: those given, or the terminal's.
func (a *app) keyboard(given string) (io.ByteReader, func(), error) {
	if given != "" {
		return bufio.NewReader(strings.NewReader(given)), func() {}, nil
	}
	fd := int(os.Stdin.Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, nil, fmt.Errorf("terminal: %w; marque review ID --accept works without one", err)
	}
	return bufio.NewReader(os.Stdin), func() { _ = term.Restore(fd, state) }, nil
}

// returns begins each line at the left, which a raw terminal does not do by itself.
type returns struct{ w io.Writer }

func (r *returns) Write(b []byte) (int, error) {
	_, err := io.WriteString(r.w, strings.ReplaceAll(string(b), "\n", "\r\n"))
	return len(b), err
}
