package taxii_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"marque/serve/auth"
	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// Collections of everything, for one use each.
const (
	forDetection = "66666666-6666-4666-8666-666666666666"
	forBlocking  = "77777777-7777-4777-8777-777777777777"
)

var useOf = map[string]store.Use{forDetection: store.Detection, forBlocking: store.Blocking}

var levelsOfUsers = []stix.TLP{stix.Clear, stix.Green, stix.Amber, stix.AmberStrict, stix.Red}

func userOf(l stix.TLP) string { return strings.ToLower(l.String()[4:]) }

// sharingConfig gives a user of every level all rights to all collections, so that nothing but markings keeps one from another.
func sharingConfig() (taxii.Config, auth.Config) {
	cfg, users := worldConfig()
	users.Users = nil
	for _, l := range levelsOfUsers {
		users.Users = append(users.Users, auth.Account{Name: userOf(l), TokenHashes: []string{tokenHash(userOf(l) + "-token")}, Clearance: l})
	}
	users.Anonymous = new(stix.TLP)
	cols := &cfg.Roots[0].Collections
	for id, use := range useOf {
		*cols = append(*cols, taxii.Collection{ID: id, Title: use.String(), Use: use})
	}
	for i := range *cols {
		c := &(*cols)[i]
		c.Readers = []string{auth.Everybody}
		if c.Own {
			c.Writers, c.Types = []string{auth.Everybody}, nil
		}
	}
	return cfg, users
}

// TLP 1.0 (STIX 2.1 section 7.2.1.4).
var white, green1, amber1, red1 = stix.ID("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"), stix.ID("marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"),
	stix.ID("marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"), stix.ID("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")

// marked is a marking with what it means.
type marking struct {
	id  stix.ID
	tlp stix.TLP
	pap stix.PAP
}

const statedPAP stix.ID = "marking-definition--00000000-0000-4000-8000-000000000099"

// markings are all that an object may be marked with. The last one is a statement that only RED users could read.
func markings() []marking {
	ms := []marking{{white, stix.Clear, 0}, {green1, stix.Green, 0}, {amber1, stix.Amber, 0}, {red1, stix.Red, 0}, {statedPAP, stix.Clear, stix.PAPRed}}
	for _, l := range levelsOfUsers {
		ms = append(ms, marking{l.MarkingID(), l, 0})
	}
	for _, p := range []stix.PAP{stix.PAPClear, stix.PAPGreen, stix.PAPAmber, stix.PAPRed} {
		ms = append(ms, marking{p.MarkingID(), stix.Clear, p})
	}
	return ms
}

// sharing is a store with random markings. Every object has a word in it, and the test knows, without asking the product, who may
// see it and what for.
type sharing struct {
	t      *rapid.T
	db     *sqlite.DB
	h      http.Handler
	ids    []stix.ID
	told   map[string][]marking // what the sources of a word said: an observable has several
	posted map[string]string    // status to user
}

// draw marks an object at random: as a whole or in parts, unmarked with the level of its source.
func (s *sharing) draw(from stix.TLP) (props map[string]any, l stix.TLP, p stix.PAP) {
	props = map[string]any{}
	var refs []stix.ID
	var granular []map[string]any
	found := false
	for range rapid.IntRange(0, 2).Draw(s.t, "markings") {
		m := rapid.SampledFrom(markings()).Draw(s.t, "marking")
		_, tlp := stix.MarkingLevel(m.id)
		found = found || tlp
		l, p = max(l, m.tlp), max(p, m.pap)
		if rapid.Bool().Draw(s.t, "granular") {
			granular = append(granular, map[string]any{"marking_ref": m.id, "selectors": []string{"type"}})
		} else {
			refs = append(refs, m.id)
		}
	}
	if refs != nil {
		props["object_marking_refs"] = refs
	}
	if granular != nil {
		props["granular_markings"] = granular
	}
	if !found {
		l = from
	}
	return props, l, p
}

