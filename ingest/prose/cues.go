package prose

import "strings"

// cueFile is data/cues.yaml.
type cueFile struct {
	Purpose, Silence, Denial, Nothing, Doubt, Behalf, Agrees, Unpaid []string
	PurposeNouns, Accused, Outlook, More                             []string
}

// cueWords are phrases that tell something whatever the sentence is built like.
type cueWords struct {
	purpose, silence, denial, nothing, doubt, behalf, agrees, unpaid map[string][][]string // by first word
	purposeNouns, accused, outlook, more                             map[string]bool
}

func (lx *lexicon) loadCues() error {
	var f cueFile
	if err := readYAML("cues", &f); err != nil {
		return err
	}
	split := func(list []string) map[string][][]string {
		out := map[string][][]string{}
		for _, s := range list {
			words := strings.Fields(s)
			out[words[0]] = append(out[words[0]], words)
		}
		return out
	}
	lx.cues = cueWords{
		purpose: split(f.Purpose), silence: split(f.Silence), denial: split(f.Denial), nothing: split(f.Nothing), doubt: split(f.Doubt), behalf: split(f.Behalf), agrees: split(f.Agrees), unpaid: split(f.Unpaid),
		purposeNouns: set(f.PurposeNouns), accused: set(f.Accused), outlook: set(f.Outlook), more: set(f.More),
	}
	return nil
}

// cueAt finds the first of the phrases in tokens [from,to) and returns where it begins and ends, or -1.
func (p *clauseParse) cueAt(phrases map[string][][]string, from, to int) (int, int) {
	for i := from; i < to; i++ {
		for _, ph := range phrases[p.toks[i].low] {
			if end := p.phraseEnd(ph, i, to); end > 0 {
				return i, end
			}
		}
	}
	return -1, -1
}

// phraseEnd is the token after the phrase that begins at i, or -1; "..." stands for up to six words.
func (p *clauseParse) phraseEnd(ph []string, i, to int) int {
	for n := range ph {
		if ph[n] == "..." {
			for skip := 0; skip < 7 && i+skip < to; skip++ {
				if end := p.phraseEnd(ph[n+1:], i+skip, to); end > 0 {
					return end
				}
			}
			return -1
		}
		if i >= to || p.toks[i].low != ph[n] {
			return -1
		}
		i++
	}
	return i
}
