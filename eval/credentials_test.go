package eval_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/influence/media"
)

// credentials are what the reference library (c2pa-rs, without a list of trusted signers) says of its own fixtures. What it cannot read
// must be unreadable, for the same reason.
var credentials = map[string]media.Credentials{
	"C.jpg":           {State: media.Valid, Issuer: testSigner, Generator: "make_test_images/0.33.1 c2pa-rs/0.33.1", Actions: did("created"), Manifests: 1},
	"CA.jpg":          {State: media.Valid, Issuer: testSigner, Generator: "make_test_images/0.33.1 c2pa-rs/0.33.1", Actions: adjusted, Manifests: 1, Ingredients: 1},
	"CACA.jpg":        {State: media.Valid, Issuer: testSigner, Generator: "make_test_images", Actions: adjusted, Manifests: 2, Ingredients: 1},
	"E-sig-CA.jpg":    {State: media.Invalid, Failures: []string{media.CodeSignatureMismatch}, Issuer: testSigner, Generator: "make_test_xxxxxx/0.33.1 c2pa-rs/0.33.1", Actions: adjusted, Manifests: 1, Ingredients: 1},
	"XCA.jpg":         {State: media.Invalid, Failures: []string{media.CodeDataHash}, Issuer: testSigner, Generator: "make_test_images/0.33.1 c2pa-rs/0.33.1", Actions: adjusted, Manifests: 1, Ingredients: 1},
	"boxhash.jpg":     {State: media.Valid, Issuer: testSigner, Generator: "make_test_images/0.3.0 c2pa-rs/0.3.0", Actions: adjusted, Manifests: 1, Ingredients: 1},
	"ocsp.jpg":        {State: media.Valid, Issuer: "Adobe Inc.", Generator: "Adobe_Photoshop/26.9.0 adobe_c2pa/0.14.2 c2pa-rs/0.43.0", Actions: did("opened", "cropped", "edited"), Manifests: 2, Ingredients: 1},
	"no_alg.jpg":      {Present: media.Unreadable, Reason: "unknown algorithm"},
	"prerelease.jpg":  {Present: media.Unreadable, Reason: "prerelease content detected"},
	"no_manifest.jpg": {Present: media.Absent},
}

const testSigner = "C2PA Test Signing Cert"

var adjusted = did("opened", "color_adjustments")

func did(names ...string) (out []media.Action) {
	for _, n := range names {
		out = append(out, media.Action{Name: "c2pa." + n})
	}
	return out
}

// TestCredentials is the gate on content credentials: ten of ten as the reference library has them.
func TestCredentials(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: it names the folder with c2pa/")
	}
	read := 0
	for name, want := range credentials {
		raw, err := os.ReadFile(filepath.Join(data, "c2pa", name))
		if err != nil {
			t.Fatal(err)
		}
		got := media.ReadCredentials(raw, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if want.Present == "" {
			want.Present, want.Trust = media.Present, media.NotAssessed
			want.Failures = append(want.Failures, media.CodeUntrusted)
			if got.Signed.IsZero() {
				t.Errorf("%s: the time stamp was not read", name)
			}
		}
		got.Signed, got.Title = time.Time{}, ""
		for i := range got.Actions {
			got.Actions[i] = media.Action{Name: got.Actions[i].Name}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
			continue
		}
		read++
	}
	t.Logf("%d of %d as the reference library", read, len(credentials))
}

// TestReuse: copies of one picture among the fixtures are found by their perceptual hash, whatever was done to their manifests.
func TestReuse(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: it names the folder with c2pa/")
	}
	index := media.NewIndex()
	found := map[string]string{}
	for _, name := range []string{"CA.jpg", "C.jpg", "ocsp.jpg", "E-sig-CA.jpg", "CACA.jpg"} {
		f, err := os.Open(filepath.Join(data, "c2pa", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		h, err := media.HashImage(f)
		if err != nil {
			t.Fatal(err)
		}
		var uses []string
		for _, u := range index.Add(name, h) {
			uses = append(uses, u.Name)
		}
		found[name] = strings.Join(uses, " ")
	}
	for _, name := range []string{"C.jpg", "ocsp.jpg"} {
		if found[name] != "" {
			t.Errorf("%s was taken for %s", name, found[name])
		}
	}
	if !strings.Contains(found["E-sig-CA.jpg"], "CA.jpg") || !strings.Contains(found["CACA.jpg"], "CA.jpg") {
		t.Errorf("copies of CA.jpg: %v", found)
	}
}
