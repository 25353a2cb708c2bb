package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/term"

	"marque/claim"
	"marque/ledger"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// app is what the commands share: the streams, the flags that all of them have, and the workspace once it is open.
type app struct {
	stdin, stdout, stderr *os.File

	home  string
	json  bool
	quiet bool

	now   func() time.Time
	cfg   config
	db    *sqlite.DB
	books *ledger.Log
}

func newApp(stdin, stdout, stderr *os.File) *app {
	return &app{stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
}

// Errors that have an exit code of their own.
var (
	errInterrupted = errors.New("interrupted; what was acknowledged is kept, run the same command to go on")
	// errCheck is the answer "no" of a command that checks something.
	errCheck = errors.New("the check failed")
	// errSetAside is success with rejects.
	errSetAside = errors.New("some input was set aside; see marque quarantine")
)

type usageError struct{ err error }

func (u usageError) Error() string { return u.err.Error() }
func (u usageError) Unwrap() error { return u.err }

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		return 2
	case errors.Is(err, errCheck), errors.Is(err, ledger.ErrAltered):
		return 3
	case errors.Is(err, errSetAside):
		return 4
	case errors.Is(err, errInterrupted):
		return 130
	default:
		return 1
	}
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
	if a.db != nil {
		return nil
	}
	home, err := a.homeDir()
	if err != nil {
		return err
	}
	a.home = home
	if err := os.MkdirAll(home, 0o750); err != nil {
		return fmt.Errorf("workspace %s: %w; name another with --home", home, err)
	}
	if a.cfg, err = loadConfig(filepath.Join(home, configName)); err != nil {
		return err
	}
	if a.db, err = sqlite.Open(ctx, filepath.Join(home, "marque.db"), sqlite.Config{Now: a.now}); err != nil {
		return fmt.Errorf("workspace %s: %w", home, err)
	}
	return nil
}

// reader is the owner's view of the workspace. It never leaves the machine.
func (a *app) reader() store.Reader { return a.db.View(store.Owner()) }

// judgements opens the ledger.
func (a *app) judgements() (*ledger.Log, error) {
	if a.books != nil {
		return a.books, nil
	}
	l, err := ledger.Open(filepath.Join(a.home, "ledger"), ledger.Config{Origin: a.cfg.Name, Now: a.now})
	if err != nil {
		return nil, err
	}
	a.books = l
	return l, nil
}

// keep stores judgements or measures and enters them in the ledger.
func (a *app) keep(ctx context.Context, importer string, objects []*stix.Object) (store.PutResult, error) {
	res, err := a.db.Put(ctx, store.Provenance{Importer: importer, Source: importer, Time: a.now().UTC(), TLP: a.cfg.TLP}, objects)
	if err != nil {
		return res, err
	}
	for _, r := range res.Refused {
		return res, fmt.Errorf("%s: %s", r.Object.ID, r.Reason)
	}
	var judged []*stix.Object
	for _, o := range objects {
		if o.Type == claim.TypeAssessment || o.Type == claim.TypeMeasure {
			judged = append(judged, o)
		}
	}
	if len(judged) == 0 {
		return res, nil
	}
	l, err := a.judgements()
	if err != nil {
		return res, err
	}
	_, err = l.Append(judged)
	return res, err
}

func (a *app) close() error {
	if a.db == nil {
		return nil
	}
	return a.db.Close()
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
	w := bufio.NewWriter(a.stdout)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	return w.Flush()
}

// say prints a line for the person at the terminal, on standard error, so that standard output stays the answer.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// printLine prints one JSON line.
func (a *app) printLine(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("print JSON: %w", err)
	}
	_, err = a.stdout.Write(append(b, '\n'))
	return err
}
