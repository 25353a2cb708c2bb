package predicate_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"marque/ingest/prose/language"
	"marque/ingest/prose/predicate"
)

// told renders predicates as "steal(agent: the group; patient: data) past".
func told(t *testing.T, text string) []string {
	t.Helper()
	m, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	return toldOf(m.Read(text))
}

func toldOf(parsed *language.Text) []string {
	var list []string
	for _, sentence := range predicate.Read(parsed) {
		for i := range sentence {
			list = append(list, line(parsed, &sentence[i]))
		}
	}
	return list
}

func line(parsed *language.Text, p *predicate.Predicate) string {
	var args []string
	for _, a := range p.Args {
		toks := parsed.Sentences[a.Sentence].Tokens
		role := a.Role.String()
		if a.Role == predicate.Oblique {
			role = a.Prep
		}
		if a.Role == predicate.Content {
			args = append(args, "content: "+toks[a.Head].Lemma)
			continue
		}
		args = append(args, role+": "+parsed.Source[toks[a.First].Start:toks[a.Last-1].End])
	}
	slices.Sort(args)
	name := p.Lemma
	if p.Negated {
		name = "not " + name
	}
	if p.Modal != "" {
		name = p.Modal + " " + name
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(slices.Compact(args), "; "))
}

// TestPredicates holds ways of saying who did what against what is read. Each line of want must be among what is read.
// The trees stand here as they should be, so that a failure is one of this package and not of the parser:
// word, lemma, Penn tag, head (from 1, 0 for the root), relation.
func TestPredicates(t *testing.T) {
	for _, c := range []struct {
		way, tree string
		want      []string
	}{
		{
			"active", `The the DT 2 det|group group NN 3 nsubj|stole steal VBD 0 root|data datum NNS 3 obj|from from IN 7 case|the the DT 7 det|ministry ministry NN 3 obl`,
			[]string{"steal(agent: The group; from: the ministry; patient: data)"},
		},
		{
			"passive", `It it PRP 3 nsubj:pass|was be VBD 3 aux:pass|attacked attack VBN 0 root|by by IN 6 case|Russian Russian JJ 6 amod|hackers hacker NNS 3 obl:agent`,
			[]string{"attack(agent: Russian hackers; patient: It)"},
		},
		{
			"relative clause, subject", `groups group NNS 0 root|that that WDT 3 nsubj|attacked attack VBD 1 acl:relcl|banks bank NNS 3 obj`,
			[]string{"attack(agent: groups; patient: banks)"},
		},
		{
			"relative clause, object", `malware malware NN 0 root|that that WDT 4 obj|they they PRP 4 nsubj|used use VBD 1 acl:relcl`,
			[]string{"use(agent: they; patient: malware)"},
		},
		{
			"relative clause without a pronoun", `malware malware NN 0 root|they they PRP 3 nsubj|used use VBN 1 acl:relcl`,
			[]string{"use(agent: they; patient: malware)"},
		},
		{
			"participle of what is done", `tools tool NNS 0 root|made make VBN 1 acl|by by IN 4 case|Acme Acme NNP 2 obl:agent`,
			[]string{"make(agent: Acme; patient: tools)"},
		},
		{
			"participle of who does", `hackers hacker NNS 0 root|working work VBG 1 acl|for for IN 4 case|Iran Iran NNP 2 obl`,
			[]string{"work(agent: hackers; for: Iran)"},
		},
		{
			"control by the subject", `They they PRP 2 nsubj|tried try VBD 0 root|to to TO 4 mark|encrypt encrypt VB 2 xcomp|files file NNS 4 obj`,
			[]string{"encrypt(agent: They; patient: files)", "try(agent: They; content: encrypt)"},
		},
		{
			"control by the object", `Iran Iran NNP 2 nsubj|told tell VBD 0 root|them they PRP 2 obj|to to TO 5 mark|leave leave VB 2 xcomp`,
			[]string{"leave(agent: them)"},
		},
		{
			"raising in the passive", `It it PRP 3 nsubj:pass|is be VBZ 3 aux:pass|believed believe VBN 0 root|to to TO 5 mark|operate operate VB 3 xcomp`,
			[]string{"operate(agent: It)"},
		},
		{
			"verbs joined, object behind both", `They they PRP 2 nsubj|stole steal VBD 0 root|and and CC 4 cc|sold sell VBD 2 conj|data datum NNS 2 obj`,
			[]string{"steal(agent: They; patient: data)", "sell(agent: They; patient: data)"},
		},
		{
			"verbs joined, each its object", `They they PRP 2 nsubj|stole steal VBD 0 root|data datum NNS 2 obj|and and CC 5 cc|left leave VBD 2 conj`,
			[]string{"leave(agent: They)"},
		},
		{
			"nouns joined", `They they PRP 2 nsubj|hit hit VBD 0 root|banks bank NNS 2 obj|, , , 5 punct|firms firm NNS 3 conj|and and CC 7 cc|schools school NNS 3 conj`,
			[]string{"hit(agent: They; patient: banks; patient: firms; patient: schools)"},
		},
		{
			"apposition", `Turla Turla NNP 5 nsubj|, , , 4 punct|a a DT 4 det|group group NN 1 appos|left leave VBD 0 root`,
			[]string{"be(agent: Turla; attribute: a group)", "leave(agent: Turla)"},
		},
		{"copula", `Turla Turla NNP 4 nsubj|is be VBZ 4 cop|a a DT 4 det|group group NN 0 root`, []string{"be(agent: Turla; attribute: a group)"}},
		{
			"noun of an act", `breach breach NN 0 root|of of IN 4 case|the the DT 4 det|ministry ministry NN 1 nmod|by by IN 6 case|hackers hacker NNS 1 nmod`,
			[]string{"breach(agent: hackers; patient: the ministry)"},
		},
		{
			"light verb", `They they PRP 2 nsubj|launched launch VBD 0 root|attacks attack NNS 2 obj|on on IN 5 case|banks bank NNS 3 nmod`,
			[]string{"attack(agent: They; patient: banks)"},
		},
		{
			"light verb, the place hangs on it", `They they PRP 2 nsubj|launched launch VBD 0 root|attacks attack NNS 2 obj|against against IN 5 case|banks bank NNS 2 obl`,
			[]string{"attack(agent: They; patient: banks)"},
		},
		{"denied", `They they PRP 4 nsubj|did do VBD 4 aux|not not RB 4 advmod|attack attack VB 0 root|it it PRP 4 obj`, []string{"not attack(agent: They; patient: it)"}},
		{
			"denied by the verb above", `Iran Iran NNP 2 nsubj|denied deny VBD 0 root|attacking attack VBG 2 xcomp|it it PRP 3 obj`,
			[]string{"not attack(agent: Iran; patient: it)"},
		},
		{"possible", `They they PRP 4 nsubj|may may MD 4 aux|have have VB 4 aux|stolen steal VBN 0 root|files file NNS 4 obj`, []string{"may steal(agent: They; patient: files)"}},
		{"said", `Officials official NNS 2 nsubj|said say VBD 0 root|they they PRP 4 nsubj|left leave VBD 2 ccomp`, []string{"say(agent: Officials; content: leave)"}},
		{
			"purpose", `They they PRP 2 nsubj|used use VBD 0 root|tools tool NNS 2 obj|to to TO 5 mark|steal steal VB 2 advcl|data datum NNS 5 obj`,
			[]string{"steal(agent: They; patient: data)"},
		},
		{
			"a plan and who has it", `their their PRP$ 2 nmod:poss|plan plan NN 0 root|to to TO 4 mark|attack attack VB 2 acl|banks bank NNS 4 obj`,
			[]string{"attack(agent: their; patient: banks)"},
		},
	} {
		t.Run(c.way, func(t *testing.T) {
			got := toldOf(planted(t, c.tree))
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("want %s\nread %s", w, strings.Join(got, "\n     "))
				}
			}
		})
	}
}

