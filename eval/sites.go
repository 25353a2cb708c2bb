package eval

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"marque/influence/site"
)

// Successors measures the watch on a campaign whose sites are dated, day by day: each is looked up with what was registered before its day.

// DatedSite is a site of a campaign with the day of its registration.
type DatedSite struct {
	Day  time.Time
	Host string
	// Own is a brand of the campaign's own, which resembles nothing; the others imitate media or authorities.
	Own bool
}

var registrationDate = regexp.MustCompile(`Registration date:\s*([^,]*)`)

// ReadCampaign reads the dated domains of a Meta threat report, by day and name.
func ReadCampaign(text string) ([]DatedSite, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var out []DatedSite
	for _, row := range rows {
		if len(row) < 5 || !strings.HasPrefix(row[2], "0.6") {
			continue
		}
		m := registrationDate.FindStringSubmatch(row[4])
		if m == nil {
			continue
		}
		day, ok := parseDay(strings.TrimSpace(m[1]))
		host := strings.ToLower(strings.ReplaceAll(row[3], "[.]", "."))
		host = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(host), "https://"), "http://")
		host, _, _ = strings.Cut(host, "/")
		n, err := site.Parse(host)
		if !ok || err != nil || seen[n.Registered()] {
			continue
		}
		seen[n.Registered()] = true
		out = append(out, DatedSite{Day: day, Host: n.Registered(), Own: strings.Contains(row[4], "brands")})
	}
	slices.SortFunc(out, func(a, b DatedSite) int {
		if c := a.Day.Compare(b.Day); c != 0 {
			return c
		}
		return strings.Compare(a.Host, b.Host)
	})
	return out, nil
}

func parseDay(s string) (time.Time, bool) {
	for _, f := range []string{"1/2/2006", "1-2-2006", time.DateOnly, "2 January 2006"} {
		if d, err := time.Parse(f, s); err == nil {
			return d, true
		}
	}
	return time.Time{}, false
}

// SuccessorsRun is how the watch is asked.
type SuccessorsRun struct {
	Sites  []DatedSite
	Fresh  []string     // ordinary new names
	Lag    int          // days until a site becomes known
	Brands []site.Brand // nil: those that come with Marque
	Alerts float64      // share of ordinary names that may be alerts
}

// SuccessorsFound is what was found.
type SuccessorsFound struct {
	Threshold float64
	// Scores are of the sites after the first day, in order; a site is found where its score is above the threshold.
	Scores []float64
	Sites  []DatedSite
}

// Found counts the sites found in a span of days.
func (f SuccessorsFound) Found(from, until time.Time) (hits, of int) {
	for i, s := range f.Sites {
		if s.Day.Before(from) || !s.Day.Before(until) {
			continue
		}
		of++
		if f.Scores[i] > f.Threshold {
			hits++
		}
	}
	return hits, of
}

