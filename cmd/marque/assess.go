package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"marque/attribute"
	"marque/report"
	"marque/workspace"
)

type assessOptions struct {
	view        viewFlags
	signed      signedFlags
	say         workspace.PersonsView
	probability string
	nobody      bool
	undo        bool
}

func assessCommand(a *app) *cobra.Command {
	var o assessOptions
	c := &cobra.Command{
		Use: "assess OPERATION", Short: "A person's judgement beside the machine's, signed; without flags both are shown", Args: cobra.ExactArgs(1),
		Long: `Enters your judgement of an operation beside the computed one: a key judgement in your words, who it was (--actor, --state, or --nobody),
how probable (--probability, --word of ICD 203, or both where they agree), your confidence with its --reason, a dissent of the desk, and what
it rests on: --accept and --reject take numbers and claims of marque evidence list, --add is what you know besides. It is signed with
your name in the ledger. A later one of yours supersedes it, --undo takes the latest back, and nothing is overwritten. The brief,
marque attribute and marque operations show both and where they part.`,
		Example: `  marque assess kyivstar --judgement "Sandworm did it, for the GRU." --actor Sandworm --state RU \
    --probability 90 --confidence moderate --reason "two services say so" --accept 1 --reject 4`,
		RunE: a.opened(func(c *cobra.Command, args []string) error {
			v, err := o.view.view()
			if err != nil {
				return err
			}
			o.say.Operation, o.say.Signed = args[0], o.signed.signed()
			switch {
			case o.undo:
				x, err := a.w.UndoAssess(c.Context(), args[0], o.say.Signed)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(x)
				}
				return a.print("taken back: %s's judgement of %s, %q\n", x.Name, x.Date, x.KeyJudgement)
			case o.entered(c):
				return a.assess(c.Context(), v, o)
			}
			return a.printAssessed(c.Context(), v, args[0])
		}),
	}
	o.view.register(c, false)
	o.signed.register(c)
	f := c.Flags()
	f.StringVar(&o.say.KeyJudgement, "judgement", "", "the sentence that you stand for")
	f.StringVar(&o.say.Actor, "actor", "", "who did it")
	f.StringVar(&o.say.State, "state", "", "for which state (name or ISO 3166-1 code)")
	f.BoolVar(&o.nobody, "nobody", false, "nobody can be named")
	f.StringVar(&o.probability, "probability", "", "of that answer, in per cent, such as 85")
	f.StringVar(&o.say.Word, "word", "", "of ICD 203, such as \"very likely\"")
	f.StringVar(&o.say.Confidence, "confidence", "", "low, moderate or high")
	f.StringVar(&o.say.Dissent, "dissent", "", "who of the desk sees it otherwise, and why")
	f.StringSliceVar(&o.say.Accepted, "accept", nil, "evidence that it rests on, by number or claim")
	f.StringSliceVar(&o.say.Rejected, "reject", nil, "evidence that you do not count, by number or claim")
	f.StringArrayVar(&o.say.Added, "add", nil, "evidence that only you have, in words")
	f.BoolVar(&o.undo, "undo", false, "take your latest judgement of it back; the one before stands again")
	return c
}

// entered tells whether the flags say something that is to be kept.
func (o *assessOptions) entered(c *cobra.Command) bool {
	for _, name := range []string{"judgement", "actor", "state", "nobody", "probability", "word", "confidence", "dissent", "accept", "reject", "add", "reason"} {
		if c.Flags().Changed(name) {
			return true
		}
	}
	return false
}

func (a *app) assess(ctx context.Context, v workspace.View, o assessOptions) error {
	if o.nobody == (o.say.Actor != "" || o.say.State != "") {
		return usageError{errors.New("say who it was: --actor, --state, or --nobody where nobody can be named")}
	}
	if o.probability != "" {
		p, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(o.probability, "%")), 64)
		if err != nil || p <= 0 || p > 100 {
			return usageError{fmt.Errorf("--probability %q: want per cent, above 0 and up to 100", o.probability)}
		}
		o.say.Probability = p / 100
	}
	x, err := a.w.Assess(ctx, v, o.say)
	if err != nil {
		return asked(err)
	}
	if a.json {
		return a.printJSON(x)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	printAnalyst(p, x)
	p.Dim("signed and entered in the ledger; marque assess --undo takes it back")
	return p.Err()
}

func (a *app) printAssessed(ctx context.Context, v workspace.View, name string) error {
	x, err := a.w.Assessed(ctx, v, name)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(x)
	}
	p := report.NewPrinter(a.stdout, a.width(), a.colour())
	p.Heading(x.Operation.Names[0])
	if x.Computed != nil {
		p.Field("Marque", attribute.Paragraph(x.Computed))
	} else {
		p.Field("Marque", "nothing computed: no source says who did it")
	}
	for i := range x.Analysts {
		printAnalyst(p, &x.Analysts[i])
	}
	if len(x.Analysts) == 0 {
		p.Dim("no person has judged it; marque assess --help says how")
	}
	for _, n := range x.Notes {
		p.Field("Note", fmt.Sprintf("%s, %s: %s", n.Date, n.By, n.Text))
	}
	return p.Err()
}

func printAnalyst(p *report.Printer, x *workspace.AnalystView) {
	p.Heading(fmt.Sprintf("%s, %s", x.Name, x.Date))
	p.Field("Judgement", x.KeyJudgement)
	p.Field("Who", fmt.Sprintf("%s (%.0f %%): %s", x.Word, 100*x.Probability, x.Answer))
	p.Field("How sure", fmt.Sprintf("%s confidence: %s", x.Confidence, x.Reason))
	if x.Dissent != "" {
		p.Field("Dissent", x.Dissent)
	}
	for _, f := range []struct {
		label string
		texts []string
	}{{"Rests on", x.Accepted}, {"Rejects", x.Rejected}, {"Adds", x.Added}} {
		for _, t := range f.texts {
			p.Field(f.label, t)
		}
	}
	for _, d := range x.Differs {
		p.Field("Differs", fmt.Sprintf("%s: %s; computed: %s", d.What, d.Person, d.Marque))
	}
}
