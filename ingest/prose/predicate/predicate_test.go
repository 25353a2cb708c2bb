package predicate_test

import (
	"fmt"
	"slices"
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
	parsed := m.Read(text)
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
func TestPredicates(t *testing.T) {
	for _, c := range []struct {
		way, text string
		want      []string
	}{
		{"active", "The group stole data from the ministry.", []string{"steal(agent: The group; from: the ministry; patient: data)"}},
		{"passive", "The ministry was attacked by Russian hackers.", []string{"attack(agent: Russian hackers; patient: The ministry)"}},
		{"passive without an agent", "The servers were seized in May.", []string{"seize(in: May; patient: The servers)"}},
		{
			"relative clause, subject", "The group that attacked the bank used new malware.",
			[]string{"attack(agent: The group; patient: the bank)", "use(agent: The group; patient: new malware)"},
		},
		{"relative clause, object", "Officials described the malware that the group used.", []string{"use(agent: the group; patient: the malware)"}},
		{"participle before its doer", "They found malware developed by the company.", []string{"develop(agent: the company; patient: malware)"}},
		{"participle of who does", "Police arrested hackers working for the agency.", []string{"work(agent: hackers; for: the agency)"}},
		{"control by the subject", "The hackers tried to encrypt the files.", []string{"encrypt(agent: The hackers; patient: the files)"}},
		{"raising in the passive", "The group is believed to operate from Iran.", []string{"operate(agent: The group; from: Iran)"}},
		{"verbs joined", "The attackers stole and sold the data.", []string{"steal(agent: The attackers; patient: the data)", "sell(agent: The attackers; patient: the data)"}},
		{
			"nouns joined", "The group attacked banks, hospitals and ministries.",
			[]string{"attack(agent: The group; patient: banks; patient: hospitals; patient: ministries)"},
		},
		{"apposition", "Sandworm, a Russian group, attacked the grid.", []string{"attack(agent: Sandworm; patient: the grid)", "be(agent: Sandworm; attribute: a Russian group)"}},
		{"copula", "Sandworm is a Russian group.", []string{"be(agent: Sandworm; attribute: a Russian group)"}},
		{"noun of an act", "The breach of the ministry by the group was serious.", []string{"breach(agent: the group; patient: the ministry)"}},
		{"light verb", "The group launched an attack on the bank.", []string{"attack(agent: The group; patient: the bank)"}},
		{"denied", "Russia did not attack the ministry.", []string{"not attack(agent: Russia; patient: the ministry)"}},
		{"possible", "The group may have stolen the files.", []string{"may steal(agent: The group; patient: the files)"}},
		{"said", "Officials said the group attacked the bank.", []string{"say(agent: Officials; content: attack)", "attack(agent: the group; patient: the bank)"}},
		{"purpose", "The hackers used the tool to steal passwords.", []string{"steal(agent: The hackers; patient: passwords)"}},
	} {
		t.Run(c.way, func(t *testing.T) {
			got := told(t, c.text)
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("%s\nwant %s\nread %s", c.text, w, strings.Join(got, "\n     "))
				}
			}
		})
	}
}

func TestItemsUnderALeadIn(t *testing.T) {
	got := told(t, "The group used:\n\n- Mimikatz\n- a new loader\n")
	if want := "use(agent: The group; patient: Mimikatz; patient: a new loader)"; !slices.Contains(got, want) {
		t.Errorf("want %s\nread %s", want, strings.Join(got, "\n"))
	}
}

func TestTimes(t *testing.T) {
	m, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]predicate.Time{
		"The group attacked the bank.": predicate.Past, "The group attacks banks.": predicate.Present,
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
