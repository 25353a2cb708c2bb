package cfr

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/stix"
)

// write makes the objects of a row.
func (r *reader) write(in *incident) {
	id := stix.DerivedID("campaign", "cfr", in.title, in.start.String(), in.affiliations)
	op := claim.Operation{ExtensionType: "property-extension", Kinds: kinds[in.kind][0], Acts: kinds[in.kind][1]}
	op.Countries = entity.CountriesIn(in.victims)
	if len(op.Countries) == 0 {
		op.Countries = entity.CountriesIn(in.title)
	}
	op.Sectors = sectors(in)
	for _, address := range in.sources {
		op.DocumentRefs = append(op.DocumentRefs, stix.DerivedID("report", "url", entity.CanonicalURL(address)))
	}
	if in.victims != "" {
		op.Victims = []string{in.victims}
	}
	slices.Sort(op.DocumentRefs)
	op.DocumentRefs = slices.Compact(op.DocumentRefs)
	op.DatedBy = "report" // of the row's date, which is no first_seen
	c := stix.Campaign{Common: stix.NewCommon(id, in.start, r.by), Name: in.title, Description: in.description}
	c.Aliases = alsoKnownAs(in.affiliations)
	c.References = []stix.ExternalReference{{SourceName: Source, ExternalID: strconv.Itoa(in.number), Description: cmp.Or(in.affiliations, in.title)}}
	if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
		return
	}
	r.w.Add(id, c)
	for _, address := range in.sources {
		r.w.WebReport(address, id)
	}
	for _, code := range op.Countries {
		r.w.Relate(r.by, in.start, "targets", id, r.w.Place(code))
	}
	r.response(in, id, r.claims(in, id))
}

// sectors reads the category, and the words for the victims.
func sectors(in *incident) []string {
	var out []string
	add := func(code string) {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	for part := range strings.SplitSeq(in.category, ",") {
		part = strings.TrimSpace(part)
		if code, ok := entity.SectorCode(part); ok {
			add(code)
		} else if strings.EqualFold(part, "Private sector") {
			add("other")
		}
	}
	for _, part := range strings.FieldsFunc(in.victims, func(c rune) bool { return c == ',' || c == ';' }) {
		if code, ok := entity.SectorCode(part); ok {
			add(code)
		}
	}
	return out
}

// claims writes who did it and which state sponsored it, and returns the carriers on states, which a denial answers.
func (r *reader) claims(in *incident, id stix.ID) []stix.ID {
	var root stix.ID
	if len(in.sources) > 0 {
		root = r.w.WebReport(in.sources[0], id)
	} else {
		root = r.w.NamedReport(Council, in.title, in.start, id)
	}
	say := func(relation, hedge, text string, target stix.ID) stix.ID {
		return r.w.Says(entity.Said{By: r.by, At: in.start, Claim: claim.Claim{
			ClaimID: entity.ClaimID("cfr", string(id), relation, text), DocumentRef: root, RootRef: root, Speaker: Council,
			Quote: text, Stance: claim.Asserts, Relation: claim.Relation(relation), Hedge: hedge,
			Reliability: "B", Credibility: credibility(hedge), Status: claim.Accepted, Rule: "cfr/" + relation,
			Why: "passed on by a tracker",
		}}, id, target)
	}
	names, states := affiliations(in.affiliations)
	for _, who := range names {
		say("attributed-to", who.hedge, in.affiliations, r.actor(in, who.name))
	}
	var onStates []stix.ID
	for _, code := range in.sponsors {
		onStates = append(onStates, say("attributed-to", "", in.sponsor, r.w.State(code)))
	}
	for _, state := range states {
		if !slices.Contains(in.sponsors, state.name) {
			onStates = append(onStates, say("attributed-to", state.hedge, in.affiliations, r.w.State(state.name)))
		}
	}
	return onStates
}

// actor is a group, or a service of a state, that the row names.
func (r *reader) actor(in *incident, name string) stix.ID {
	if state, ok := entity.OrganOf(name); ok {
		if len(in.sponsors) == 1 {
			state = cmp.Or(state, in.sponsors[0])
		}
		return r.w.Organ(name, state)
	}
	id := stix.DerivedID("threat-actor", "cfr", strings.ToLower(name))
	if !r.w.Seen(id) {
		r.w.Supplement(id, stix.ThreatActor{Common: stix.NewCommon(id, entity.Epoch, r.by), Name: name})
	}
	return id
}

func credibility(hedge string) int {
	if hedge != "" {
		return 3
	}
	return 2
}

var (
	government = regexp.MustCompile(`(?i)^(?:the )?government of (.+)$|^(.+?)(?:'s|’s)? government$`)
	splitNames = regexp.MustCompile(`,\s*(?:and\s+)?|\s+and\s+`)
	isName     = regexp.MustCompile(`^[A-Z0-9][\w .&'’/-]{1,40}$`)
	actorOf    = regexp.MustCompile(`^(?:Also known as |This (?:threat actor|tool) )`)
)

var knownAs = regexp.MustCompile(`(?i)^(?:this (?:incident|operation|campaign|tool|threat actor) is )?also known as (.+?)\.?$`)

// alsoKnownAs reads the other names of what the row tells of.
func alsoKnownAs(text string) []string {
	text, _, _ = strings.Cut(text, ". ")
	m := knownAs.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return nil
	}
	var out []string
	for _, name := range splitNames.Split(m[1], -1) {
		if name = strings.TrimSpace(name); isName.MatchString(name) && len(strings.Fields(name)) <= 5 {
			out = append(out, name)
		}
	}
	return out
}

