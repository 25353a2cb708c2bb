package witness_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"marque/ledger/witness"
)

func cosigned(t *testing.T, l *testLog, ws ...*witness.Witness) string {
	t.Helper()
	out := string(l.head())
	for _, w := range ws {
		line, err := w.Add(t.Context(), &witness.Request{Checkpoint: l.head()})
		if err != nil {
			t.Fatal(err)
		}
		out += string(line)
	}
	return out
}

func TestPolicyAsksForLogAndQuorum(t *testing.T) {
	l := newLog(t, "log.example/marque").add("1", "2", "3")
	a, _ := newWitness(t, "witness.example/a", l)
	b, _ := newWitness(t, "witness.example/b", l)
	stranger, _ := newWitness(t, "witness.example/stranger", l)
	both := cosigned(t, l, a, b)
	lines := strings.SplitAfter(both, "\n")
	head, logLine, aLine, bLine := strings.Join(lines[:4], ""), lines[4], lines[5], lines[6]
	for _, c := range []struct {
		name, checkpoint, want string
	}{
		{"good", both, ""},
		{"a stranger too", both + cosignatureOf(t, l, stranger), ""},
		{"one witness", head + logLine + aLine, "cosigned by 1"},
		{"one witness twice", head + logLine + aLine + aLine, "cosigned by 1"},
		{"no log", head + aLine + bLine, "not signed by the log"},
		{"text behind the signatures", both + "more\n", "malformed"},
		{"size changed", strings.Replace(both, "\n3\n", "\n2\n", 1), "invalid signature"},
		{"nothing", "", "malformed"},
	} {
		h, err := policy(t, l, 2, a, b).Open([]byte(c.checkpoint), now)
		switch {
		case c.want == "" && (err != nil || h.Tree != l.tree()):
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.Is(err, witness.ErrHead) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := policy(t, l, 2, a, b).Open([]byte(both), now.Add(-time.Hour)); err == nil || !strings.Contains(err.Error(), "from the future") {
		t.Errorf("cosignatures of the future: %v", err)
	}
	if _, err := policy(t, l, 2, a, b).Open([]byte(both), now.Add(-4*time.Minute)); err != nil {
		t.Errorf("a clock four minutes ahead: %v", err)
	}
	other := newLog(t, "log.example/other")
	if _, err := policy(t, other, 0).Open(l.head(), now); err == nil {
		t.Error("the head of another log")
	}
}

func cosignatureOf(t *testing.T, l *testLog, w *witness.Witness) string {
	t.Helper()
	return strings.TrimPrefix(cosigned(t, l, w), string(l.head()))
}

func TestPolicyNamesAllItsProblems(t *testing.T) {
	l := newLog(t, "log.example/marque")
	a, _ := newWitness(t, "witness.example/a", l)
	_, err := witness.NewPolicy(witness.Config{Log: []string{"none", l.vkey, newLog(t, "log.example/other").vkey}, Witnesses: []string{a.VerifierKey(), l.vkey, a.VerifierKey()}, Quorum: 4, Skew: -1})
	for _, want := range []string{"key of the log", "keys of two logs", "key of a witness", "one key is one witness", "quorum of 4", "skew"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not among the problems: %v", want, err)
		}
	}
}

func TestContinues(t *testing.T) {
	l := newLog(t, "log.example/marque").add("1", "2", "3")
	three := l.tree()
	fork := l.fork().add("x", "y")
	l.add("4", "5")
	for _, c := range []struct {
		name         string
		older, newer tlog.Tree
		proof        tlog.TreeProof
		want         error
	}{
		{"grown", three, l.tree(), l.proof(3), nil},
		{"the same", three, three, nil, nil},
		{"from nothing", tlog.Tree{}, three, nil, nil},
		{"smaller", l.tree(), three, nil, witness.ErrRollback},
		{"same size, other root", l.tree(), fork.tree(), nil, witness.ErrSplitView},
		{"no proof", three, l.tree(), nil, witness.ErrSplitView},
		{"cut proof", three, l.tree(), l.proof(3)[1:], witness.ErrSplitView},
		{"proof of the other history", three, l.tree(), fork.proof(3), witness.ErrSplitView},
		{"a proof where none is needed", three, three, l.proof(3), witness.ErrSplitView},
	} {
		if err := witness.Continues(c.older, c.newer, c.proof); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	l := newLog(f, "log.example/marque").add("1", "2", "3")
	f.Add((&witness.Request{Old: 2, Proof: l.proof(2), Checkpoint: l.head()}).Bytes())
	f.Add([]byte("old 0\n\n"))
	f.Add([]byte("old 1\n\n\n\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r, err := witness.ParseRequest(body)
		if err != nil {
			if !errors.Is(err, witness.ErrRequest) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		if string(r.Bytes()) != string(body) {
			t.Errorf("%q became %q", body, r.Bytes())
		}
	})
}

func FuzzOpen(f *testing.F) {
	l := newLog(f, "log.example/marque").add("1", "2", "3")
	w, _ := newWitness(f, "witness.example/a", l)
	p := policy(f, l, 0, w)
	f.Add(l.head())
	f.Fuzz(func(t *testing.T, checkpoint []byte) {
		if h, err := p.Open(checkpoint, now); err == nil && h.Tree != l.tree() {
			t.Errorf("a tree that the log never signed: %v", h.Tree)
		}
	})
}
