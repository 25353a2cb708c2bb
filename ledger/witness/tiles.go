package witness

import (
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"
)

// Tiles reads the hashes of a tree from the tiles that a ledger publishes: its folder, or a copy of it. Every hash is checked against
// the root of the tree, so that the files need not be trusted.
func Tiles(fsys fs.FS, tree tlog.Tree) tlog.HashReader {
	return tlog.TileHashReader(tree, tileFiles{fsys})
}

type tileFiles struct{ fs.FS }

const tileHeight = 8

func (tileFiles) Height() int { return tileHeight }

func (t tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := t.read(tile)
		if err != nil {
			return nil, fmt.Errorf("tile %s: %w", tile.Path(), err)
		}
		out[i] = data
	}
	return out, nil
}

// read reads a tile, or the whole tile that a partial one has become since.
func (t tileFiles) read(tile tlog.Tile) ([]byte, error) {
	want := tile.W * tlog.HashSize
	data, err := fs.ReadFile(t.FS, tile.Path())
	if errors.Is(err, fs.ErrNotExist) && tile.W < 1<<tileHeight {
		tile.W = 1 << tileHeight
		data, err = fs.ReadFile(t.FS, tile.Path())
	}
	if err != nil {
		return nil, err
	}
	if len(data) < want {
		return nil, fmt.Errorf("%d bytes, want %d: %w", len(data), want, ErrHead)
	}
	return data[:want], nil
}

func (tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}
