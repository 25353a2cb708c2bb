package account

import (
	_ "embed"

	"go.yaml.in/yaml/v3"
)

//go:embed markup.yaml
var markupYAML []byte

// markup is what platforms add to texts and addresses.
var markup = func() (m struct {
	Quoting            []string `yaml:"quoting"`
	CampaignParameters []string `yaml:"campaign_parameters"`
},
) {
	if err := yaml.Unmarshal(markupYAML, &m); err != nil {
		panic("account: markup.yaml: " + err.Error())
	}
	return m
}()

// longestQuoting is the length of the longest mark of quoting.
var longestQuoting = func() (n int) {
	for _, w := range markup.Quoting {
		n = max(n, len(w))
	}
	return n
}()

// quoting are the hashes of the marks of quoting.
var quoting = func() map[uint64]bool {
	m := map[uint64]bool{}
	var f folded
	for _, w := range markup.Quoting {
		m[f.hash(w)] = true
	}
	return m
}()
