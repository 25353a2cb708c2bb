package eval

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"marque/attribute"
	"marque/graph"
	"marque/ingest/eurepoc"
	"marque/stix"
)

// The split in time, fixed before tuning: the model's constants were chosen on what began in the development years.
const (
	InitiatorFrom    = 2010 // before, there is next to no history
	InitiatorHeldOut = 2018
)

// Categories are EuRepoC's categories of initiators that the protocol tells apart.
var Categories = []string{"state", "state-affiliated", "criminal", "hacktivist", "individual"}

// Initiated is an incident with its category, as EuRepoC has it, and what was said of it in advance.
type Initiated struct {
	Incident string
	Began    time.Time
	Category string
	victims  []string // countries, categories and subcategories of the receivers
	// Answers of the model and of the baselines.
	Model, Majority, Victims string
	// Surprise is minus the logarithm of the model's probability of the right category.
	Surprise float64
}

// ReadInitiated reads the incidents that have one category out of the Global Database; the others (unknown, several that
// differ, terrorists, companies) are left out.
func ReadInitiated(globalDatabase string) ([]Initiated, error) {
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(globalDatabase, "\ufeff"))).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("incidents: %d rows: %w", len(rows), err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	var out []Initiated
	for _, r := range rows[1:] {
		category := categoryOf(elements(r[at["initiator_category"]]), elements(r[at["initiator_category_subcode"]]))
		began, err := time.Parse(time.DateOnly, r[at["start_date"]])
		if category == "" || err != nil {
			continue
		}
		in := Initiated{Incident: r[at["ID"]], Began: began, Category: category}
		for _, column := range []string{"receiver_country", "receiver_category", "receiver_category_subcode"} {
			for _, v := range elements(r[at[column]]) {
				in.victims = append(in.victims, column+" "+v)
			}
		}
		slices.Sort(in.victims)
		in.victims = slices.Compact(in.victims)
		out = append(out, in)
	}
	slices.SortFunc(out, func(a, b Initiated) int { return cmp.Or(a.Began.Compare(b.Began), cmp.Compare(a.Incident, b.Incident)) })
	return out, nil
}

var quoted = regexp.MustCompile(`'([^']*)'|"([^"]*)"`)

// elements are the strings of a list as Python prints it.
func elements(s string) []string {
	var out []string
	for _, m := range quoted.FindAllStringSubmatch(s, -1) {
		if v := m[1] + m[2]; v != "" {
			out = append(out, v)
		}
	}
	return out
}

// categoryOf is the one category of an incident, or nothing.
func categoryOf(categories, subs []string) string {
	out := ""
	for _, c := range categories {
		name := "other"
		switch {
		case c == "State":
			name = "state"
		case strings.HasPrefix(c, "Non-state actor, state-affiliation"):
			name = "state-affiliated"
		case strings.HasPrefix(c, "Individual"):
			name = "individual"
		case c == "Non-state-group" && len(subs) > 0 && allBegin(subs, "Hacktivist"):
			name = "hacktivist"
		case c == "Non-state-group" && len(subs) > 0 && allBegin(subs, "Criminal"):
			name = "criminal"
		}
		if out != "" && out != name {
			return ""
		}
		out = name
	}
	if out == "other" {
		return ""
	}
	return out
}

func allBegin(list []string, prefix string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !strings.HasPrefix(s, prefix) })
}

// Forecast answers for each incident from [InitiatorFrom] on, with nothing that was known only after 1 January of the year in
// which it began: the product's graph and history as of that day, and baselines that count the incidents of earlier years.
func Forecast(objects []*stix.Object, incidents []Initiated) ([]Initiated, error) {
	var out []Initiated
	for year := InitiatorFrom; year <= incidents[len(incidents)-1].Began.Year(); year++ {
		day := time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
		g := graph.FromObjects(objects, graph.Options{AsOf: day})
		history := attribute.Learn(g)
		earlier := incidents[:slices.IndexFunc(incidents, func(in Initiated) bool { return in.Began.Year() >= year })]
		b := count(earlier)
		for _, in := range incidents[len(earlier):] {
			if in.Began.Year() != year {
				break
			}
			c, err := attribute.CaseOf(g, eurepoc.CampaignID(in.Incident))
			if err != nil {
				return nil, err
			}
			c.Claims = nil // what anybody says of who did it
			total, right := 0.0, 0.0
			for _, k := range history.Initiator(&c) {
				if !slices.Contains(Categories, k.Kind) {
					continue
				}
				in.Model = cmp.Or(in.Model, k.Kind)
				total += k.Probability
				if k.Kind == in.Category {
					right = k.Probability
				}
			}
			in.Surprise = -math.Log(right / total)
			in.Majority, in.Victims = b.majority(), b.naiveBayes(in.victims)
			out = append(out, in)
		}
	}
	return out, nil
}

// counts are the baselines' knowledge.
type counts struct {
	n        float64
	category map[string]float64
	victims  map[string]map[string]float64
}

func count(incidents []Initiated) counts {
	b := counts{category: map[string]float64{}, victims: map[string]map[string]float64{}}
	for _, in := range incidents {
		b.n++
		b.category[in.Category]++
		for _, v := range in.victims {
			if b.victims[v] == nil {
				b.victims[v] = map[string]float64{}
			}
			b.victims[v][in.Category]++
		}
	}
	return b
}

func (b counts) majority() string {
	return slices.MaxFunc(Categories, func(x, y string) int { return cmp.Compare(b.category[x], b.category[y]) })
}

// naiveBayes is the textbook's, with Laplace's smoothing, on the victims' countries, categories and subcategories.
func (b counts) naiveBayes(victims []string) string {
	score := func(k string) float64 {
		s := math.Log((b.category[k] + 1) / (b.n + float64(len(Categories))))
		for _, v := range victims {
			s += math.Log((b.victims[v][k] + 1) / (b.category[k] + 2))
		}
		return s
	}
	return slices.MaxFunc(Categories, func(x, y string) int { return cmp.Compare(score(x), score(y)) })
}

// F1 is the harmonic mean of precision and recall of a category.
func F1(list []Initiated, answer func(Initiated) string, category string) float64 {
	var hit, said, is float64
	for _, in := range list {
		a := answer(in)
		if a == category {
			said++
		}
		if in.Category == category {
			is++
			if a == category {
				hit++
			}
		}
	}
	if hit == 0 {
		return 0
	}
	return 2 * hit / (said + is)
}

// MacroF1 is the mean of F1 over the categories.
func MacroF1(list []Initiated, answer func(Initiated) string) float64 {
	sum := 0.0
	for _, c := range Categories {
		sum += F1(list, answer, c)
	}
	return sum / float64(len(Categories))
}
