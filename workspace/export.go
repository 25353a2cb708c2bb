package workspace

import (
	"marque/export"
	"marque/stix"
	"marque/store"
)

// Export is the reader of what may leave up to a level and for a use. It refuses TLP:RED ([export.ErrRed]).
func (w *Workspace) Export(level stix.TLP, use store.Use) (*export.Reader, error) {
	return export.Open(w.db, store.View{MaxTLP: level}, use)
}