// named is somebody whom the free text names, with the words by which it is careful.
type named struct{ name, hedge string }

// affiliations reads the free text on who did it. What is no plain list of names gives nothing: the text stays with the operation. A
// hedge at the head of the list holds for all of it ("believed to be the work of A and B"), one before a later name for that name and
// those behind it ("A, possibly B").
func affiliations(text string) (names, states []named) {
	text, _, _ = strings.Cut(text, "?")
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if actorOf.MatchString(text) {
		return nil, nil
	}
	text, more, _ := strings.Cut(strings.ReplaceAll(text, "U.S.", "United States"), ". ")
	if _, hedge := entity.Hedged(text); more != "" && hedge == "" {
		return nil, nil
	}
	text, _, _ = strings.Cut(text, ", also known as")
	hedge := ""
	for _, cell := range splitNames.Split(text, -1) {
		name, doubt := entity.Hedged(cell)
		hedge = cmp.Or(doubt, hedge)
		switch m := government.FindStringSubmatch(name); {
		case m != nil:
			for _, code := range entity.CountriesIn(m[1] + m[2]) {
				states = append(states, named{code, hedge})
			}
			continue
		case name == "", !strings.Contains(name, " ") && len(entity.CountriesIn(name)) > 0 && !isCountry(name):
			continue // "Russian hackers" says where they come from, and names nobody
		}
		if code, ok := entity.CountryCode(name); ok {
			states = append(states, named{code, hedge})
		} else if isName.MatchString(name) && len(strings.Fields(name)) <= 5 {
			names = append(names, named{name, hedge})
		}
	}
	return names, states
}

func isCountry(name string) bool {
	_, ok := entity.CountryCode(name)
	return ok
}

// measureKinds are the tracker's responses that are measures.
var measureKinds = map[string]string{
	"denouncement": "protest", "confirmation": "public-attribution", "criminal charges": "indictment", "sanctions": "sanctions",
	"hack back": "countermeasure",
}

var webAddress = regexp.MustCompile(`https?://\S+`)

// response writes what was done about it: the tracker names the kind and a page, not who or when. The row's date is that of the
// disclosure, so that the measure has none.
func (r *reader) response(in *incident, id stix.ID, onStates []stix.ID) {
	word := strings.TrimSpace(webAddress.Split(in.response, 2)[0])
	address := webAddress.FindString(in.response)
	kind := measureKinds[strings.ToLower(word)]
	switch {
	case strings.EqualFold(word, "denial") && len(onStates) > 0:
		r.denial(in, id, address, onStates)
	case kind != "":
		r.measure(in, id, kind, word, address)
	}
}

func (r *reader) measure(in *incident, id stix.ID, kind, word, address string) {
	mid := stix.DerivedID("marque-measure", "cfr", string(id), word)
	m := claim.Measure{
		Common: stix.NewCommon(mid, in.start, r.by), Name: word + ": " + in.title, Kind: kind,
		OperationRef: []stix.ID{id}, Status: "done", Codes: []string{"cfr:" + word},
	}
	for _, code := range in.sponsors {
		m.AgainstRefs = append(m.AgainstRefs, r.w.State(code))
	}
	if address != "" {
		m.DocumentRefs = []stix.ID{r.w.WebReport(address, id)}
	}
	if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err == nil {
		r.w.Add(mid, m)
	}
}

func (r *reader) denial(in *incident, id stix.ID, address string, denied []stix.ID) {
	by := r.by
	if len(in.sponsors) == 1 {
		by = r.w.State(in.sponsors[0])
	}
	root := r.w.NamedReport(Council, in.title, in.start, id)
	if address != "" {
		root = r.w.WebReport(address, id)
	}
	r.w.Disagrees(entity.Said{By: by, At: in.start, Claim: claim.Claim{
		ClaimID: entity.ClaimID("cfr", string(id), "denies"), DocumentRef: root, RootRef: root, Speaker: entity.CountryName(first(in.sponsors)),
		Stance: claim.Denies, Relation: "attributed-to", Reliability: "C", Credibility: 6, Status: claim.Accepted, Rule: "cfr/response",
	}}, in.response, denied...)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}
