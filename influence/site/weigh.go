package site

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// rates are how many of a million ordinary new names stand in a relation to one given label by chance, by what kind of label it is and by
// its length.
type rates [relations][classes][maxRate + 1]float64

// maxRate is the length from which on labels are counted together.
const maxRate = 12

// relationKeys are the relations as data/rates.txt calls them.
var relationKeys = [relations]string{"same", "respelt", "alike", "edit", "word", "affix", "below"}

func readRates() (out rates) {
	for _, r := range rows("rates.txt") {
		rel := slices.Index(relationKeys[:], r[0])
		c := slices.Index(classNames[:], r[1])
		if rel < 0 || c < 0 {
			panic("data/rates.txt: " + strings.Join(r[:2], " ") + " is not known")
		}
		for i, v := range r[2:] {
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				panic("data/rates.txt: " + err.Error())
			}
			out[rel][c][i+1] = f
		}
	}
	return out
}

func bucket(label []byte) int { return min(max(len(label), 1), maxRate) }

// byChance is the share of ordinary new names that stand in the relation to the label.
func byChance(r Relation, label []byte) float64 {
	return ordinary[r][commonLabels[string(label)]][bucket(label)] / 1e6
}

// Of successors, these shares stand in a relation to a watched site, or to a brand. They are stated, after what the whole of one campaign
// showed (docs/quality.md); what is left is names that resemble nothing.
var (
	knownShare = [relations]float64{SameLabel: .30, Respelt: .06, LookAlike: .01, OneEdit: .08, Word: .03, Affix: .02, Below: .02}
	brandShare = [relations]float64{SameLabel: .25, Respelt: .04, LookAlike: .01, OneEdit: .03, Word: .02, Affix: .02, Below: .02}
)

// ownEndingWeight is what it says in decibans that the ending of the real one stands beside the label: of the names with another word
// beside a brand, it is one in ten of those that mean it, and one in a hundred of the others.
const ownEndingWeight = 10

func decibans(ratio float64) float64 { return 10 * math.Log10(ratio) }
