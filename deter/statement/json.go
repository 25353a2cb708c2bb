package statement

import (
	"encoding/json"
	"time"
)

// MarshalJSON writes a result for machines: names in snake case, problems as words, days as days.
func (r *Result) MarshalJSON() ([]byte, error) {
	type signer struct {
		State        string        `json:"state"`
		KeyID        string        `json:"keyid"`
		Standing     Standing      `json:"standing"`
		Accession    bool          `json:"accession"`
		Why          string        `json:"why,omitempty"`
		Reservations []Reservation `json:"reservations"`
	}
	type taken struct {
		State  string `json:"state"`
		On     string `json:"on,omitempty"`
		Reason string `json:"reason"`
	}
	type entered struct {
		Log       string   `json:"log"`
		Entry     int64    `json:"entry"`
		Size      int64    `json:"size"`
		Root      string   `json:"root"`
		Witnesses []string `json:"witnesses"`
		Witnessed string   `json:"witnessed,omitempty"`
	}
	out := struct {
		Holds       bool        `json:"holds"`
		Title       string      `json:"title,omitempty"`
		Sentences   []string    `json:"sentences"`
		States      []string    `json:"states"`
		Threshold   int         `json:"threshold"`
		Signers     []signer    `json:"signers"`
		Withdrawals []taken     `json:"withdrawals"`
		Attribution Attribution `json:"attribution"`
		Digest      string      `json:"digest"`
		Entered     []entered   `json:"entered"`
		Existed     string      `json:"existed"`
		Problems    []string    `json:"problems"`
		Notes       []string    `json:"notes"`
	}{
		Holds: r.Holds(), Sentences: []string{}, States: append([]string{}, r.States...), Threshold: r.Threshold, Signers: []signer{}, Withdrawals: []taken{},
		Attribution: r.Attribution, Digest: r.Digest, Entered: []entered{}, Existed: instant(r.Existed), Problems: []string{}, Notes: append([]string{}, r.Notes...),
	}
	if r.Text != nil {
		out.Title, out.Sentences = r.Text.Report.Name, append(out.Sentences, r.Text.Sentences...)
	}
	for _, s := range r.Signers {
		out.Signers = append(out.Signers, signer{s.State, s.KeyID, s.Standing, s.Accession, s.Why, append([]Reservation{}, s.Reservations...)})
	}
	for _, t := range r.Withdrawals {
		x := taken{State: t.State, Reason: t.Reason}
		if !t.On.IsZero() {
			x.On = t.On.Format(time.DateOnly)
		}
		out.Withdrawals = append(out.Withdrawals, x)
	}
	for _, e := range r.Entered {
		x := entered{Log: e.Log, Entry: e.Index, Size: e.Tree.N, Root: e.Tree.Hash.String(), Witnesses: []string{}, Witnessed: instant(e.Witnessed)}
		for _, w := range e.Witnesses {
			x.Witnesses = append(x.Witnesses, w.Witness)
		}
		out.Entered = append(out.Entered, x)
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, p.Error())
	}
	return json.Marshal(out)
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
