package export

import (
	"fmt"

	"marque/store"
)

// ErrRed is a view that shows TLP:RED: it is for the eyes and ears of its recipients only, and must not be exported.
var ErrRed = store.ErrRed

// Store is what can be viewed.
type Store = store.Viewer

// Reader is a view that may leave the workspace.
type Reader struct {
	*store.Shared
	use store.Use
}

// Open makes a reader for a way out: up to a TLP level of AMBER+STRICT, for a use. Above that it is ErrRed.
func Open(st Store, v store.View, use store.Use) (*Reader, error) {
	r, err := store.Share(st, v, use)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return &Reader{Shared: r, use: use}, nil
}

// Summary counts what an export wrote, and what had no place in its format, by STIX type.
type Summary struct {
	Written int            `json:"written"`
	Skipped map[string]int `json:"skipped"`
}

func (s *Summary) skip(typ string) {
	if s.Skipped == nil {
		s.Skipped = map[string]int{}
	}
	s.Skipped[typ]++
}
