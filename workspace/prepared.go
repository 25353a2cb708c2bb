package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"marque/internal/durable"
	"marque/match"
	"marque/stix"
	"marque/store"
)

// prepared is the workspace's indicators as they were compiled last: the table of their values in a file of its own, all else here. It is
// good as long as the store has nothing newer that could change it, and is made again otherwise, so nothing depends on it but time.
type prepared struct {
	Program  string         `json:"program"` // that compiled them
	Table    string         `json:"table"`   // file name
	Seq      int64          `json:"seq"`     // of the store, up to which they were compiled
	Mark     int64          `json:"mark"`
	Count    int            `json:"count"`
	Unusable []string       `json:"unusable,omitempty"`
	Patterns []patternEntry `json:"patterns,omitempty"`
}

// patternEntry is a pattern that no table holds.
type patternEntry struct {
	Indicator match.Indicator `json:"indicator"`
	Text      string          `json:"text"`
}

func (w *Workspace) preparedPath(seed uint64) string {
	return w.path("match", fmt.Sprintf("indicators-%016x.json", seed))
}

// program tells one build from another: what compiles indicators may have changed.
func program() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())
}

// restore takes what was prepared, if it is still good; false if not. Whatever is wrong with it, the indicators are compiled instead.
func (w *Workspace) restore(ctx context.Context, seed uint64, unusable func(error)) (*match.Set, *compiled, bool) {
	text, err := os.ReadFile(w.preparedPath(seed))
	if err != nil {
		return nil, nil, false
	}
	var p prepared
	if json.Unmarshal(text, &p) != nil || p.Program == "" || p.Program != program() || p.Table != filepath.Base(p.Table) || !w.unchanged(ctx, p.Seq) {
		return nil, nil, false
	}
	table, err := match.OpenTable(w.path("match", p.Table))
	if err != nil || table.Seed() != seed {
		return nil, nil, false
	}
	out := &compiled{count: p.Count, unusable: len(p.Unusable), mark: p.Mark}
	for _, e := range p.Patterns {
		c, err := match.CompilePattern(e.Indicator, e.Text)
		if err != nil || c.Program == nil {
			return nil, nil, false
		}
		out.patterns = append(out.patterns, c.Pattern())
	}
	if unusable != nil {
		for _, why := range p.Unusable {
			unusable(errors.New(why))
		}
	}
	return match.NewSet(seed, table), out, true
}

// unchanged tells whether nothing was stored since that could change an indicator, or whom it points to. Sightings cannot, and come with
// every run.
func (w *Workspace) unchanged(ctx context.Context, seq int64) bool {
	last, err := w.db.LastSeq(ctx)
	if err != nil || last < seq {
		return false
	}
	if last == seq {
		return true
	}
	for rec, err := range w.Reader(Owner()).Find(ctx, store.Query{AfterSeq: seq, AllVersions: true}) {
		if err != nil || rec.Type != "sighting" {
			return false
		}
	}
	return true
}

// prepare keeps compiled indicators for the next run. A folder that cannot be written to keeps none.
func (w *Workspace) prepare(seed uint64, seq int64, in *compiled, why []string, table *match.Table) {
	p := prepared{Program: program(), Table: fmt.Sprintf("indicators-%016x-%d.table", seed, seq), Seq: seq, Mark: in.mark, Count: in.count, Unusable: why, Patterns: in.texts}
	text, err := json.Marshal(&p)
	if err != nil || os.MkdirAll(w.path("match"), 0o750) != nil {
		return
	}
	path := w.preparedPath(seed)
	old, _ := os.ReadFile(path) // there may be none
	if table.WriteFile(w.path("match", p.Table)) != nil || durable.WriteFile(durable.OS, path, text, 0o640) != nil {
		return
	}
	var before prepared
	if json.Unmarshal(old, &before) == nil && before.Table != p.Table && before.Table == filepath.Base(before.Table) && before.Table != "" {
		_ = os.Remove(w.path("match", before.Table)) // who has it open keeps it
	}
}

// textOf is the pattern of an indicator as it stands there.
func textOf(o *stix.Object) string {
	var v stix.Indicator
	if o.Decode(&v) != nil {
		return "" // compiled before, so it decodes
	}
	return v.Pattern
}