// object makes an object at random that refers to another, which its readers may not be able to see.
func (s *sharing) object(n int, from stix.TLP) *stix.Object {
	word := fmt.Sprintf("word%03dx", n)
	props, l, p := s.draw(from)
	about := rapid.SampledFrom(s.ids).Draw(s.t, "about")
	props["spec_version"] = "2.1"
	props["created"], props["modified"] = "2024-01-01T00:00:00.000Z", fmt.Sprintf("2024-01-01T00:00:%02d.000Z", n)
	switch typ := rapid.SampledFrom([]string{"malware", "note", "relationship", "marking-definition", "domain-name", "domain-name"}).Draw(s.t, "type"); typ {
	case "malware":
		props["type"], props["id"], props["name"], props["is_family"] = typ, id(typ, n), word, true
	case "note":
		props["type"], props["id"], props["content"], props["object_refs"] = typ, id(typ, n), word, []stix.ID{about}
	case "relationship":
		props["type"], props["id"], props["description"] = typ, id(typ, n), word
		props["relationship_type"], props["source_ref"], props["target_ref"] = "related-to", about, s.ids[0]
	case "marking-definition":
		delete(props, "modified")
		props["type"], props["id"], props["definition_type"], props["definition"] = typ, id(typ, n), "statement", map[string]any{"statement": word}
	case "domain-name": // shared: what one source gave freely is free
		word = fmt.Sprintf("word%03dx", 900+n%2)
		delete(props, "created")
		delete(props, "modified")
		props["type"], props["value"] = typ, word+".example"
		props["id"], _ = stix.ObservableID(typ, props)
		if !hasTLP(props) {
			if props["object_marking_refs"] == nil {
				props["object_marking_refs"] = []stix.ID{}
			}
			props["object_marking_refs"] = append(props["object_marking_refs"].([]stix.ID), l.MarkingID())
		}
	}
	o, err := stix.New(props)
	if err != nil {
		s.t.Fatal(err)
	}
	s.told[word] = append(s.told[word], marking{tlp: l, pap: p})
	s.ids = append(s.ids, o.ID)
	return o
}

func hasTLP(props map[string]any) bool {
	refs, _ := props["object_marking_refs"].([]stix.ID)
	granular, _ := props["granular_markings"].([]map[string]any)
	for _, g := range granular {
		ref, _ := g["marking_ref"].(stix.ID)
		refs = append(slices.Clip(refs), ref)
	}
	return slices.ContainsFunc(refs, func(id stix.ID) bool { _, ok := stix.MarkingLevel(id); return ok })
}

// fill stores objects from random sources, some of them by POST.
func (s *sharing) fill() {
	for n := range rapid.IntRange(3, 25).Draw(s.t, "objects") {
		from := rapid.SampledFrom(levelsOfUsers).Draw(s.t, "level of the source")
		importer := rapid.SampledFrom([]string{"stix", "feed:x", taxii.Importer(inbox), taxii.Importer(secret), "post"}).Draw(s.t, "importer")
		if importer == "post" {
			from = stix.Green // of the inbox
			user := userOf(rapid.SampledFrom(levelsOfUsers).Draw(s.t, "writer"))
			body, _ := json.Marshal(map[string]any{"objects": []*stix.Object{s.object(n, from)}})
			res := ask(context.Background(), s.h, user, http.MethodPost, "/api1/collections/"+inbox+"/objects/", string(body))
			var st struct{ ID string }
			if err := json.Unmarshal(res.Body.Bytes(), &st); err != nil || res.Code != http.StatusAccepted {
				s.t.Fatalf("%d %s", res.Code, res.Body)
			}
			s.posted[st.ID] = user
			continue
		}
		res, err := s.db.Put(context.Background(), store.Provenance{Importer: importer, TLP: from}, []*stix.Object{s.object(n, from)})
		if err != nil || len(res.Refused) > 0 {
			s.t.Fatal(err, res)
		}
	}
}

var words = regexp.MustCompile(`word\d{3}x`)

