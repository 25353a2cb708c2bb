package ledger

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"marque/internal/durable"
	"marque/stix"
)

// Verification is what Verify found.
type Verification struct {
	Entries     int64     `json:"entries"`
	Checkpoints int       `json:"checkpoints"`    // signed heads that were checked, each a prefix of the next
	Head        string    `json:"head"`           // hash of the newest tree, base64
	Key         string    `json:"key"`            // verifier key that signs now
	Keys        []string  `json:"keys,omitempty"` // all verifier keys, oldest first
	Findings    []Finding `json:"findings"`
}

// OK tells whether nothing was found.
func (v *Verification) OK() bool { return len(v.Findings) == 0 }

// Err is nil where all is well, else an AlteredError.
func (v *Verification) Err() error {
	if v.OK() {
		return nil
	}
	return fmt.Errorf("verify ledger: %w", &AlteredError{v.Findings})
}

// Judgement is a judgement or measure as the store holds it now.
type Judgement struct {
	ID      stix.ID
	Version string // its modified
	Digest  string
	Name    string    // of the operation or measure
	Date    time.Time // as of when it was judged, or when the measure was taken
	Due     bool      // it was made in this workspace, so the ledger must hold it
}

// JudgementOf describes an assessment or a measure of the store.
func JudgementOf(o *stix.Object, due bool) (Judgement, error) {
	digest, err := o.Digest()
	if err != nil {
		return Judgement{}, fmt.Errorf("%s: %w", o.ID, err)
	}
	var told struct {
		Name    string         `json:"name"`
		Subject string         `json:"subject_name"`
		AsOf    stix.Timestamp `json:"as_of"`
		Date    stix.Timestamp `json:"date"`
	}
	if err := o.Decode(&told); err != nil {
		return Judgement{}, fmt.Errorf("%s: %w", o.ID, err)
	}
	j := Judgement{ID: o.ID, Version: o.Version().String(), Digest: digest, Name: cmp.Or(told.Subject, told.Name), Due: due}
	for _, t := range []stix.Timestamp{o.Version(), told.Date, told.AsOf} {
		if !t.IsZero() {
			j.Date = t.Time()
		}
	}
	return j, nil
}

// KnownHead is a signed head that was kept outside the ledger's folder.
type KnownHead struct {
	From string // where, for the reader of a finding: "the store", a file's name
	Note []byte
}

// Options say what Verify compares a ledger with. The zero Options look at the ledger alone.
type Options struct {
	// Judgements are all versions of all judgements and measures of the store; nil: they are not compared.
	Judgements iter.Seq2[Judgement, error]
	// Heads are copies of earlier heads. A ledger that was cut back whole is found by nothing else that it holds itself.
	Heads []KnownHead
	// FS is where the ledger lies; default durable.OS.
	FS durable.FS
}

// Verify checks the ledger in dir. It writes nothing and needs no private key. It checks every signature and the chain of keys, that each signed head
// is a prefix of the next (consistency), that every entry is in the newest head (inclusion), every tile, that the store holds each
// object as it was entered and nothing that was not entered, and that all heads known from elsewhere are of this log. Findings are no error. Errors:
// fs.ErrNotExist where there is no ledger and nothing that ought to be in one, and what keeps from reading.
func Verify(ctx context.Context, dir string, o Options) (*Verification, error) {
	v, err := verify(ctx, dir, o)
	if err != nil {
		return nil, fmt.Errorf("verify ledger: %w", err)
	}
	return v, nil
}

func verify(ctx context.Context, dir string, o Options) (*Verification, error) {
	cfg := Config{FS: o.FS}.withDefaults()
	store, err := readStore(o.Judgements)
	if err != nil {
		return nil, err
	}
	c, err := readQuietly(ctx, cfg, dir)
	if err != nil {
		return nil, err
	}
	if c.blank() && len(o.Heads) == 0 && !store.due() {
		return nil, fmt.Errorf("no ledger in %s: %w", dir, fs.ErrNotExist)
	}
	s, b, found := examine(c)
	if c.blank() {
		found = *noLedger(dir)
	}
	if err := checkTiles(cfg.FS, dir, s, s.heads, &found); err != nil {
		return nil, err
	}
	if b != nil {
		if s, err = s.with(b); err != nil {
			return nil, err
		}
	}
	for _, known := range o.Heads {
		s.checkKnown(known, &found)
	}
	if o.Judgements != nil {
		s.compare(store, &found)
	}
	s.name(store, found)
	found.sort()
	v := &Verification{
		Entries: int64(len(s.lines)), Checkpoints: len(s.heads), Key: s.keys.newest(), Keys: s.keys.publics(),
		Findings: append([]Finding{}, found...), // an empty list in JSON
	}
	if t := s.tree(); t.N > 0 {
		v.Head = base64.StdEncoding.EncodeToString(t.Hash[:])
	}
	return v, nil
}

