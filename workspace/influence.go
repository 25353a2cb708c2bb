package workspace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"marque/influence/site"
	"marque/influence/sitelist"
	"marque/stix"
)

// ErrNothingWatched says that neither lists were given nor sites are watched in the workspace.
var ErrNothingWatched = errors.New("no sites are known; name a list with --known, or keep one with marque influence watch")

// SitesOptions say which sites are known.
type SitesOptions struct {
	// Known are lists of sites (influence/sitelist); none: the sites that the workspace watches and the view shows.
	Known []string
	// Notices are lists of what was seized.
	Notices []string
	// Operation is whose all the sites are; empty: whose the lists say, else the list's name.
	Operation string
	// AsOf leaves out what was registered or seized on that day or later; zero takes everything.
	AsOf time.Time
	View View
}

// Watched is what is watched and where it came from.
type Watched struct {
	Sites int `json:"sites"`
	// Operations are the operations by name with the number of their sites.
	Operations map[string]int `json:"operations"`
	// Unusable counts the lines of lists that could not be used, Bad are the first of them; Passed are redirects, which are not watched.
	Unusable int                   `json:"unusable"`
	Bad      []*sitelist.LineError `json:"bad,omitempty"`
	Passed   int                   `json:"redirects_passed,omitempty"`

	watch *site.Watch
	sites []site.Site
	ids   map[string]stix.ID // of watched infrastructure, by host
}

// Sites watches the sites of lists, or of the workspace.
func (w *Workspace) Sites(ctx context.Context, o SitesOptions) (*Watched, error) {
	list, err := sitelist.Read(ctx, o.Known...)
	if err != nil {
		return nil, err
	}
	out := &Watched{Operations: map[string]int{}, ids: map[string]stix.ID{}}
	for i := range list.Sites {
		s := &list.Sites[i]
		s.Operation = cmp.Or(o.Operation, s.Operation, listName(o.Known))
	}
	out.sites = list.Sites
	if len(o.Known) == 0 {
		if out.sites, out.ids, err = w.watchedSites(ctx, o.View, o.Operation); err != nil {
			return nil, err
		}
	}
	notice, err := sitelist.Read(ctx, o.Notices...)
	if err != nil {
		return nil, err
	}
	out.noticed(notice.Sites, o.Operation)
	out.Unusable, out.Bad, out.Passed = list.Unusable+notice.Unusable, slices.Concat(list.Bad, notice.Bad), list.Passed
	if err := out.build(o.AsOf); err != nil {
		return nil, err
	}
	if out.Sites == 0 {
		return nil, ErrNothingWatched
	}
	return out, nil
}

// listName names an operation after the list of its sites.
func listName(paths []string) string {
	if len(paths) == 0 {
		return "the notice"
	}
	base := filepath.Base(paths[0])
	name, _, _ := strings.Cut(base, ".")
	return cmp.Or(name, base)
}

// noticed adds what was seized. A notice may call an operation otherwise than the list: the two are one where most of the seized sites
// that the list has are of one operation there.
func (x *Watched) noticed(seized []site.Site, operation string) {
	at := map[string]string{}
	for _, s := range x.sites {
		at[s.Host] = s.Operation
	}
	shared := map[string]map[string]int{}
	for _, s := range seized {
		if theirs := at[s.Host]; theirs != "" {
			if shared[s.Operation] == nil {
				shared[s.Operation] = map[string]int{}
			}
			shared[s.Operation][theirs]++
		}
	}
	for _, s := range seized {
		same := ""
		for _, name := range slices.Sorted(maps.Keys(shared[s.Operation])) {
			if same == "" || shared[s.Operation][name] > shared[s.Operation][same] {
				same = name
			}
		}
		s.Operation = cmp.Or(operation, same, s.Operation, "the notice")
		x.sites = append(x.sites, s)
	}
}

// build fills the watch with what was known on the morning of a day.
func (x *Watched) build(asOf time.Time) error {
	var err error
	if x.watch, err = site.NewWatch(site.Config{Expect: len(x.sites)}); err != nil {
		return err
	}
	later := func(d time.Time) bool { return !asOf.IsZero() && !d.IsZero() && !d.Before(asOf) }
	counted := map[string]bool{}
	for _, s := range x.sites {
		if later(s.Registered) {
			continue
		}
		if later(s.Seized) {
			s.Seized = time.Time{}
		}
		if err := x.watch.Add(s); err != nil {
			return fmt.Errorf("watch %s: %w", s.Host, err)
		}
		if !counted[s.Host] {
			counted[s.Host] = true
			x.Operations[s.Operation]++
		}
	}
	x.Sites = x.watch.Len()
	return nil
}

