package alert

import (
	"context"
	"fmt"
	"strings"
	"time"

	"marque/intake"
	"marque/internal/plain"
	"marque/match"
	"marque/stix"
)

// Finding is a hit with what is known of its indicator. Its JSON is that of the hit, with the rest beside it.
type Finding struct {
	TLP  stix.TLP `json:"tlp"` // of the indicator
	Name string   `json:"name,omitempty"`
	// Confidence is that of the indicator, 0 to 100; nil where its source gives none.
	Confidence *int     `json:"confidence,omitempty"`
	Reports    []Report `json:"reports,omitempty"` // that name the indicator
	match.Hit
}

// Alert is a finding as it goes out.
type Alert struct {
	ID  string `json:"id"`     // the same whenever the same hit goes out
	Seq int64  `json:"seq"`    // its place in the outbox
	Box string `json:"outbox"` // which outbox counts so
	Why string `json:"why"`    // live or look-back
	Finding
}

// Report is a report that names an indicator.
type Report struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Publisher string    `json:"publisher,omitempty"`
	Published time.Time `json:"published,omitzero"`
}

// Dossier is what a level shows of an indicator.
type Dossier struct {
	TLP        stix.TLP
	Name       string
	Confidence *int
	Labels     []string
	Reports    []Report
	Actor      string
	Sponsor    string
}

// Dossiers tells what is known of indicators.
type Dossiers interface {
	// Dossier is what a level shows of an indicator; known is false where it shows nothing.
	Dossier(ctx context.Context, indicator string, level stix.TLP) (d Dossier, known bool, err error)
}

// Find makes a finding of a hit and what a level shows of its indicator. Actor, state and labels are the dossier's: those of the hit may
// be above the level.
func Find(h *match.Hit, d *Dossier) Finding {
	f := Finding{TLP: d.TLP, Name: d.Name, Confidence: d.Confidence, Reports: d.Reports, Hit: *h}
	f.Actor, f.Sponsor, f.Labels = d.Actor, d.Sponsor, d.Labels
	return f
}

// New makes an alert of an entry of an outbox and what a level shows of its indicator.
func New(box string, e *intake.Outgoing, d *Dossier) Alert {
	return Alert{ID: id(box, e.Seq), Seq: e.Seq, Box: box, Why: string(e.Why), Finding: Find(&e.Hit, d)}
}

// id names a hit by its place in its outbox, which it has for good before it can go out.
func id(box string, seq int64) string { return fmt.Sprintf("%s-%d", box, seq) }

// Line says a finding in one sentence, for people. It has no control characters.
func (f *Finding) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", f.Time.UTC().Format(time.RFC3339), f.Searched)
	if who := f.who(); who != "" {
		b.WriteString(" at " + who)
	}
	if f.Sensor != "" {
		b.WriteString(", seen by " + f.Sensor)
	}
	if f.Name != "" && f.Name != f.Searched {
		fmt.Fprintf(&b, ", indicator %q", f.Name)
	}
	switch {
	case f.Actor != "" && f.Sponsor != "":
		fmt.Fprintf(&b, ", points to %s (%s)", f.Actor, f.Sponsor)
	case f.Actor != "":
		b.WriteString(", points to " + f.Actor)
	}
	if f.Technique != "" {
		b.WriteString(", " + f.Technique)
	}
	if len(f.Reports) > 0 {
		fmt.Fprintf(&b, "; %s", f.Reports[0].Name)
		if n := len(f.Reports) - 1; n > 0 {
			fmt.Fprintf(&b, " and %d more", n)
		}
	}
	return plain.Text(strings.ReplaceAll(b.String(), "\n", " "))
}

// who is whom it happened to: account, machine, addresses.
func (f *Finding) who() string {
	var parts []string
	if f.User != "" {
		parts = append(parts, f.User)
	}
	if f.Host != "" {
		parts = append(parts, f.Host)
	}
	switch {
	case f.Src != "" && f.Dst != "":
		parts = append(parts, f.Src+" → "+f.Dst)
	case f.Src+f.Dst != "":
		parts = append(parts, f.Src+f.Dst)
	}
	return strings.Join(parts, ", ")
}

// Outbox keeps hits until every sink has passed them; [intake.Journal] is one. Each method is one durable step.
type Outbox interface {
	// Enrol has the outbox keep hits for these sinks and for no others; one that is new begins with the hits that come next. It returns
	// the outbox's identity, and behind which hit each of them stands.
	Enrol(ctx context.Context, sinks []string) (identity string, at map[string]int64, err error)
	// Pending returns the first hits behind one, in order.
	Pending(ctx context.Context, after int64, limit int) ([]intake.Outgoing, error)
	// Advance moves a sink behind a hit, and remembers what it told and what it buries, all of it or nothing.
	Advance(ctx context.Context, sink string, seq int64, told []intake.Told, buried []intake.Dead) error
	// Told tells which of the keys a sink has told of.
	Told(ctx context.Context, sink string, keys []intake.Told) (map[intake.Told]bool, error)
	// Waiting counts the hits behind one.
	Waiting(ctx context.Context, after int64) (int64, error)
}

var _ Outbox = (*intake.Journal)(nil)
