package witness_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"marque/ledger/witness"
)

var now = time.Date(2024, 9, 5, 13, 40, 0, 0, time.UTC)

// key is an Ed25519 key that a word stands for.
func key(word string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("test key " + word))
	return ed25519.NewKeyFromSeed(seed[:])
}

// testLog is a log in memory.
type testLog struct {
	signer note.Signer
	vkey   string
	hashes []tlog.Hash
	size   int64
}

func newLog(t testing.TB, origin string) *testLog {
	t.Helper()
	return newLogWithKey(t, origin, origin)
}

func newLogWithKey(t testing.TB, origin, seed string) *testLog {
	t.Helper()
	skey, vkey, err := note.GenerateKey(strings.NewReader(fmt.Sprintf("%-64s", seed)), origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return &testLog{signer: s, vkey: vkey}
}

func (l *testLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = l.hashes[at]
	}
	return out, nil
}

func (l *testLog) add(entries ...string) *testLog {
	for _, e := range entries {
		hs, err := tlog.StoredHashes(l.size, []byte(e), l)
		if err != nil {
			panic(err)
		}
		l.hashes = append(l.hashes, hs...)
		l.size++
	}
	return l
}

// fork is another history with the same key.
func (l *testLog) fork() *testLog {
	return &testLog{signer: l.signer, vkey: l.vkey, hashes: append([]tlog.Hash(nil), l.hashes...), size: l.size}
}

func (l *testLog) tree() tlog.Tree {
	if l.size == 0 {
		return tlog.Tree{Hash: tlog.Hash(sha256.Sum256(nil))}
	}
	h, err := tlog.TreeHash(l.size, l)
	if err != nil {
		panic(err)
	}
	return tlog.Tree{N: l.size, Hash: h}
}

func (l *testLog) head() []byte {
	t := l.tree()
	text := fmt.Sprintf("%s\n%d\n%s\n", l.signer.Name(), t.N, base64.StdEncoding.EncodeToString(t.Hash[:]))
	msg, err := note.Sign(&note.Note{Text: text}, l.signer)
	if err != nil {
		panic(err)
	}
	return msg
}

func (l *testLog) proof(from int64) tlog.TreeProof {
	if from == 0 || from == l.size {
		return nil
	}
	p, err := tlog.ProveTree(l.size, from, l)
	if err != nil {
		panic(err)
	}
	return p
}

// memory is a State that forgets with the test.
type memory struct {
	sync.Mutex
	heads map[string]tlog.Tree
	fails error
}

func (m *memory) Latest(_ context.Context, origin string) (tlog.Tree, error) {
	m.Lock()
	defer m.Unlock()
	return m.heads[origin], nil
}

func (m *memory) Keep(_ context.Context, origin string, head tlog.Tree) error {
	m.Lock()
	defer m.Unlock()
	if m.fails != nil {
		return m.fails
	}
	m.heads[origin] = head
	return nil
}