// one is the operation that is asked about: the only one, or the one that is named.
func (x *Watched) one(named string) (string, error) {
	names := slices.Sorted(maps.Keys(x.Operations))
	switch {
	case named != "" && x.Operations[named] > 0:
		return named, nil
	case named != "":
		return "", fmt.Errorf("operation %q: %w; watched are: %s", named, site.ErrNoOperation, strings.Join(names, "; "))
	case len(names) > 1:
		return "", fmt.Errorf("the sites are of %d operations; name one with --of: %s", len(names), strings.Join(names, "; "))
	}
	return names[0], nil
}

// SuccessorsOptions say which new names are looked up, and from which score on a name is told.
type SuccessorsOptions struct {
	SitesOptions
	// Names are lists of new names, with what is known of each where they are tables.
	Names []string
	// Least is the score in decibans from which on a name is told, where Ordinary is empty.
	Least float64
	// Ordinary are lists of ordinary new names: the bound is read off these, so that Share of them would be told.
	Ordinary []string
	Share    float64
	// Keep keeps what is found in the workspace.
	Keep bool
}

// SuccessorAlert is a new name that looks like a successor of a watched site.
type SuccessorAlert struct {
	Name string `json:"name"`
	// Score is the sum of the reasons, in decibans.
	Score     float64       `json:"score_decibans"`
	Operation string        `json:"operation"`
	Replaces  string        `json:"replaces,omitempty"`
	Imitates  []string      `json:"imitates,omitempty"`
	Reasons   []site.Reason `json:"reasons"`
}

// SuccessorsResult is what the names gave.
type SuccessorsResult struct {
	Watched *Watched `json:"watched"`
	Names   int      `json:"names"`
	// Known counts the names that are watched already; they are not told.
	Known int `json:"known"`
	// Unusable counts the lines of the lists of names that could not be used.
	Unusable int                   `json:"unusable"`
	Bad      []*sitelist.LineError `json:"bad,omitempty"`
	// Least is the bound; Ordinary how many ordinary names it was read off, 0 where it was given.
	Least    float64          `json:"least_decibans"`
	Ordinary int              `json:"ordinary,omitempty"`
	Alerts   []SuccessorAlert `json:"alerts"`
	// Kept counts the objects that were new to the workspace.
	Kept int `json:"kept,omitempty"`
}

