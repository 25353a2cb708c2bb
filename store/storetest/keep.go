package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"marque/claim"
	"marque/stix"
	"marque/store"
)

func search(s *suite) {
	name := s.object("intrusion-set", 1, props{"name": "Storm-2049", "description": "a group"})
	alias := s.object("intrusion-set", 2, props{"name": "UAC-0184", "aliases": []string{"Other", "Storm-2049"}})
	body := s.object("report", 3, props{"name": "Weekly", "description": "Microsoft saw Storm-2049 use commodity malware."})
	accent := s.object("identity", 4, props{"name": "Ministère de la Défense"})
	cyrillic := s.object("identity", 5, props{"name": "ГРУ"})
	odd := s.object("tool", 6, props{"name": "plain", "aliases": "not a list", "description": props{"not": "a string"}})
	claim := s.relationship(7, name.ID, body.ID, props{"extensions": props{string(claim.Extension): claim.Claim{Quote: "nation-states becoming aggressive"}}})
	s.put(body, alias, name, accent, cyrillic, odd, claim, s.domain("election-news.example", nil))
	for _, c := range []struct {
		words string
		want  []stix.ID
	}{
		{"Storm-2049", []stix.ID{name.ID, alias.ID, body.ID}}, // best first: name, alias, description
		{"storm-2049", []stix.ID{name.ID, alias.ID, body.ID}},
		{"microsoft malware", []stix.ID{body.ID}}, // all words
		{"malware unheard", nil},
		{"ministere defense", []stix.ID{accent.ID}},
		{"гру", []stix.ID{cyrillic.ID}},
		{"becoming aggressive", []stix.ID{claim.ID}},
		{"plain", []stix.ID{odd.ID}},
		{"nothing like it", nil},
	} {
		if got := s.search(s.owner(), c.words); !slices.Equal(got, c.want) {
			s.Errorf("search %q: %v, want %v", c.words, got, c.want)
		}
	}
	if got := s.search(s.owner(), "election-news.example"); len(got) != 1 {
		s.Errorf("a cyber observable by its value: %v", got)
	}
	recs, err := s.owner().Search(s.Context(), "storm 2049", 2)
	if err != nil || len(recs) != 2 {
		s.Errorf("limit 2: %d, %v", len(recs), err)
	}
	// Renamed: the words of an older version find nothing.
	s.put(s.object("intrusion-set", 1, props{"name": "Renamed", "modified": version(2)}))
	s.equal("the words of the latest", s.search(s.owner(), "2049"), []stix.ID{alias.ID, body.ID})
	s.equal("the new name", s.search(s.owner(), "renamed"), []stix.ID{name.ID})
}

func searchAnything(s *suite) {
	s.put(s.object("tool", 1, props{"name": `AND "quoted" (paren) col:on star* ^caret`}))
	for _, q := range []string{
		"", " ", `"`, `""`, `'`, `*`, `AND`, `OR NOT`, `NEAR(a b)`, `name:x`, `-`, `(`, `)`, `a"b`, "\x00", "\xff\xfe", `^`, `{x}`, `+`,
		`%`, `\`, `;DROP TABLE x`, strings.Repeat("word ", 2000), strings.Repeat(`"`, 501), "--- storm ---", "😀",
	} {
		if _, err := s.owner().Search(s.Context(), q, 10); err != nil {
			s.Errorf("search %.40q: %v", q, err)
		}
	}
	for _, q := range []string{`"quoted"`, `(paren)`, `col:on`, `star*`, `^caret`, `and QUOTED`, `*** caret`} {
		if got := s.search(s.owner(), q); len(got) != 1 {
			s.Errorf("search %q: %v, want the object", q, got)
		}
	}
}

