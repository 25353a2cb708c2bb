package report

import (
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/prose"
	"marque/stix"
)

// operation is what the claims of this document tell of one.
type operation struct {
	id     stix.ID
	class  string
	name   string
	doer   string // as the document names it
	first  stix.Timestamp
	last   stix.Timestamp
	op     claim.Operation
	claims []*prose.Claim
	actor  stix.ID // the unnamed actor behind it, where there is one
}

type operations struct {
	c    *converter
	all  []*operation
	byID map[stix.ID]*operation
	by   map[string]*operation // claim id of the reader
}

func newOperations(c *converter) *operations {
	return &operations{c: c, byID: map[stix.ID]*operation{}, by: map[string]*operation{}}
}

func (o *operations) of(cl *prose.Claim) *operation { return o.by[cl.ID] }

// find gathers the operations: first those that a deed with a victim makes, then what is told about them.
func (o *operations) find() {
	claims := o.c.res.Claims
	for i := range claims {
		if cl := &claims[i]; primary(cl) {
			o.join(o.make(cl), cl)
		}
	}
	for i := range claims {
		cl := &claims[i]
		if o.by[cl.ID] != nil || !claim.Relation(cl.Relation).Adds() || answers(cl) {
			continue
		}
		if op := o.spokenOf(cl); op != nil {
			o.join(op, cl)
		} else if claim.Relation(cl.Relation).Deed() != "" && len(cl.Subject) > 0 && len(cl.Object) > 0 {
			o.join(o.make(cl), cl)
		}
	}
}

// primary tells a claim that makes an operation: a deed that somebody asserts, with a victim, a malware or a content. What
// states do in general ("Russia uses criminals") is none.
func primary(cl *prose.Claim) bool {
	if claim.Relation(cl.Relation).Deed() == "" || cl.Stance != prose.Asserts && cl.Stance != prose.Doubts || len(cl.Subject) == 0 || len(cl.Object) == 0 {
		return false
	}
	if claim.Relation(cl.Relation).Deed() != "malware" && !specific(cl) {
		return false
	}
	switch cl.Relation {
	case "uses", "deployed": // a program that somebody has is no operation; one that hit somebody, or at some time, is
		hit := len(cl.Targets) > 0 || cl.Count.N > 0 || !cl.When.From.IsZero() || len(countriesOf(cl)) > 0
		return hit && (cl.Relation == "deployed" || slices.ContainsFunc(cl.Object, namedMalware))
	case "extorts", "stole":
		return len(countriesOf(cl)) > 0
	}
	return true
}

// specific tells a deed that can be told from others: by who was hit, by a name in it, by its actor, by a number or a date. "Russia spreads
// disinformation" is none.
func specific(cl *prose.Claim) bool {
	if cl.Count.N > 0 || !cl.When.From.IsZero() || len(countriesOf(cl)) > 0 || len(sectorsOf(cl)) > 0 {
		return true
	}
	if slices.ContainsFunc(cl.Subject, func(r prose.Ref) bool { return r.Kind == prose.Malware || r.Kind == prose.Tool }) && cl.Relation != "disrupted" {
		return false // what a program does on a machine is no operation
	}
	named := []string{prose.Actor, prose.Agency, prose.Military, prose.Company, prose.Person}
	return slices.ContainsFunc(cl.Subject, func(r prose.Ref) bool { return slices.Contains(named, r.Kind) }) || slices.ContainsFunc(cl.Object, namedThing)
}

// namedThing tells an object with a name in it.
func namedThing(r prose.Ref) bool {
	return len(r.Links) > 0 || strings.ToLower(r.Name) != r.Name
}

// namedMalware tells a malware's name from the word malware.
func namedMalware(r prose.Ref) bool {
	return r.Kind == prose.Malware && r.Name != "" && strings.ToLower(r.Name) != r.Name
}

