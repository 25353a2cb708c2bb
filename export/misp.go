package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"marque/claim"
	"marque/misp"
	"marque/stix"
	"marque/store"
)

// MISP writes what a query asks for as MISP events, {"response":[{"Event":…},…]}. A report is an event with what it is about; what
// the query asks for and no such report holds goes into one event per TLP level. What was read from MISP leaves as it came; a
// marking that became stricter since narrows its distribution. docs/misp.md says what other objects become.
func MISP(ctx context.Context, w io.Writer, r *Reader, q store.Query) (Summary, error) {
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(`{"response":[`) // the error is kept and given by Flush
	sep := "\n"
	sum, err := mispEvents(ctx, r, q, func(e misp.Record) error {
		raw, err := json.Marshal(map[string]misp.Record{"Event": e}, json.Deterministic(true))
		if err != nil {
			return err
		}
		_, _ = out.WriteString(sep)
		sep = ",\n"
		_, err = out.Write(raw)
		return err
	})
	if err == nil {
		_, _ = out.WriteString("\n]}\n")
		err = out.Flush()
	}
	if err != nil {
		return sum, fmt.Errorf("export MISP: %w", err)
	}
	return sum, nil
}

// mispEvents hands over the events, first the reports in the order of storing, then the rest by TLP level.
func mispEvents(ctx context.Context, r *Reader, q store.Query, each func(misp.Record) error) (Summary, error) {
	x := &mispExport{ctx: ctx, r: r, used: map[stix.ID]bool{}}
	var loose [stix.Red][]stix.ID
	q.AllVersions = false
	for rec, err := range r.Find(ctx, q) {
		if err != nil {
			return x.sum, err
		}
		if rec.Level >= stix.Red {
			return x.sum, fmt.Errorf("%s: %w", rec.ID, ErrRed)
		}
		if rec.Type != "report" {
			loose[rec.Level] = append(loose[rec.Level], rec.ID)
			continue
		}
		e, err := x.report(rec)
		if err == nil {
			err = each(e)
		}
		if err != nil {
			return x.sum, err
		}
	}
	for level, ids := range loose {
		ids = slices.DeleteFunc(ids, func(id stix.ID) bool { return x.used[id] })
		e, err := x.collection(stix.TLP(level), ids)
		if err == nil && e != nil {
			err = each(e)
		}
		if err != nil {
			return x.sum, err
		}
	}
	return x.sum, nil
}

type mispExport struct {
	ctx  context.Context //nolint:containedctx // the life of one export
	r    *Reader
	sum  Summary
	used map[stix.ID]bool // objects that stand in an event
}

// mispEvent is an event in the making.
type mispEvent struct {
	x        *mispExport
	rec      misp.Record
	known    bool       // MISP made it: its galaxies stand in the record
	level    stix.TLP   // who gets the event may see so much
	share    misp.Share // what the event says of it
	lists    map[string][]misp.Record
	tags     []string
	galaxies []misp.Record    // that are for fewer than the event
	inside   map[stix.ID]bool // attributes that stand in an object
	touched  int64            // the latest change
}

// report makes the event of a report.
func (x *mispExport) report(rec *store.Record) (misp.Record, error) {
	from, known := misp.OriginOf(rec.Object)
	if known = known && from.Kind == misp.KindEvent; !known {
		from.Record = x.blank(rec)
	}
	from.Record.Set("uuid", uuidOf(rec.ID)) // a file of the feed is named by it
	e := x.event(from.Record, rec.Level)
	e.known = known
	x.use(rec.ID)
	if err := e.restrict(e.rec, rec, misp.EventShare(e.rec)); err != nil {
		return nil, err
	}
	e.share = misp.EventShare(e.rec)
	if !known {
		e.share = misp.Share{TLP: rec.Level, Marked: true}
		e.tags = []string{tlpTag(rec.Level)}
	}
	var v stix.Report
	if err := rec.Decode(&v); err != nil {
		return nil, err
	}
	if err := e.members(v.ObjectRefs); err != nil {
		return nil, err
	}
	if err := e.hangOn(e.rec, rec); err != nil {
		return nil, err
	}
	return e.finish(), nil
}

// blank is the record of an event that MISP does not know yet.
func (x *mispExport) blank(rec *store.Record) misp.Record {
	e := misp.Record{}
	var v stix.Report
	_ = rec.Decode(&v) // a report without a date is dated by its version
	at := v.Published
	if at.IsZero() {
		at = rec.Version()
	}
	e.Set("uuid", uuidOf(rec.ID))
	e.Set("info", rec.Name)
	e.Set("date", at.Time().Format(time.DateOnly))
	e.Set("timestamp", unix(rec.Version()))
	e.Set("published", false)
	e.Set("threat_level_id", "4")
	e.Set("analysis", "2")
	e.Set("distribution", misp.Distribution(rec.Level))
	org := x.organisation(rec.CreatedByRef)
	if org == nil {
		org = ownOrganisation()
	}
	e.Set("Orgc", org)
	return e
}

