package screen_test

import (
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"marque/deter/screen"
	"marque/ingest/sanctions"
)

const (
	person = sanctions.Person
	firm   = sanctions.Organisation
)

func score(a, b string, kind sanctions.Kind) float64 {
	return screen.Compare(screen.Read(a, kind), screen.Read(b, kind)).Score
}

// matches is the score from which two names are said to meet.
const matches = .7

func TestNamesThatAreOne(t *testing.T) {
	for _, c := range []struct {
		why, a, b string
		kind      sanctions.Kind
	}{
		{"order and comma", "SMIRNOV, Pavel", "Pavel Smirnov", person},
		{"accents", "José Muñoz", "Jose Munoz", person},
		{"patronymic in one", "Pavel Andreevich Smirnov", "Pavel Smirnov", person},
		{"Cyrillic", "Евгений Щербаков", "Yevgeniy Shcherbakov", person},
		{"Cyrillic, spelled the German way", "Евгений Щербаков", "Jewgenij Schtscherbakow", person},
		{"Ukrainian and Russian forms", "Volodymyr Hrytsenko", "Владимир Гриценко", person},
		{"Arabic", "خالد المنصوري", "Khaled al-Mansouri", person},
		{"Arabic names written together", "عبد الرحمن الراشد", "Abdulrahman al-Rashid", person},
		{"Persian", "مهدی طارمی", "Mehdi Taremi", person},
		{"pinyin", "王小明", "WANG Xiaoming", person},
		{"Wade–Giles", "蔣經國", "Chiang Ching-kuo", person},
		{"pinyin and Wade–Giles, both in Latin", "Mao Zedong", "Mao Tse-tung", person},
		{"Cantonese", "陳大文", "CHAN Tai-man", person},
		{"Korean", "박지성", "PARK Ji-sung", person},
		{"Korean as the North writes it", "리설주", "RI Sol Ju", person},
		{"Korean in Han", "金大中", "KIM Dae-jung", person},
		{"Vietnamese", "Nguyễn Văn Đức", "NGUYEN Van Duc", person},
		{"initial", "J. Smith", "John Smith", person},
		{"nickname", "Bob Miller", "Robert Miller", person},
		{"honorific", "Dr. Robert Miller", "Robert Miller", person},
		{"letters missing", "Aleksandr Smirnv", "Aleksandr Smirnov", person},
		{"written together", "RobertMiller", "Robert Miller", person},
		{"digits for letters", "R0bert M1ller", "Robert Miller", person},
		{"look-alikes of another writing", "Rоbеrt Miller", "Robert Miller", person},
		{"controls that turn the writing", "\u202eRobert\u202c Mil\u200bler", "Robert Miller", person},
		{"legal form written out", "Example Gesellschaft mit beschränkter Haftung", "Example GmbH", firm},
		{"legal form before and behind", "OOO Primer", "Primer LLC", firm},
		{"Russian legal form", "ПАО «Пример»", "Primer PJSC", firm},
		{"translated", "Banco Nacional de Ejemplo", "National Bank of Ejemplo", firm},
		{"translated from Cyrillic", "Институт прикладной химии Примера", "Prikladnoy Institute of Chemistry Primera", firm},
		{"acronym", "BNE", "Banco Nacional de Ejemplo", firm},
		{"initials side by side", "A.B.C. Aviation", "ABC Aviation", firm},
		{"two words and one", "Good Will Trading", "Goodwill Trading", firm},
		{"ordinal", "1st Example Bank", "First Example Bank", firm},
	} {
		if s := score(c.a, c.b, c.kind); s < matches {
			t.Errorf("%s: %q and %q score %.3f", c.why, c.a, c.b, s)
		}
		if s, back := score(c.a, c.b, c.kind), score(c.b, c.a, c.kind); s-back > .05 || back-s > .05 {
			t.Errorf("%s: %.3f one way, %.3f the other", c.why, s, back)
		}
	}
}

func TestNamesThatAreTwo(t *testing.T) {
	for _, c := range []struct {
		why, a, b string
		kind      sanctions.Kind
	}{
		{"another given name", "Pavel Smirnov", "Igor Smirnov", person},
		{"another family name", "Robert Miller", "Robert Baker", person},
		{"another patronymic", "Pavel Andreevich Smirnov", "Pavel Borisovich Smirnov", person},
		{"father and son", "Hasan bin Ahmad al-Masri", "Ahmad bin Hasan al-Masri", person},
		{"another tribe", "Khalid Mahmoud al-Harbi", "Khalid Mahmoud al-Ghamdi", person},
		{"one common name", "Muhammad", "Muhammad Salim Haqqani Rahimi", person},
		{"servants of two names of God", "Abdul Rahim Qureshi", "Abdul Hamid Qureshi", person},
		{"another country", "Bank of Estonia", "Bank of Ethiopia", firm},
		{"only the kind of firm", "Construction Ltd", "LLC Dredging Company", firm},
		{"another trade", "Example Shipping Company", "Example Insurance Company", firm},
		{"only the legal form", "OOO Alfa", "OOO Beta", firm},
	} {
		if s := score(c.a, c.b, c.kind); s >= matches {
			t.Errorf("%s: %q and %q score %.3f", c.why, c.a, c.b, s)
		}
	}
}