// TestSharing walks every route with random markings (of TLP 1.0 and 2.0 and of PAP, of the whole and of parts, of markings, of
// observables that several sources share), references to what one may not see, and users of every level.
func TestSharing(t *testing.T) {
	seen := map[stix.TLP]int{}
	runs := 0
	rapid.Check(t, func(rt *rapid.T) {
		if runs++; runs > 12 {
			return // each run asks thousands of times
		}
		cfg, users := sharingConfig()
		cfg.PageLimit = rapid.SampledFrom([]int{1, 3, 100}).Draw(rt, "page")
		db := open(t, sqlite.Config{})
		s := &sharing{
			t: rt, db: db, h: serverFor(t, db, cfg, users), ids: []stix.ID{id("tool", 1)},
			told: map[string][]marking{}, posted: map[string]string{},
		}
		stated, err := stix.Parse([]byte(`{"type":"marking-definition","spec_version":"2.1","id":"` + string(statedPAP) + `","created":"2024-01-01T00:00:00.000Z",` +
			`"definition_type":"statement","definition":{"statement":"PAP:RED"},"object_marking_refs":["` + string(stix.Red.MarkingID()) + `"]}`))
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := db.Put(context.Background(), store.Provenance{Importer: "stix"}, []*stix.Object{stated}); err != nil {
			rt.Fatal(err)
		}
		s.fill()
		for _, l := range levelsOfUsers {
			for col, use := range map[string]store.Use{everything: store.Knowledge, feed: store.Knowledge, inbox: store.Knowledge, forDetection: store.Detection, forBlocking: store.Blocking} {
				seen[l] += s.walk(l, col, use)
			}
			for st, user := range s.posted {
				if res := ask(context.Background(), s.h, userOf(l), http.MethodGet, "/api1/status/"+st+"/", ""); (res.Code == http.StatusOK) != (user == userOf(l)) {
					rt.Fatalf("%v reads the status of %s: %d", l, user, res.Code)
				}
			}
		}
	})
	for i, l := range levelsOfUsers[1:] {
		if less := levelsOfUsers[i]; seen[less] == 0 || seen[l] < seen[less] {
			t.Errorf("%v sees %d words, %v %d: the walk shows nothing", l, seen[l], less, seen[less])
		}
	}
}

// walk follows all pages of all routes of a collection, and counts the words that it sees.
func (s *sharing) walk(l stix.TLP, col string, use store.Use) (seen int) {
	base := "/api1/collections/" + col + "/"
	paths := []string{base, base + "objects/?x=", base + "objects/?match[version]=all", base + "manifest/?match[version]=first", base + "objects/?match[type]=domain-name,note"}
	for _, id := range s.ids {
		one := base + "objects/" + string(id) + "/"
		paths = append(paths, one+"?match[version]=all", one+"versions/?x=", base+"objects/?match[id]="+string(id))
	}
	for _, path := range paths {
		for next := ""; ; {
			res := ask(context.Background(), s.h, userOf(l), http.MethodGet, path+next, "")
			body := res.Body.String()
			for _, w := range words.FindAllString(body, -1) {
				seen++
				if !s.may(w, min(l, stix.AmberStrict), use) {
					s.t.Fatalf("%v sees %s, which is %v, for %v by %s:\n%s", l, w, s.told[w], use, path, body)
				}
			}
			if strings.Contains(body, `PAP:RED`) {
				s.t.Fatalf("%v sees a RED marking by %s: %s", l, path, body)
			}
			var env envelope
			if json.Unmarshal(res.Body.Bytes(), &env) != nil || !env.More {
				break
			}
			next = "&next=" + env.Next
		}
	}
	return seen
}

// may tells whether a user of a level may see a word for a use: somebody told it that freely, and none of those forbids the use.
func (s *sharing) may(word string, l stix.TLP, use store.Use) bool {
	free := slices.DeleteFunc(slices.Clone(s.told[word]), func(m marking) bool { return m.tlp > l })
	return len(free) > 0 && !slices.ContainsFunc(free, func(m marking) bool { return !use.Permits(m.pap) })
}

// TestStatusSurvivesRestart: another server over the same store knows what became of a request.
func TestStatusSurvivesRestart(t *testing.T) {
	cfg, users := worldConfig()
	db := world(t)
	first := serverFor(t, db, cfg, users)
	body, _ := json.Marshal(map[string]any{"objects": []*stix.Object{object("tool", 1, 1, stix.Clear)}})
	res := ask(t.Context(), first, "alice", http.MethodPost, "/api1/collections/"+inbox+"/objects/", string(body))
	var st struct{ ID string }
	if err := json.Unmarshal(res.Body.Bytes(), &st); err != nil {
		t.Fatal(err)
	}
	second := serverFor(t, db, cfg, users)
	for user, want := range map[string]int{"alice": http.StatusOK, "bob": http.StatusNotFound} {
		got := ask(t.Context(), second, user, http.MethodGet, "/api1/status/"+st.ID+"/", "")
		if got.Code != want || want == http.StatusOK && got.Body.String() != res.Body.String() {
			t.Errorf("%s: %d %s, want %d %s", user, got.Code, got.Body, want, res.Body)
		}
	}
}
