package language_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/prose/language"
)

// cutInto is a text's tokens with a bar between two and a double bar between sentences.
func cutInto(text string) string {
	var sentences []string
	for _, s := range language.Split(text).Sentences {
		var words []string
		for _, t := range s.Tokens {
			words = append(words, t.Text)
		}
		sentences = append(sentences, strings.Join(words, "|"))
	}
	return strings.Join(sentences, "||")
}

func TestTokensAndSentences(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"clitics":                    {"It's theirs; they don't and can’t.", "It|'s|theirs|;|they|do|n't|and|ca|n’t|."},
		"cannot is two":              {"We cannot say.", "We|can|not|say|."},
		"possessives":                {"Storm-0501's victims' files", "Storm-0501|'s|victims|'|files"},
		"hyphens stand alone":        {"a Russia-linked, state-sponsored actor", "a|Russia|-|linked|,|state|-|sponsored|actor"},
		"prefixes keep theirs":       {"non-state e-mail re-used", "non-state|e-mail|re-used"},
		"names with figures":         {"APT-C-36, UNC-1151 and APT28", "APT-C-36|,|UNC-1151|and|APT28"},
		"a span of years is two":     {"from 2016-2017 on 2020-03-24", "from|2016|-|2017|on|2020-03-24"},
		"abbreviations end nothing":  {"Mr. Smith of Acme Inc. met U.S. officials.", "Mr.|Smith|of|Acme|Inc.|met|U.S.|officials|."},
		"but before an article do":   {"It was sold to Acme Inc. The group left.", "It|was|sold|to|Acme|Inc.||The|group|left|."},
		"defanged":                   {"from hxxps://evil[.]example/a, 10[.]0[.]0[.]1 and bad[.]example.", "from|hxxps://evil[.]example/a|,|10[.]0[.]0[.]1|and|bad[.]example|."},
		"links end before the stop":  {"See https://example.com/a(b)c. Then (www.example.com).", "See|https://example.com/a(b)c|.||Then|(|www.example.com|)|."},
		"files and paths":            {`ran a.exe from C:\Windows\b.dll`, `ran|a.exe|from|C:\Windows\b.dll`},
		"identifiers":                {"CVE-2021-44228, T1059.001", "CVE-2021-44228|,|T1059.001"},
		"amounts":                    {"paid $5,000.50 at 10:30pm, 30%", "paid|$|5,000.50|at|10:30|pm|,|30|%"},
		"a quote ends with its mark": {`He said: "We left." Then he left.`, `He|said|:|"|We|left|.|"||Then|he|left|.`},
		"no end before lower case":   {"the .net site vs. others", "the|.|net|site|vs.|others"},
		"emphasis is no word":        {"the **Sandworm** group and `a.exe`", "the|Sandworm|group|and|a.exe"},
		"a link's words stay":        {"as [Acme said](https://example.com/x) today", "as|Acme|said|today"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, cutInto(c.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestKindsOfTokens(t *testing.T) {
	for text, want := range map[string]language.Kind{
		"d41d8cd98f00b204e9800998ecf8427e": language.Digest, "a@example.com": language.Email, "192.168.0.1:80": language.Host,
		"evil(.)example": language.Host, "invoice.docm": language.File, "/etc/passwd": language.Path, `HKLM\Software\Run`: language.Path,
		"@someone": language.Handle, "CVE-2020-0601": language.Ident, "1,000": language.Number, "ministry": language.Plain,
	} {
		s := language.Split(text).Sentences
		if len(s) != 1 || len(s[0].Tokens) != 1 || s[0].Tokens[0].Kind != want {
			t.Errorf("%q is cut into %v, want one token of kind %s", text, s, want)
		}
	}
}

func TestBlocks(t *testing.T) {
	text := "# Findings\n\nThe group used:\n\n- Cobalt Strike\n- a loader\n  of its own\n\n> We saw it.\n\nBackground\n\nIt began\nin May.\n\n```\nrm -rf /\n```\n"
	var got []string
	parsed := language.Split(text)
	for _, b := range parsed.Blocks {
		line := b.Shape.String() + ": " + strings.ReplaceAll(text[b.Start:b.End], "\n", "/")
		if b.Section >= 0 {
			line += " under " + text[parsed.Blocks[b.Section].Start:parsed.Blocks[b.Section].End]
		}
		if b.Lead >= 0 {
			line += " led in"
		}
		got = append(got, line)
	}
	want := []string{
		"heading: Findings", "paragraph: The group used: under Findings", "item: Cobalt Strike under Findings led in",
		"item: a loader/  of its own under Findings led in", "quote: We saw it. under Findings", "heading: Background under Findings",
		"paragraph: It began/in May. under Background", "code: rm -rf / under Background",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// check holds a text's tokens against the invariants of the package.
func check(t *testing.T, parsed *language.Text) {
	t.Helper()
	at := 0
	for _, s := range parsed.Sentences {
		if len(s.Tokens) == 0 || len(s.Tokens) > language.LongestSentence {
			t.Fatalf("a sentence of %d tokens", len(s.Tokens))
		}
		for _, tok := range s.Tokens {
			if tok.Start < at || tok.End <= tok.Start || parsed.Source[tok.Start:tok.End] != tok.Text {
				t.Fatalf("token %q at %d to %d after %d", tok.Text, tok.Start, tok.End, at)
			}
			at = tok.End
		}
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"one long sentence":  strings.Repeat("word ", 100_000),
		"no space":           strings.Repeat("a", 1<<20),
		"no space, points":   strings.Repeat("a.", 1<<19),
		"brackets":           strings.Repeat("(", 1<<20),
		"brackets, spaced":   strings.Repeat("[ ", 1<<19),
		"bullets":            strings.Repeat("- a\n", 1<<17),
		"links that open":    strings.Repeat("[a](", 400) + strings.Repeat(" [a](b", 1<<14),
		"damaged characters": strings.Repeat("\xff\xfe a\x80b ", 1<<14),
	} {
		t.Run(name, func(t *testing.T) {
			parsed := language.Split(text)
			check(t, parsed)
			if name == "one long sentence" && parsed.Cut < 100_000/language.LongestSentence-1 {
				t.Errorf("only %d cuts are told", parsed.Cut)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("The group's “tool” (a.k.a. X-1) hit 10[.]0.0.1:80. **See** [x](http://y).\n\n- a\n1. b\n")
	f.Add("cannot can't CAN’T ‘’ s' \xff[.](dot)a@b.c")
	f.Fuzz(func(t *testing.T, text string) { check(t, language.Split(text)) })
}
