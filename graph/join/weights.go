package join

import (
	_ "embed"
	"encoding/json"
	"maps"
)

// model is a logistic model of whether two records tell of one operation: an intercept and a weight for each feature, in nats.
type model struct {
	Learned   string             `json:"learned"` // from what
	Intercept float64            `json:"intercept"`
	Features  map[string]float64 `json:"features"`
	// Among are the weights of the second step, in which pairs of two lists compete: of the odds, and of how far they are ahead.
	Among struct {
		Intercept float64 `json:"intercept"`
		Odds      float64 `json:"odds"`
		Lead      float64 `json:"lead"`
	} `json:"among"`

	weights [features]float64 // in the order of Features.list
}

// features is how many there are.
const features = 23

//go:embed weights.json
var weightsJSON []byte

var weights = mustModel(weightsJSON)

func mustModel(raw []byte) *model {
	m := &model{}
	if err := json.Unmarshal(raw, m); err != nil {
		panic("weights.json, which is built in: " + err.Error())
	}
	for i, x := range (&Features{}).list() {
		m.weights[i] = m.Features[x.name]
	}
	return m
}

// odds are the log-odds of a pair.
func (m *model) odds(f Features) float64 {
	sum := m.Intercept
	for i, x := range f.list() {
		sum += m.weights[i] * x.value
	}
	return sum
}

// probability is what a pair comes to among its rivals.
func (m *model) probability(odds, lead float64, oneList bool) float64 {
	if oneList {
		return logistic(odds)
	}
	return logistic(m.Among.Intercept + m.Among.Odds*odds + m.Among.Lead*lead)
}

type named struct {
	name  string
	value float64
}

// list is the features by name, in a fixed order.
func (f *Features) list() [features]named {
	return [features]named{
		{"document", f.Document},
		{"text", f.Text},
		{"common", f.Common},
		{"indicted", f.Indicted},
		{"name", f.Name},
		{"mention", f.Mention},
		{"victim", f.Victim},
		{"software", f.Software},
		{"overlap", f.Overlap},
		{"day", f.Day},
		{"gap", f.Gap},
		{"undated", f.Undated},
		{"actor", f.Actor},
		{"rival", f.Rival},
		{"state", f.State},
		{"otherhand", f.OtherHand},
		{"place", f.Place},
		{"elsewhere", f.Elsewhere},
		{"exchanged", f.Exchanged},
		{"deed", f.Deed},
		{"otherdeed", f.OtherDeed},
		{"onelist", f.OneList},
		{"year", f.Year},
	}
}

// Values are the features by name.
func (f *Features) Values() map[string]float64 {
	out := map[string]float64{}
	for _, x := range f.list() {
		out[x.name] = x.value
	}
	return out
}

// Weights are the intercept and the weight of each feature, as they are built in.
func Weights() (intercept float64, features map[string]float64) {
	return weights.Intercept, maps.Clone(weights.Features)
}
