package document_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/document"
)

// pdfs are one report as nine producers write it, with words and letters placed one by one, a page whose axes are turned over or scaled, and
// encryption with an empty password.
func pdfs(t *testing.T) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/pdf/*.pdf")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if name := strings.TrimSuffix(filepath.Base(f), ".pdf"); name != "locked" {
			out[name] = b
		}
	}
	return out
}

// wholeReport checks that the text holds all of the report: its sentences as sentences, and each value of the appendix.
func wholeReport(t *testing.T, name string, b []byte) {
	t.Helper()
	d, err := document.Parse(context.Background(), b, name+".pdf")
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for _, want := range []string{
		"Copper Finch broke into the network of a Ruritanian port authority in February 2024, investigators of the national police said on Tuesday.",
		"They used a loader that Example Labs calls RustyAnchor, whose efficient first stage is fetched from hxxps://stage-one[.]example/a/b.php?id=7.",
		"The ministry of foreign affairs of Borduria denied that it was involved in the operation.",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "900150983cd24fb0d6963f7d28e17f72",
	} {
		if !strings.Contains(d.Text, want) {
			t.Errorf("%s: no %q in %q", name, want, d.Text)
		}
	}
	fields := map[string]bool{}
	for f := range strings.FieldsSeq(strings.ReplaceAll(d.Text, "[.]", ".")) {
		fields[f] = true
	}
	for i := 11; i < 31; i++ {
		if v := fmt.Sprintf("198.51.100.%d", i); !fields[v] {
			t.Errorf("%s: no %s", name, v)
		}
	}
	for _, c := range "abcdefghij" {
		if v := fmt.Sprintf("host-%c.example", c); !fields[v] {
			t.Errorf("%s: no %s", name, v)
		}
	}
	if len(d.Missed) > 0 {
		t.Errorf("%s: missed %q", name, d.Missed)
	}
}

func TestPDFsOfManyProducers(t *testing.T) {
	for name, b := range pdfs(t) {
		wholeReport(t, name, b)
	}
}

// TestDamagedPDFs reads what servers, mail and broken downloads make of a PDF.
func TestDamagedPDFs(t *testing.T) {
	for name, b := range pdfs(t) {
		if strings.Contains(name, "empty") {
			continue
		}
		start := bytes.LastIndex(b, []byte("startxref"))
		for damage, bad := range map[string][]byte{
			"a header of HTTP before it": append([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n"), b...),
			"a page of HTML behind it":   append(bytes.Clone(b), bytes.Repeat([]byte("\n<!-- from the cache -->"), 500)...),
			"zeros behind it":            append(bytes.Clone(b), make([]byte, 5000)...),
			"a wrong startxref":          append(bytes.Clone(b[:start]), []byte("startxref\n12345\n%%EOF\n")...),
			"nothing behind the trailer": b[:start],
		} {
			wholeReport(t, name+" with "+damage, bad)
		}
	}
}

func TestLockedPDF(t *testing.T) {
	b, err := os.ReadFile("testdata/pdf/locked.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = document.Parse(context.Background(), b, "locked.pdf"); !errors.Is(err, ingest.ErrNoText) || !strings.Contains(err.Error(), "password") {
		t.Errorf("%v, want that it is encrypted", err)
	}
}

// FuzzPDF holds that no PDF panics or takes for ever.
func FuzzPDF(f *testing.F) {
	for _, name := range []string{"reportlab", "reportlab-empty-aes", "groff-ghostscript", "weasyprint"} {
		b, err := os.ReadFile("testdata/pdf/" + name + ".pdf")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = document.Parse(context.Background(), append([]byte("%PDF-1.4\n"), b...), "x.pdf")
	})
}
