package main

import (
	"runtime"
	"sync"

	"marque/ingest/prose/language"
	"marque/ingest/prose/language/internal/model"
)

// sentencesOf cuts raw texts into sentences of words; a text that stands there more than once counts once.
func sentencesOf(texts []string) [][]string {
	seen := map[string]bool{}
	var once []string
	for _, t := range texts {
		if !seen[t] {
			seen[t] = true
			once = append(once, t)
		}
	}
	cut := make([][][]string, len(once))
	var wg sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for p := range parts {
		wg.Go(func() {
			for i := p; i < len(once); i += parts {
				for _, s := range language.Split(once[i]).Sentences {
					words := make([]string, len(s.Tokens))
					for k, tok := range s.Tokens {
						words[k] = attributeForm(tok)
					}
					cut[i] = append(cut[i], words)
				}
			}
		})
	}
	wg.Wait()
	var all [][]string
	for _, c := range cut {
		all = append(all, c...)
	}
	return all
}

func attributeForm(t language.Token) string {
	if t.Kind.Artefact() {
		return "<" + t.Kind.String() + ">"
	}
	return model.Normal(t.Text)
}
