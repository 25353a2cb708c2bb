package export

import (
	"bufio"
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

// Feed writes what a query asks for as a MISP feed: an event per file, manifest.json, hashes.csv. Create makes a file of the feed;
// Feed closes it.
func Feed(ctx context.Context, create func(name string) (io.WriteCloser, error), r *Reader, q store.Query) (Summary, error) {
	fail := func(sum Summary, err error) (Summary, error) { return sum, fmt.Errorf("export feed: %w", err) }
	hashes, err := create(misp.HashesFile)
	if err != nil {
		return fail(Summary{}, err)
	}
	defer hashes.Close()
	lines := bufio.NewWriter(hashes)
	manifest := map[string]misp.Record{}
	sum, err := mispEvents(ctx, r, q, func(e misp.Record) error {
		id := e.Text("uuid")
		entry := misp.Record{}
		for _, k := range manifestFields {
			if v := e[k]; v != nil {
				entry[k] = v
			}
		}
		manifest[id] = entry
		writeHashes(lines, id, e)
		return writeFile(create, id+".json", map[string]misp.Record{"Event": e})
	})
	if err == nil {
		err = writeFile(create, misp.ManifestFile, manifest)
	}
	if err == nil {
		err = lines.Flush()
	}
	if err != nil {
		return fail(sum, err)
	}
	return sum, nil
}

// writeHashes writes a line per value; the parts of a composite value each get one.
func writeHashes(w io.Writer, id string, e misp.Record) {
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
				fmt.Fprintf(w, "%s,%s\n", h, id)
			}
		}
	}
}

func writeFile(create func(name string) (io.WriteCloser, error), name string, v any) error {
	f, err := create(name)
	if err != nil {
		return err
	}
	err = json.MarshalWrite(f, v, json.Deterministic(true), jsontext.WithIndent(" "))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
