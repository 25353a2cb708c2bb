package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/graph"
	"marque/influence/site"
	"marque/influence/sitelist"
	"marque/stix"
	"marque/store"
)

const (
	// watchImporter and successorImporter are the importers of what is watched and of what was found.
	watchImporter     = "watch"
	successorImporter = "successors"
	// labels of infrastructure that is watched, that was taken away, and that looks like a successor.
	watchedLabel, seizedLabel, candidateLabel = "watched", "seized", "successor-candidate"
)

// WatchResult is what a list added to what is watched.
type WatchResult struct {
	Sites    int                   `json:"sites"`
	Added    int                   `json:"added"` // objects that were new or changed
	Unusable int                   `json:"unusable"`
	Bad      []*sitelist.LineError `json:"bad,omitempty"`
	Passed   int                   `json:"redirects_passed,omitempty"`
	// Operations are the campaigns that the sites belong to, by name.
	Operations map[string]stix.ID `json:"operations"`
}

// WatchSites keeps the sites of lists: each as infrastructure that consists of its domain name and that the campaign of its operation uses.
// A campaign of that name that the workspace knows is that one. Level is how secret the list is besides what it rests on.
func (w *Workspace) WatchSites(ctx context.Context, operation string, level stix.TLP, lists ...string) (*WatchResult, error) {
	known, err := w.Sites(ctx, SitesOptions{Known: lists, Operation: operation, View: Owner()})
	if err != nil {
		return nil, err
	}
	// What stands above the list must not change what its readers are told: neither which campaign it is, nor what was kept before.
	level = max(level, w.Config.TLP)
	snap, err := w.Snapshot(ctx, View{Level: level})
	if err != nil {
		return nil, err
	}
	out := &WatchResult{Sites: known.Sites, Unusable: known.Unusable, Bad: known.Bad, Passed: known.Passed, Operations: map[string]stix.ID{}}
	k := &siteKeeper{w: w, from: level, level: level, at: stix.At(w.now().UTC()), made: map[stix.ID]bool{}}
	for _, s := range known.sites {
		campaign, ok := out.Operations[s.Operation]
		if !ok {
			if campaign, err = k.campaign(ctx, snap.Graph, s.Operation); err != nil {
				return nil, err
			}
			out.Operations[s.Operation] = campaign
		}
		if err := k.site(ctx, s, campaign); err != nil {
			return nil, err
		}
	}
	res, err := w.Keep(ctx, watchImporter, k.kept)
	out.Added = res.Added + res.Updated
	return out, err
}

// siteKeeper makes the objects of sites, each once.
type siteKeeper struct {
	w     *Workspace
	from  stix.TLP // the view that it was concluded from
	level stix.TLP
	at    stix.Timestamp
	made  map[stix.ID]bool
	kept  []Conclusion
}

