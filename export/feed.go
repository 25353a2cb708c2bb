package export

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"marque/misp"
	"marque/store"
)

// manifestFields are what a manifest tells of an event.
var manifestFields = []string{"info", "Orgc", "analysis", "date", "threat_level_id", "timestamp", "Tag", "publish_timestamp"}

// Feed writes what a query asks for as a MISP feed: an event per file, manifest.json, hashes.csv. Create makes a file of the feed from what
// write writes to it; the manifest comes last, and tells only of what is there.
func Feed(ctx context.Context, create func(name string, write func(io.Writer) error) error, r *Reader, q store.Query) (Summary, error) {
	manifest := map[string]misp.Record{}
	var sum Summary
	err := create(misp.HashesFile, func(hashes io.Writer) (err error) {
		sum, err = mispEvents(ctx, r, q, func(e misp.Record) error {
			id := e.Text("uuid")
			entry := misp.Record{}
			for _, k := range manifestFields {
				if v := e[k]; v != nil {
					entry[k] = v
				}
			}
			manifest[id] = entry
			if err := writeHashes(hashes, id, e); err != nil {
				return err
			}
			return create(id+".json", func(w io.Writer) error { return writeIndented(w, map[string]misp.Record{"Event": e}) })
		})
		return err
	})
	if err == nil {
		err = create(misp.ManifestFile, func(w io.Writer) error { return writeIndented(w, manifest) })
	}
	if err != nil {
		return sum, fmt.Errorf("export feed: %w", err)
	}
	return sum, nil
}

// writeHashes writes a line per value; the parts of a composite value each get one.
func writeHashes(w io.Writer, id string, e misp.Record) error {
	attributes := e.List("Attribute")
	for _, o := range e.List("Object") {
		attributes = append(attributes, o.List("Attribute")...)
	}
	seen := map[string]bool{}
	for _, a := range attributes {
		values := []string{a.Text("value")}
		if typ := a.Text("type"); strings.Contains(typ, "|") || typ == "malware-sample" {
			values = strings.Split(values[0], "|")
		}
		for _, v := range values {
			if h := misp.ValueHash(v); !seen[h] {
				seen[h] = true
				if _, err := fmt.Fprintf(w, "%s,%s\n", h, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func writeIndented(w io.Writer, v any) error {
	return json.MarshalWrite(w, v, json.Deterministic(true), jsontext.WithIndent(" "))
}