func TestAScoreHasItsReason(t *testing.T) {
	got := screen.Compare(screen.Read("Bob Miler", person), screen.Read("MILLER, Robert James", person))
	want := []screen.Part{{Asked: "bob", Listed: "robert", Way: screen.OneName}, {Asked: "miler", Listed: "miller", Way: screen.Sound}}
	for i := range got.Parts {
		if got.Parts[i].Score <= 0 || got.Parts[i].Score > 1 {
			t.Errorf("part %+v", got.Parts[i])
		}
		got.Parts[i].Score = 0
	}
	if diff := cmp.Diff(want, got.Parts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"james"}, got.OnlyListed); diff != "" {
		t.Error(diff)
	}
	if got := screen.Compare(screen.Read("Hasan bin Ahmad", person), screen.Read("Ahmad bin Hasan", person)); !cmp.Equal(got.Against, []string{"father and son exchanged"}) {
		t.Errorf("against %v", got.Against)
	}
	if got := screen.Compare(screen.Read("Sea Star 5", sanctions.Vessel), screen.Read("Sea Star 6", sanctions.Vessel)); !cmp.Equal(got.Against, []string{"another number"}) {
		t.Errorf("against %v", got.Against)
	}
}

func subject(id string, kind sanctions.Kind, names ...string) *sanctions.Subject {
	s := &sanctions.Subject{List: "test", ID: id, Kind: kind}
	for _, n := range names {
		s.Names = append(s.Names, sanctions.Name{Full: n})
	}
	return s
}

func small() *screen.Index {
	smith := subject("smith", person, "SMITH, John Paul")
	smith.Births = []sanctions.Birth{{From: sanctions.Date{Year: 1970, Month: 5, Day: 2}, Place: "Riga, Latvia"}}
	smith.Nationalities = []string{"LV"}
	smith.Identifiers = []sanctions.Identifier{
		{Kind: sanctions.Passport, Value: "LV 123-4567"}, {Kind: sanctions.Email, Value: "John@Mail.example"}, {Kind: sanctions.Website, Value: "www.smith.example"},
	}
	return index([]*sanctions.Subject{
		smith, subject("bank", firm, "BANCO NACIONAL DE EJEMPLO", "EJEMPLO BANK"), subject("sun", person, "SUN, Yat Sen", "孫逸仙"),
		subject("long", firm, "GOODWILL TRADING"), subject("abd", person, "ABDUL RAHMAN, Khalid"),
	})
}

func ids(hits []screen.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Subject.ID)
	}
	return out
}

func TestSearch(t *testing.T) {
	ix := small()
	for query, want := range map[string]string{
		"John Smith": "smith", "Jon Smyth": "smith", "Smith J.P.": "smith", "National Bank of Ejemplo": "bank", "BNE": "bank", "孫逸仙": "sun", "孙逸仙": "sun",
		"Good Will Trading": "long", "خالد عبد الرحمن": "abd", "Khaled Abdelrahman": "abd",
	} {
		got := ids(ix.Search(screen.Query{Name: query}, screen.Options{}))
		if len(got) == 0 || got[0] != want {
			t.Errorf("%q finds %v, want %s first", query, got, want)
		}
	}
	if got := ix.Search(screen.Query{Name: "Wolfgang Amadeus"}, screen.Options{}); len(got) != 0 {
		t.Errorf("a name that nobody has finds %v", ids(got))
	}
}

func TestFactsRaiseAndSink(t *testing.T) {
	ix := small()
	find := func(q screen.Query) screen.Hit {
		q.Name = "John Smith"
		hits := ix.Search(q, screen.Options{Least: .1})
		if len(hits) == 0 {
			t.Fatal("nothing found")
		}
		return hits[0]
	}
	plain := find(screen.Query{}).Score
	same := find(screen.Query{Born: sanctions.Date{Year: 1970, Month: 5, Day: 2}})
	year := find(screen.Query{Born: sanctions.Date{Year: 1970}})
	swapped := find(screen.Query{Born: sanctions.Date{Year: 1970, Month: 2, Day: 5}})
	other := find(screen.Query{Born: sanctions.Date{Year: 1999, Month: 5, Day: 2}})
	abroad := find(screen.Query{Nationalities: []string{"FR"}})
	home := find(screen.Query{Nationalities: []string{"LV"}, BirthPlace: "Riga"})
	if !(same.Score > year.Score && year.Score > plain && swapped.Score > plain && plain > abroad.Score && abroad.Score > other.Score && home.Score > plain) {
		t.Errorf("plain %.3f, same day %.3f, year %.3f, day and month exchanged %.3f, other year %.3f, abroad %.3f, at home %.3f",
			plain, same.Score, year.Score, swapped.Score, other.Score, abroad.Score, home.Score)
	}
	if len(other.Facts) != 1 || other.Facts[0].Agrees || other.Grade == screen.Certain {
		t.Errorf("facts %+v, grade %s", other.Facts, other.Grade)
	}
}

