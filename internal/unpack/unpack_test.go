package unpack_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"marque/internal/unpack"
)

func packed(t *testing.T, how, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch how {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	case "xz":
		w, err = xz.NewWriter(&b)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStreams(t *testing.T) {
	bz, _ := hex.DecodeString("425a683931415926535919312567000001518000108008100020003000c00530a6c0e1772453850901931256700" + "0")
	for name, in := range map[string][]byte{
		"plain": []byte("hello hello\n"), "gzip": packed(t, "gzip", "hello hello\n"), "zstd": packed(t, "zstd", "hello hello\n"), "xz": packed(t, "xz", "hello hello\n"),
	} {
		got, err := unpack.All(t.Context(), bytes.NewReader(in), 1<<20)
		if err != nil || string(got) != "hello hello\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if name == "plain" {
			continue
		}
		if _, err := unpack.All(t.Context(), bytes.NewReader(in[:len(in)-6]), 1<<20); !errors.Is(err, unpack.ErrMalformed) {
			t.Errorf("%s, cut off: %v", name, err)
		}
		if _, err := unpack.All(t.Context(), bytes.NewReader(in), 5); !errors.Is(err, unpack.ErrTooLarge) {
			t.Errorf("%s, over the limit: %v", name, err)
		}
	}
	if unpack.Packed(bz) != "bzip2" {
		t.Error("bzip2 is not known")
	}
	if _, err := unpack.All(t.Context(), bytes.NewReader(bz), 1<<20); !errors.Is(err, unpack.ErrMalformed) {
		t.Errorf("damaged bzip2: %v", err)
	}
}

func TestForeign(t *testing.T) {
	for magic, want := range map[string]string{
		"7z\xbc\xaf\x27\x1c": "7z", "Rar!\x1a\x07\x00": "RAR", "MSCF\x00": "cabinet", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "Office",
		strings.Repeat("a", 257) + "ustar\x00": "tar",
	} {
		_, err := unpack.All(t.Context(), strings.NewReader(magic+strings.Repeat("x", 100)), 1<<20)
		if !errors.Is(err, unpack.ErrForeign) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", magic, err)
		}
	}
}

func TestZip(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"a.csv", "folder/", "folder/b.csv", "__MACOSX/a.csv", ".DS_Store"} {
		w, _ := z.Create(name)
		if !strings.HasSuffix(name, "/") {
			_, _ = io.WriteString(w, name)
		}
	}
	_ = z.Close()
	members, err := unpack.Zip(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil || len(members) != 2 || !unpack.IsZip(b.Bytes()) {
		t.Fatalf("%v, %v", members, err)
	}
	r, err := members[1].Open(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "folder/b.csv" {
		t.Errorf("%q, %v", got, err)
	}
	if r, err := members[0].Open(2); err == nil {
		if _, err = io.ReadAll(r); !errors.Is(err, unpack.ErrTooLarge) {
			t.Errorf("over the limit: %v", err)
		}
	}
	if _, err := unpack.Zip(bytes.NewReader(b.Bytes()[:20]), 20); !errors.Is(err, unpack.ErrMalformed) {
		t.Errorf("cut off: %v", err)
	}
	locked := bytes.ReplaceAll(b.Bytes(), []byte("PK\x01\x02\x14\x00\x14\x00\x08"), []byte("PK\x01\x02\x14\x00\x14\x00\x09"))
	if !bytes.Equal(locked, b.Bytes()) {
		if _, err := unpack.Zip(bytes.NewReader(locked), int64(len(locked))); !errors.Is(err, unpack.ErrForeign) {
			t.Errorf("encrypted: %v", err)
		}
	}
}

func FuzzAll(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte("\xfd7zXZ\x00\x00\x04"))
	f.Add([]byte("BZh91AY&SY"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) < 4096 {
			_, _ = unpack.All(t.Context(), bytes.NewReader(in), 1<<20)
			_, _ = unpack.Zip(bytes.NewReader(in), int64(len(in)))
		}
	})
}