func newWitness(t testing.TB, name string, logs ...*testLog) (*witness.Witness, *memory) {
	t.Helper()
	m := &memory{heads: map[string]tlog.Tree{}}
	var keys []string
	for _, l := range logs {
		keys = append(keys, l.vkey)
	}
	w, err := witness.New(witness.Setup{Name: name, Key: key(name), Logs: keys, State: m, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return w, m
}

func policy(t testing.TB, l *testLog, quorum int, ws ...*witness.Witness) *witness.Policy {
	t.Helper()
	c := witness.Config{Log: []string{l.vkey}, Quorum: quorum}
	for _, w := range ws {
		c.Witnesses = append(c.Witnesses, w.VerifierKey())
	}
	p, err := witness.NewPolicy(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve makes a client of a witness over HTTP.
func serve(t testing.TB, w *witness.Witness) *witness.Client {
	t.Helper()
	s := httptest.NewServer(http.StripPrefix("/w", w.Handler(nil)))
	t.Cleanup(s.Close)
	c, err := witness.NewClient(s.URL+"/w/", w.VerifierKey(), s.Client())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTwoWitnessesCosignAGrowingLog(t *testing.T) {
	l := newLog(t, "log.example/marque")
	a, _ := newWitness(t, "witness.example/a", l)
	b, _ := newWitness(t, "witness.example/b", l)
	clients := []*witness.Client{serve(t, a), serve(t, b)}
	p := policy(t, l, 2, a, b)
	for _, more := range [][]string{{"1"}, {"2", "3", "4"}, nil, {"5", "6", "7"}} {
		l.add(more...)
		signed, err := witness.Collect(t.Context(), l.head(), clients, witness.ProverOf(l))
		if err != nil {
			t.Fatal(err)
		}
		h, err := p.Open(signed, now)
		if err != nil {
			t.Fatal(err)
		}
		if h.N != l.size || len(h.Cosigned) != 2 || !h.Witnessed.Equal(now) || h.Origin != "log.example/marque" {
			t.Errorf("%+v", h)
		}
	}
}

func TestNobodyCanShowTwoHistories(t *testing.T) {
	l := newLog(t, "log.example/marque").add("1", "2", "3")
	other := l.fork().add("a statement for some").add("x")
	w, m := newWitness(t, "witness.example/a", l)
	c := serve(t, w)
	l.add("a statement for others").add("y")
	if _, err := c.Cosign(t.Context(), l.head(), witness.ProverOf(l)); err != nil {
		t.Fatal(err)
	}
	for name, c2 := range map[string]struct {
		log  *testLog
		want error
	}{
		"another tree of the same size": {other, witness.ErrSplitView},
		"another tree that grew":        {other.fork().add("z"), witness.ErrSplitView},
		"a smaller tree":                {newLog(t, "log.example/marque").add("1", "2", "3"), witness.ErrRollback},
	} {
		if _, err := c.Cosign(t.Context(), c2.log.head(), witness.ProverOf(c2.log)); !errors.Is(err, c2.want) {
			t.Errorf("%s: %v, want %v", name, err, c2.want)
		}
	}
	if got := m.heads["log.example/marque"]; got != l.tree() {
		t.Errorf("the witness remembers %v", got)
	}
}

func TestRefusalsOverHTTP(t *testing.T) {
	l := newLog(t, "log.example/marque").add("1", "2", "3")
	w, _ := newWitness(t, "witness.example/a", l)
	stranger := newLog(t, "log.example/stranger").add("1")
	forged := strings.Replace(string(l.head()), "\n3\n", "\n4\n", 1)
	s := httptest.NewServer(w.Handler(nil))
	defer s.Close()
	post := func(body string) (status int, contentType string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/add-checkpoint", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
		return resp.StatusCode, resp.Header.Get("Content-Type")
	}
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"unknown log", "old 0\n\n" + string(stranger.head()), http.StatusNotFound},
		{"changed after it was signed", "old 0\n\n" + forged, http.StatusForbidden},
		{"old larger than the head", "old 9\n\n" + string(l.head()), http.StatusBadRequest},
		{"no old line", "\n\n" + string(l.head()), http.StatusBadRequest},
		{"old with a leading zero", "old 00\n\n" + string(l.head()), http.StatusBadRequest},
		{"64 lines of proof", "old 0\n" + strings.Repeat(strings.Repeat("A", 43)+"=\n", 64) + "\n" + string(l.head()), http.StatusBadRequest},
		{"old that is not remembered", "old 2\n\n" + string(l.head()), http.StatusConflict},
		{"a proof from nothing", "old 0\n" + strings.Repeat("A", 43) + "=\n\n" + string(l.head()), http.StatusUnprocessableEntity},
		{"too large", "old 0\n\n" + strings.Repeat("x", 1<<20), http.StatusRequestEntityTooLarge},
		{"good", "old 0\n\n" + string(l.head()), http.StatusOK},
		{"a proof that proves something else", "old 3\n" + strings.Repeat("A", 43) + "=\n\n" + string(l.fork().add("4").head()), http.StatusUnprocessableEntity},
	} {
		status, contentType := post(c.body)
		if status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, status, c.status)
		}
		if c.status == http.StatusConflict && contentType != "text/x.tlog.size" {
			t.Errorf("%s: content type %q", c.name, contentType)
		}
	}
}

func TestWhatCannotBeKeptIsNotCosigned(t *testing.T) {
	l := newLog(t, "log.example/marque").add("1")
	w, m := newWitness(t, "witness.example/a", l)
	m.fails = errors.New("disk full")
	if line, err := w.Add(t.Context(), &witness.Request{Checkpoint: l.head()}); err == nil {
		t.Errorf("cosigned %s", line)
	}
	var faults []error
	s := httptest.NewServer(w.Handler(func(err error) { faults = append(faults, err) }))
	defer s.Close()
	c, err := witness.NewClient(s.URL, w.VerifierKey(), s.Client())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Cosign(t.Context(), l.head(), witness.ProverOf(l)); err == nil || strings.Contains(err.Error(), "disk") || len(faults) != 1 {
		t.Errorf("error %v, faults %v", err, faults)
	}
}

// Many ask at once, from every size and from two histories: whatever was cosigned is one history.
func TestRacesNeverRollBack(t *testing.T) {
	l, other := newLog(t, "log.example/marque").add("0"), newLog(t, "log.example/marque").add("other")
	var requests []*witness.Request
	for i := range 20 {
		for from := range l.size {
			requests = append(requests, &witness.Request{Old: from, Proof: l.proof(from), Checkpoint: l.head()})
			requests = append(requests, &witness.Request{Old: from, Proof: other.proof(from), Checkpoint: other.head()})
		}
		l.add(fmt.Sprint(i))
		other.add(fmt.Sprint("other", i))
	}
	w, m := newWitness(t, "witness.example/a", l)
	var wg sync.WaitGroup
	var mu sync.Mutex
	cosigned := map[string]bool{}
	for _, r := range requests {
		wg.Go(func() {
			if _, err := w.Add(t.Context(), r); err == nil {
				mu.Lock()
				cosigned[string(r.Checkpoint)] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, history := range []*testLog{l, other} {
		n := 0
		for c := range cosigned {
			for size := int64(1); size <= history.size; size++ {
				h, err := tlog.TreeHash(size, history)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(c, fmt.Sprintf("log.example/marque\n%d\n%s\n", size, base64.StdEncoding.EncodeToString(h[:]))) {
					n++
				}
			}
		}
		if n != 0 && n != len(cosigned) {
			t.Errorf("%d of %d cosigned heads are of one history", n, len(cosigned))
		}
	}
	if len(cosigned) == 0 || m.heads["log.example/marque"].N == 0 {
		t.Error("nothing was cosigned")
	}
}

// A log that grows, forks, goes back and lies, in any order: every two heads that the witness cosigned are consistent.
func TestCosignedHeadsAreOneHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		main := newLog(nopTB{}, "log.example/marque").add("1")
		logs := []*testLog{main}
		m := &memory{heads: map[string]tlog.Tree{}}
		w, err := witness.New(witness.Setup{Name: "w", Key: key("w"), Logs: []string{main.vkey}, State: m, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		type seen struct {
			tree tlog.Tree
			log  *testLog
		}
		var cosigned []seen
		t.Repeat(map[string]func(*rapid.T){
			"grow": func(t *rapid.T) {
				l := rapid.SampledFrom(logs).Draw(t, "log")
				l.add(fmt.Sprint("entry ", rapid.IntRange(0, 99).Draw(t, "entry")))
			},
			"fork": func(t *rapid.T) { logs = append(logs, rapid.SampledFrom(logs).Draw(t, "log").fork()) },
			"ask": func(t *rapid.T) {
				l := rapid.SampledFrom(logs).Draw(t, "log")
				old := rapid.Int64Range(0, l.size).Draw(t, "old")
				if rapid.Bool().Draw(t, "honest") && m.heads["log.example/marque"].N <= l.size {
					old = m.heads["log.example/marque"].N
				}
				if _, err := w.Add(context.Background(), &witness.Request{Old: old, Proof: l.proof(old), Checkpoint: l.head()}); err == nil {
					cosigned = append(cosigned, seen{l.tree(), l.fork()})
				}
			},
			"": func(t *rapid.T) {
				for i := 1; i < len(cosigned); i++ {
					a, b := cosigned[i-1], cosigned[i]
					if err := witness.Continues(a.tree, b.tree, b.log.proof(a.tree.N)); err != nil {
						t.Fatalf("cosigned %d and %d entries: %v", a.tree.N, b.tree.N, err)
					}
				}
			},
		})
	})
}

// nopTB fails nothing; the keys of test logs always work.
type nopTB struct{ testing.TB }

func (nopTB) Helper() {}
