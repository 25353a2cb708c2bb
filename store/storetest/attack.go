package storetest

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"marque/stix"
)

// Attack reads the ATT&CK bundle of the data folder, some 18,700 objects. Without the folder, the test is skipped.
func Attack(t testing.TB) []*stix.Object {
	t.Helper()
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the ATT&CK bundle is not here")
	}
	f, err := os.Open(filepath.Join(data, "attack", "enterprise-attack-reports-before-2023.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []*stix.Object
	err = stix.ReadBundle(z, func(o *stix.Object) error {
		out = append(out, o)
		return nil
	}, func(b *stix.BadObjectError) error { return b })
	if err != nil {
		t.Fatal(err)
	}
	return out
}
