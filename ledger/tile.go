package ledger

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
)

func tilePath(dir string, t tlog.Tile) string {
	return filepath.Join(dir, filepath.FromSlash(t.Path()))
}

func writeTile(fsys durable.FS, dir string, t tlog.Tile, hashes tlog.HashReader) error {
	data, err := tlog.ReadTileData(t, hashes)
	if err != nil {
		return err
	}
	path := tilePath(dir, t)
	if err := durable.MkdirAll(fsys, filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return durable.WriteFile(fsys, path, data, 0o644)
}

// checkTiles compares every tile that was written with the hashes of the entries. Where entries are not what the heads say, the leaf hashes of
// the tiles tell which; where they are, a tile that differs is itself altered. Partial tiles that a later one has replaced may be gone:
// the tile layout lets publishers prune them.
func checkTiles(fsys durable.FS, dir string, s *state, heads []head, found *findings) error {
	seen := map[tlog.Tile]bool{}
	from := int64(0)
	newest := int64(0)
	for _, h := range heads {
		if h.tree.N <= int64(len(s.lines)) {
			newest = max(newest, h.tree.N)
		}
	}
	for _, h := range heads {
		if h.tree.N > int64(len(s.lines)) {
			break
		}
		for _, t := range tlog.NewTiles(tileHeight, from, h.tree.N) {
			if seen[t] {
				continue
			}
			seen[t] = true
			if err := checkTile(fsys, dir, t, s, newest, found); err != nil {
				return err
			}
		}
		from = h.tree.N
	}
	return nil
}

// checkTile checks one tile of a tree that has newest entries by now.
func checkTile(fsys durable.FS, dir string, t tlog.Tile, s *state, newest int64, found *findings) error {
	first := t.N << tileHeight // of the tile's hashes, in its level
	widest := min(1<<tileHeight, newest>>(tileHeight*t.L)-first)
	entry := first << (tileHeight * t.L)
	data, err := durable.ReadFile(fsys, tilePath(dir, t))
	if errors.Is(err, fs.ErrNotExist) {
		if int64(t.W) == widest {
			found.add(KindTile, -1, "%s is missing; it begins with entry %d", t.Path(), entry)
		}
		return nil
	}
	if err != nil {
		return err
	}
	want, err := tlog.ReadTileData(t, &s.hashes)
	if err != nil {
		return err
	}
	if bytes.Equal(data, want) {
		return nil
	}
	if len(data) != len(want) {
		found.add(KindTile, -1, "%s has %d bytes, want %d", t.Path(), len(data), len(want))
		return nil
	}
	for i := range t.W {
		if bytes.Equal(data[i*tlog.HashSize:(i+1)*tlog.HashSize], want[i*tlog.HashSize:(i+1)*tlog.HashSize]) {
			continue
		}
		seq := entry + int64(i)<<(tileHeight*t.L)
		covers := int64(1) << (tileHeight * t.L)
		switch {
		case seq+covers <= s.proven && t.L == 0:
			found.add(KindTile, seq, "%s was altered: the entry is what was signed, its hash in the tile is not", t.Path())
		case seq+covers <= s.proven:
			found.add(KindTile, -1, "%s was altered in the hash over entries %d to %d", t.Path(), seq, seq+covers-1)
		case t.L == 0:
			found.add(KindEntry, seq, "the entry does not have the hash that was recorded")
		}
	}
	return nil
}
