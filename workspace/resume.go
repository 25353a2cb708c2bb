package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/zeebo/xxh3"

	"marque/internal/durable"
	"marque/internal/lock"
	"marque/match"
	"marque/store"
)

// matchProgress is how far marque match is in a file. It is written behind each segment and removed when all files are through, so a run that
// was interrupted goes on where it stood. Only what stands in it counts; the segment that was cut off is read again.
type matchProgress struct {
	Path     string              `json:"path"`
	Lake     bool                `json:"lake"`
	Mark     int64               `json:"mark"` // of the store: with other indicators the file is matched anew
	Point    match.Checkpoint    `json:"point"`
	Sighting []match.SightingRow `json:"sightings"`
	Rollup   []match.RollupRow   `json:"rollup"`
	Rejects  []store.Reject      `json:"rejects"`

	file  string       // empty: standard input, which cannot be read again
	tally *match.Tally // of Sighting and Rollup
	held  *lock.Lock   // until it is closed, other runs do not have the file; nil: standard input
}

// resume reads how far an earlier run came with a file, and takes the file for this run, or says who has it (lock.HeldError).
func (w *Workspace) resume(path string, lake bool, mark int64) (*matchProgress, error) {
	fresh := &matchProgress{Path: path, Lake: lake, Mark: mark, tally: match.NewTally()}
	if path == "-" {
		return fresh, nil
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	fresh.file = w.path("match", fmt.Sprintf("%016x.json", xxh3.HashString(fmt.Sprint(abs, lake))))
	if err := os.MkdirAll(filepath.Dir(fresh.file), 0o750); err != nil {
		return nil, err
	}
	if fresh.held, err = lock.Try(fresh.file + ".lock"); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(fresh.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fresh, nil
	}
	if err != nil {
		return nil, errors.Join(err, fresh.release())
	}
	p := matchProgress{file: fresh.file, tally: match.NewTally(), held: fresh.held}
	if json.Unmarshal(data, &p) != nil || p.Mark != mark {
		return fresh, nil
	}
	for _, r := range p.Rollup {
		p.tally.Rollup[r.RollupKey] = r.Events
	}
	for _, s := range p.Sighting {
		p.tally.Sightings[s.SightingKey] = match.Sighting{Count: s.Count, First: s.First.UnixNano(), Last: s.Last.UnixNano()}
	}
	p.Path = path
	return &p, nil
}

// commit adds a segment and keeps the whole.
func (p *matchProgress) commit(point match.Checkpoint, counts *match.Tally) error {
	p.tally.Merge(counts)
	p.Point = point
	if p.file == "" {
		return nil
	}
	p.Sighting, p.Rollup = p.tally.SightingRows(), p.tally.RollupRows()
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if err := durable.MkdirAll(durable.OS, filepath.Dir(p.file), 0o750); err != nil {
		return err
	}
	return durable.WriteFile(durable.OS, p.file, data, 0o640)
}

// done forgets the progress.
func (p *matchProgress) done() error {
	if p.file == "" {
		return nil
	}
	if err := os.Remove(p.file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// release lets other runs have the file.
func (p *matchProgress) release() error {
	if p.held == nil {
		return nil
	}
	return p.held.Close()
}
