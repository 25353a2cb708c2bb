package taxii_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"marque/serve/taxii"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// sharing worlds have a user of every level with all rights; these are collections of their own.
func writerWorld(t *testing.T, change func(*taxii.Config)) (*sqlite.DB, http.Handler) {
	t.Helper()
	cfg, users := sharingConfig()
	change(&cfg)
	db := open(t, sqlite.Config{})
	return db, serverFor(t, db, cfg, users)
}

func post(t *testing.T, h http.Handler, user, col string, objects ...*stix.Object) (succeeded int) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"objects": objects})
	res := ask(t.Context(), h, user, http.MethodPost, "/api1/collections/"+col+"/objects/", string(body))
	var st struct {
		Succeeded int `json:"success_count"`
	}
	if err := json.Unmarshal(res.Body.Bytes(), &st); err != nil || res.Code != http.StatusAccepted {
		t.Fatalf("%d %s", res.Code, res.Body)
	}
	return st.Succeeded
}

func get(t *testing.T, h http.Handler, user, col string, id stix.ID) (int, string) {
	t.Helper()
	res := ask(t.Context(), h, user, http.MethodGet, "/api1/collections/"+col+"/objects/"+string(id)+"/", "")
	return res.Code, res.Body.String()
}

// TestForgedVersion: a later version of what another writer, or the owner, gave neither hides nor revokes nor replaces it, unless the
// collection's writers may speak for its creator.
func TestForgedVersion(t *testing.T) {
	forge := func(t *testing.T, o *stix.Object, at string) []*stix.Object {
		var out []*stix.Object
		for i, changes := range []map[string]any{
			{"name": "forged", "revoked": true, "object_marking_refs": []stix.ID{stix.Clear.MarkingID()}},
			{"name": "forged", "revoked": true, "object_marking_refs": []stix.ID{stix.Red.MarkingID()}},
		} {
			changes["modified"] = at + string(rune('0'+i)) + ":00.000Z"
			f, err := o.With(changes)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, f)
		}
		return out
	}
	mine := object("malware", 1, 1, stix.Clear)
	for name, give := range map[string]func(*testing.T, *sqlite.DB, http.Handler){
		"a writer's": func(t *testing.T, _ *sqlite.DB, h http.Handler) { post(t, h, "amber", inbox, mine) },
		"the owner's": func(t *testing.T, db *sqlite.DB, _ http.Handler) {
			if _, err := db.Put(t.Context(), store.Provenance{Importer: "feed:x"}, []*stix.Object{mine}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, h := writerWorld(t, func(*taxii.Config) {})
			give(t, db, h)
			if n := post(t, h, "green", secret, forge(t, mine, "2030-01-01T00:0")...); n != 2 {
				t.Errorf("%d taken", n)
			}
			code, body := get(t, h, "clear", everything, mine.ID)
			if code != http.StatusOK || strings.Contains(body, "forged") {
				t.Errorf("everything: %d %s", code, body)
			}
		})
	}
	t.Run("who speaks for the creator", func(t *testing.T) {
		db, h := writerWorld(t, func(cfg *taxii.Config) {
			for i := range cfg.Roots[0].Collections {
				if c := &cfg.Roots[0].Collections[i]; c.ID == secret {
					c.SpeaksFor = []stix.ID{id("identity", 7)}
				}
			}
		})
		theirs, err := mine.With(map[string]any{"created_by_ref": id("identity", 7)})
		if err == nil {
			_, err = db.Put(t.Context(), store.Provenance{Importer: "feed:x"}, []*stix.Object{theirs})
		}
		if err != nil {
			t.Fatal(err)
		}
		post(t, h, "green", secret, forge(t, theirs, "2030-01-01T00:0")[0])
		if _, body := get(t, h, "clear", everything, theirs.ID); !strings.Contains(body, "forged") {
			t.Errorf("the creator's later version is not there: %s", body)
		}
	})
}

// TestWritersLearnNothing: what a writer is told, and reads back, is the same whether or not the store knows the object at a level above
// the writer's; and what it posts hides nothing that others gave.
func TestWritersLearnNothing(t *testing.T) {
	domain := func(level stix.TLP) *stix.Object {
		o, err := domain("raid.example").With(map[string]any{"object_marking_refs": []stix.ID{level.MarkingID()}})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	answers := map[string][]string{}
	for _, known := range []bool{false, true} {
		db, h := writerWorld(t, func(*taxii.Config) {})
		if known {
			other, err := object("malware", 2, 5, stix.Red).With(map[string]any{"created_by_ref": id("identity", 9)})
			if err != nil {
				t.Fatal(err)
			}
			objects := []*stix.Object{domain(stix.Red), object("malware", 1, 9, stix.Red), other}
			if _, err := db.Put(t.Context(), store.Provenance{Importer: taxii.Importer(inbox)}, objects); err != nil {
				t.Fatal(err)
			}
		}
		for what, o := range map[string]*stix.Object{"domain": domain(stix.Green), "malware": object("malware", 1, 1, stix.Green), "other creator": object("malware", 2, 5, stix.Green)} {
			n := post(t, h, "green", inbox, o)
			code, body := get(t, h, "green", inbox, o.ID)
			search := ask(t.Context(), h, "green", http.MethodGet, "/api1/collections/"+everything+"/objects/?match[id]="+string(o.ID), "")
			answers[what] = append(answers[what], strings.Join([]string{string(rune('0' + n)), http.StatusText(code), body, search.Body.String()}, " "))
		}
	}
	for what, a := range answers {
		if a[0] != a[1] || !strings.HasPrefix(a[0], "1 OK") {
			t.Errorf("%s:\n%s\n%s", what, a[0], a[1])
		}
	}
	// And the other way round: RED on what is CLEAR.
	db, h := writerWorld(t, func(*taxii.Config) {})
	if _, err := db.Put(t.Context(), store.Provenance{Importer: "feed:x"}, []*stix.Object{domain(stix.Clear)}); err != nil {
		t.Fatal(err)
	}
	post(t, h, "green", inbox, domain(stix.Red))
	if code, body := get(t, h, "clear", everything, domain(stix.Clear).ID); code != http.StatusOK || !strings.Contains(body, string(stix.Clear.MarkingID())) {
		t.Errorf("a CLEAR observable that a writer marked: %d %s", code, body)
	}
}