// ownOrganisation is who made an event that nobody else did, or nobody who may be named: readers of MISP's format want one.
func ownOrganisation() misp.Record {
	org := misp.Record{}
	org.Set("name", "Marque")
	org.Set("uuid", uuidOf(claim.MarqueIdentity))
	return org
}

func (x *mispExport) organisation(id stix.ID) misp.Record {
	if id == "" {
		return nil
	}
	rec, err := x.r.Get(x.ctx, id)
	if err != nil {
		return nil // not for this view
	}
	org := misp.Record{}
	org.Set("name", rec.Name)
	org.Set("uuid", uuidOf(id))
	return org
}

// collection is one event for objects of one TLP level that no report holds, nil where there are none.
func (x *mispExport) collection(level stix.TLP, ids []stix.ID) (misp.Record, error) {
	rec := misp.Record{}
	rec.Set("uuid", uuidOf(stix.DerivedID("report", "misp-export", level.String(), fmt.Sprint(ids))))
	rec.Set("info", "Marque: objects at "+level.String())
	rec.Set("Orgc", ownOrganisation())
	rec.Set("published", false)
	rec.Set("threat_level_id", "4")
	rec.Set("analysis", "2")
	rec.Set("distribution", misp.Distribution(level))
	e := x.event(rec, level)
	e.share = misp.Share{TLP: level, Marked: true}
	e.tags = []string{tlpTag(level)}
	if err := e.members(ids); err != nil {
		return nil, err
	}
	if len(e.lists) == 0 && len(e.tags) == 1 {
		return nil, nil
	}
	rec.Set("date", time.Unix(e.touched, 0).UTC().Format(time.DateOnly))
	rec.Set("timestamp", strconv.FormatInt(e.touched, 10))
	return e.finish(), nil
}

func (x *mispExport) event(rec misp.Record, level stix.TLP) *mispEvent {
	return &mispEvent{x: x, rec: rec, level: level, lists: map[string][]misp.Record{}, inside: map[stix.ID]bool{}}
}

func (x *mispExport) use(id stix.ID) {
	if !x.used[id] {
		x.used[id] = true
		x.sum.Written++
	}
}

// finish puts what was gathered into the record.
func (e *mispEvent) finish() misp.Record {
	for name, list := range e.lists {
		e.rec.Set(name, list)
	}
	if len(e.galaxies) > 0 {
		e.rec.Set("Galaxy", append(e.rec.List("Galaxy"), e.galaxies...))
	}
	for _, t := range e.tags {
		addTag(e.rec, t)
	}
	return e.rec
}

// members puts objects into the event: MISP objects first, because their attributes stand in them and not beside them.
func (e *mispEvent) members(ids []stix.ID) error {
	var rest []*store.Record
	for _, id := range ids {
		rec, err := e.x.r.Get(e.x.ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue // not for this view, or never stored
		}
		if err != nil {
			return err
		}
		from, ok := misp.OriginOf(rec.Object)
		if !ok || from.Kind != misp.KindObject {
			rest = append(rest, rec)
			continue
		}
		if err := e.object(rec, from.Record); err != nil {
			return err
		}
	}
	for _, rec := range rest {
		if e.inside[rec.ID] {
			continue
		}
		if err := e.member(rec); err != nil {
			return err
		}
	}
	return nil
}

func (e *mispEvent) member(rec *store.Record) error {
	from, ok := misp.OriginOf(rec.Object)
	switch {
	case ok && from.Kind == misp.KindAttribute:
		a, err := e.attribute(rec, from.Record, e.share)
		if err == nil {
			e.add("Attribute", rec, a)
		}
		return err
	case ok && from.Kind == misp.KindEventReport:
		if err := e.restrict(from.Record, rec, e.share.Part(from.Record)); err != nil {
			return err
		}
		if err := e.hangOn(from.Record, rec); err != nil {
			return err
		}
		e.add("EventReport", rec, from.Record)
		return nil
	case ok && from.Kind == misp.KindCluster:
		e.cluster(rec, from.Record)
		return nil
	case ok:
		return nil // hangs on another object and goes with it
	case e.known:
		e.x.use(rec.ID) // a galaxy cluster of the event's record, an attached file
		return e.values(rec)
	default:
		return e.native(rec)
	}
}

func (e *mispEvent) add(list string, rec *store.Record, r misp.Record) {
	e.x.use(rec.ID)
	e.lists[list] = append(e.lists[list], r)
	e.touched = max(e.touched, rec.Version().Time().Unix())
}

// cluster gives the event a galaxy cluster back that is for fewer than the event.
func (e *mispEvent) cluster(rec *store.Record, galaxy misp.Record) {
	e.x.use(rec.ID)
	e.galaxies = append(e.galaxies, galaxy)
	for _, c := range galaxy.List("GalaxyCluster") {
		if tag := c.Text("tag_name"); tag != "" {
			e.tags = append(e.tags, tag)
		}
	}
}

