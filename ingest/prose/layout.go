package prose

import (
	"regexp"
	"strings"
	"unicode"
)

// This file reads the layout of a text where it carries meaning: lists whose lead-in is a part of each item's sentence, and
// transcripts and interviews, where a label tells who speaks.

// listItem is the mark before an item of a list.
var listItem = regexp.MustCompile(`^(?:[-*•–·]|\d{1,2}[.)]|[a-z]\)|\([a-z0-9]{1,2}\))[ \t]+`)

// readLists finds for the items of a list the lead-in that begins their sentences: "The group uses:" before "- stolen passwords;".
// A lead-in that is a sentence of its own begins none.
func (rd *reading) readLists() {
	lead := -1
	for i := range rd.paras {
		p := &rd.paras[i]
		body := rd.doc.Text[p.start:p.end]
		mark := listItem.FindString(body)
		switch {
		case mark != "":
			p.start += len(mark)
			p.heading, p.item = false, true
			if lead >= 0 && !p.boilerplate {
				p.lead, rd.paras[lead].leads = lead, true
				continue
			}
		case strings.HasSuffix(body, ":") && len(body) < 400 && rd.openLead(body):
			lead = i
		default:
			lead = -1
		}
		p.lead = -1
	}
}

// openLead tells a lead-in that its items complete: it ends in "to", "that" or a verb, or has no verb.
func (rd *reading) openLead(body string) bool {
	toks := tokenize(body, 0, len(body)-1)
	if len(toks) == 0 {
		return false
	}
	rd.tagSentence(toks)
	last := toks[len(toks)-1]
	if last.low == "to" || last.low == "that" || last.low == "by" || last.tag == tVerb || last.tag == tAux || last.tag == tModal || rd.lx.exemplifiers[last.low] {
		return true
	}
	for _, t := range toks {
		if t.tag == tVerb || t.tag == tAux {
			return false
		}
	}
	return unicode.IsUpper([]rune(toks[0].text)[0]) && (toks[0].tag == tDet || toks[0].ent != nil)
}

// label is who speaks in a transcript: "SMITH: …", "Q: …".
var label = regexp.MustCompile(`^(?:\*\*)?([A-Z](?:[A-Za-z.'’-]*)(?: [A-Z][A-Za-z.'’-]*){0,3})(?:\*\*)?:(?:\*\*)? `)

// turns are the paragraphs of one label, and how many of them end in a question.
type turns struct{ all, questions int }

// readLabels finds the speakers of a transcript or an interview: at least two labels that take turns. Whoever mostly asks speaks for
// nobody; the others speak for themselves, and "A" is the person whom the lines above present.
func (rd *reading) readLabels() {
	labels := map[string]turns{}
	found := make([]string, len(rd.paras))
	for i := range rd.paras {
		p := &rd.paras[i]
		if m := label.FindStringSubmatch(rd.doc.Text[p.start:min(p.end, p.start+60)]); m != nil {
			found[i] = m[1]
			t := labels[m[1]]
			t.all++
			if strings.HasSuffix(rd.doc.Text[p.start:p.end], "?") {
				t.questions++
			}
			labels[m[1]] = t
		}
	}
	total := 0
	for name, t := range labels {
		if t.all > 1 {
			total += t.all
		} else if !rd.surnameOf(name, labels) {
			delete(labels, name)
		}
	}
	if len(labels) < 2 || total < 4 {
		return
	}
	for i, name := range found {
		t, ok := labels[name]
		if !ok {
			continue
		}
		p := &rd.paras[i]
		p.start += strings.Index(rd.doc.Text[p.start:p.end], ": ") + 2
		p.heading, p.labelled = false, true
		if asks := t.questions*2 > t.all; !asks {
			p.speaker = name
		}
	}
}

// surnameOf tells that a label which stands once is another form of one that stands more often: "MARY POLE" and "POLE".
func (rd *reading) surnameOf(name string, labels map[string]turns) bool {
	for other, t := range labels {
		if t.all > 1 && surname(other) == surname(name) {
			return true
		}
	}
	return false
}

// enterTurn makes the labelled speaker of a paragraph the one who says "we" and all that nobody else says in it.
func (rd *reading) enterTurn(p *paragraph) {
	rd.turn = Source{}
	switch {
	case !p.labelled:
		return
	case p.speaker == "":
		rd.turn = Source{Name: TheArticle, Kind: "article"}
		return
	}
	if s, ok := rd.d.people[surname(p.speaker)]; ok {
		rd.turn = s
	} else if len(p.speaker) < 3 && rd.guest.Name != "" {
		rd.turn = rd.guest
	} else {
		rd.turn = Source{Name: capitalised(p.speaker), Kind: Person}
	}
	rd.turn.Inferred = "the label before the paragraph names who speaks"
}

// voice is who speaks where a sentence names nobody: the labelled speaker, else the publisher.
func (rd *reading) voice() Source {
	if rd.turn.Name != "" {
		return rd.turn
	}
	return rd.house
}

// capitalised writes "JANE DOE" as "Jane Doe".
func capitalised(name string) string {
	words := strings.Fields(name)
	for i, w := range words {
		if strings.ToUpper(w) == w && len(w) > 1 {
			words[i] = w[:1] + strings.ToLower(w[1:])
		}
	}
	return strings.Join(words, " ")
}
