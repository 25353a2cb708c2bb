package eval_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"marque/deter/screen"
	"marque/ingest/ingesttest"
	"marque/ingest/sanctions"
)

// Gates on screening, of labelled pairs, of alternative names, of names in other writings. Wallets have none: all or nothing.
const (
	gatePairsF1        = .80
	gatePrecision      = .93 // at a recall of 65 % or more
	gateAliasesAt1     = .60
	gateAliasesAt5     = .72
	gateCyrillic       = .94 // among the first five
	gateArabic         = .55
	gateHan            = .65
	gateHangul         = .65
	namesMatch         = .7 // from this score two names are said to be one
	leastRecall        = .65
	wantWallets        = 616
	wantOFAC, wantUK   = 8976, 6046
	wantOFACAlt        = 11910
	wantUKNames        = 15050
	neighboursOfWallet = 3
)

// screeningTable reads a CSV file of the data folder, unpacked where it is packed.
func screeningTable(t *testing.T, parts ...string) []map[string]string {
	t.Helper()
	f, err := os.Open(ingesttest.Data(t, parts...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			m[rows[0][i]] = v
		}
		out = append(out, m)
	}
	return out
}

// scored is a labelled pair with the score that it got.
type scored struct {
	score float64
	one   bool
}

// at gives precision, recall and F1 of a threshold.
func at(pairs []scored, threshold float64) (precision, recall, f1 float64) {
	var tp, fp, fn float64
	for _, p := range pairs {
		switch hit := p.score >= threshold; {
		case hit && p.one:
			tp++
		case hit:
			fp++
		case p.one:
			fn++
		}
	}
	precision, recall = tp/max(1, tp+fp), tp/max(1, tp+fn)
	return precision, recall, 2 * precision * recall / max(1e-9, precision+recall)
}

// precisionAt is the best precision of a threshold that has at least a recall.
func precisionAt(pairs []scored, least float64) float64 {
	best := 0.0
	for _, p := range pairs {
		if precision, recall, _ := at(pairs, p.score); recall >= least {
			best = max(best, precision)
		}
	}
	return best
}

// pairKinds are the kinds of FollowTheMoney's schemata.
var pairKinds = map[string]sanctions.Kind{
	"Person": sanctions.Person, "Company": sanctions.Organisation, "Organization": sanctions.Organisation, "Vessel": sanctions.Vessel,
	"LegalEntity": sanctions.Unknown,
}

// TestScreeningPairs: labelled pairs of names. A pair belongs to the development half where the first byte of the SHA-256 of its two
// names, one a line, is even; the other half decided nothing.
func TestScreeningPairs(t *testing.T) {
	var developed, held []scored
	for _, r := range screeningTable(t, "sanctions", "name-pairs.csv") {
		kind := pairKinds[r["schema"]]
		s := scored{screen.Compare(screen.Read(r["name1"], kind), screen.Read(r["name2"], kind)).Score, r["is_match"] == "true"}
		if sum := sha256.Sum256([]byte(r["name1"] + "\n" + r["name2"])); sum[0]%2 == 0 {
			developed = append(developed, s)
		} else {
			held = append(held, s)
		}
	}
	for _, half := range []struct {
		name  string
		pairs []scored
	}{{"development", developed}, {"held out", held}, {"all", slices.Concat(developed, held)}} {
		p, r, f := at(half.pairs, namesMatch)
		high := precisionAt(half.pairs, leastRecall)
		t.Logf("%s (%d): precision %.3f, recall %.3f, F1 %.3f; precision at recall 65 %%: %.3f", half.name, len(half.pairs), p, r, f, high)
		if f < gatePairsF1 || high < gatePrecision {
			t.Errorf("%s: F1 %.3f, gate %.2f; precision %.3f, gate %.2f", half.name, f, gatePairsF1, high, gatePrecision)
		}
	}
}

// publishedOFAC and publishedUK read the lists.
func publishedOFAC(t *testing.T) []*sanctions.Subject {
	return published(t, sanctions.DecodeOFAC(sanctions.OFACFiles{
		SDN: packedList(t, "ofac", "sdn"), Alt: packedList(t, "ofac", "alt"), Add: packedList(t, "ofac", "add"),
	}))
}

func publishedUK(t *testing.T) []*sanctions.Subject {
	return published(t, sanctions.DecodeUK(sanctions.UKFiles{
		Subjects: packedList(t, "uk", "subjects"), Names: packedList(t, "uk", "subject_names"), Countries: packedList(t, "uk", "subject_countries"),
	}))
}

