package export

import (
	"errors"
	"fmt"

	"marque/stix"
	"marque/store"
)

// ErrRed is a view that shows TLP:RED: it is for the eyes and ears of its recipients only, and must not be exported.
var ErrRed = errors.New("TLP:RED never leaves the workspace")

// Store is what can be viewed.
type Store interface {
	View(store.View) store.Reader
}

// Reader is a view that may leave the workspace.
type Reader struct {
	store.Reader
	use store.Use
}

// Open makes a reader for a way out: up to a TLP level of AMBER+STRICT, for a use. Above that it is ErrRed.
func Open(st Store, v store.View, use store.Use) (*Reader, error) {
	if v.MaxTLP > stix.AmberStrict {
		return nil, fmt.Errorf("export up to %v: %w", v.MaxTLP, ErrRed)
	}
	return &Reader{Reader: store.For(use, st.View(v)), use: use}, nil
}

// Summary counts what an export wrote, and what had no place in its format, by STIX type.
type Summary struct {
	Written int
	Skipped map[string]int
}

func (s *Summary) skip(typ string) {
	if s.Skipped == nil {
		s.Skipped = map[string]int{}
	}
	s.Skipped[typ]++
}
