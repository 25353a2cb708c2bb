package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/event/value"
	"marque/ingest"
	"marque/ingest/entity"
	"marque/ingest/report"
	"marque/stix"
	"marque/store"
)

// The states of an indicator.
const (
	IndicatorCandidate = "candidate" // a report names it; it matches nothing until it is accepted
	IndicatorActive    = "active"
	IndicatorExpired   = "expired" // it still matches events of its time
	IndicatorRevoked   = "revoked"
)

// IndicatorStates are the states, for those who choose by them.
var IndicatorStates = []string{IndicatorCandidate, IndicatorActive, IndicatorExpired, IndicatorRevoked}

// IndicatorRow is an indicator, or what a report gives to be one.
type IndicatorRow struct {
	ID         stix.ID       `json:"id"`
	State      string        `json:"state"`
	Kind       string        `json:"kind,omitempty"` // of a single value: ipv4, ipv6, cidr, domain, url, email, md5, …
	Value      string        `json:"value,omitempty"`
	Pattern    string        `json:"pattern"`
	Name       string        `json:"name,omitempty"`
	ValidFrom  string        `json:"valid_from,omitempty"`
	ValidUntil string        `json:"valid_until,omitempty"`
	Reports    []ClaimSource `json:"reports,omitempty"` // that name the value
	CreatedBy  string        `json:"created_by,omitempty"`

	object *stix.Object
	view   stix.Indicator
}

// IndicatorFilter chooses indicators. Empty fields choose everything; texts fit where a part of them does, in any case.
type IndicatorFilter struct {
	State, Kind, Text string
	Report            string // title or id of a report that names it
}

// IndicatorsConfig is what the configuration says of indicators that reports give.
type IndicatorsConfig struct {
	// Accept makes indicators of them when they are read.
	Accept bool `yaml:"accept"`
	// ExpiryDays is how many days after the report one expires, by kind: ip, domain, url, email, hash. 0 is never.
	ExpiryDays map[string]int `yaml:"expiry_days"`
}

// defaultExpiry are the days after which values of a kind are likely to be somebody else's: addresses change hands first, digests never.
var defaultExpiry = map[string]int{"ip": 90, "url": 180, "domain": 365, "email": 365, "hash": 0}

// Validate returns every problem.
func (c *IndicatorsConfig) Validate() error {
	var errs []error
	for kind, days := range c.ExpiryDays {
		if _, known := defaultExpiry[kind]; !known {
			errs = append(errs, fmt.Errorf("indicators: expiry_days: %q: want ip, domain, url, email or hash", kind))
		}
		if days < 0 {
			errs = append(errs, fmt.Errorf("indicators: expiry_days: %s: %d: want days, or 0 for never", kind, days))
		}
	}
	return errors.Join(errs...)
}

// days are how long a value of a path is taken to hold after its report.
func (c *IndicatorsConfig) days(v value.Value) int {
	kind := "hash"
	switch object, _, _ := strings.Cut(v.Path, ":"); object {
	case "ipv4-addr", "ipv6-addr":
		kind = "ip"
	case "domain-name":
		kind = "domain"
	case "url":
		kind = "url"
	case "email-addr":
		kind = "email"
	}
	if n, set := c.ExpiryDays[kind]; set {
		return n
	}
	return defaultExpiry[kind]
}

// ErrNoIndicator says that nothing fits what was named.
var ErrNoIndicator = errors.New("no such indicator; marque indicators list shows all, and --state candidate what reports give")