func TestLookup(t *testing.T) {
	ix := small()
	for value, want := range map[string]int{
		"LV1234567": 1, "lv 1234567": 1, "LV1234568": 0, "john@mail.example": 1, "JOHN@MAIL.EXAMPLE": 1, "jon@mail.example": 0, "https://smith.example/about": 1,
		"shop.smith.example": 1, "notsmith.example": 0, "smith[.]example": 1, "1234": 0, "": 0,
	} {
		if got := ix.Lookup(value); len(got) != want {
			t.Errorf("%q finds %d, want %d", value, len(got), want)
		}
	}
}

func TestWallets(t *testing.T) {
	// Addresses of the specifications: the first block's, BIP 173 and 350, EIP-55, Monero's documentation.
	for address, form := range map[string]string{
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "base58check", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy": "base58check",
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": "bech32", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "bech32",
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "bech32m",
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed":                     "ethereum", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed": "ethereum",
		"888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H": "monero",
	} {
		w, ok := screen.ReadWallet(address)
		if !ok || w.Form != form {
			t.Errorf("%s is %q %v, want %s", address, w.Form, ok, form)
		}
	}
	for _, address := range []string{
		"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8F3t4",
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA",
		"888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3J", "", "not a wallet at all",
	} {
		if w, ok := screen.ReadWallet(address); ok {
			t.Errorf("%s passes as %s", address, w.Form)
		}
	}
}

func TestAnyInputIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"10,000 letters": strings.Repeat("a", 10_000), "10,000 words": strings.Repeat("a b ", 5_000), "Han": strings.Repeat("銀行", 5_000),
		"Hangul": strings.Repeat("김", 10_000), "combining": "a" + strings.Repeat("\u0301", 10_000), "controls": strings.Repeat("\u202e", 10_000),
		"invalid": "\xff\xfe\x80", "empty": "", "marks": "…—!?", "mixed": "Иvаn Petrov 김 王 محمد", "legal only": "OOO LLC GmbH", "honorific only": "Mr.",
		"camel": strings.Repeat("aaaB", 3_000),
	} {
		for _, kind := range []sanctions.Kind{person, firm, sanctions.Vessel, sanctions.Unknown} {
			n := screen.Read(text, kind)
			if utf8.RuneCountInString(n.Text) > screen.MaxName {
				t.Errorf("%s: %d characters are kept", name, utf8.RuneCountInString(n.Text))
			}
			if s := screen.Compare(n, n).Score; s < 0 || s > 1.0001 {
				t.Errorf("%s: scores %f with itself", name, s)
			}
			_ = small().Search(screen.Query{Name: text, Kind: kind}, screen.Options{})
		}
	}
	if !screen.Read(strings.Repeat("a b ", 5_000), person).Cut {
		t.Error("a name that was cut does not say so")
	}
}

func TestSearchGivesTheSameToManyAtOnce(t *testing.T) {
	ix := small()
	queries := []string{"John Smith", "BNE", "孫逸仙", "Good Will Trading", "Khaled Abdelrahman"}
	var want [][]screen.Hit
	for _, q := range queries {
		want = append(want, ix.Search(screen.Query{Name: q}, screen.Options{}))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				for i, q := range queries {
					got := ix.Search(screen.Query{Name: q}, screen.Options{})
					if !cmp.Equal(ids(want[i]), ids(got)) || got[0].Score != want[i][0].Score {
						t.Errorf("%s: %v, want %v", q, ids(got), ids(want[i]))
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func FuzzCompare(f *testing.F) {
	f.Add("John Smith", "SMITH, John", false)
	f.Add("ООО «Пример»", "Primer LLC", true)
	f.Add("金與正", "KIM Yo Jong", false)
	f.Add("عبد الرحمن", "Abd al-Rahman", false)
	f.Fuzz(func(t *testing.T, a, b string, org bool) {
		kind := person
		if org {
			kind = firm
		}
		x, y := screen.Read(a, kind), screen.Read(b, kind)
		r := screen.Compare(x, y)
		if r.Score < 0 || r.Score > 1.0001 {
			t.Errorf("score %f", r.Score)
		}
		if r.Score > 0 && len(r.Parts) == 0 {
			t.Errorf("score %f without a reason", r.Score)
		}
		ix := index([]*sanctions.Subject{subject("a", kind, a), subject("b", kind, b)})
		for _, h := range ix.Search(screen.Query{Name: a}, screen.Options{}) {
			if h.Score > 1.0001 || len(h.Names.Parts) == 0 {
				t.Errorf("hit %+v", h)
			}
		}
	})
}

func FuzzLookup(f *testing.F) {
	f.Add("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")
	f.Add("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
	ix := small()
	f.Fuzz(func(_ *testing.T, s string) {
		_ = ix.Lookup(s)
		_, _ = screen.ReadWallet(s)
	})
}
