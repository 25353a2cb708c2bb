package main

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"marque/deter/screen"
	"marque/ingest/sanctions"
)

// names answers the protocol of names against sanctions lists.
var names = map[string]answer{
	"pairs": namePairs,
	"aliases": func(ctx context.Context, in, out string) error {
		return nameHits(ctx, in, "list.csv", "aliases.csv", out)
	},
	"scripts": func(ctx context.Context, in, out string) error {
		return nameHits(ctx, in, "scripts-list.csv", "scripts.csv", out)
	},
	"lists":   nameLists,
	"wallets": nameWallets,
}

// schemas are FollowTheMoney's kinds.
var schemas = map[string]sanctions.Kind{
	"Person": sanctions.Person, "Company": sanctions.Organisation, "Organization": sanctions.Organisation, "Vessel": sanctions.Vessel,
	"LegalEntity": sanctions.Unknown, "PublicBody": sanctions.Organisation, "Airplane": sanctions.Aircraft,
}

// namePairs reads row,schema,name1,name2 and writes row,score. Where there is no column row, rows count from 0.
func namePairs(_ context.Context, questions, answers string) error {
	rows, err := readCSV(questions)
	if err != nil {
		return err
	}
	out := [][]string{{"row", "score"}}
	for i, r := range rows {
		id, ok := r["row"]
		if !ok {
			id = strconv.Itoa(i)
		}
		kind := schemas[r["schema"]]
		res := screen.Compare(screen.Read(r["name1"], kind), screen.Read(r["name2"], kind))
		out = append(out, []string{id, strconv.FormatFloat(res.Score, 'f', 4, 64)})
	}
	return writeCSV(answers, out)
}

// hitsAnswered is how many subjects are answered to a query.
const hitsAnswered = 10

// nameHits reads the names of a list (subject,name) and the queries (id,query), and writes id,rank,subject.
func nameHits(ctx context.Context, folder, list, queries, answers string) error {
	rows, err := readCSV(filepath.Join(folder, list))
	if err != nil {
		return err
	}
	b := screen.NewBuilder()
	var order []*sanctions.Subject
	by := map[string]*sanctions.Subject{}
	for _, r := range rows {
		s := by[r["subject"]]
		if s == nil {
			s = &sanctions.Subject{ID: r["subject"], Kind: sanctions.Unknown}
			by[s.ID] = s
			order = append(order, s)
		}
		s.Names = append(s.Names, sanctions.Name{Full: r["name"]})
	}
	for _, s := range order {
		b.Add(s)
	}
	ix := b.Index()
	asked, err := readCSV(filepath.Join(folder, queries))
	if err != nil {
		return err
	}
	out := [][]string{{"id", "rank", "subject"}}
	for _, q := range asked {
		if err := ctx.Err(); err != nil {
			return err
		}
		for i, h := range ix.Search(screen.Query{Name: q["query"]}, screen.Options{Limit: hitsAnswered, Least: .05}) {
			out = append(out, []string{q["id"], strconv.Itoa(i + 1), h.Subject.ID})
		}
	}
	return writeCSV(answers, out)
}

// wallets are the published files of addresses beside OFAC's list, by currency.
var wallets = []string{"XBT", "ETH", "USDT", "XMR"}

// nameWallets reads id,query and writes id,hit: 1 where the address is on the lists in MARQUE_DATA, else 0.
func nameWallets(_ context.Context, questions, answers string) error {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		return fmt.Errorf("names wallets: MARQUE_DATA is not set: it names the data folder whose lists are asked")
	}
	b := screen.NewBuilder()
	for _, currency := range wallets {
		if err := addWallets(b, data, currency); err != nil {
			return err
		}
	}
	ix := b.Index()
	asked, err := readCSV(questions)
	if err != nil {
		return err
	}
	out := [][]string{{"id", "hit"}}
	for _, q := range asked {
		hit := "0"
		for _, e := range ix.Lookup(q["query"]) {
			if e.As == "wallet" {
				hit = "1"
			}
		}
		out = append(out, []string{q["id"], hit})
	}
	return writeCSV(answers, out)
}

func addWallets(b *screen.Builder, data, currency string) error {
	f, err := os.Open(filepath.Join(data, "sanctions", "ofac", "sanctioned_addresses_"+currency+".txt"))
	if err != nil {
		return err
	}
	defer f.Close()
	for s, err := range sanctions.DecodeWallets(sanctions.OFAC, currency, f) {
		if err != nil {
			return err
		}
		b.Add(s)
	}
	return nil
}

