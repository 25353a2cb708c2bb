package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"marque/ledger"
	"marque/report"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// Store is what a workspace keeps its knowledge in.
type Store interface {
	store.Viewer
	store.Writer
	store.Withdrawer
	store.Documents
	store.Quarantine
	store.Marks
	store.Receipts
	// LastSeq is the sequence of the newest record, 0 in an empty store.
	LastSeq(ctx context.Context) (int64, error)
	// Damaged are the records that readers passed over since the store was opened; Check looks for them in the whole store.
	Damaged() []store.Damage
	Check(ctx context.Context) ([]store.Damage, error)
	Close() error
}

var _ Store = (*sqlite.DB)(nil)

// Options say how a workspace is opened. Dir is needed; all else has a default.
type Options struct {
	Dir string
	// Now is the clock; nil is the real one.
	Now func() time.Time
	// Config is what the configuration says, see [ReadConfig].
	Config Config
}

// Workspace is an open folder. It is safe for concurrent use.
type Workspace struct {
	Dir    string
	Config Config

	db  Store
	now func() time.Time

	snapshots  resident[*Snapshot]
	claims     resident[[]*ClaimRow]
	operations resident[[]Operation]
	looked     resident[*looked]
	overviews  resident[*report.Brief]
}

// View is from where one looks: up to which level, and as of which day. The zero View sees what is TLP:CLEAR, today.
type View struct {
	Level stix.TLP
	// AsOf lets only claims count whose document is dated before it. The zero time is now.
	AsOf time.Time
	// ToldBy shows only what the workspace had been told by then: its own past. The zero time is now.
	ToldBy time.Time
}

// Owner is the view of who owns the workspace.
func Owner() View { return View{Level: stix.Red} }

// Open opens the workspace in a folder, and makes one where there is none.
func Open(ctx context.Context, o Options) (*Workspace, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("workspace %s: %w; name another with --home", o.Dir, err)
	}
	w := &Workspace{Dir: o.Dir, Config: o.Config, now: o.Now}
	var err error
	if w.db, err = sqlite.Open(ctx, w.path("marque.db"), sqlite.Config{Now: o.Now}); err != nil {
		return nil, fmt.Errorf("workspace %s: %w", o.Dir, err)
	}
	return w, nil
}

// Close closes what is open.
func (w *Workspace) Close() error { return w.db.Close() }

// Init writes the configuration, where there is none, and makes the key that signs. name is the instance's, empty for the default; it is
// part of the key, so a workspace that has one keeps it. It returns the configuration's path and the verifier key.
func (w *Workspace) Init(ctx context.Context, name string) (config, key string, err error) {
	config = w.path(ConfigFile)
	f, err := os.OpenFile(config, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err == nil {
		text := configText
		if name != "" {
			text = strings.Replace(text, "\nname: marque\n", "\nname: "+name+"\n", 1)
			w.Config.Name = name
		}
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", "", fmt.Errorf("write configuration: %w", err)
	}
	if name != "" && name != w.Config.Name {
		return "", "", fmt.Errorf("the workspace is called %q; its name is part of its key, and stays", w.Config.Name)
	}
	err = w.books(ctx, func(l *ledger.Log) error { key = l.Key(); return nil })
	return config, key, err
}

// Store is what the workspace keeps its knowledge in, for a server's rooms that read through views of their own.
func (w *Workspace) Store() Store { return w.db }

// Reader reads the store through a view.
func (w *Workspace) Reader(v View) store.Reader {
	return w.db.View(store.View{MaxTLP: v.Level, AsOf: v.ToldBy})
}

func (w *Workspace) path(parts ...string) string {
	return filepath.Join(append([]string{w.Dir}, parts...)...)
}

// Ready says why the store cannot be read, if it cannot.
func (w *Workspace) Ready(ctx context.Context) error {
	_, err := w.db.LastSeq(ctx)
	return err
}
