package taxii_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"marque/export"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/stix"
	"marque/store"
	"marque/store/sqlite"
)

// TestLossless sends random objects the whole way: a bundle with broken elements in between comes in, is kept, exported and read
// again, posted by TAXII and fetched again. Every object arrives byte for byte, all versions, and what is broken or contradicts a
// known version stands in the quarantine with its bytes.
func TestLossless(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		versions, bundle, bad := drawBundle(rt)
		first, second, third := open(t, sqlite.Config{}), open(t, sqlite.Config{}), open(t, sqlite.Config{})
		ingestBundle(rt, t, first, bundle, len(bad))
		same(rt, "store", versions, allVersions(rt, t, first))
		kept := map[string]bool{}
		for r, err := range first.Rejects(t.Context()) {
			if err != nil {
				rt.Fatal(err)
			}
			kept[string(r.Raw)] = true
		}
		for _, raw := range bad {
			if !kept[raw] {
				rt.Errorf("lost: %.300q", raw)
			}
		}
		var out bytes.Buffer
		from, err := export.Open(first, store.View{MaxTLP: stix.AmberStrict}, store.Knowledge)
		if err != nil {
			rt.Fatal(err)
		}
		if _, err := export.Bundle(t.Context(), &out, from, store.Query{}); err != nil {
			rt.Fatal(err)
		}
		ingestBundle(rt, t, second, out.String(), 0)
		for id, raw := range raws(t, first) {
			if rec, err := second.View(store.Owner()).Get(t.Context(), id); err != nil || string(rec.Raw()) != raw {
				rt.Fatalf("export: %s: %v\n%.2000s\nwas\n%.2000s", id, err, rec.Raw(), raw)
			}
		}
		same(rt, "TAXII", versions, throughTAXII(rt, t, third, versions))
	})
}

func ingestBundle(rt *rapid.T, t *testing.T, db *sqlite.DB, bundle string, rejected int) {
	res, err := ingest.New(db, formats.Default(formats.Config{}), ingest.Config{Format: "stix"}).Stream(t.Context(), "b.json", strings.NewReader(bundle))
	if err != nil || res.Rejected != rejected {
		rt.Fatalf("%d rejected, want %d: %v, %v\n%.3000s", res.Rejected, rejected, res.Reasons, err, bundle)
	}
}

func allVersions(rt *rapid.T, t *testing.T, db *sqlite.DB) map[string]bool {
	all := map[string]bool{}
	for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{AllVersions: true}) {
		if err != nil {
			rt.Fatal(err)
		}
		all[string(rec.Raw())] = true
	}
	return all
}

// throughTAXII posts the objects and fetches all versions.
func throughTAXII(rt *rapid.T, t *testing.T, db *sqlite.DB, versions map[string]bool) map[string]bool {
	cfg, users := worldConfig()
	cfg.PageLimit, cfg.MaxContentLength = 1000, 64<<20
	cfg.Roots[0].Collections[3].TLP = stix.Clear // what has a level carries it, and is not the same bytes
	h := serverFor(t, db, cfg, users)
	list := slices.Sorted(maps.Keys(versions))
	path := "/api1/collections/" + inbox + "/objects/"
	if res := ask(t.Context(), h, "alice", http.MethodPost, path, `{"objects":[`+strings.Join(list, ",")+`]}`); res.Code != http.StatusAccepted {
		rt.Fatalf("post: %d %s", res.Code, res.Body)
	}
	var env envelope
	res := ask(t.Context(), h, "alice", http.MethodGet, path+"?match[version]=all&match[spec_version]=2.1", "")
	if err := json.Unmarshal(res.Body.Bytes(), &env); err != nil || res.Code != http.StatusOK {
		rt.Fatalf("get: %d, %v", res.Code, err)
	}
	got := map[string]bool{}
	for _, raw := range env.Objects {
		got[string(raw)] = true
	}
	return got
}

func same(rt *rapid.T, where string, want, got map[string]bool) {
	for raw := range want {
		if !got[raw] {
			rt.Errorf("%s: missing or changed: %.2000q", where, raw)
		}
	}
	if len(got) != len(want) {
		rt.Errorf("%s: %d versions, want %d", where, len(got), len(want))
	}
}