// Indicators are the indicators of the workspace and the candidates for it that a filter chooses, by value.
func (w *Workspace) Indicators(ctx context.Context, f IndicatorFilter) ([]*IndicatorRow, error) {
	rows, err := w.allIndicators(ctx)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r *IndicatorRow) bool { return !f.keeps(r) })
	slices.SortStableFunc(rows, func(a, b *IndicatorRow) int {
		return cmp.Or(cmp.Compare(slices.Index(IndicatorStates, a.State), slices.Index(IndicatorStates, b.State)), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Value, b.Value), cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

func (f *IndicatorFilter) keeps(r *IndicatorRow) bool {
	has := func(text, part string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(part)) }
	return (f.State == "" || r.State == f.State) && (f.Kind == "" || r.Kind == f.Kind || f.Kind == "ip" && strings.HasPrefix(r.Kind, "ipv")) &&
		(f.Text == "" || has(r.Pattern, f.Text) || has(r.Name, f.Text) || has(r.Value, f.Text)) &&
		(f.Report == "" || slices.ContainsFunc(r.Reports, func(d ClaimSource) bool { return has(d.Name, f.Report) || begins(string(d.ID), f.Report) }))
}

// allIndicators gathers what is stored and what reports give besides.
func (w *Workspace) allIndicators(ctx context.Context) ([]*IndicatorRow, error) {
	r := w.Reader(Owner())
	names := nameCache{r: r, known: map[stix.ID]ClaimSource{}}
	byPattern := map[string][]*IndicatorRow{}
	var rows []*IndicatorRow
	for rec, err := range r.Find(ctx, store.Query{Types: []string{"indicator"}}) {
		if err != nil {
			return nil, fmt.Errorf("read indicators: %w", err)
		}
		row, err := w.indicatorRow(rec.Object)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", rec.ID, err)
		}
		if by := row.view.CreatedByRef; by != "" {
			who, err := names.of(ctx, by)
			if err != nil {
				return nil, err
			}
			row.CreatedBy = who.Name
		}
		byPattern[row.Pattern] = append(byPattern[row.Pattern], row)
		rows = append(rows, row)
	}
	for rec, err := range r.Find(ctx, store.Query{Types: []string{"grouping"}}) {
		if err != nil {
			return nil, fmt.Errorf("read candidates: %w", err)
		}
		given, source, err := w.given(ctx, r, &names, rec.Object)
		if err != nil {
			return nil, err
		}
		for _, v := range given {
			known := byPattern[v.Pattern()]
			if len(known) == 0 {
				row := &IndicatorRow{ID: candidateID(v), State: IndicatorCandidate, Kind: v.Kind.String(), Value: v.Text, Pattern: v.Pattern()}
				known = []*IndicatorRow{row}
				byPattern[row.Pattern], rows = known, append(rows, row)
			}
			for _, row := range known {
				row.Reports = append(row.Reports, source)
			}
		}
	}
	return rows, nil
}

func candidateID(v value.Value) stix.ID { return stix.DerivedID("indicator", "report", v.Pattern()) }

// indicatorRow is a stored indicator.
func (w *Workspace) indicatorRow(o *stix.Object) (*IndicatorRow, error) {
	row := &IndicatorRow{ID: o.ID, State: IndicatorActive, object: o}
	if err := o.Decode(&row.view); err != nil {
		return nil, err
	}
	v := &row.view
	row.Pattern, row.Name = v.Pattern, v.Name
	if !v.ValidFrom.Time().Equal(stix.Always.Time()) {
		row.ValidFrom = v.ValidFrom.String()
	}
	if !v.ValidUntil.IsZero() {
		row.ValidUntil = v.ValidUntil.String()
	}
	if one, ok := value.InPattern(v.Pattern); ok && v.PatternType == "stix" {
		row.Kind, row.Value = one.Kind.String(), one.Text
	}
	switch {
	case v.Revoked:
		row.State = IndicatorRevoked
	case !v.ValidUntil.IsZero() && !v.ValidUntil.Time().After(w.now()):
		row.State = IndicatorExpired
	}
	return row, nil
}

