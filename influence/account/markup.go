package account

import (
	_ "embed"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed markup.yaml
var markupYAML []byte

// markup is what platforms and users add to texts and addresses: markup.yaml.
type markup struct {
	quoting        map[uint64]bool // hashes of the marks of quoting
	longestQuoting int             // bytes
	parameters     []string
}

var builtinMarkup = sync.OnceValue(func() *markup {
	var file struct {
		Quoting    []string `yaml:"quoting"`
		Parameters []string `yaml:"campaign_parameters"`
	}
	if err := yaml.Unmarshal(markupYAML, &file); err != nil {
		panic("account: markup.yaml: " + err.Error())
	}
	m := &markup{quoting: map[uint64]bool{}, parameters: file.Parameters}
	f := folded{}
	for _, w := range file.Quoting {
		m.quoting[f.hash(w)] = true
		m.longestQuoting = max(m.longestQuoting, len(w))
	}
	return m
})

// campaign says whether a query parameter only tells where the click came from. A star in the list stands for any ending.
func (m *markup) campaign(parameter string) bool {
	for _, p := range m.parameters {
		if prefix, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(parameter, prefix) || parameter == p {
			return true
		}
	}
	return false
}