// planted makes a text of one sentence from a tree that is written down.
func planted(t *testing.T, tree string) *language.Text {
	t.Helper()
	universal := map[string]language.Tag{
		"DT": language.DET, "IN": language.ADP, "NNP": language.PROPN, "PRP": language.PRON, "WDT": language.PRON, "TO": language.PART, "CC": language.CCONJ,
		"MD": language.AUX, "RB": language.PART, "JJ": language.ADJ, ",": language.PUNCT, "PRP$": language.PRON, "NN": language.NOUN, "NNS": language.NOUN,
	}
	parsed := &language.Text{Blocks: []language.Block{{Last: 1, Lead: -1, Section: -1}}, Sentences: make([]language.Sentence, 1)}
	toks := &parsed.Sentences[0].Tokens
	for word := range strings.SplitSeq(tree, "|") {
		f := strings.Fields(word)
		head, err := strconv.Atoi(f[3])
		if err != nil {
			t.Fatal(err)
		}
		tag, ok := universal[f[2]]
		if !ok {
			tag = language.VERB
			if strings.HasPrefix(f[4], "aux") || f[4] == "cop" {
				tag = language.AUX
			}
		}
		if parsed.Source != "" {
			parsed.Source += " "
		}
		start := len(parsed.Source)
		parsed.Source += f[0]
		*toks = append(*toks, language.Token{Text: f[0], Start: start, End: len(parsed.Source), Tag: tag, Fine: f[2], Lemma: f[1], Head: head - 1, Rel: f[4]})
	}
	return parsed
}