// given are the values that a grouping of candidates holds, and its report; none of any other grouping.
func (w *Workspace) given(ctx context.Context, r store.Reader, names *nameCache, o *stix.Object) ([]value.Value, ClaimSource, error) {
	var g stix.Grouping
	if err := o.Decode(&g); err != nil {
		return nil, ClaimSource{}, fmt.Errorf("read %s: %w", o.ID, err)
	}
	if len(g.ObjectRefs) == 0 || g.ID != report.CandidatesID(g.ObjectRefs[0]) {
		return nil, ClaimSource{}, nil
	}
	var out []value.Value
	for _, id := range g.ObjectRefs[1:] {
		v, ok, err := observableValue(ctx, r, id)
		if err != nil {
			return nil, ClaimSource{}, err
		}
		if ok {
			out = append(out, v)
		}
	}
	source, err := names.of(ctx, g.ObjectRefs[0])
	return out, source, err
}

// observableValue is the value of an observable as indicators name it.
func observableValue(ctx context.Context, r store.Reader, id stix.ID) (value.Value, bool, error) {
	rec, err := r.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return value.Value{}, false, nil
	}
	if err != nil {
		return value.Value{}, false, fmt.Errorf("read %s: %w", id, err)
	}
	var o struct {
		Value  string            `json:"value"`
		Hashes map[string]string `json:"hashes"`
	}
	if err := rec.Decode(&o); err != nil {
		return value.Value{}, false, fmt.Errorf("read %s: %w", id, err)
	}
	path, text := id.Type()+":value", o.Value
	for _, name := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if h := o.Hashes[name]; h != "" {
			path, text = "file:hashes.'"+name+"'", h
		}
	}
	v, err := value.At(path, text)
	return v, err == nil, nil //nolint:nilerr // what no event can hold is no candidate
}

// PickIndicators are the indicators that values, patterns, or the beginnings of ids name.
func (w *Workspace) PickIndicators(ctx context.Context, names []string) ([]*IndicatorRow, error) {
	all, err := w.allIndicators(ctx)
	if err != nil {
		return nil, err
	}
	var picked []*IndicatorRow
	for _, name := range names {
		asValue := ""
		if v, err := value.Guess(name); err == nil {
			asValue = v.Pattern()
		}
		n := len(picked)
		for _, r := range all {
			if r.Pattern == name || r.Pattern == asValue || len(name) > 3 && begins(string(r.ID), name) {
				picked = append(picked, r)
			}
		}
		if len(picked) == n {
			return nil, fmt.Errorf("%s: %w", name, ErrNoIndicator)
		}
	}
	return picked, nil
}

// AcceptIndicators makes indicators of candidates, as secret as the reports that give them. They hold since always, as far as is known, and
// expire some days after the report, by kind; until is another end for all of them, nil for that, and the zero time for none.
func (w *Workspace) AcceptIndicators(ctx context.Context, rows []*IndicatorRow, until *time.Time) ([]*IndicatorRow, error) {
	var cs []Conclusion
	var out []*IndicatorRow
	for _, r := range rows {
		if r.State != IndicatorCandidate {
			continue
		}
		o, err := w.accepted(r, until)
		if err != nil {
			return nil, err
		}
		c := Conclusion{Object: o, From: stix.Red}
		for _, d := range r.Reports {
			c.RestsOn = append(c.RestsOn, d.ID)
		}
		row, err := w.indicatorRow(o)
		if err != nil {
			return nil, err
		}
		row.Reports = r.Reports
		cs, out = append(cs, c), append(out, row)
	}
	if _, err := w.Keep(ctx, "indicators", cs); err != nil {
		return nil, fmt.Errorf("keep indicators: %w", err)
	}
	return out, nil
}

