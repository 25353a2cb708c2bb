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

// Alert is one hit as it goes out. Its JSON is that of the hit, with what is known of the indicator beside it.
type Alert struct {
	ID   string   `json:"id"`     // the same whenever the same hit goes out
	Seq  int64    `json:"seq"`    // its place in the outbox
	Box  string   `json:"outbox"` // which outbox counts so
	Why  string   `json:"why"`    // live or look-back
	TLP  stix.TLP `json:"tlp"`    // of the indicator
	Name string   `json:"name,omitempty"`
	// Confidence is that of the indicator, 0 to 100; nil where its source gives none.
	Confidence *int     `json:"confidence,omitempty"`
	Reports    []Report `json:"reports,omitempty"` // that name the indicator
	match.Hit
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

// New makes an alert of a hit and what is known of its indicator. Actor, state and labels are the dossier's: those of the hit may be above
// the level.
func New(box string, e *intake.Outgoing, d *Dossier) Alert {
	a := Alert{
		ID: id(box, e.Seq), Box: box, Seq: e.Seq, Why: string(e.Why), TLP: d.TLP, Name: d.Name, Confidence: d.Confidence, Reports: d.Reports, Hit: e.Hit,
	}
	a.Actor, a.Sponsor, a.Labels = d.Actor, d.Sponsor, d.Labels
	return a
}

// id names a hit by its place in its outbox, which it has for good before it can go out.
func id(box string, seq int64) string { return fmt.Sprintf("%s-%d", box, seq) }

// Line says an alert in one sentence, for people. It has no control characters.
func (a *Alert) Line() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", a.Time.UTC().Format(time.RFC3339), a.Searched)
	if who := a.who(); who != "" {
		b.WriteString(" at " + who)
	}
	if a.Sensor != "" {
		b.WriteString(", seen by " + a.Sensor)
	}
	if a.Name != "" && a.Name != a.Searched {
		fmt.Fprintf(&b, ", indicator %q", a.Name)
	}
	switch {
	case a.Actor != "" && a.Sponsor != "":
		fmt.Fprintf(&b, ", points to %s (%s)", a.Actor, a.Sponsor)
	case a.Actor != "":
		b.WriteString(", points to " + a.Actor)
	}
	if a.Technique != "" {
		b.WriteString(", " + a.Technique)
	}
	if len(a.Reports) > 0 {
		fmt.Fprintf(&b, "; %s", a.Reports[0].Name)
		if n := len(a.Reports) - 1; n > 0 {
			fmt.Fprintf(&b, " and %d more", n)
		}
	}
	return plain.Text(strings.ReplaceAll(b.String(), "\n", " "))
}

// who is whom it happened to: account, machine, addresses.
func (a *Alert) who() string {
	var parts []string
	if a.User != "" {
		parts = append(parts, a.User)
	}
	if a.Host != "" {
		parts = append(parts, a.Host)
	}
	switch {
	case a.Src != "" && a.Dst != "":
		parts = append(parts, a.Src+" → "+a.Dst)
	case a.Src+a.Dst != "":
		parts = append(parts, a.Src+a.Dst)
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
