package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"marque/export"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/stix"
	"marque/store"
)

// world is a workspace with random markings. Every object has a token in its text, and the world knows, without asking the
// product, who may see it.
type world struct {
	t      *rapid.T
	n      int
	levels map[string]stix.TLP
	acts   map[string]stix.PAP
}

func (w *world) uuid() string {
	w.n++
	return fmt.Sprintf("dddddddd-0000-4000-8000-%012d", w.n)
}

func (w *world) token(l stix.TLP, p stix.PAP) string {
	tok := fmt.Sprintf("tok%05dx", w.n)
	w.levels[tok], w.acts[tok] = l, p
	return tok
}

var (
	tlp1 = map[stix.TLP]string{
		stix.Clear: "613f2e26-407d-48c7-9eca-b8e91df99dc9", stix.Green: "34098fce-860f-48ae-8e50-ebd3cc5e41da",
		stix.Amber: "f88d31f6-486f-44da-b317-01333bde0b82", stix.Red: "5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
	}
	statement = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--eeeeeeee-0000-4000-8000-000000000001","created":"2020-01-01T00:00:00.000Z","definition_type":"statement","object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"],"definition":{"statement":"PAP:RED tok99999x"}}`
)

// markings are random object_marking_refs and granular_markings, with what they mean.
func (w *world) markings() (text string, l stix.TLP, p stix.PAP) {
	level := rapid.SampledFrom([]stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}).Draw(w.t, "level")
	id := string(level.MarkingID())
	if old, ok := tlp1[level]; ok && rapid.Bool().Draw(w.t, "tlp 1.0") {
		id = "marking-definition--" + old
	}
	refs := []string{}
	switch rapid.IntRange(0, 3).Draw(w.t, "where") {
	case 0:
		level = stix.Clear
	case 1:
		text = fmt.Sprintf(`,"granular_markings":[{"marking_ref":%q,"selectors":["name"]}]`, id)
	default:
		refs = append(refs, id)
	}
	switch rapid.IntRange(0, 4).Draw(w.t, "pap") {
	case 0:
		p = stix.PAPRed
		refs = append(refs, "marking-definition--eeeeeeee-0000-4000-8000-000000000001")
	case 1:
		p = rapid.SampledFrom([]stix.PAP{stix.PAPClear, stix.PAPGreen, stix.PAPAmber, stix.PAPRed}).Draw(w.t, "pap level")
		refs = append(refs, string(p.MarkingID()))
	}
	if len(refs) > 0 {
		raw, _ := json.Marshal(refs)
		text += `,"object_marking_refs":` + string(raw)
	}
	return text, level, p
}

