// Command train makes the model of the language from the labelled data in MARQUE_DATA, byte for byte the same each time:
//
//	MARQUE_DATA=DIR go run ./ingest/prose/language/train ingest/prose/language/data/model.bin
//
// It needs about ten minutes and 2 GB. What it learns from and how well it does: docs/language-model.md.
package main

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"marque/ingest/prose/language/internal/model"
	"marque/ingest/prose/language/treebank"
)

func main() {
	dir := os.Getenv("MARQUE_DATA")
	names := flag.String("names", "", "learn only the names anew, on the model in this `file`")
	flag.Parse()
	if flag.NArg() != 1 || dir == "" {
		fmt.Fprintln(os.Stderr, "usage: MARQUE_DATA=DIR train [-names FILE] FILE")
		os.Exit(2)
	}
	if err := run(dir, *names, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "train:", err)
		os.Exit(1)
	}
}

// run writes the model twice: before names are learned, so that a step that fails does not lose those before it, and after.
func run(dir, from, to string) error {
	b, err := learned(dir, from)
	if err != nil {
		return err
	}
	b.Actions.Prune(smallest)
	b.Mentions = model.Nothing(1)
	if err := write(b, to); err != nil {
		return err
	}
	if err := trainMentions(dir, b); err != nil {
		return err
	}
	return write(b, to)
}

func learned(dir, from string) (*model.Bundle, error) {
	if from == "" {
		return train(dir)
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return model.Read(f)
}

func write(b *model.Bundle, file string) error {
	var out bytes.Buffer
	if err := b.Write(&out); err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes, sha256 %x\n", file, out.Len(), sha256.Sum256(out.Bytes()))
	return os.WriteFile(file, out.Bytes(), 0o644)
}

// train learns one step after the other, each from what those before make of the text.
func train(dir string) (*model.Bundle, error) {
	start := time.Now()
	step := func(name string) { fmt.Printf("%6.0f s  %s\n", time.Since(start).Seconds(), name) }
	var set []treebank.Sentence
	for _, name := range []string{"ewt-train", "gum-train"} {
		s, err := treebank.Open(filepath.Join(dir, "treebank", name+".conllu.gz"))
		if err != nil {
			return nil, err
		}
		set = append(set, s...)
	}
	texts, err := rawTexts(dir)
	if err != nil {
		return nil, err
	}
	raw := sentencesOf(texts)
	for _, s := range set {
		raw = append(raw, forms(s))
	}
	step("texts read")
	var fine, coarse map[string]uint16
	var wg sync.WaitGroup
	wg.Go(func() { fine = clusters(raw, 30000, 512, 10) })
	wg.Go(func() { coarse = clusters(raw, 30000, 64, 10) })
	wg.Wait()
	step("clusters of words")
	lex := inventory(set, fine, coarse)
	b := &model.Bundle{Lexicon: lex, Lemmas: lemmas(set)}
	examples := prepare(lex, set)
	b.Tags = trainTagger(lex, examples, 5, 21).Sparse(len(lex.Tags), 1, fit)
	step("tagger")
	jackknife(lex, examples, 4)
	step("tags of sentences that the tagger has not seen")
	b.Actions = model.Pack(fit, trainParsers(examples, lex.Class, parsers)...)
	step("parser")
	b.Rels = trainLabeller(examples, lex, 4, 20).Sparse(len(lex.Relations), 1, fit)
	step("relations")
	return b, nil
}

const (
	parserEpochs = 6
	parserBits   = 21
	parserWidth  = 8
	dropout      = .2     // part of the templates that a sentence of training does without (Søgaard and Johannsen 2012)
	tagDropout   = 0      // the same for the tagger
	parsers      = 1      // learned in different orders and added up
	fit          = .99998 // part of the weights that 8 bits hold whole
	fitNames     = .9999
	smallest     = 2 // weight of the parser that is kept
)

func forms(s treebank.Sentence) []string {
	list := make([]string, len(s.Words))
	for i, w := range s.Words {
		list[i] = model.Normal(w.Form)
	}
	return list
}
