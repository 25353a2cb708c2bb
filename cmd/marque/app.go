package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"marque/internal/durable"
	"marque/internal/plain"
	"marque/stix"
	"marque/workspace"
)

// app is what the commands share: the streams, the flags that all of them have, and the workspace once it is open.
type app struct {
	stdin          io.Reader
	stdout, stderr *os.File

	home  string
	json  bool
	quiet bool

	now func() time.Time
	cfg config
	w   *workspace.Workspace
	bar *progressbar.ProgressBar
	// what the bar shows.
	what string
}

func newApp(stdin io.Reader, stdout, stderr *os.File) *app {
	return &app{stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
}

// homeDir is the folder of the workspace.
func (a *app) homeDir() (string, error) {
	if a.home != "" {
		return a.home, nil
	}
	if h := os.Getenv("MARQUE_HOME"); h != "" {
		return h, nil
	}
	if d := os.Getenv("XDG_DATA_HOME"); d != "" {
		return filepath.Join(d, "marque"), nil
	}
	u, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for the workspace: %w; name one with --home", err)
	}
	return filepath.Join(u, ".local", "share", "marque"), nil
}

// open opens the workspace, making it where there is none.
func (a *app) open(ctx context.Context) error {
	if a.w != nil {
		return nil
	}
	home, err := a.homeDir()
	if err != nil {
		return err
	}
	if a.cfg, err = readConfig(home); err != nil {
		return err
	}
	a.w, err = workspace.Open(ctx, workspace.Options{Dir: home, Config: a.cfg.Config, Now: a.now})
	return err
}

// opened makes a command's work of a function that needs the workspace.
func (a *app) opened(f func(c *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		if err := a.open(c.Context()); err != nil {
			return err
		}
		return f(c, args)
	}
}

// maxDamage is how many damaged objects are named; marque verify names all.
const maxDamage = 10

// tellDamage names what the command had to pass over.
func (a *app) tellDamage() {
	if a.w == nil {
		return
	}
	damaged := a.w.Damaged()
	if len(damaged) == 0 {
		return
	}
	a.done()
	fmt.Fprintf(a.stderr, "marque: passed over %s of the store, whose bytes are not those that were stored; marque verify looks for all of them\n",
		count(len(damaged), "damaged object"))
	for _, d := range damaged[:min(len(damaged), maxDamage)] {
		fmt.Fprintln(a.stderr, plain.Text("  "+d.String()))
	}
}

func (a *app) close() error {
	if a.w == nil {
		return nil
	}
	return a.w.Close()
}

// viewFlags are the flags of every command that answers from a view.
type viewFlags struct{ tlp, asOf string }

func (v *viewFlags) register(c *cobra.Command, asOf bool) {
	c.Flags().StringVar(&v.tlp, "tlp", "", "answer from what this TLP level shows: clear, green, amber, amber+strict, red (default: all of it)")
	if asOf {
		c.Flags().StringVar(&v.asOf, "as-of", "", "use only claims dated before this day; nothing is stored")
	}
}

// view is what the flags say; without any it is the owner's.
func (v *viewFlags) view() (workspace.View, error) {
	out := workspace.Owner()
	var err error
	if v.tlp != "" {
		if out.Level, err = stix.ParseTLP(v.tlp); err != nil {
			return out, usageError{fmt.Errorf("--tlp: %w", err)}
		}
	}
	out.AsOf, err = parseDay("as-of", v.asOf)
	return out, err
}

// whole tells whether the view is the owner's, of today.
func (v *viewFlags) whole() bool { return v.tlp == "" && v.asOf == "" }

// parseDay reads a day or an instant in UTC.
func parseDay(flag, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, usageError{fmt.Errorf("--%s %q: want a day such as 2024-06-30, or an instant in RFC 3339", flag, s)}
}

// parseSince reads a day, an instant, or an age: 90m, 36h, 7d, 2w before now.
func parseSince(flag, s string, now time.Time) (time.Time, error) {
	for suffix, unit := range map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if n, err := strconv.Atoi(strings.TrimSuffix(s, suffix)); err == nil && strings.HasSuffix(s, suffix) && n >= 0 && n < 1e5 {
			return now.Add(-time.Duration(n) * unit).UTC(), nil
		}
	}
	t, err := parseDay(flag, s)
	if err != nil {
		return t, usageError{fmt.Errorf("--%s %q: want an age such as 7d or 36h, a day such as 2024-06-30, or an instant in RFC 3339", flag, s)}
	}
	return t, nil
}

// width is the width of the terminal, or 100 where there is none.
func (a *app) width() int {
	if w, _, err := term.GetSize(int(a.stdout.Fd())); err == nil && w > 0 {
		return w
	}
	return 100
}

// colour tells whether standard output is a terminal that wants colour (https://no-color.org).
func (a *app) colour() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(a.stdout.Fd()))
}

func (a *app) printJSON(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	_, err := a.stdout.Write(plain.JSON(b.Bytes()))
	return err
}

// printLine prints one JSON line.
func (a *app) printLine(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	_, err = a.stdout.Write(append(plain.JSON(b), '\n'))
	return err
}

// print writes a part of the answer for people.
func (a *app) print(format string, args ...any) error {
	_, err := io.WriteString(a.stdout, plain.Text(fmt.Sprintf(format, args...)))
	return err
}

// say prints a line for the person at the terminal, on standard error, so that standard output stays the answer.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		a.done()
		fmt.Fprintln(a.stderr, plain.Text(fmt.Sprintf(format, args...)))
	}
}

// progress draws a bar on a terminal and nothing elsewhere.
func (a *app) progress() func(workspace.Progress) {
	if a.quiet || a.json || !term.IsTerminal(int(a.stderr.Fd())) {
		return nil
	}
	return func(p workspace.Progress) {
		if a.bar == nil || a.what != p.What {
			a.done()
			a.what = p.What
			a.bar = progressbar.NewOptions64(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription(p.What),
				progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetWidth(30),
				progressbar.OptionSetElapsedTime(true))
		}
		if p.Total > 0 && a.bar.GetMax64() != p.Total {
			a.bar.ChangeMax64(p.Total)
		}
		_ = a.bar.Set64(p.Done) // a bar that cannot be drawn must not stop the work
	}
}

// steps is progress for work that counts its steps.
func (a *app) steps(what string) func(done, total int) {
	tell := a.progress()
	if tell == nil {
		return func(int, int) {}
	}
	return func(done, total int) { tell(workspace.Progress{What: what, Done: int64(done), Total: int64(total)}) }
}

// done takes the bar off the terminal.
func (a *app) done() {
	if a.bar != nil {
		_ = a.bar.Finish()
		a.bar = nil
	}
}

// writeTo writes to a file, all of it or nothing, or to standard output where none is named.
func (a *app) writeTo(path string, write func(io.Writer) error) error {
	if path == "" {
		return write(a.stdout)
	}
	return durable.Output(path, 0o666, write)
}

// count is "1 claim", "3 claims" or "2 entries".
func count[N int | int64 | uint64](n N, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if stem, ok := strings.CutSuffix(what, "y"); ok {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