func (w *Workspace) accepted(r *IndicatorRow, until *time.Time) (*stix.Object, error) {
	one, ok := value.InPattern(r.Pattern)
	if !ok || len(r.Reports) == 0 {
		return nil, fmt.Errorf("%s: %w", r.Pattern, ErrNoIndicator)
	}
	v := stix.Indicator{
		Common: stix.NewCommon(r.ID, stix.At(w.now()), claim.MarqueIdentity), Name: r.Value, Pattern: r.Pattern, PatternType: "stix", PatternVersion: "2.1",
		IndicatorTypes: []string{"unknown"}, ValidFrom: stix.Always,
	}
	var told []string
	last := time.Time{}
	for _, d := range r.Reports {
		told = append(told, d.Name)
		v.References = append(v.References, stix.ExternalReference{SourceName: "report", Description: d.Name, ExternalID: string(d.ID)})
		if t, err := stix.ParseTimestamp(d.Published); err == nil && !t.Time().Equal(entity.Undated.Time()) && t.Time().After(last) {
			last = t.Time()
		}
	}
	v.Description = "Named by " + strings.Join(told, "; ")
	if last.IsZero() {
		last = w.now()
	}
	if days := w.Config.Indicators.days(one); days > 0 {
		v.ValidUntil = stix.At(last.AddDate(0, 0, days))
	}
	if until != nil {
		if v.ValidUntil = stix.At(*until); until.IsZero() {
			v.ValidUntil = stix.Timestamp{}
		}
	}
	return stix.New(v)
}

// RejectIndicators takes candidates out of what reports give, for good: a new version of each grouping says so.
func (w *Workspace) RejectIndicators(ctx context.Context, rows []*IndicatorRow) (int, error) {
	drop := map[string]bool{}
	for _, r := range rows {
		if r.State == IndicatorCandidate {
			drop[r.Pattern] = true
		}
	}
	r := w.Reader(Owner())
	var cs []Conclusion
	for rec, err := range r.Find(ctx, store.Query{Types: []string{"grouping"}}) {
		if err != nil {
			return 0, fmt.Errorf("read candidates: %w", err)
		}
		var g stix.Grouping
		if err := rec.Decode(&g); err != nil {
			return 0, fmt.Errorf("read %s: %w", rec.ID, err)
		}
		if len(g.ObjectRefs) == 0 || g.ID != report.CandidatesID(g.ObjectRefs[0]) {
			continue
		}
		kept := g.ObjectRefs[:1:1]
		for _, id := range g.ObjectRefs[1:] {
			v, ok, err := observableValue(ctx, r, id)
			if err != nil {
				return 0, err
			}
			if !ok || !drop[v.Pattern()] {
				kept = append(kept, id)
			}
		}
		if len(kept) == len(g.ObjectRefs) {
			continue
		}
		g.ObjectRefs, g.Modified = kept, w.after(g.Modified)
		o, err := stix.New(g)
		if err != nil {
			return 0, fmt.Errorf("reject: %w", err)
		}
		cs = append(cs, Conclusion{Object: o, RestsOn: []stix.ID{g.ObjectRefs[0]}, From: stix.Red})
	}
	_, err := w.Keep(ctx, "indicators", cs)
	return len(drop), err
}

// ErrForeignIndicator says that an indicator is somebody else's, of which only they make new versions (STIX 2.1, section 3.6.2).
var ErrForeignIndicator = errors.New("only its creator may change it; put its value on an allow list to have it match nothing (allow_lists in the configuration)")

// ErrRevoked says that an indicator was withdrawn.
var ErrRevoked = errors.New("STIX knows no way back from that; marque ingest of a table with the value makes another indicator")

// ExtendIndicators gives indicators another end, nil for none.
func (w *Workspace) ExtendIndicators(ctx context.Context, rows []*IndicatorRow, until *time.Time) ([]*IndicatorRow, error) {
	return w.changeIndicators(ctx, rows, func(v *stix.Indicator) error {
		v.ValidUntil = stix.Timestamp{}
		if until != nil {
			v.ValidUntil = stix.At(*until)
			if !v.ValidUntil.Time().After(v.ValidFrom.Time()) {
				return fmt.Errorf("%s: the end %v is not after its beginning %v", v.Name, v.ValidUntil, v.ValidFrom)
			}
		}
		return nil
	})
}