// spokenOf is the operation that a claim is about: the one it names, else one by the same doer in the same or the sentence
// before.
func (o *operations) spokenOf(cl *prose.Claim) *operation {
	if op := o.by[cl.About]; op != nil {
		return op
	}
	if about := o.c.find(cl.About); about != nil && about.ID != cl.ID {
		return nil
	}
	var best *operation
	for i := range o.c.res.Claims {
		other := &o.c.res.Claims[i]
		op := o.by[other.ID]
		if op == nil || !primary(other) || len(cl.Subject) == 0 {
			continue
		}
		near := other.Sentence == cl.Sentence || other.Sentence == cl.Sentence-1
		if near && sameName(other.Subject, cl.Subject) || other.Sentence == cl.Sentence && cl.Relation == "motive" {
			best = op
		}
	}
	return best
}

func sameName(a, b []prose.Ref) bool {
	return slices.ContainsFunc(a, func(x prose.Ref) bool {
		return slices.ContainsFunc(b, func(y prose.Ref) bool { return strings.EqualFold(x.Name, y.Name) })
	})
}

// make is the operation of a deed: its id is made of the root report, the class of the deed, and the victim's country and
// sector, or the malware's name.
func (o *operations) make(cl *prose.Claim) *operation {
	class := claim.Relation(cl.Relation).Deed()
	countries, sectors := countriesOf(cl), sectorsOf(cl)
	slices.Sort(countries)
	slices.Sort(sectors)
	key := []string{"prose", string(o.c.root(cl.Root)), class}
	switch {
	case class == "malware":
		for i := range cl.Object {
			if namedMalware(cl.Object[i]) {
				key = append(key, strings.ToLower(cl.Object[i].Name))
			}
		}
	case class == "influence":
		key = append(key, o.country(cl), strings.Join(countries, ","), month(cl))
	case len(countries) > 0:
		key = append(key, strings.Join(countries, ","), strings.Join(sectors, ","))
	case o.country(cl) != "":
		key = append(key, "by", o.country(cl), strings.Join(sectors, ","))
	case cl.Subject[0].Kind == prose.Actor:
		key = append(key, "of", strings.ToLower(cl.Subject[0].Name), strings.Join(sectors, ","))
	default:
		key = append(key, strings.ToLower(cl.Object[0].Name), strings.Join(sectors, ","))
	}
	id := stix.DerivedID("campaign", key...)
	if op := o.byID[id]; op != nil {
		return op
	}
	op := &operation{id: id, class: class, name: nameOf(cl), doer: cl.Subject[0].Name}
	o.all = append(o.all, op)
	o.byID[id] = op
	return op
}

// country is whose operation it is, which tells influence operations on one public apart.
func (o *operations) country(cl *prose.Claim) string {
	for i := range cl.Subject {
		if code, ok := entity.CountryCode(cl.Subject[i].Country); ok {
			return code
		}
	}
	return ""
}

func month(cl *prose.Claim) string {
	if cl.When.From.IsZero() {
		return ""
	}
	return cl.When.From.Format("2006-01")
}

var nouns = map[string]string{
	"compromised": "Intrusion into", "stole": "Theft of", "extorts": "Extortion:", "leaked": "Leak of", "deployed": "Attacks with",
	"uses": "Attacks with", "disrupted": "Disruption of", "defaced": "Defacement of", "spread": "Spread of",
	"personas": "False personas:", "created": "Creation of",
}

func nameOf(cl *prose.Claim) string {
	var names []string
	for i := range cl.Object {
		names = append(names, cl.Object[i].Name)
	}
	by := ""
	if len(cl.Subject) > 0 && cl.Subject[0].Kind == prose.Actor && !slices.ContainsFunc(cl.Object, namedThing) {
		by = " by " + cl.Subject[0].Name // "Spread of false stories" could be anybody's
	}
	name := []rune(nouns[cl.Relation] + " " + strings.Join(names, ", ") + by)
	if len(name) > 120 {
		name = append(name[:119], '…')
	}
	return string(name)
}

// join adds what a claim tells to an operation.
func (o *operations) join(op *operation, cl *prose.Claim) {
	o.by[cl.ID] = op
	op.claims = append(op.claims, cl)
	d := deedsOf(cl)
	op.op.Kinds = union(op.op.Kinds, d.Kinds)
	op.op.Acts = union(op.op.Acts, d.Acts)
	if claim.Relation(cl.Relation).Deed() == "" {
		return
	}
	op.op.Countries = union(op.op.Countries, countriesOf(cl))
	op.op.Sectors = union(op.op.Sectors, sectorsOf(cl))
	if f := cl.When.From; !f.IsZero() && (op.first.IsZero() || f.Before(op.first.Time())) {
		op.first = stix.At(f)
	}
	if t := cl.When.To; !t.IsZero() && t.After(op.last.Time()) {
		op.last = stix.At(t)
	}
}