func packedList(t *testing.T, list, table string) io.Reader {
	t.Helper()
	f, err := os.Open(ingesttest.Data(t, "sanctions", list, table+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func published(t *testing.T, list sanctions.Subjects) []*sanctions.Subject {
	t.Helper()
	var out []*sanctions.Subject
	for s, err := range list {
		if p, ok := errors.AsType[*sanctions.EntryError](err); ok {
			t.Error(p)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// folded is a name without case and punctuation, to leave out alternative names that are the primary one.
func folded(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

// TestScreeningAliases: OFAC's alternative names ask for their subjects among the primary names of all.
func TestScreeningAliases(t *testing.T) {
	all := publishedOFAC(t)
	b := screen.NewBuilder()
	for _, s := range all {
		b.Add(&sanctions.Subject{ID: s.ID, Kind: sanctions.Unknown, Names: s.Names[:1]})
	}
	ix := b.Index()
	var asked, first, five float64
	for _, s := range all {
		for _, n := range s.Names[1:] {
			if n.Number == "" || folded(n.Full) == folded(s.Names[0].Full) {
				continue
			}
			asked++
			for i, h := range ix.Search(screen.Query{Name: n.Full}, screen.Options{Limit: 5, Least: .05}) {
				if h.Subject.ID == s.ID {
					five++
					if i == 0 {
						first++
					}
				}
			}
		}
	}
	t.Logf("%.0f alternative names: %.3f at 1, %.3f at 5", asked, first/asked, five/asked)
	if first/asked < gateAliasesAt1 || five/asked < gateAliasesAt5 {
		t.Errorf("%.3f at 1, gate %.2f; %.3f at 5, gate %.2f", first/asked, gateAliasesAt1, five/asked, gateAliasesAt5)
	}
}

// TestScreeningScripts: names in other writings ask for their Latin form among all names of OFAC's list.
func TestScreeningScripts(t *testing.T) {
	gates := map[string]float64{"Cyrillic": gateCyrillic, "Arabic": gateArabic, "Han": gateHan, "Hangul": gateHangul}
	questions := screeningTable(t, "measures", "name-scripts.csv")
	b := screen.NewBuilder()
	for _, q := range questions {
		b.Add(&sanctions.Subject{ID: q["latin"], Kind: sanctions.Unknown, Names: []sanctions.Name{{Full: q["latin"]}}})
	}
	for _, s := range publishedOFAC(t) {
		b.Add(s)
	}
	ix := b.Index()
	asked, found := map[string]float64{}, map[string]float64{}
	for _, q := range questions {
		asked[q["script"]]++
		right := screen.Read(q["latin"], sanctions.Unknown)
		if slices.ContainsFunc(ix.Search(screen.Query{Name: q["query"]}, screen.Options{Limit: 5, Least: .05}), func(h screen.Hit) bool {
			return h.Subject.ID == q["latin"] || screen.Compare(right, screen.Read(h.Name.Full, h.Subject.Kind)).Score >= .95
		}) {
			found[q["script"]]++
		} else {
			t.Logf("%s is not found for %s", q["latin"], q["query"])
		}
	}
	for script, gate := range gates {
		share := found[script] / max(1, asked[script])
		t.Logf("%s (%.0f): %.3f at 5", script, asked[script], share)
		if share < gate {
			t.Errorf("%s: %.3f at 5, gate %.2f", script, share, gate)
		}
	}
}

// TestScreeningLists: the lists count to what their publishers say.
func TestScreeningLists(t *testing.T) {
	ofac, uk := publishedOFAC(t), publishedUK(t)
	alternative, names := 0, 0
	for _, s := range ofac {
		for _, n := range s.Names {
			if n.Number != "" {
				alternative++
			}
		}
	}
	for _, s := range uk {
		names += len(s.Names)
	}
	if len(ofac) != wantOFAC || len(uk) != wantUK || alternative != wantOFACAlt || names != wantUKNames {
		t.Errorf("%d and %d subjects, %d and %d names", len(ofac), len(uk), alternative, names)
	}
}

// TestScreeningWallets: every listed address is found, and none that differs from one in a letter.
func TestScreeningWallets(t *testing.T) {
	b := screen.NewBuilder()
	var listed []string
	for _, currency := range []string{"XBT", "ETH", "USDT", "XMR"} {
		f, err := os.Open(ingesttest.Data(t, "sanctions", "ofac", "sanctioned_addresses_"+currency+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range published(t, sanctions.DecodeWallets(sanctions.OFAC, currency, f)) {
			b.Add(s)
			listed = append(listed, s.Wallets[0].Address)
		}
		_ = f.Close()
	}
	ix := b.Index()
	if len(listed) != wantWallets {
		t.Errorf("%d addresses, want %d", len(listed), wantWallets)
	}
	const letters = "123456789abcdefghjkmnpqrstuvwxyz"
	for _, address := range listed {
		if len(ix.Lookup(address)) == 0 {
			t.Errorf("%s is not found", address)
		}
		sum := sha256.Sum256([]byte(address))
		for i := range neighboursOfWallet {
			at := 2 + int(sum[i])%(len(address)-2)
			letter := letters[int(sum[i+8])%len(letters)]
			if strings.EqualFold(address[at:at+1], string(letter)) {
				continue
			}
			if near := address[:at] + string(letter) + address[at+1:]; len(ix.Lookup(near)) != 0 {
				t.Errorf("%s, a neighbour of %s, is found", near, address)
			}
		}
	}
}