// Successors looks new names up against the known sites: each that scores more than the bound is told, the highest first.
func (w *Workspace) Successors(ctx context.Context, o SuccessorsOptions) (*SuccessorsResult, error) {
	known, err := w.Sites(ctx, o.SitesOptions)
	if err != nil {
		return nil, err
	}
	names, err := sitelist.Read(ctx, o.Names...)
	if err != nil {
		return nil, err
	}
	for _, s := range names.Sites {
		if len(s.Facts) > 0 {
			known.watch.Seen(site.New{Host: s.Host, Facts: s.Facts})
		}
	}
	out := &SuccessorsResult{Watched: known, Names: len(names.Sites), Unusable: names.Unusable, Bad: names.Bad, Least: o.Least, Alerts: []SuccessorAlert{}}
	if len(o.Ordinary) > 0 {
		if err := out.calibrate(ctx, o); err != nil {
			return nil, err
		}
	}
	watched := map[string]bool{}
	for _, s := range known.sites {
		watched[s.Host] = true
	}
	for i, s := range names.Sites {
		if i%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if watched[s.Host] {
			out.Known++
			continue
		}
		a, found, err := known.watch.Look(site.New{Host: s.Host, Facts: s.Facts})
		if err == nil && found && a.Score > out.Least {
			out.Alerts = append(out.Alerts, alertOf(a))
		}
	}
	slices.SortStableFunc(out.Alerts, func(a, b SuccessorAlert) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	if o.Keep {
		out.Kept, err = w.keepSuccessors(ctx, o.View.Level, known, out.Alerts)
	}
	return out, err
}

func alertOf(a site.Alert) SuccessorAlert {
	return SuccessorAlert{Name: a.Name.Host, Score: a.Score, Operation: a.Operation, Replaces: a.Replaces, Imitates: a.Imitates, Reasons: a.Reasons}
}

// calibrate reads the bound off ordinary names, as they are and with the endings of the known sites: an ending that the sample lacks would
// else pass for a find.
func (r *SuccessorsResult) calibrate(ctx context.Context, o SuccessorsOptions) error {
	list, err := sitelist.Read(ctx, o.Ordinary...)
	if err != nil {
		return err
	}
	var endings []string
	for _, s := range r.Watched.sites {
		if n, err := site.Parse(s.Host); err == nil {
			endings = append(endings, n.Ending)
		}
	}
	var asTheyAre, moved []float64
	for i, s := range list.Sites {
		n, err := site.Parse(s.Host)
		if err != nil {
			continue
		}
		a, _, _ := r.Watched.watch.Look(site.New{Host: s.Host})
		label, _, _ := strings.Cut(n.Registered(), ".")
		b, _, _ := r.Watched.watch.Look(site.New{Host: label + "." + endings[i%len(endings)]})
		asTheyAre, moved = append(asTheyAre, a.Score), append(moved, b.Score)
	}
	if float64(len(asTheyAre))*o.Share < 1 {
		return fmt.Errorf("%d ordinary names are too few to read off what a share of %g of them scores: at least %.0f are needed", len(asTheyAre), o.Share, 1/o.Share)
	}
	r.Ordinary = len(asTheyAre)
	r.Least = max(site.Threshold(asTheyAre, o.Share), site.Threshold(moved, o.Share))
	return nil
}

// Prediction is what an operation is likely to register next.
type Prediction struct {
	Operation string          `json:"operation"`
	AsOf      time.Time       `json:"as_of"`
	Watched   *Watched        `json:"watched"`
	Names     []site.Forecast `json:"names"`
}

// Predict names the n names that an operation is most likely to register next.
func (w *Workspace) Predict(ctx context.Context, o SitesOptions, operation string, n int) (*Prediction, error) {
	known, err := w.Sites(ctx, o)
	if err != nil {
		return nil, err
	}
	p := &Prediction{Watched: known, AsOf: o.AsOf}
	if p.AsOf.IsZero() {
		p.AsOf = w.now().UTC()
	}
	if p.Operation, err = known.one(cmp.Or(operation, o.Operation)); err != nil {
		return nil, err
	}
	p.Names, err = known.watch.Next(p.Operation, p.AsOf, n)
	return p, err
}

// Replaced tells of an operation's sites what replaced what.
type Replaced struct {
	Operation string    `json:"operation"`
	Until     time.Time `json:"until"`
	Watched   *Watched  `json:"watched"`
	// Replacements are the sites that came in place of an earlier one; Seized what became of each that was taken away.
	Replacements []site.Replacement `json:"replacements"`
	Seized       []site.Fate        `json:"seized"`
	// All is how long a label stood until it came again, AfterSeizure how long a seized one was missing.
	All          site.Survival `json:"survival"`
	AfterSeizure site.Survival `json:"survival_after_seizure"`
}

// Replacements tells what replaced what, and after how many days.
func (w *Workspace) Replacements(ctx context.Context, o SitesOptions, operation string) (*Replaced, error) {
	known, err := w.Sites(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &Replaced{Watched: known, Until: o.AsOf}
	if r.Until.IsZero() {
		r.Until = w.now().UTC()
	}
	if r.Operation, err = known.one(cmp.Or(operation, o.Operation)); err != nil {
		return nil, err
	}
	if r.Replacements, err = known.watch.Replacements(r.Operation, site.LookAlike); err != nil {
		return nil, err
	}
	if r.Seized, err = known.watch.AfterSeizure(r.Operation, site.LookAlike); err != nil {
		return nil, err
	}
	spells, err := known.watch.Spells(r.Operation, site.LookAlike, r.Until)
	if err != nil {
		return nil, err
	}
	r.All, r.AfterSeizure = site.KaplanMeier(spells), site.KaplanMeier(site.SeizureSpells(r.Seized, r.Until))
	return r, nil
}

// FamiliesResult are the families of the sites of lists.
type FamiliesResult struct {
	Sites    int                   `json:"sites"`
	Unusable int                   `json:"unusable"`
	Bad      []*sitelist.LineError `json:"bad,omitempty"`
	// Bare counts the sites of which nothing is known but the name: they can only be joined by it.
	Bare     int           `json:"bare"`
	Families []site.Family `json:"families"`
	// Why is the chain of ties between the two sites that were asked about.
	Why []site.Tie `json:"why,omitempty"`
}

// Families gathers the sites of lists by operator. Apart are pairs that a person says are not the same; why, where not empty, a pair whose
// ties are asked for.
func Families(ctx context.Context, lists []string, apart [][2]string, why [2]string) (*FamiliesResult, error) {
	list, err := sitelist.Read(ctx, lists...)
	if err != nil {
		return nil, err
	}
	out := &FamiliesResult{Sites: len(list.Sites), Unusable: list.Unusable, Bad: list.Bad}
	fs := site.NewFamilies()
	for _, s := range list.Sites {
		if len(s.Facts) == 0 {
			out.Bare++
		}
		fs.Tell(s.Host, s.Facts...)
	}
	for _, p := range apart {
		fs.Apart(p[0], p[1])
	}
	out.Families = fs.All()
	slices.SortStableFunc(out.Families, func(a, b site.Family) int {
		return cmp.Or(cmp.Compare(len(b.Sites), len(a.Sites)), cmp.Compare(a.Name, b.Name))
	})
	if why[0] != "" {
		for _, asked := range why {
			if _, ok := fs.Of(asked); !ok {
				return nil, fmt.Errorf("site %q: %w: it is in none of these lists", asked, ErrUnknown)
			}
		}
		out.Why = fs.Why(why[0], why[1])
	}
	return out, nil
}
