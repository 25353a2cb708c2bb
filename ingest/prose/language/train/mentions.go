package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"marque/ingest/prose/language"
	"marque/ingest/prose/language/internal/model"
	"marque/ingest/prose/language/treebank"
)

// kinds are the labels of AnnoCTR in the order of [language.NameKind].
var kinds = []string{"GROUP", "MALWARE", "TOOL", "ORG", "LOC", "SECTOR"}

// trainMentions learns names from the reports that are not held out. It fills in b's names, labels and weights.
func trainMentions(dir string, b *model.Bundle) error {
	var err error
	if b.Names, err = knownNames(dir); err != nil {
		return err
	}
	b.Labels = []string{"O"}
	for _, k := range kinds {
		b.Labels = append(b.Labels, "B-"+k, "I-"+k)
	}
	docs, err := treebank.OpenNames(filepath.Join(dir, "annoctr", "train.bio.gz"))
	if err != nil {
		return err
	}
	m := language.New(b)
	var set []marked
	for i, d := range docs {
		if !treebank.HeldOut(i) {
			set = append(set, markedDocument(m, d))
		}
	}
	// The second look is learned on first looks by models that have not seen the document.
	const parts = 4
	for k := range parts {
		first := learnNames(set, len(b.Labels), func(i int) bool { return i%parts != k }, 6)
		for i, d := range set {
			if i%parts == k {
				for _, n := range d.sentences {
					n.Label(first, len(b.Labels))
				}
				set[i].first = model.Votes(d.sentences)
			}
		}
	}
	b.Mentions = learnNames(set, len(b.Labels), func(int) bool { return true }, 10)
	return nil
}

// marked is a report as the model of names sees it, with the right labels.
type marked struct {
	sentences []*model.Named
	gold      [][]uint8
	first     [][]uint8 // what a first look says of the forms
}

func markedDocument(m *language.Model, d treebank.Document) marked {
	t := m.Read(d.Text)
	x := marked{sentences: m.Named(t, nil)}
	at := 0
	for _, s := range t.Sentences {
		gold := make([]uint8, len(s.Tokens))
		for i, tok := range s.Tokens {
			for at < len(d.Spans) && d.Spans[at].End <= tok.Start {
				at++
			}
			if at == len(d.Spans) || tok.Start < d.Spans[at].Start {
				continue
			}
			label := uint8(2*slices.Index(kinds, d.Spans[at].Kind) + 1)
			if tok.Start > d.Spans[at].Start {
				label++
			}
			gold[i] = label
		}
		x.gold = append(x.gold, gold)
	}
	return x
}

// learnNames makes an averaged perceptron of the documents that in chooses: on the first look and, where one was made, the second.
func learnNames(set []marked, classes int, in func(int) bool, epochs int) *model.Sparse {
	l := model.NewLearner(18)
	scores := make([]int32, classes)
	rows := make([]uint32, 0, 96)
	for epoch := range epochs {
		for _, k := range order(len(set), 300+uint64(epoch)) {
			if !in(k) {
				continue
			}
			d := set[k]
			for look := range 2 {
				if look == 1 && d.first == nil {
					break
				}
				for i, n := range d.sentences {
					clear(n.Elsewhere)
					if look == 1 {
						copy(n.Elsewhere, d.first[i])
					}
					for j, g := range d.gold[i] {
						clear(scores)
						rows = n.Rows(j, rows)
						l.Add(rows, scores)
						b := n.Legal(j, scores)
						if b != g {
							l.Update(rows, g, 1)
							l.Update(rows, b, -1)
						}
						n.Labels[j] = b
						l.Tick()
					}
				}
			}
		}
	}
	for _, d := range set {
		for _, n := range d.sentences {
			clear(n.Elsewhere)
		}
	}
	return l.Sparse(classes, 1, fitNames)
}

// knownNames lists the names of ATT&CK, of MISP's galaxies and of Microsoft's table: the number of the kind, a tab, the name.
func knownNames(dir string) ([]string, error) {
	set := map[string]bool{}
	add := func(kind language.NameKind, names ...string) {
		for _, n := range names {
			n = strings.TrimSpace(n)
			if len(n) > 2 && len(n) < 48 && strings.Count(n, " ") < 5 && !strings.ContainsAny(n, "\t\n") {
				set[fmt.Sprintf("%d\t%s", kind, n)] = true
			}
		}
	}
	if err := attackNames(dir, add); err != nil {
		return nil, err
	}
	galaxies := []struct {
		file string
		kind language.NameKind
	}{
		{"threat-actor", language.Group},
		{"microsoft-activity-group", language.Group},
		{"ransomware", language.Malware},
		{"country", language.Location},
		{"region", language.Location},
		{"sector", language.Sector},
		{"intelligence-agencies", language.Organisation},
	}
	for _, g := range galaxies {
		if err := galaxyNames(dir, g.file, g.kind, add); err != nil {
			return nil, err
		}
	}
	list := make([]string, 0, len(set))
	for n := range set {
		list = append(list, n)
	}
	slices.Sort(list)
	return list, nil
}

func attackNames(dir string, add func(language.NameKind, ...string)) error {
	raw, err := unzip(dir, "attack/enterprise-attack-reports-before-2023.json.gz")
	if err != nil {
		return err
	}
	var bundle struct {
		Objects []struct {
			Type, Name string
			Aliases    []string
			Other      []string `json:"x_mitre_aliases"`
		}
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		return fmt.Errorf("attack: %w", err)
	}
	of := map[string]language.NameKind{"intrusion-set": language.Group, "malware": language.Malware, "tool": language.Tool}
	for _, o := range bundle.Objects {
		if kind, ok := of[o.Type]; ok {
			add(kind, o.Name)
			add(kind, o.Aliases...)
			add(kind, o.Other...)
		}
	}
	return nil
}

func galaxyNames(dir, file string, kind language.NameKind, add func(language.NameKind, ...string)) error {
	raw, err := unzip(dir, "misp-galaxy/"+file+".json.gz")
	if err != nil {
		return err
	}
	var galaxy struct {
		Values []struct {
			Value, Description string
			Meta               struct {
				Synonyms []string
				Capital  string `json:"Capital"`
			}
		}
	}
	if err := json.Unmarshal(raw, &galaxy); err != nil {
		return fmt.Errorf("galaxy %s: %w", file, err)
	}
	for _, v := range galaxy.Values {
		name := v.Value
		if file == "country" {
			name = v.Description
			add(kind, v.Meta.Capital)
		}
		add(kind, name)
		add(kind, v.Meta.Synonyms...)
	}
	return nil
}