// Successors runs the protocol. The threshold is read off ordinary names with all sites known: on their own endings, and on those of the
// campaign, or an ending that the sample lacks would pass as a find.
func Successors(r SuccessorsRun) (SuccessorsFound, error) {
	const operation = "campaign"
	w, err := site.NewWatch(site.Config{Brands: r.Brands})
	if err != nil {
		return SuccessorsFound{}, err
	}
	var out SuccessorsFound
	next := 0
	add := func(until time.Time) error {
		for ; next < len(r.Sites) && r.Sites[next].Day.AddDate(0, 0, r.Lag).Before(until); next++ {
			if err := w.Add(site.Site{Host: r.Sites[next].Host, Registered: r.Sites[next].Day, Operation: operation}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range r.Sites {
		if !s.Day.After(r.Sites[0].Day) {
			continue
		}
		if err := add(s.Day); err != nil {
			return out, err
		}
		a, _, err := w.Look(site.New{Host: s.Host})
		if err != nil {
			return out, err
		}
		out.Sites = append(out.Sites, s)
		out.Scores = append(out.Scores, a.Score)
	}
	if err := add(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return out, err
	}
	out.Threshold = ordinaryThreshold(w, r)
	return out, nil
}

// ordinaryThreshold is the stricter of the thresholds on both lists of ordinary names.
func ordinaryThreshold(w *site.Watch, r SuccessorsRun) float64 {
	ours := map[string]bool{}
	var endings []string
	for _, s := range r.Sites {
		n, _ := site.Parse(s.Host)
		ours[s.Host] = true
		endings = append(endings, n.Ending)
	}
	random := rand.New(rand.NewPCG(9, 9))
	var fresh, matched []float64
	for _, f := range r.Fresh {
		n, err := site.Parse(f)
		if err != nil || ours[n.Registered()] {
			continue
		}
		a, _, _ := w.Look(site.New{Host: f})
		label, _, _ := strings.Cut(n.Registered(), ".")
		b, _, _ := w.Look(site.New{Host: label + "." + endings[random.IntN(len(endings))]})
		fresh, matched = append(fresh, a.Score), append(matched, b.Score)
	}
	return max(site.Threshold(fresh, r.Alerts), site.Threshold(matched, r.Alerts))
}

// Forecasts counts how many of the sites registered from a day on were among the first names of the forecast made on its morning.
func Forecasts(sites []DatedSite, cut time.Time, first int) (named, later int, err error) {
	const operation = "campaign"
	w, err := site.NewWatch(site.Config{})
	if err != nil {
		return 0, 0, err
	}
	for _, s := range sites {
		if s.Day.Before(cut) {
			if err := w.Add(site.Site{Host: s.Host, Registered: s.Day, Operation: operation}); err != nil {
				return 0, 0, err
			}
		}
	}
	names, err := w.Next(operation, cut, first)
	if err != nil {
		return 0, 0, err
	}
	forecast := map[string]bool{}
	for _, f := range names {
		forecast[f.Name] = true
	}
	for _, s := range sites {
		if !s.Day.Before(cut) {
			later++
			if forecast[s.Host] {
				named++
			}
		}
	}
	return named, later, nil
}

// Wilson is the 95 % interval of a share.
func Wilson(hits, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.96
	n, p := float64(of), float64(hits)/float64(of)
	mid := (p + z*z/2/n) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/4/n/n)
	return mid - half, mid + half
}

// Clusters is how families agree with known operators.
type Clusters struct {
	// BCubed is the F1 over sites, Macro the one over operators (Amigó et al. 2009).
	BCubed, Macro float64
	Precision     float64
	// Wrong is the second largest number of one operator's sites in any family: the worst merge.
	Wrong int
	Sites int
}

// GradeFamilies compares families with the operators of the sites that are known. A site in no family is one of its own.
func GradeFamilies(families []site.Family, operator map[string]string) Clusters {
	of := map[string]string{}
	for _, f := range families {
		for _, d := range f.Sites {
			of[d] = f.Name
		}
	}
	type cell struct{ family, operator string }
	cells, family, sites := map[cell]float64{}, map[string]float64{}, map[string]float64{}
	fam := func(d string) string {
		if f, ok := of[d]; ok {
			return f
		}
		return "alone " + d
	}
	for d, o := range operator {
		cells[cell{fam(d), o}]++
		family[fam(d)]++
		sites[o]++
	}
	var p, r float64
	mp, mr := map[string]float64{}, map[string]float64{}
	worst := map[string][]int{}
	for c, n := range cells {
		p += n * n / family[c.family]
		r += n * n / sites[c.operator]
		mp[c.operator] += n * n / family[c.family] / sites[c.operator]
		mr[c.operator] += n * n / sites[c.operator] / sites[c.operator]
		worst[c.family] = append(worst[c.family], int(n))
	}
	total := float64(len(operator))
	var sp, sr float64
	for o := range sites {
		sp += mp[o] / float64(len(sites))
		sr += mr[o] / float64(len(sites))
	}
	out := Clusters{BCubed: harmonic(p/total, r/total), Macro: harmonic(sp, sr), Precision: p / total, Sites: len(operator)}
	for _, n := range worst {
		slices.Sort(n)
		if len(n) > 1 {
			out.Wrong = max(out.Wrong, n[len(n)-2])
		}
	}
	return out
}

func harmonic(a, b float64) float64 { return 2 * a * b / max(1e-9, a+b) }

// ReadNetwork reads what is known of the sites of MassMove's network: addresses and accounts of the later crawl, registration, name servers
// and certificates of 2020.
func ReadNetwork(sites, names string) (map[string][]site.Fact, error) {
	out := map[string][]site.Fact{}
	put := func(domain, kind, value string) {
		if value != "" {
			out[domain] = append(out[domain], site.Fact{Kind: kind, Value: value})
		}
	}
	err := eachRow(sites, func(r map[string]string) {
		d := r["domain"]
		if ip := r["origin"]; ip != "" {
			put(d, "ip", ip)
			put(d, "net", ip[:max(0, strings.LastIndexByte(ip, '.'))])
		}
		for _, k := range []string{"facebook", "twitter"} {
			v := strings.TrimRight(r[k], "/")
			if v = strings.ToLower(v[strings.LastIndexByte(v, '/')+1:]); v != "www.facebook.com" {
				put(d, k, v)
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("sites: %w", err)
	}
	err = eachRow(names, func(r map[string]string) {
		d := r["Native Domain"]
		put(d, "ip2020", r["Root A"])
		put(d, "registrar", r["Registrar"])
		put(d, "registrant", r["Registrant Org"])
		var mx []string
		for x := range strings.SplitSeq(r["Root MX"], ",") {
			if f := strings.Fields(x); len(f) > 0 {
				mx = append(mx, strings.ToLower(f[len(f)-1]))
			}
		}
		slices.Sort(mx)
		put(d, "mx", strings.Join(mx, "|"))
		put(d, "issuer", r["SSL Root Provider"])
		put(d, "cert-expires", r["SSL Root Expires"])
		for x := range strings.SplitSeq(r["Nameservers"], ",") {
			put(d, "ns", x)
		}
		if v := r["Registration Date"]; v != "" {
			put(d, "registered", v)
			put(d, "registered-day", v[:min(10, len(v))])
		}
	})
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	return out, nil
}

// eachRow calls f with each row of a CSV by its columns.
func eachRow(text string, f func(map[string]string)) error {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, c := range rows[0] {
			if i < len(row) {
				m[strings.TrimPrefix(c, "\ufeff")] = row[i]
			}
		}
		f(m)
	}
	return nil
}
