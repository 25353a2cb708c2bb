package site

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed data/*.txt
var files embed.FS

// Tables of facts, read from the files in data when the program starts. Each file says where its facts are from.
var (
	soldLikeEndings    = readWords("second-levels.txt")
	lookAlike          = readLookAlikes()
	shapes, shapePairs = readShapes()
	commonLabels       = readCommon()
	ordinary           = readRates()
)

type pair struct{ a, b, as byte }

// rows are the lines of an embedded file, taken apart at spaces, without comments. A broken file is a broken build, so it panics.
func rows(name string) [][]string {
	b, err := files.ReadFile("data/" + name)
	if err != nil {
		panic(err)
	}
	var out [][]string
	s := bufio.NewScanner(bytes.NewReader(b))
	for s.Scan() {
		if f := strings.Fields(s.Text()); len(f) > 0 && f[0] != "#" {
			out = append(out, f)
		}
	}
	return out
}

func readWords(name string) map[string]bool {
	out := map[string]bool{}
	for _, r := range rows(name) {
		for _, w := range r {
			out[w] = true
		}
	}
	return out
}

func readLookAlikes() map[rune]byte {
	out := map[rune]byte{}
	for _, r := range rows("confusables.txt") {
		for _, c := range r[1] {
			out[c] = r[0][0]
		}
	}
	return out
}

func readShapes() (single [256]byte, pairs []pair) {
	for i := range single {
		single[i] = byte(i)
	}
	for _, r := range rows("shapes.txt") {
		for _, from := range r[1:] {
			if len(from) == 1 {
				single[from[0]] = r[0][0]
			} else {
				pairs = append(pairs, pair{from[0], from[1], r[0][0]})
			}
		}
	}
	return single, pairs
}

// class is how freely ordinary registrants choose a label by themselves.
type class uint8

const (
	plain  class = iota // hardly ever
	shared              // popular names have it under several endings
	word                // an ordinary English word or name
	classes
)

var classNames = [classes]string{"plain", "shared", "word"}

func readCommon() map[string]class {
	out := map[string]class{}
	for _, r := range rows("common.txt") {
		for c, name := range classNames {
			if r[0] == name {
				for _, l := range r[1:] {
					out[l] = class(c)
				}
			}
		}
	}
	return out
}

func mustInt(file, s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(fmt.Sprintf("data/%s: %q is not a number", file, s))
	}
	return n
}
