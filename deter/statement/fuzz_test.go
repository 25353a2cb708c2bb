package statement_test

import (
	"bytes"
	"errors"
	"testing"
	"testing/fstest"

	"marque/deter/statement"
)

func FuzzParseEnvelope(f *testing.F) {
	_, e := build(f, draft(f), "US", "GB")
	f.Add(e.Canonical())
	f.Add([]byte(`{"payload":"e30","payloadType":"x","signatures":[{"sig":"_-8="}],"more":[1,2]}`))
	f.Add([]byte(`{"payload":"","payload":"","signatures":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := statement.ParseEnvelope(raw)
		if err != nil {
			if !errors.Is(err, statement.ErrForm) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		again, err := statement.ParseEnvelope(e.Canonical())
		if err != nil || !bytes.Equal(again.Canonical(), e.Canonical()) || again.PayloadDigest() != e.PayloadDigest() {
			t.Errorf("%q became another envelope: %v", raw, err)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	l := newLog(f)
	_, e := build(f, draft(f), "US", "GB")
	p := l.enter(f, e, signedOn)
	f.Add(p.Bytes())
	p.Entry = []byte(`{"digest":"x"}`)
	f.Add(p.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := statement.ParseProof(raw)
		if err != nil {
			if !errors.Is(err, statement.ErrForm) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		again, err := statement.ParseProof(p.Bytes())
		if err != nil || again.Index != p.Index || len(again.Hashes) != len(p.Hashes) || !bytes.Equal(again.Checkpoint, p.Checkpoint) {
			t.Errorf("%q became another proof: %v", raw, err)
		}
	})
}

func FuzzOpenDirectory(f *testing.F) {
	e, err := directory(f, newLog(f)).Envelope()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.Payload)
	f.Add([]byte(`{"type":"marque-directory","version":1,"keys":[{"state":"US","public":"AA=="}],"witnesses":["a+b+c"],"quorum":-1}`))
	roots := statement.Roots{Keys: []string{public("root 1")}, Threshold: 1}
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := statement.NewEnvelope(statement.DirectoryType, payload)
		if err != nil {
			return
		}
		d, err := statement.OpenDirectory(signed(t, e, "root 1"), roots, 0)
		if err != nil {
			return
		}
		if p, err := d.Policy(0); err == nil && (p.Threshold < 1 || len(p.Keys) < p.Threshold) {
			t.Errorf("a policy that nothing can meet, or everything: %+v", p)
		}
	})
}

// Whatever stands in the files, nothing holds that nobody signed.
func FuzzVerify(f *testing.F) {
	l := newLog(f)
	text, e := build(f, draft(f), "US", "GB")
	w, err := statement.Withdraw(text, e, statement.Withdrawal{Reason: "x"})
	if err != nil {
		f.Fatal(err)
	}
	p := policy(f, directory(f, l))
	proof := l.enter(f, e, signedOn).Bytes()
	f.Add(text, e.Canonical(), proof, signed(f, w, "DE").Canonical())
	f.Add([]byte("{}"), []byte("{}"), []byte(""), []byte(""))
	f.Fuzz(func(t *testing.T, text2, envelope, proof2, later []byte) {
		d, _, err := statement.ReadFolder(fstest.MapFS{
			"statement.json": {Data: text2}, "envelope.json": {Data: envelope}, "proofs/1.tlog-proof": {Data: proof2},
			"withdrawals/1.json": {Data: later}, "accessions/1.json": {Data: later},
		})
		if err != nil {
			return
		}
		r := statement.Verify(d, p, nil, signedOn)
		if r.Holds() && (!bytes.Equal(text, text2) || len(r.States) < 2) {
			t.Errorf("a text that nobody signed holds")
		}
	})
}
