// Package formats puts the readers of all formats together.
package formats

import (
	"marque/ingest"
	"marque/ingest/bundle"
	"marque/ingest/cfr"
	"marque/ingest/eurepoc"
	"marque/ingest/microsoft"
	"marque/ingest/misp"
)

// Config is what readers need from elsewhere. The zero Config works.
type Config struct {
	// Lift turns STIX 2.0 objects into 2.1; nil keeps them as they come.
	Lift bundle.Lift
	// More are readers from further right, such as the casebook's.
	More []ingest.Reader
}

// Default is the registry of all formats.
func Default(cfg Config) *ingest.Registry {
	return ingest.NewRegistry(append([]ingest.Reader{
		bundle.New(cfg.Lift),
		misp.Galaxy{},
		microsoft.Reader{},
		eurepoc.Reader{},
		cfr.Reader{},
	}, cfg.More...)...)
}