// RevokeIndicators withdraws indicators, which match nothing from then on. STIX knows no way back.
func (w *Workspace) RevokeIndicators(ctx context.Context, rows []*IndicatorRow) ([]*IndicatorRow, error) {
	return w.changeIndicators(ctx, rows, func(v *stix.Indicator) error {
		v.Revoked = true
		return nil
	})
}

// changeIndicators keeps a new version of each indicator that is this workspace's own, with all that the version before it had.
func (w *Workspace) changeIndicators(ctx context.Context, rows []*IndicatorRow, change func(*stix.Indicator) error) ([]*IndicatorRow, error) {
	var cs []Conclusion
	var out []*IndicatorRow
	for _, r := range rows {
		switch {
		case r.object == nil:
			return nil, fmt.Errorf("%s is a candidate: accept or reject it first: %w", r.Value, ErrNoIndicator)
		case r.State == IndicatorRevoked:
			return nil, fmt.Errorf("%s (%s) is revoked: %w", cmp.Or(r.Value, r.Pattern), r.ID, ErrRevoked)
		case r.view.CreatedByRef != "" && r.view.CreatedByRef != claim.MarqueIdentity:
			return nil, fmt.Errorf("%s (%s) is of %s: %w", cmp.Or(r.Value, r.Pattern), r.ID, cmp.Or(r.CreatedBy, string(r.view.CreatedByRef)), ErrForeignIndicator)
		}
		v := r.view
		if err := change(&v); err != nil {
			return nil, err
		}
		v.Modified = w.after(v.Modified)
		o, err := r.object.With(map[string]any{"modified": v.Modified, "valid_until": untilOf(&v), "revoked": v.Revoked})
		if err != nil {
			return nil, fmt.Errorf("change %s: %w", r.ID, err)
		}
		row, err := w.indicatorRow(o)
		if err != nil {
			return nil, err
		}
		row.Reports = r.Reports
		cs, out = append(cs, Conclusion{Object: o, RestsOn: []stix.ID{r.ID}, From: stix.Red}), append(out, row)
	}
	_, err := w.Keep(ctx, "indicators", cs)
	return out, err
}

// after is now, or the next moment after a version that is of now or of a clock ahead: versions have times that differ.
func (w *Workspace) after(version stix.Timestamp) stix.Timestamp {
	now := w.now()
	if !now.After(version.Time()) {
		now = version.Time().Add(time.Millisecond)
	}
	return stix.At(now)
}

// untilOf is the end of an indicator for JSON, nil where it has none.
func untilOf(v *stix.Indicator) any {
	if v.ValidUntil.IsZero() {
		return nil
	}
	return v.ValidUntil
}

// gave counts what reports of inputs gave to look for, and accepts it where that is wished.
func (w *Workspace) gave(ctx context.Context, results []ingest.Result, accept bool) error {
	reports := map[stix.ID]*ingest.Result{}
	for i := range results {
		for _, id := range results[i].Reports {
			reports[id] = &results[i]
		}
	}
	if len(reports) == 0 {
		return nil
	}
	rows, err := w.Indicators(ctx, IndicatorFilter{State: IndicatorCandidate})
	if err != nil {
		return err
	}
	var picked []*IndicatorRow
	for _, r := range rows {
		for _, d := range r.Reports {
			if res := reports[d.ID]; res != nil {
				res.Candidates++
				picked = append(picked, r)
				break
			}
		}
	}
	if !accept || len(picked) == 0 {
		return nil
	}
	accepted, err := w.AcceptIndicators(ctx, picked, nil)
	for _, r := range accepted {
		for _, d := range r.Reports {
			if res := reports[d.ID]; res != nil {
				res.Candidates--
				res.Accepted++
				if r.State == IndicatorExpired {
					res.Expired++
				}
				break
			}
		}
	}
	return err
}