// object is a MISP object with its attributes.
func (e *mispEvent) object(rec *store.Record, o misp.Record) error {
	if err := e.restrict(o, rec, e.share.Part(o)); err != nil {
		return err
	}
	within := e.share.Part(o)
	var v struct {
		Refs []stix.ID `json:"object_refs"`
	}
	if err := rec.Decode(&v); err != nil {
		return err
	}
	var attributes []misp.Record
	for _, id := range v.Refs {
		part, err := e.x.r.Get(e.x.ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		from, ok := misp.OriginOf(part.Object)
		if !ok || from.Kind != misp.KindAttribute {
			continue
		}
		a, err := e.attribute(part, from.Record, within)
		if err != nil {
			return err
		}
		e.inside[id] = true
		e.x.use(id)
		attributes = append(attributes, a)
	}
	if attributes != nil {
		o.Set("Attribute", attributes)
	}
	if err := e.hangOn(o, rec); err != nil {
		return err
	}
	e.add("Object", rec, o)
	return nil
}

// attribute is a MISP attribute with what hangs on it.
func (e *mispEvent) attribute(rec *store.Record, a misp.Record, within misp.Share) (misp.Record, error) {
	if err := e.restrict(a, rec, within.Part(a)); err != nil {
		return nil, err
	}
	if rec.Revoked && !a.Flag("deleted") {
		a.Set("deleted", true)
	}
	if err := e.values(rec); err != nil {
		return nil, err
	}
	if err := e.attachment(a); err != nil {
		return nil, err
	}
	return a, e.hangOn(a, rec)
}

// values notes the observables of observed-data: they are the value of an attribute.
func (e *mispEvent) values(rec *store.Record) error {
	if rec.Type != "observed-data" {
		return nil
	}
	var v struct {
		Refs []stix.ID `json:"object_refs"`
	}
	err := rec.Decode(&v)
	for _, id := range v.Refs {
		e.x.used[id] = true
	}
	return err
}

// attachment gives a record the data that it came with. A reader who may not see the artifact gets none.
func (e *mispEvent) attachment(a misp.Record) error {
	id, ok := a.Attachment()
	if !ok {
		return nil
	}
	rec, err := e.x.r.Get(e.x.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		delete(a, "data")
		return nil
	}
	if err != nil {
		return err
	}
	var v struct {
		Payload string `json:"payload_bin"`
	}
	if err := rec.Decode(&v); err != nil {
		return err
	}
	a.Set("data", v.Payload)
	return nil
}

// restrict makes sure that a record, of which this is the share, leaves no wider than its object's marking allows: the distribution
// narrows, and tags say the TLP and PAP levels where the record takes tags. What PAP forbids to detect with is no longer
// to_ids.
func (e *mispEvent) restrict(r misp.Record, rec *store.Record, share misp.Share) error {
	if share.TLP < rec.Level {
		if d := misp.Distribution(rec.Level); r.Text("distribution") == "" || wider(r.Text("distribution"), d) {
			r.Set("distribution", d)
		}
		if taggable(r) {
			dropTLP(r)
			addTag(r, tlpTag(rec.Level))
		}
	}
	pap, err := e.x.r.PAP(e.x.ctx, rec.Object)
	if err != nil {
		return err
	}
	if pap > share.PAP && taggable(r) {
		addTag(r, pap.String())
	}
	if !store.Detection.Permits(max(pap, share.PAP)) && r.Flag("to_ids") {
		r.Set("to_ids", false)
	}
	return nil
}

// taggable tells events and attributes: other records of MISP take no tags.
func taggable(r misp.Record) bool { return r.Text("info") != "" || r.Text("type") != "" }

// wider tells whether a distribution reaches further than another of 0 to 3. A sharing group reaches less than any community, and
// inheriting says nothing.
func wider(d, than string) bool {
	switch d {
	case misp.OrganisationOnly, misp.SharingGroup:
		return false
	case misp.CommunityOnly, misp.ConnectedCommunities, misp.AllCommunities:
		return d > than
	default:
		return true
	}
}

// dropTLP takes away what a stricter tag replaces.
func dropTLP(r misp.Record) {
	tags := r.List("Tag")
	left := slices.DeleteFunc(slices.Clone(tags), func(t misp.Record) bool {
		_, is := stix.TagTLP(t.Text("name"))
		return is
	})
	if len(left) < len(tags) {
		r.Set("Tag", left)
	}
}

func addTag(r misp.Record, name string) {
	tags := r.List("Tag")
	for _, t := range tags {
		if strings.EqualFold(t.Text("name"), name) {
			return
		}
	}
	tag := misp.Record{}
	tag.Set("name", name)
	r.Set("Tag", append(tags, tag))
}

// tlpTag is the tag of MISP's taxonomy.
func tlpTag(t stix.TLP) string { return "tlp:" + strings.ToLower(t.String()[4:]) }

func uuidOf(id stix.ID) string {
	_, s, _ := strings.Cut(string(id), "--")
	return s
}

func unix(t stix.Timestamp) string { return strconv.FormatInt(t.Time().Unix(), 10) }