// drawBundle draws the versions of some objects, and a bundle of them with elements in between that cannot be stored.
func drawBundle(t *rapid.T) (versions map[string]bool, bundle string, bad []string) {
	versions = map[string]bool{}
	var elements []string
	for n := range rapid.IntRange(1, 5).Draw(t, "objects") {
		typ := rapid.SampledFrom([]string{"tool", "malware", "x-acme", "x-acme-badge"}).Draw(t, "type")
		oid := string(id(typ, n))
		for v := range rapid.IntRange(1, 3).Draw(t, "versions") {
			modified := fmt.Sprintf("2024-01-01T00:00:%02d%sZ", v, rapid.SampledFrom([]string{"", ".1", ".120", ".000000001", ".12345678901234567890"}).Draw(t, "digits"))
			raw := drawObject(t, typ, oid, modified)
			if versions[raw] {
				continue
			}
			versions[raw] = true
			elements = append(elements, raw)
			if rapid.IntRange(0, 3).Draw(t, "contradicted") == 0 {
				other := `{"type":"` + typ + `","id":"` + oid + `","created":"2024-01-01T00:00:00Z","modified":"` + modified + `","x_other":1}`
				bad = append(bad, other)
				elements = append(elements, other)
			}
		}
		if raw := drawBroken(t, n); raw != "" {
			bad = append(bad, raw)
			elements = append(elements, raw)
		}
	}
	return versions, `{"type":"bundle","id":"` + string(id("bundle", 1)) + `","objects":[` + strings.Join(elements, ",\n") + `]}`, bad
}

// drawBroken draws an element that no store can take, different for each n, or none.
func drawBroken(t *rapid.T, n int) string {
	head := `{"type":"tool","id":"` + string(id("tool", 900+n)) + `",`
	return rapid.SampledFrom([]string{
		"",
		head + `"x_a":1,"x_a":2}`,
		head + `"x_a":{"b":1,"\u0062":2}}`,
		head + `"name":"\ud800"}`,
		head + `"name":5}`,
		head + `"modified":"yesterday"}`,
		head + `"name":` + strings.Repeat("[", 300) + strings.Repeat("]", 300) + `}`,
		fmt.Sprintf(`{"type":"tool","name":"no id %d"}`, n),
		fmt.Sprintf(`{"type":"tool","id":"tool--1","n":%d}`, n),
		fmt.Sprintf(`[%d]`, n),
		fmt.Sprintf(`"%d"`, n),
	}).Draw(t, "broken")
}

// drawObject draws an object: members in any order, with white space, own properties of any kind.
func drawObject(t *rapid.T, typ, oid, modified string) string {
	members := []string{
		`"type":"` + typ + `"`, `"id":"` + oid + `"`, `"spec_version":"2.1"`, `"created":"2024-01-01T00:00:00Z"`, `"modified":"` + modified + `"`,
	}
	if strings.HasPrefix(typ, "x-") { // an own type may define these as it likes
		members = append(members, `"name":`+drawValue(t, 2), `"source_ref":`+drawValue(t, 1))
	} else {
		members = append(members, `"name":`+drawString(t), `"confidence":`+rapid.SampledFrom([]string{"0", "50", "50.0", "5e1", "-0"}).Draw(t, "confidence"))
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "own") {
		members = append(members, fmt.Sprintf(`"x_own_%d":`, n)+drawValue(t, 4))
	}
	switch rapid.IntRange(0, 15).Draw(t, "odd") {
	case 0:
		depth := rapid.IntRange(1, 190).Draw(t, "depth")
		members = append(members, `"x_deep":`+strings.Repeat("[", depth)+strings.Repeat("]", depth))
	case 1:
		members = append(members, `"x_long":"`+strings.Repeat("lang ", rapid.IntRange(1, 100_000).Draw(t, "length"))+`"`)
	case 2:
		members = append(members, `"revoked":true`)
	}
	space := rapid.SampledFrom([]string{"", " ", "\n\t"}).Draw(t, "space")
	return "{" + space + strings.Join(rapid.Permutation(members).Draw(t, "order"), space+","+space) + space + "}"
}

var oddNumbers = []string{
	"0", "-0", "-0.0", "1", "1.0", "1e2", "1E+2", "0.1", "1e400", "-1e400", "1e-400", "5e-324", "9007199254740993", "12345678901234567890",
	"3.14159265358979323846", "100000000000000000000000",
}

func drawValue(t *rapid.T, depth int) string {
	kinds := 4
	if depth > 0 {
		kinds = 6
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"true", "false", "null"}).Draw(t, "literal")
	case 1:
		return rapid.SampledFrom(oddNumbers).Draw(t, "number")
	case 2, 3:
		return drawString(t)
	case 4:
		var items []string
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, drawValue(t, depth-1))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	var members []string
	for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 3, rapid.ID[string]).Draw(t, "names") {
		members = append(members, escape(t, name)+": "+drawValue(t, depth-1))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func drawString(t *rapid.T) string { return escape(t, rapid.String().Draw(t, "text")) }

// escape writes text as JSON with escapes where none is needed, too.
func escape(t *rapid.T, text string) string {
	all := rapid.Bool().Draw(t, "escaped")
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '/' && all:
			b.WriteString(`\/`)
		case c < ' ' || c == '"' || c == '\\' || all:
			for _, unit := range utf16.Encode([]rune{c}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		default:
			b.WriteRune(c)
		}
	}
	return b.String() + `"`
}