// keep adds an object, unless the view shows it: what a person edited since stays as it is.
func (k *siteKeeper) keep(ctx context.Context, id stix.ID, view any, restsOn ...stix.ID) error {
	if k.made[id] {
		return nil
	}
	k.made[id] = true
	rec, err := k.w.Reader(View{Level: k.from}).Get(ctx, id)
	if err == nil {
		return k.seized(rec.Object, view, restsOn)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	o, err := stix.New(view)
	if err != nil {
		return fmt.Errorf("keep %s: %w", id, err)
	}
	k.kept = append(k.kept, Conclusion{Object: o, RestsOn: restsOn, From: k.from, AtLeast: k.level})
	return nil
}

// seized makes a new version of a site that is watched, where it was taken away since.
func (k *siteKeeper) seized(stored *stix.Object, view any, restsOn []stix.ID) error {
	now, ok := view.(stix.Infrastructure)
	var known stix.Infrastructure
	if !ok || !slices.Contains(now.Labels, seizedLabel) {
		return nil
	}
	if err := stored.Decode(&known); err != nil {
		return fmt.Errorf("keep %s: %w", stored.ID, err)
	}
	if slices.Contains(known.Labels, seizedLabel) {
		return nil
	}
	o, err := stored.With(map[string]any{"labels": append(known.Labels, seizedLabel), "last_seen": now.LastSeen, "modified": k.at})
	if err != nil {
		return fmt.Errorf("keep %s: %w", stored.ID, err)
	}
	k.kept = append(k.kept, Conclusion{Object: o, RestsOn: append(restsOn, stored.ID), From: k.from, AtLeast: k.level})
	return nil
}

// campaign is the operation's: one that is known by this name, else a new one.
func (k *siteKeeper) campaign(ctx context.Context, g *graph.Graph, name string) (stix.ID, error) {
	want := graph.NormalName(name)
	for _, e := range g.Entities() {
		if e.ID.Type() == "campaign" && graph.NormalName(e.Name) == want {
			return e.ID, nil
		}
	}
	id := stix.DerivedID("campaign", "watch", want)
	return id, k.keep(ctx, id, stix.Campaign{Common: stix.NewCommon(id, k.at, claim.MarqueIdentity), Name: name})
}

// infrastructureID is the site of an operation.
func infrastructureID(campaign stix.ID, host string) stix.ID {
	return stix.DerivedID("infrastructure", "site", string(campaign), host)
}

func (k *siteKeeper) site(ctx context.Context, s site.Site, campaign stix.ID) error {
	c := stix.NewCommon(infrastructureID(campaign, s.Host), k.at, claim.MarqueIdentity)
	c.Labels = []string{watchedLabel}
	v := stix.Infrastructure{Common: c, Name: s.Host}
	if !s.Registered.IsZero() {
		v.FirstSeen = stix.At(s.Registered)
	}
	if !s.Seized.IsZero() && !s.Seized.Before(s.Registered) {
		v.Labels, v.LastSeen = append(v.Labels, seizedLabel), stix.At(s.Seized)
	}
	return k.infrastructure(ctx, v, campaign, campaign)
}

// infrastructure keeps a site with its domain name, and that the campaign uses it.
func (k *siteKeeper) infrastructure(ctx context.Context, v stix.Infrastructure, campaign stix.ID, restsOn ...stix.ID) error {
	name, err := stix.NewObservable("domain-name", v.Name)
	if err != nil {
		return fmt.Errorf("keep %s: %w", v.Name, err)
	}
	if err := k.keep(ctx, v.ID, v, restsOn...); err != nil {
		return err
	}
	if err := k.keep(ctx, name.ID, stix.Observable{Common: stix.Common{Type: name.Type, SpecVersion: "2.1", ID: name.ID}, Value: v.Name}, restsOn...); err != nil {
		return err
	}
	if err := k.relate(ctx, "consists-of", v.ID, name.ID, "", restsOn...); err != nil {
		return err
	}
	if slices.Contains(v.Labels, candidateLabel) {
		return nil // that it looks so does not make it the campaign's
	}
	return k.relate(ctx, "uses", campaign, v.ID, "", restsOn...)
}

func (k *siteKeeper) relate(ctx context.Context, relation string, from, to stix.ID, said string, restsOn ...stix.ID) error {
	id := stix.DerivedID("relationship", string(claim.MarqueIdentity), relation, string(from), string(to))
	return k.keep(ctx, id, stix.Relationship{
		Common: stix.NewCommon(id, k.at, claim.MarqueIdentity), RelationshipType: relation, Description: said, SourceRef: from, TargetRef: to,
	}, append(restsOn, from, to)...)
}

// watchedSites are the sites that the workspace watches and the view shows, with the name of their campaign.
func (w *Workspace) watchedSites(ctx context.Context, v View, operation string) ([]site.Site, map[string]stix.ID, error) {
	r := w.Reader(v)
	var out []site.Site
	ids := map[string]stix.ID{}
	for rec, err := range r.Find(ctx, store.Query{Types: []string{"infrastructure"}, Importers: []string{watchImporter}}) {
		if err != nil {
			return nil, nil, fmt.Errorf("watched sites: %w", err)
		}
		var i stix.Infrastructure
		if err := rec.Decode(&i); err != nil {
			return nil, nil, fmt.Errorf("watched site %s: %w", rec.ID, err)
		}
		name, err := w.usedBy(ctx, r, rec.ID)
		if err != nil {
			return nil, nil, err
		}
		if i.Revoked || !slices.Contains(i.Labels, watchedLabel) || operation != "" && !strings.EqualFold(operation, name) {
			continue
		}
		s := site.Site{Host: i.Name, Registered: i.FirstSeen.Time(), Operation: name}
		if slices.Contains(i.Labels, seizedLabel) {
			s.Seized = i.LastSeen.Time()
		}
		if i.FirstSeen.IsZero() {
			s.Registered = time.Time{}
		}
		out = append(out, s)
		ids[s.Host] = rec.ID
	}
	return out, ids, nil
}

// usedBy is the name of the campaign that uses infrastructure.
func (w *Workspace) usedBy(ctx context.Context, r store.Reader, id stix.ID) (string, error) {
	for rec, err := range r.Related(ctx, id, store.In) {
		if err != nil {
			return "", fmt.Errorf("watched site %s: %w", id, err)
		}
		var v stix.Relationship
		if rec.Type != "relationship" || rec.Decode(&v) != nil || v.RelationshipType != "uses" {
			continue
		}
		c, err := r.Get(ctx, v.SourceRef)
		var campaign stix.Campaign
		if err == nil && c.Decode(&campaign) == nil {
			return campaign.Name, nil
		}
	}
	return "", nil
}

// keepSuccessors keeps what was found: the new site as infrastructure, and that it is a successor of the watched one, with the reasons.
func (w *Workspace) keepSuccessors(ctx context.Context, from stix.TLP, known *Watched, alerts []SuccessorAlert) (int, error) {
	k := &siteKeeper{w: w, from: from, at: stix.At(w.now().UTC()), made: map[stix.ID]bool{}}
	for _, a := range alerts {
		old, ok := known.ids[a.Replaces]
		if !ok {
			continue // it imitates a medium: there is no site that it came after
		}
		c := stix.NewCommon(stix.DerivedID("infrastructure", "successor", string(old), a.Name), k.at, claim.MarqueIdentity)
		c.Labels = []string{candidateLabel}
		v := stix.Infrastructure{Common: c, Name: a.Name, Description: "Looks like a successor of " + a.Replaces + "; nobody confirmed it."}
		if err := k.infrastructure(ctx, v, "", old); err != nil {
			return 0, err
		}
		if err := k.relate(ctx, "successor-of", c.ID, old, a.Why(), old); err != nil {
			return 0, err
		}
	}
	res, err := w.Keep(ctx, successorImporter, k.kept)
	return res.Added, err
}

// Why tells the reasons in a line.
func (a *SuccessorAlert) Why() string {
	var parts []string
	for _, r := range a.Reasons {
		parts = append(parts, fmt.Sprintf("%s (%+.0f dB)", r.Text, r.Decibans))
	}
	return fmt.Sprintf("%.0f decibans: %s", a.Score, strings.Join(parts, "; "))
}