// checkKnown holds a head that was kept elsewhere against the log.
func (s *state) checkKnown(known KnownHead, found *findings) {
	_, tree, err := parseHead(known.Note)
	if err != nil {
		found.add(KindHead, -1, "the head kept in %s: %v", known.From, err)
		return
	}
	ours := len(s.keys) == 0 || slices.ContainsFunc(s.keys, func(p keyPeriod) bool {
		_, err := openHead(known.Note, false, p.verifier)
		return err == nil
	})
	here := int64(len(s.lines))
	switch {
	case !ours:
		found.add(KindForked, -1, "the head kept in %s is signed by none of the ledger's keys: this is another ledger, or its keys were exchanged", known.From)
	case tree.N > here:
		found.add(KindCutBack, here, "the ledger was cut back: the head kept in %s is of %d entries, %d are there", known.From, tree.N, here)
	default:
		if hash, err := tlog.TreeHash(tree.N, &s.hashes); err != nil || hash != tree.Hash {
			found.add(KindForked, -1, "the head of %d entries kept in %s is not of these entries", tree.N, known.From)
		}
	}
}

// stored are the store's judgements.
type stored struct {
	all    []Judgement
	byUUID map[string]int // of any version
	byKey  map[versionKey]int
}

type versionKey struct {
	id      stix.ID
	version string
}

func readStore(seq iter.Seq2[Judgement, error]) (*stored, error) {
	st := &stored{byUUID: map[string]int{}, byKey: map[versionKey]int{}}
	if seq == nil {
		return st, nil
	}
	for j, err := range seq {
		if err != nil {
			return nil, err
		}
		st.byUUID[uuidOf(j.ID)] = len(st.all)
		st.byKey[versionKey{j.ID, j.Version}] = len(st.all)
		st.all = append(st.all, j)
	}
	return st, nil
}

func uuidOf(id stix.ID) string {
	_, uuid, _ := strings.Cut(string(id), "--")
	return uuid
}

// due tells whether anything ought to be in a ledger.
func (st *stored) due() bool {
	return slices.ContainsFunc(st.all, func(j Judgement) bool { return j.Due })
}

// compare holds the entries against the store, and the store against the entries.
func (s *state) compare(st *stored, found *findings) {
	entered := make([]bool, len(st.all))
	lost := map[string]bool{} // what is left of the ids and digests of damaged entries
	damaged := map[int64]bool{}
	for _, f := range *found {
		if f.Kind == KindEntry && f.Seq >= 0 && f.Seq < int64(len(s.lines)) {
			t := tracesOf(s.lines[f.Seq])
			damaged[f.Seq], lost[t.uuid], lost[t.digest] = true, true, true
		}
	}
	for n, e := range s.entries {
		if e.ID == "" || damaged[int64(n)] {
			continue // a change of keys, or named already
		}
		i, ok := st.byKey[versionKey{e.ID, e.Version}]
		switch {
		case !ok:
			found.add(KindObject, int64(n), "the store no longer holds this version")
		case st.all[i].Digest != e.Digest:
			found.add(KindObject, int64(n), "the object in the store is not the one that was entered")
		}
		if ok {
			entered[i] = true
		}
	}
	for i, j := range st.all {
		if !j.Due || entered[i] || lost[uuidOf(j.ID)] || lost[j.Digest] {
			continue // the entry of the last two is there, if damaged
		}
		*found = append(*found, Finding{
			Kind: KindNotEntered, Seq: -1, ID: j.ID, Name: j.Name, Date: j.Date,
			Reason: "the store holds this judgement, the ledger lacks it",
		})
	}
}

// name tells of findings that belong to an entry which operation it was and when, from the entry, the traces of one that is damaged, and the store.
func (s *state) name(st *stored, found findings) {
	for i := range found {
		f := &found[i]
		if f.Seq < 0 || f.Seq >= int64(len(s.entries)) {
			continue
		}
		e, t := s.entries[f.Seq], tracesOf(s.lines[f.Seq])
		f.ID, f.Date = e.ID, e.Time
		if f.Date.IsZero() {
			f.Date = t.time
		}
		at, ok := st.byKey[versionKey{e.ID, e.Version}]
		if !ok {
			at, ok = st.byUUID[t.uuid]
		}
		if !ok {
			at = slices.IndexFunc(st.all, func(j Judgement) bool { return j.Digest == t.digest && t.digest != "" })
			ok = at >= 0
		}
		if ok {
			f.ID, f.Name, f.Date = st.all[at].ID, st.all[at].Name, st.all[at].Date
		}
	}
}