// deedsOf reads kinds and acts (docs/model.md) from one claim. Thumb rules over the relation and the words of the quote.
func deedsOf(cl *prose.Claim) claim.Operation {
	var d claim.Operation
	quote := strings.ToLower(cl.Quote)
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(quote, w) })
	}
	act := func(code string, when bool) {
		if when {
			d.Acts = append(d.Acts, code)
		}
	}
	switch cl.Relation {
	case "compromised":
		d.Kinds = []string{"intrusion"}
		act("credential-theft", says("credential", "password"))
	case "stole":
		d.Kinds = []string{"intrusion", "theft"}
		act("data-theft", !says("cryptocurrency", "million in", "stole money"))
		act("money-theft", says("cryptocurrency", "stole money"))
	case "leaked":
		d.Kinds, d.Acts = []string{"hack-and-leak"}, []string{"leak"}
	case "extorts":
		d.Kinds = []string{"extortion"}
		act("fee-demand", says("fee", "remov"))
		act("ransom-demand", says("ransom"))
		act("sale-of-data", says("sell", "sale", "auction"))
	case "deployed", "uses":
		malwareDeeds(cl, &d, says)
	case "disrupted":
		d.Kinds, d.Acts = []string{"sabotage"}, []string{"disruption"}
		if says("ddos", "denial of service", "denial-of-service") {
			d.Kinds = []string{"ddos"}
		}
	case "defaced":
		d.Kinds, d.Acts = []string{"defacement"}, []string{"defacement"}
	case "spread", "personas", "created":
		d.Kinds = []string{"influence"}
		act("synthetic-media", says("ai-generated", "deepfake", "deep fake", "synthetic", "generated by artificial"))
		act("fake-sites", says("website", "fake site", "news site", "domains"))
		act("fake-accounts", says("accounts", "persona", "posing as"))
		act("impersonation", says("posing as", "impersonat"))
		act("amplification", cl.Relation == "spread")
	case "motive":
		noMoney := slices.ContainsFunc(cl.Object, func(r prose.Ref) bool { return r.Negated && strings.Contains(r.Name, "financial") })
		act("no-monetisation", noMoney)
		if slices.Contains(cl.Motive, "espionage") {
			d.Kinds = []string{"espionage"}
		}
	}
	return d
}

