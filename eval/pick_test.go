package eval_test

import (
	"os"

	"marque/eval"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
)

func pick(g *prose.Gazetteer) (eval.ProseReader, error) {
	switch os.Getenv("READER") {
	case "old":
		return prose.NewReader(g)
	case "tree":
		a, err := prose.NewReader(g)
		if err != nil {
			return nil, err
		}
		b, err := extract.NewReader(g)
		return tree{a, b}, err
	}
	return extract.NewReader(g)
}

type tree struct {
	a *prose.Reader
	b *extract.Reader
}

func (u tree) Read(d prose.Document) prose.Result {
	x := u.a.Read(d)
	x.Claims = u.b.Trees(d, &x)
	return x
}

func must(r eval.ProseReader, err error) eval.ProseReader {
	if err != nil {
		panic(err)
	}
	return r
}