func documents(s *suite) {
	doc := func(n int, level stix.TLP) store.Document {
		return store.Document{
			ID: id("report", n), Name: "A report", Source: "a.txt", MediaType: "text/plain", Digest: "d", Text: "Ünïcode\x00\ntext ", Level: level,
		}
	}
	list := func(level stix.TLP) []store.Document { return collect(s.T, s.ListDocuments(s.Context(), level)) }
	put := func(d store.Document) {
		s.Helper()
		if err := s.PutDocument(s.Context(), d); err != nil {
			s.Error(err)
		}
	}
	s.equal("none", len(list(stix.Red)), 0)
	b, a, c := doc(2, stix.Clear), doc(1, stix.Amber), doc(3, stix.Red)
	for range 2 { // the same again changes nothing
		put(b)
		put(a)
		put(c)
	}
	s.equal("in the order of storing", list(stix.Red), []store.Document{b, a, c})
	s.equal("up to a level", list(stix.Green), []store.Document{b})
	got, err := s.GetDocument(s.Context(), a.ID, stix.Amber)
	if err != nil {
		s.Fatal(err)
	}
	s.equal("document", got, a)
	for _, c := range []struct {
		id    stix.ID
		level stix.TLP
	}{{a.ID, stix.Green}, {id("report", 9), stix.Red}} {
		if _, err := s.GetDocument(s.Context(), c.id, c.level); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("document %s at %v: %v, want ErrNotFound", c.id, c.level, err)
		}
	}
	changed := a
	changed.Text += "."
	if err := s.PutDocument(s.Context(), changed); !errors.Is(err, store.ErrConflict) {
		s.Errorf("other text under the same id: %v, want ErrConflict", err)
	}
	lower, higher := a, b
	lower.Level, lower.Name, higher.Level, higher.Name = stix.Clear, "As published", stix.Red, "Canary"
	put(lower)
	put(higher)
	s.equal("what is free stays free, and what becomes free has free words", list(stix.Red), []store.Document{b, lower, c})
}

func quarantine(s *suite) {
	at := time.Date(2024, 5, 1, 0, 0, 0, 123000, time.UTC)
	a := store.Reject{Source: "a.json", Importer: "stix", Place: "object 17", Offset: 99, Reason: "broken", Raw: []byte("{\x00\xff"), Time: at}
	b, c := a, a
	b.Place, b.Offset = "object 18", -1
	c.Source, c.Raw = "b.json", []byte{}
	again := a
	again.Time = at.AddDate(0, 0, 1)
	for _, batch := range [][]store.Reject{{}, {a, b, a}, {again, c}} {
		if err := s.PutRejects(s.Context(), batch); err != nil {
			s.Fatal(err)
		}
	}
	s.equal("quarantine", collect(s.T, s.Rejects(s.Context())), []store.Reject{a, b, c})
}

func marks(s *suite) {
	if _, err := s.GetMark(s.Context(), "taxii:1"); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("a mark that is not there: %v, want ErrNotFound", err)
	}
	for _, v := range []string{"first", "", "last ü\n"} {
		if err := s.PutMark(s.Context(), "taxii:1", v); err != nil {
			s.Fatal(err)
		}
		got, err := s.GetMark(s.Context(), "taxii:1")
		if err != nil || got != v {
			s.Errorf("mark: %q, %v, want %q", got, err, v)
		}
	}
}

func receipts(s *suite) {
	at := time.Date(2024, 5, 1, 0, 0, 0, 123000, time.UTC)
	put := func(id string, at time.Time, body string) {
		s.Helper()
		if err := s.PutReceipt(s.Context(), store.Receipt{ID: id, Owner: "ann", Time: at, Body: []byte(body)}); err != nil {
			s.Fatal(err)
		}
	}
	there := func(id string) bool {
		s.Helper()
		_, err := s.GetReceipt(s.Context(), id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			s.Fatal(err)
		}
		return err == nil
	}
	s.equal("none yet", there("a"), false)
	put("a", at, "{\x00}")
	got, err := s.GetReceipt(s.Context(), "a")
	if err != nil {
		s.Fatal(err)
	}
	s.equal("receipt", got, store.Receipt{ID: "a", Owner: "ann", Time: at, Body: []byte("{\x00}")})
	if s.PutReceipt(s.Context(), store.Receipt{ID: "a", Time: at}) == nil {
		s.Error("an id was taken twice")
	}
	put("b", at.Add(store.ReceiptAge), "")
	s.equal("as old as may be", there("a"), true)
	put("c", at.Add(store.ReceiptAge+time.Microsecond), "")
	s.equal("too old, and not", []bool{there("a"), there("b")}, []bool{false, true})
	large := strings.Repeat("x", store.MaxReceiptBytes)
	put("d", at.Add(store.ReceiptAge), large)
	s.equal("the youngest stays whatever its size, and so do those before until it is not", []bool{there("d"), there("c")}, []bool{true, false})
	put("e", at.Add(store.ReceiptAge), "x")
	s.equal("one that begins within the limit", []bool{there("e"), there("d"), there("c")}, []bool{true, true, false})
}