// nameLists counts what the lists in the data folder hold, and writes key,value.
func nameLists(_ context.Context, data, answers string) error {
	count := map[string]int{}
	if err := countOFAC(data, count); err != nil {
		return err
	}
	if err := countUK(data, count); err != nil {
		return err
	}
	for _, currency := range wallets {
		f, err := os.Open(filepath.Join(data, "sanctions", "ofac", "sanctioned_addresses_"+currency+".txt"))
		if err != nil {
			return err
		}
		for _, err := range sanctions.DecodeWallets(sanctions.OFAC, currency, f) {
			if err == nil {
				count["addresses "+currency]++
			}
		}
		_ = f.Close()
	}
	out := [][]string{{"key", "value"}}
	for _, k := range slices.Sorted(maps.Keys(count)) {
		out = append(out, []string{k, strconv.Itoa(count[k])})
	}
	return writeCSV(answers, out)
}

// lists opens the packed tables of a list. close must be called.
func lists(data string, names ...string) (readers []io.Reader, closeAll func(), err error) {
	var open []io.Closer
	closeAll = func() {
		for _, c := range open {
			_ = c.Close()
		}
	}
	for _, name := range names {
		f, err := os.Open(filepath.Join(data, "sanctions", filepath.FromSlash(name)))
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		open = append(open, f)
		z, err := gzip.NewReader(f)
		if err != nil {
			closeAll()
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		readers = append(readers, z)
	}
	return readers, closeAll, nil
}

func countOFAC(data string, count map[string]int) error {
	r, done, err := lists(data, "ofac/sdn.csv.gz", "ofac/alt.csv.gz", "ofac/add.csv.gz")
	if err != nil {
		return err
	}
	defer done()
	kinds := map[sanctions.Kind]string{
		sanctions.Person: "ofac individual", sanctions.Vessel: "ofac vessel", sanctions.Aircraft: "ofac aircraft",
		sanctions.Organisation: "ofac entities (-0-)",
	}
	for s, err := range sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: r[0], Alt: r[1], Add: r[2]}) {
		if orphan, ok := errors.AsType[*sanctions.EntryError](err); ok {
			if orphan.File == "alt" {
				count["ofac alternative names"]++ // of nobody on the list
			}
			continue
		}
		if err != nil {
			return err
		}
		count["ofac subjects"]++
		count[kinds[s.Kind]]++
		count["ofac addresses"] += len(s.Addresses)
		for _, n := range s.Names {
			if n.Number != "" {
				count["ofac alternative names"]++
				count["ofac alternative names of listed subjects"]++
			}
		}
		codes := map[string]bool{}
		for _, p := range s.Programmes {
			for code := range strings.FieldsSeq(p) {
				codes[code] = true
			}
		}
		for code := range codes {
			count["ofac programme "+code]++
		}
		if len(s.Wallets) > 0 {
			count["ofac subjects with a digital currency address in remarks"]++
		}
	}
	return nil
}

func countUK(data string, count map[string]int) error {
	r, done, err := lists(data, "uk/subjects.csv.gz", "uk/subject_names.csv.gz", "uk/subject_countries.csv.gz")
	if err != nil {
		return err
	}
	defer done()
	kinds := map[sanctions.Kind]string{
		sanctions.Person: "uk individual", sanctions.Organisation: "uk entity", sanctions.Vessel: "uk ship",
	}
	for s, err := range sanctions.DecodeUK(sanctions.UKFiles{Subjects: r[0], Names: r[1], Countries: r[2]}) {
		if err != nil {
			return err
		}
		count["uk subjects"]++
		count[kinds[s.Kind]]++
		count["uk names"] += len(s.Names)
		if slices.Contains(s.Programmes, "CYB") {
			count["uk cyber subjects"]++
			count["uk cyber names"] += len(s.Names)
		}
	}
	return nil
}

// readCSV reads a file with a head row.
func readCSV(path string) ([]map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: empty, want a head row", path)
	}
	out := make([]map[string]string, 0, len(all)-1)
	for _, row := range all[1:] {
		m := make(map[string]string, len(row))
		for i, v := range row {
			m[all[0][i]] = v
		}
		out = append(out, m)
	}
	return out, nil
}