// TestPredicatesOfProse reads whole sentences, trees by the parser.
func TestPredicatesOfProse(t *testing.T) {
	for text, want := range map[string]string{
		"The ministry was attacked by Russian hackers.":      "attack(agent: Russian hackers; patient: The ministry)",
		"The group that attacked the bank used new malware.": "attack(agent: The group; patient: the bank)",
		"They found malware developed by the company.":       "develop(agent: the company; patient: malware)",
		"The hackers tried to encrypt the files.":            "encrypt(agent: The hackers; patient: the files)",
		"The group is believed to operate from Iran.":        "operate(agent: The group; from: Iran)",
		"Sandworm, a Russian group, attacked the grid.":      "be(agent: Sandworm; attribute: a Russian group)",
		"The group launched an attack on the bank.":          "attack(agent: The group; patient: the bank)",
		"Russia did not attack the ministry.":                "not attack(agent: Russia; patient: the ministry)",
		"Officials said the group attacked the bank.":        "say(agent: Officials; content: attack)",
		"The hackers used the tool to steal passwords.":      "steal(agent: The hackers; patient: passwords)",
	} {
		if got := told(t, text); !slices.Contains(got, want) {
			t.Errorf("%s\nwant %s\nread %s", text, want, strings.Join(got, "\n     "))
		}
	}
}

func TestItemsUnderALeadIn(t *testing.T) {
	got := told(t, "The hackers used these tools:\n\n- Mimikatz\n- a new loader\n")
	if want := "use(agent: The hackers; patient: Mimikatz; patient: a new loader; patient: these tools)"; !slices.Contains(got, want) {
		t.Errorf("want %s\nread %s", want, strings.Join(got, "\n"))
	}
}

func TestTimes(t *testing.T) {
	m, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]predicate.Time{
		"The group attacked the bank.": predicate.Past, "They attack banks.": predicate.Present,
		"The group will attack banks.": predicate.Future, "The group has attacked banks.": predicate.Past,
	} {
		ps := predicate.Sentence(m.Read(text).Sentences[0].Tokens)
		if i := slices.IndexFunc(ps, func(p predicate.Predicate) bool { return p.Lemma == "attack" }); i < 0 || ps[i].Time != want {
			t.Errorf("%s: read %+v, want the time %s", text, ps, want)
		}
	}
}

// FuzzSentence makes trees that no parser would: whatever they are, what is read stays within the sentence.
func FuzzSentence(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	rels := []string{"nsubj", "obj", "conj", "acl", "acl:relcl", "xcomp", "ccomp", "appos", "advcl", "cop", "aux:pass", "obl:agent", "nmod", "mark", "nsubj:pass"}
	tags := []language.Tag{language.VERB, language.NOUN, language.PRON, language.AUX, language.PROPN, language.ADP}
	f.Fuzz(func(t *testing.T, data []byte) {
		n := min(len(data)/2, 200)
		toks := language.Words(make([]string, n))
		for i := range toks {
			toks[i].Head = int(data[2*i])%(i+1) - 1 // heads stand before: a tree, or several
			toks[i].Rel = rels[int(data[2*i+1])%len(rels)]
			toks[i].Tag = tags[int(data[2*i+1]/16)%len(tags)]
			toks[i].Lemma = "attack"
		}
		for _, p := range predicate.Sentence(toks) {
			for _, a := range p.Args {
				if a.First > a.Head || a.Head >= a.Last || a.First < 0 || a.Last > n {
					t.Fatalf("an argument at %d from %d to %d of %d tokens", a.Head, a.First, a.Last, n)
				}
			}
		}
	})
}
