// Package formats puts the readers of all formats together.
package formats

import (
	"marque/ingest"
	"marque/ingest/bundle"
	"marque/ingest/cfr"
	"marque/ingest/eurepoc"
	"marque/ingest/indicators"
	"marque/ingest/metathreat"
	"marque/ingest/microsoft"
	"marque/ingest/misp"
	"marque/ingest/report"
	"marque/ingest/sanctions"
	"marque/store"
)

// Config is what readers need from elsewhere. The zero Config works.
type Config struct {
	// Lift turns STIX 2.0 objects into 2.1; nil keeps them as they come.
	Lift bundle.Lift
	// Report reads the prose of reports; nil leaves documents an unknown format.
	Report report.Claims
	// Known holds the documents that a new one is compared with; nil compares with none.
	Known store.Documents
	// More are readers from further right, such as the casebook's.
	More []ingest.Reader
}

// Default is the registry of all formats. Documents come last: any text could be one.
func Default(cfg Config) *ingest.Registry {
	readers := append([]ingest.Reader{
		bundle.New(cfg.Lift),
		misp.Galaxy{},
		misp.Events{},
		indicators.Reader{},
		microsoft.Reader{},
		eurepoc.Reader{},
		cfr.Reader{},
		metathreat.Reader{},
		sanctions.Reader{},
	}, cfg.More...)
	if cfg.Report != nil {
		readers = append(readers, report.New(cfg.Report, cfg.Known))
	}
	return ingest.NewRegistry(readers...)
}
