package media_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"encoding/hex"
	"image"
	"image/color"
	"image/jpeg"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/veraison/go-cose"

	"marque/influence/media"
)

var now = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)

// picture is a JPEG with something in it.
func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/float64(w), float64(y)/float64(h)
			v := uint8(255 * fx * fy)
			if (fx-0.3)*(fx-0.3)+(fy-0.6)*(fy-0.6) < 0.04 {
				v = 255 - v
			}
			img.Set(x, y, color.RGBA{v, uint8(255 * fx), 255 - v, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func boxOf(kind string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(b, kind...), body...)
}

// super is a superbox; the type's UUID is its four letters and ISO's tail.
func super(kind, label string, inner ...[]byte) []byte {
	tail, _ := hex.DecodeString("00110010800000aa00389b71")
	desc := append(append([]byte(kind), tail...), 3)
	desc = append(append(desc, label...), 0)
	return boxOf("jumb", bytes.Join(append([][]byte{boxOf("jumd", desc)}, inner...), nil))
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func sum(b []byte) []byte { h := sha256.Sum256(b); return h[:] }

// maker makes signed pictures; its fields change one thing each.
type maker struct {
	algorithm  string       // of hashes; sha256 where empty
	notAfter   time.Time    // of the certificate
	boxes      bool         // binds by segments
	tamper     func([]byte) // of the store after signing
	after      func([]byte) // of the file
	undeclared bool         // one more assertion than the claim names
	noBinding  bool
	old        bool // hashes made as before 1.0
}

const storeAt = 2

func (m maker) make(t testing.TB) []byte {
	t.Helper()
	plain := picture(t, 64, 64)
	const reserved = 4000 // bytes of the APP11 segment, marker included
	var binding []byte
	bindingLabel := "c2pa.hash.data"
	if m.boxes {
		bindingLabel = "c2pa.hash.boxes"
		binding = m.boxHash(t, plain)
	} else {
		binding = marshal(t, map[string]any{
			"exclusions": []map[string]any{{"start": storeAt, "length": reserved}}, "alg": "sha256", "name": "jumbf manifest",
			"hash": sum(plain),
		})
	}
	actions := marshal(t, map[string]any{"actions": []map[string]any{{
		"action": "c2pa.created", "softwareAgent": map[string]any{"name": "Adobe Firefly"},
		"digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
	}}})
	parts := map[string][]byte{"c2pa.actions.v2": actions}
	order := []string{"c2pa.actions.v2"}
	if !m.noBinding {
		parts[bindingLabel], order = binding, append(order, bindingLabel)
	}
	var stored [][]byte
	var uris []map[string]any
	for _, label := range order {
		b := super("cbor", label, boxOf("cbor", parts[label]))
		stored = append(stored, b)
		hashed := b[8:]
		if m.old {
			hashed = parts[label]
		}
		uris = append(uris, map[string]any{"url": "self#jumbf=c2pa.assertions/" + label, "hash": sum(hashed)})
	}
	if m.undeclared {
		stored = append(stored, super("cbor", "org.example.more", boxOf("cbor", marshal(t, "x"))))
	}
	said := map[string]any{
		"instanceID": "xmp:iid:1", "claim_generator_info": map[string]any{"name": "maker", "version": "1"}, "signature": "self#jumbf=c2pa.signature",
		"created_assertions": uris, "dc:title": "made",
	}
	if m.algorithm != "-" {
		said["alg"] = "sha256"
	}
	claim := marshal(t, said)
	store := super("c2pa", "c2pa", super("c2ma", "urn:c2pa:1",
		super("c2as", "c2pa.assertions", stored...),
		super("c2cl", "c2pa.claim.v2", boxOf("cbor", claim)),
		super("c2cs", "c2pa.signature", boxOf("cbor", m.sign(t, claim))),
	))
	if m.tamper != nil {
		m.tamper(store)
	}
	store = append(store, make([]byte, reserved-12-len(store))...)
	file := append([]byte{0xff, 0xd8, 0xff, 0xeb}, binary.BigEndian.AppendUint16(nil, reserved-2)...)
	file = append(append(file, 'J', 'P', 0, 1, 0, 0, 0, 1), store...)
	file = append(file, plain[2:]...)
	if m.after != nil {
		m.after(file)
	}
	return file
}

// boxHash hashes the segments of the picture.
func (m maker) boxHash(t testing.TB, plain []byte) []byte {
	names := map[byte]string{0xdb: "DQT", 0xc0: "SOF0", 0xc4: "DHT", 0xda: "SOS", 0xe0: "APP0"}
	boxes := []map[string]any{
		{"names": []string{"SOI"}, "alg": "sha256", "hash": sum(plain[:2])},
		{"names": []string{"C2PA"}, "alg": "sha256", "hash": []byte{0}},
	}
	end := len(plain) - 2
	for at := 2; at < end; {
		next := at + 2 + int(binary.BigEndian.Uint16(plain[at+2:]))
		if plain[at+1] == 0xda {
			next = end
		}
		boxes = append(boxes, map[string]any{"names": []string{names[plain[at+1]]}, "hash": sum(plain[at:next])})
		at = next
	}
	boxes = append(boxes, map[string]any{"names": []string{"EOI"}, "hash": sum(plain[end:])})
	return marshal(t, map[string]any{"alg": "sha256", "boxes": boxes})
}

func (m maker) sign(t testing.TB, claim []byte) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	until := m.notAfter
	if until.IsZero() {
		until = now.AddDate(1, 0, 0)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Plum News"}}, NotBefore: now.AddDate(-3, 0, 0), NotAfter: until,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := cose.NewSigner(cose.AlgorithmES256, key)
	if err != nil {
		t.Fatal(err)
	}
	msg := cose.NewSign1Message()
	msg.Headers.Protected = cose.ProtectedHeader{cose.HeaderLabelAlgorithm: cose.AlgorithmES256}
	msg.Headers.Unprotected = cose.UnprotectedHeader{"x5chain": der}
	msg.Payload = claim
	if err := msg.Sign(rand.Reader, nil, signer); err != nil {
		t.Fatal(err)
	}
	msg.Payload = nil
	out, err := msg.MarshalCBOR()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// change flips a bit of the first place where text stands.
func change(text string) func([]byte) {
	return func(b []byte) { b[bytes.Index(b, []byte(text))] ^= 1 }
}

func TestCredentials(t *testing.T) {
	const untrusted = media.CodeUntrusted
	for _, c := range []struct {
		name     string
		maker    maker
		state    media.State
		failures string
	}{
		{"sound", maker{}, media.Valid, untrusted},
		{"sound, by segments", maker{boxes: true}, media.Valid, untrusted},
		{"picture changed", maker{after: func(b []byte) { b[len(b)-20] ^= 1 }}, media.Invalid, media.CodeDataHash + " " + untrusted},
		{"picture changed, by segments", maker{boxes: true, after: func(b []byte) { b[len(b)-20] ^= 1 }}, media.Invalid, media.CodeBoxHash + " " + untrusted},
		{"claim changed", maker{tamper: change("made")}, media.Invalid, media.CodeSignatureMismatch + " " + untrusted},
		{"action changed", maker{tamper: change("Firefly")}, media.Invalid, media.CodeAssertionMismatch + " " + untrusted},
		{"certificate expired", maker{notAfter: now.AddDate(0, 0, -1)}, media.Invalid, media.CodeExpired + " " + untrusted},
		{"assertion that the claim does not name", maker{undeclared: true}, media.Invalid, media.CodeAssertionUndeclare + " " + untrusted},
		{"bound to nothing", maker{noBinding: true}, media.Invalid, media.CodeNoBinding + " " + untrusted},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := media.ReadCredentials(c.maker.make(t), now)
			if got.Present != media.Present || got.State != c.state || strings.Join(got.Failures, " ") != c.failures {
				t.Errorf("%s %s %v (%s), want %s %s", got.Present, got.State, got.Failures, got.Reason, c.state, c.failures)
			}
			if got.Trust != media.NotAssessed {
				t.Errorf("trust %q", got.Trust)
			}
		})
	}
}

func TestCredentialsTellWhoAndHow(t *testing.T) {
	got := media.ReadCredentials(maker{}.make(t), now)
	want := media.Credentials{
		Present: media.Present, State: media.Valid, Failures: []string{media.CodeUntrusted}, Trust: media.NotAssessed, Issuer: "Plum News",
		Generator: "maker", Title: "made", Manifests: 1,
		Actions: []media.Action{{Name: "c2pa.created", Source: "trainedAlgorithmicMedia", Agent: "Adobe Firefly"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestUnreadableIsNeitherAbsentNorValid(t *testing.T) {
	sound := maker{}.make(t)
	for _, c := range []struct {
		name, reason string
		data         []byte
	}{
		{"no algorithm", "unknown algorithm", maker{algorithm: "-"}.make(t)},
		{"hashes as before 1.0", "prerelease", maker{old: true}.make(t)},
		{"no JPEG", "no JPEG", []byte("GIF89a")},
		{"cut off", "does not fit", sound[:1000]},
		{"broken box", "JUMBF", maker{tamper: change("jumd")}.make(t)},
		{"broken CBOR", "claim", maker{tamper: func(b []byte) { b[bytes.Index(b, []byte("instanceID"))-1] = 0xff }}.make(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := media.ReadCredentials(c.data, now)
			if got.Present != media.Unreadable || !strings.Contains(got.Reason, c.reason) || got.State != "" {
				t.Errorf("%s %q %q, want unreadable because of %q", got.Present, got.State, got.Reason, c.reason)
			}
		})
	}
	if got := media.ReadCredentials(picture(t, 16, 16), now); got.Present != media.Absent {
		t.Errorf("a picture without manifest: %+v", got)
	}
}

func FuzzReadCredentials(f *testing.F) {
	f.Add(maker{}.make(f))
	f.Add(maker{boxes: true}.make(f))
	f.Add([]byte("\xff\xd8\xff\xeb\x00\x10JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01jumb"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := media.ReadCredentials(data, now)
		if c.Present == media.Unreadable && c.Reason == "" {
			t.Fatal("unreadable without a reason")
		}
		if c.Present != media.Present && c.State != "" {
			t.Fatalf("%s with state %s", c.Present, c.State)
		}
	})
}