// object is a native STIX object with a token; format has %s for the token.
func (w *world) object(typ, format string) (id, raw string) {
	marks, l, p := w.markings()
	id = typ + "--" + w.uuid()
	tok := w.token(l, p)
	return id, fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"created":"2020-01-01T00:00:00.000Z","modified":"2020-01-01T00:00:00.000Z"%s,%s}`,
		typ, id, marks, strings.ReplaceAll(format, "%s", tok))
}

// shared is an observable that several sources mark: who may see what one of them says may see it.
func (w *world) shared() string {
	marks, l, p := w.markings()
	if !strings.Contains(marks, "marking-definition") || l == stix.Clear {
		marks, l, p = `,"object_marking_refs":["`+string(stix.Clear.MarkingID())+`"]`, stix.Clear, stix.PAPClear
	}
	tok := fmt.Sprintf("tok%05dx", 90000+rapid.IntRange(0, 1).Draw(w.t, "shared"))
	if before, known := w.levels[tok]; known {
		l = min(l, before)
	}
	w.levels[tok], w.acts[tok] = l, max(w.acts[tok], p)
	props := map[string]any{"type": "domain-name", "value": tok + ".example"}
	id, _ := stix.ObservableID("domain-name", props)
	return fmt.Sprintf(`{"type":"domain-name","spec_version":"2.1","id":%q,"value":"%s.example"%s}`, id, tok, marks)
}

func (w *world) native() string {
	w.levels["tok99999x"] = stix.Red // of the statement
	objects := []string{statement}
	var ids []string
	put := func(typ, format string) string {
		id, raw := w.object(typ, format)
		objects = append(objects, raw)
		ids = append(ids, id)
		return id
	}
	for range rapid.IntRange(1, 4).Draw(w.t, "each") {
		i := put("indicator", `"name":"%s","pattern":"[domain-name:value = '%s.example']","pattern_type":"stix","valid_from":"2020-01-01T00:00:00Z"`)
		a := put("threat-actor", `"name":"%s"`)
		p := put("attack-pattern", `"name":"%s","external_references":[{"source_name":"mitre-attack","external_id":"T1566"}]`)
		put("relationship", `"relationship_type":"uses","source_ref":"`+a+`","target_ref":"`+p+`","description":"%s"`)
		put("note", `"content":"%s","object_refs":["`+i+`"]`)
		put("opinion", `"opinion":"agree","explanation":"%s","object_refs":["`+i+`"]`)
		put("marking-definition", `"definition_type":"statement","definition":{"statement":"%s"}`)
		objects = append(objects, w.shared(), w.shared())
		put("sighting", `"description":"%s","sighting_of_ref":"`+i+`"`)
		put("report", `"name":"%s","published":"2020-01-01T00:00:00Z","object_refs":["`+strings.Join(ids, `","`)+`"]`)
	}
	return `{"type":"bundle","id":"bundle--` + w.uuid() + `","objects":[` + strings.Join(objects, ",\n") + `]}`
}

// share is a random distribution with tags, and what they mean within a level.
func (w *world) share(within stix.TLP) (text string, l stix.TLP, p stix.PAP) {
	d := rapid.IntRange(0, 5).Draw(w.t, "distribution")
	l = []stix.TLP{stix.Red, stix.AmberStrict, stix.Amber, stix.Clear, stix.AmberStrict, stix.Clear}[d]
	var tags []string
	if rapid.Bool().Draw(w.t, "tagged") {
		t := rapid.SampledFrom([]stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}).Draw(w.t, "tag")
		tags = append(tags, fmt.Sprintf(`{"name":%q}`, strings.ToLower(t.String())))
		if agree := d == 0 && (t == stix.Amber || t == stix.AmberStrict) || d == 1 && t == stix.Green; agree {
			l = t // the distribution that belongs to the tag
		}
		l = max(l, t)
	}
	l = max(l, within)
	if rapid.IntRange(0, 3).Draw(w.t, "pap") == 0 {
		p = rapid.SampledFrom([]stix.PAP{stix.PAPGreen, stix.PAPAmber, stix.PAPRed}).Draw(w.t, "pap level")
		tags = append(tags, fmt.Sprintf(`{"name":%q}`, p.String()))
	}
	return fmt.Sprintf(`"distribution":"%d","Tag":[%s]`, d, strings.Join(tags, ",")), l, p
}

// event is a MISP event; a part is never seen more widely than its whole.
func (w *world) event() string {
	id := w.uuid()
	share, level, pap := w.share(stix.Clear)
	if strings.HasPrefix(share, `"distribution":"3"`) && !strings.Contains(share, "tlp:") {
		level = max(level, stix.Green)
	}
	info := w.token(level, pap)
	attribute := func(within stix.TLP) string {
		id := w.uuid()
		share, l, p := w.share(within)
		tok := w.token(l, p)
		sighting, note, relation, inner := w.uuid(), w.uuid(), w.uuid(), w.uuid()
		relationShare, relationLevel, relationPAP := w.share(l)
		author := w.token(relationLevel, max(p, relationPAP))
		innerShare, innerLevel, innerPAP := w.share(relationLevel)
		w.n++
		clusterNote, clusterLevel, clusterPAP := w.share(l)
		onCluster := w.token(clusterLevel, max(p, clusterPAP))
		w.n++
		remark := w.token(innerLevel, max(p, relationPAP, innerPAP))
		return fmt.Sprintf(`{"uuid":%q,"type":%q,"value":"%s.example","comment":%q,"to_ids":%v,"timestamp":"1600000000",%s,
		 "Relationship":[{"uuid":%q,"relationship_type":"like","related_object_type":"Attribute","related_object_uuid":"ffffffff-0000-4000-8000-000000000001","authors":%q,%s,
		  "Note":[{"uuid":%q,"note":%q,%s}]}],
		 "Sighting":[{"uuid":%q,"type":%q,"date_sighting":"1600000001","source":%q}],"Note":[{"uuid":%q,"note":%q,"distribution":"5"}],
		 "Galaxy":[{"type":"threat-actor","GalaxyCluster":[{"uuid":%q,"value":%q,"Note":[{"note":%q,%s}]}]}]}`,
			id, rapid.SampledFrom([]string{"domain", "text", "threat-actor", "filename"}).Draw(w.t, "type"), tok, tok, rapid.Bool().Draw(w.t, "to_ids"), share,
			relation, author, relationShare, inner, remark, innerShare, sighting, rapid.SampledFrom([]string{"0", "1", "2"}).Draw(w.t, "sighting"), tok, note, tok, w.uuid(), tok, onCluster, clusterNote)
	}
	var attributes []string
	for range rapid.IntRange(1, 3).Draw(w.t, "attributes") {
		attributes = append(attributes, attribute(level))
	}
	rid := w.uuid()
	reportText := w.token(level, pap)
	nid := w.uuid()
	noteShare, noteLevel, notePAP := w.share(level)
	noteText := w.token(noteLevel, max(pap, notePAP))
	eventReport := fmt.Sprintf(`{"uuid":%q,"name":"n","content":%q,"timestamp":"1600000000","distribution":"5","Note":[{"uuid":%q,"note":%q,%s}]}`, rid, reportText, nid, noteText, noteShare)
	oid := w.uuid()
	d := rapid.IntRange(0, 3).Draw(w.t, "object distribution")
	within := max(level, []stix.TLP{stix.Red, stix.AmberStrict, stix.Amber, stix.Clear}[d])
	name := w.token(within, stix.PAPClear)
	object := fmt.Sprintf(`{"uuid":%q,"name":%q,"distribution":"%d","timestamp":"1600000000","Attribute":[%s]}`, oid, name, d, attribute(within))
	return fmt.Sprintf(`{"Event":{"uuid":%q,"info":%q,"date":"2020-09-13","timestamp":"1600000000",%s,"Attribute":[%s],"Object":[%s],"EventReport":[%s]}}`,
		id, info, share, strings.Join(attributes, ","), object, eventReport)
}

// ways are all ways out.
var ways = map[string]func(context.Context, io.Writer, *export.Reader) error{
	"bundle": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.Bundle(ctx, w, r, store.Query{})
		return err
	},
	"bundle of versions": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.Bundle(ctx, w, r, store.Query{AllVersions: true})
		return err
	},
	"csv": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.CSV(ctx, w, r, store.Query{})
		return err
	},
	"misp": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.MISP(ctx, w, r, store.Query{})
		return err
	},
	"feed": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.Feed(ctx, func(_ string, write func(io.Writer) error) error { return write(w) }, r, store.Query{})
		return err
	},
	"navigator": func(ctx context.Context, w io.Writer, r *export.Reader) error {
		_, err := export.Navigator(ctx, w, r, export.LayerConfig{})
		return err
	},
}

var tokens = regexp.MustCompile(`tok\d{5}x`)

// TestNoExportShowsWhatAViewMayNotSee walks every way out with random markings, views and uses. What leaves as MISP and comes in
// somewhere else is no more widely seen there than here.
func TestNoExportShowsWhatAViewMayNotSee(t *testing.T) {
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs > 8 {
			return // each run fills several databases
		}
		w := &world{t: rt, levels: map[string]stix.TLP{}, acts: map[string]stix.PAP{}}
		db := open(t)
		load(t, db, "native.json", strings.NewReader(w.native()))
		for range 3 {
			// A relation to what nobody knows, for fewer than its attribute, goes to the quarantine: there is no place for it.
			_, err := ingest.New(db, formats.Default(formats.Config{}), ingest.Config{}).Stream(t.Context(), "event.json", strings.NewReader(w.event()))
			if err != nil {
				t.Fatal(err)
			}
		}
		for level := stix.Clear; level <= stix.AmberStrict; level++ {
			for _, use := range []store.Use{store.Knowledge, store.Detection, store.Blocking} {
				r := reader(t, db, level, use)
				for name, write := range ways {
					var out bytes.Buffer
					if err := write(t.Context(), &out, r); err != nil {
						rt.Fatalf("%s at %v: %v", name, level, err)
					}
					w.check(fmt.Sprintf("%s at %v for use %d", name, level, use), out.String(), level, use)
				}
			}
		}
		w.checkNotWider(t, db)
	})
}

func (w *world) check(what, out string, level stix.TLP, use store.Use) {
	for _, tok := range slices.Compact(slices.Sorted(slices.Values(tokens.FindAllString(out, -1)))) {
		if w.levels[tok] > level {
			w.t.Errorf("%s shows %s, which is %v", what, tok, w.levels[tok])
		}
	}
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(what, "csv") {
			break
		}
		for _, tok := range tokens.FindAllString(line, -1) {
			if !use.Permits(w.acts[tok]) {
				w.t.Errorf("%s shows %s, which is %v", what, tok, w.acts[tok])
			}
		}
	}
}

// checkNotWider takes everything that may leave through MISP to another workspace.
func (w *world) checkNotWider(t *testing.T, db export.Store) {
	var out bytes.Buffer
	if err := ways["misp"](t.Context(), &out, reader(t, db, stix.AmberStrict, store.Knowledge)); err != nil {
		w.t.Fatalf("%v", err)
	}
	other := open(t)
	if _, err := ingest.New(other, formats.Default(formats.Config{}), ingest.Config{}).Stream(t.Context(), "misp.json", &out); err != nil {
		w.t.Fatalf("%v", err)
	}
	for rec, err := range other.View(store.Owner()).Find(t.Context(), store.Query{}) {
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		for _, tok := range tokens.FindAllString(string(rec.Raw()), -1) {
			if rec.Level < w.levels[tok] {
				w.t.Errorf("%s is %v here and %v there: %s", tok, w.levels[tok], rec.Level, rec.Raw())
			}
		}
	}
}
