package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"marque/deter/statement"
)

// The protocol of joint statements. QUESTIONS is vectors.json: a policy, and vectors, each with what a reader has in hand. ANSWERS is JSON
// {vector: "accept" or "reject"}; why stands on standard error.
var statements = map[string]answer{"check": statementsCheck}

type vectors struct {
	Policy struct {
		States map[string]struct {
			State  string `json:"state"`
			Public string `json:"public"`
		} `json:"states"`
		Threshold int      `json:"threshold"`
		Log       string   `json:"log"`
		Witnesses []string `json:"witnesses"`
		Quorum    int      `json:"quorum"`
		Skew      int      `json:"skew"`
	} `json:"policy"`
	Vectors []vector `json:"vectors"`
}

type vector struct {
	Name        string            `json:"name"`
	Envelope    json.RawMessage   `json:"envelope"`
	Checkpoint  string            `json:"checkpoint"`
	Index       int64             `json:"index"`
	Proof       []string          `json:"proof"`
	Statement   string            `json:"statement"`
	Now         int64             `json:"now"`
	Previous    *previousHead     `json:"previous"`
	Withdrawals []json.RawMessage `json:"withdrawals"`
	Revoked     map[string]string `json:"revoked"` // key id: day
}

type previousHead struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

func statementsCheck(_ context.Context, questions, answers string) error {
	raw, err := os.ReadFile(questions)
	if err != nil {
		return err
	}
	var vs vectors
	if err := json.Unmarshal(raw, &vs); err != nil {
		return fmt.Errorf("%s: %w", questions, err)
	}
	out := make(map[string]string, len(vs.Vectors))
	for i := range vs.Vectors {
		v := &vs.Vectors[i]
		r, err := vs.verify(v)
		if err == nil {
			err = r.Err()
		}
		out[v.Name] = "accept"
		if err != nil {
			out[v.Name] = "reject"
			fmt.Fprintf(os.Stderr, "%s: %s\n", v.Name, strings.ReplaceAll(err.Error(), "\n", "; "))
		}
	}
	return writeFile(answers, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", " ")
		return enc.Encode(out)
	})
}

// verify gives a vector to the product. An error means that a document is not in its form.
func (vs *vectors) verify(v *vector) (*statement.Result, error) {
	d := &statement.Directory{
		Threshold: vs.Policy.Threshold, Logs: []string{vs.Policy.Log}, Witnesses: vs.Policy.Witnesses, Quorum: vs.Policy.Quorum, Skew: vs.Policy.Skew,
	}
	for id, s := range vs.Policy.States {
		d.Keys = append(d.Keys, statement.DirectoryKey{ID: id, State: s.State, Public: s.Public, Revoked: v.Revoked[id]})
	}
	policy, err := d.Policy(0)
	if err != nil {
		return nil, err
	}
	file := []string{"c2sp.org/tlog-proof@v1", fmt.Sprintf("index %d", v.Index)}
	file = append(append(file, v.Proof...), "", v.Checkpoint)
	p, err := statement.ParseProof([]byte(strings.Join(file, "\n")))
	if err != nil {
		return nil, err
	}
	dossier := &statement.Dossier{Text: []byte(v.Statement), Envelope: v.Envelope, Proofs: []*statement.Proof{p}}
	for _, w := range v.Withdrawals {
		dossier.Withdrawals = append(dossier.Withdrawals, statement.Signed{Envelope: w})
	}
	seen := statement.Seen{}
	if v.Previous != nil {
		root, err := tlog.ParseHash(v.Previous.Root)
		if err != nil {
			return nil, fmt.Errorf("previous: %w", err)
		}
		origin, _, _ := strings.Cut(vs.Policy.Log, "+")
		seen[origin] = tlog.Tree{N: v.Previous.Size, Hash: root}
	}
	return statement.Verify(dossier, policy, seen, time.Unix(v.Now, 0).UTC()), nil
}