func malwareDeeds(cl *prose.Claim, d *claim.Operation, says func(...string) bool) {
	after := strings.ToLower(cl.After)
	tookData := strings.Contains(after, "exfiltrat") || strings.Contains(after, "stole") || strings.Contains(after, "stealing")
	if tookData {
		d.Acts = append(d.Acts, "data-theft")
	}
	switch {
	case says("ransomware"):
		d.Kinds = append(d.Kinds, "ransomware")
		d.Acts = append(d.Acts, "encryption")
		if tookData {
			d.Acts = append(d.Acts, "data-theft-before-encryption")
		}
	case says("wiper", "wiped"):
		d.Kinds = append(d.Kinds, "wiper")
		d.Acts = append(d.Acts, "wiping")
	default:
		d.Kinds = append(d.Kinds, "intrusion")
	}
	if says("spyware") {
		d.Acts = append(d.Acts, "surveillance")
	}
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

// doers are the actors that a deed is attributed to. A described group ("a criminal group with links to Iran") is an actor of
// this operation, tied to the states and bodies that the description names.
func (o *operations) doers(cl *prose.Claim, op *operation) []stix.ID {
	var out []stix.ID
	for i := range cl.Subject {
		r := &cl.Subject[i]
		if means(r) {
			continue
		}
		switch r.Kind {
		case "criminal group", "group", "system", "people", "":
			out = append(out, o.described(cl, r, op))
		default:
			if id := o.c.entity(r, "attributed-to", false); id != "" {
				out = append(out, id)
			}
		}
	}
	return unique(out)
}

// means tells that a reference is what somebody used, not who did it: domains, sites, videos. Networks and accounts that act are
// described actors.
func means(r *prose.Ref) bool {
	name := strings.ToLower(r.Name)
	acts := strings.Contains(name, "network") || strings.Contains(name, "account") || strings.Contains(name, "hacker") || strings.Contains(name, "group")
	return (r.Kind == "system" || r.Kind == "content" || r.Kind == "data" || r.Kind == "operation") && !acts
}

func (o *operations) described(cl *prose.Claim, r *prose.Ref, op *operation) stix.ID {
	id := stix.DerivedID("threat-actor", "described", string(op.id))
	op.actor = id
	v := stix.ThreatActor{Common: stix.NewCommon(id, entity.Epoch, claim.MarqueIdentity), Name: r.Name, Roles: []string{"class"}}
	if r.Kind == "criminal group" || strings.Contains(strings.ToLower(r.Name), "criminal") {
		v.Types = []string{"criminal"}
	}
	o.c.w.Supplement(id, v)
	for _, to := range o.ties(r) {
		by, speaker := o.c.speaker(&cl.Who)
		s := o.c.said(cl, by, speaker)
		o.c.w.SaysAs(s, "linked-to", id, to)
	}
	return id
}

// ties are the states and bodies that the description of a group names.
func (o *operations) ties(r *prose.Ref) []stix.ID {
	var out []stix.ID
	for _, name := range append(slices.Clone(r.Links), r.Country) {
		if name == "" {
			continue
		}
		if code, ok := entity.CountryCode(name); ok {
			out = append(out, o.c.w.State(code))
		} else {
			code, _ := entity.CountryCode(r.Country)
			out = append(out, o.c.w.Organ(name, code))
		}
	}
	return unique(out)
}

// write stores the operations. Another document may have told of the same one: the two are merged.
func (o *operations) write() error {
	for _, op := range o.all {
		op.op.ExtensionType = "property-extension"
		op.op.DocumentRefs = []stix.ID{o.c.id}
		for _, list := range []*[]string{&op.op.Kinds, &op.op.Acts, &op.op.Sectors, &op.op.Countries} {
			slices.Sort(*list)
		}
		v := stix.Campaign{Common: stix.NewCommon(op.id, entity.Epoch, claim.MarqueIdentity), Name: op.name, FirstSeen: op.first, LastSeen: op.last}
		if err := v.Extensions.Extend(claim.OperationExtension, op.op); err != nil {
			return err
		}
		obj, err := stix.New(v)
		if err != nil {
			return err
		}
		if err := o.c.out.Merge(obj, mergeOperations); err != nil {
			return err
		}
		o.c.refs = append(o.c.refs, op.id)
	}
	return nil
}

// mergeOperations joins what two documents tell of one operation: the first name stands, the lists are united, the time spans
// both.
func mergeOperations(stored, o *stix.Object) (*stix.Object, error) {
	var a, b stix.Campaign
	if err := stored.Decode(&a); err != nil {
		return nil, err
	}
	if err := o.Decode(&b); err != nil {
		return nil, err
	}
	var x, y claim.Operation
	if _, err := stored.ExtensionOf(claim.OperationExtension, &x); err != nil {
		return nil, err
	}
	if _, err := o.ExtensionOf(claim.OperationExtension, &y); err != nil {
		return nil, err
	}
	for _, p := range [][2]*[]string{{&x.Kinds, &y.Kinds}, {&x.Acts, &y.Acts}, {&x.Sectors, &y.Sectors}, {&x.Countries, &y.Countries}} {
		*p[0] = union(*p[0], *p[1])
		slices.Sort(*p[0])
	}
	x.DocumentRefs = unique(append(x.DocumentRefs, y.DocumentRefs...))
	if err := a.Extensions.Extend(claim.OperationExtension, x); err != nil {
		return nil, err
	}
	changes := map[string]any{"extensions": a.Extensions}
	if !b.FirstSeen.IsZero() && (a.FirstSeen.IsZero() || b.FirstSeen.Compare(a.FirstSeen) < 0) {
		changes["first_seen"] = b.FirstSeen
	}
	if !b.LastSeen.IsZero() && b.LastSeen.Compare(a.LastSeen) > 0 {
		changes["last_seen"] = b.LastSeen
	}
	return stored.With(changes)
}
