package validate_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"marque/stix/validate"
)

func BenchmarkObject(b *testing.B) {
	for name, object := range map[string]string{"identity": identityJSON, "ipv4-addr": addressJSON} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(object)))
			b.ReportAllocs()
			for b.Loop() {
				validate.Object([]byte(object), validate.Options{})
			}
		})
	}
}

func BenchmarkBundleAttack(b *testing.B) {
	bundle, err := io.ReadAll(attack(b))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(bundle)))
	objects := 0
	for b.Loop() {
		summary, _ := validate.Bundle(bytes.NewReader(bundle), validate.Options{}, func(validate.Finding) {})
		objects += summary.Objects
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
}

// peer validates a bundle with stix2-validator and prints the seconds that it took, start of the interpreter left out.
const peer = `
import json, sys, time
from stix2validator import ValidationOptions, validate_instance
bundle = json.load(open(sys.argv[1]))
options = ValidationOptions(version="2.1")
validate_instance(bundle, options)
start = time.perf_counter()
validate_instance(bundle, options)
print(time.perf_counter() - start)
`

// BenchmarkPeer measures stix2-validator and this package on the same bundle in one run. It needs a Python with
// stix2-validator, named by MARQUE_PEERS.
func BenchmarkPeer(b *testing.B) {
	python := os.Getenv("MARQUE_PEERS")
	if python == "" {
		b.Skip("MARQUE_PEERS is unset: it names a Python that has stix2-validator")
	}
	objects := sample(b, 1000)
	bundle := []byte(bundleHead + `,"objects":[` + strings.Join(objects, ",") + `]}`)
	file := filepath.Join(b.TempDir(), "bundle.json")
	if err := os.WriteFile(file, bundle, 0o600); err != nil {
		b.Fatal(err)
	}
	output, err := exec.CommandContext(b.Context(), python, "-c", peer, file).Output()
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := time.ParseDuration(strings.TrimSpace(string(output)) + "s")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(bundle)))
	for b.Loop() {
		if _, err := validate.Bundle(bytes.NewReader(bundle), validate.Options{Pattern: checkPattern}, func(validate.Finding) {}); err != nil {
			b.Fatal(err)
		}
	}
	ours := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-stix2-validator")
	b.ReportMetric(float64(len(objects))/theirs.Seconds(), "peer-objects/s")
	b.ReportMetric(float64(len(objects))/ours.Seconds(), "objects/s")
}

// sample takes objects of ATT&CK, made valid, evenly spread.
func sample(b *testing.B, count int) []string {
	var bundle struct {
		Objects []json.RawMessage `json:"objects"`
	}
	if err := json.NewDecoder(attack(b)).Decode(&bundle); err != nil {
		b.Fatal(err)
	}
	var objects []string
	for i := 0; i < len(bundle.Objects); i += max(1, len(bundle.Objects)/count) {
		lifted, _ := validate.Lift(bundle.Objects[i])
		for _, object := range lifted {
			objects = append(objects, string(object))
		}
	}
	return objects
}
