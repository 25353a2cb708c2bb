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
	c := stix.Campaign{Common: stix.NewCommon(id, in.start, r.by), Name: in.title, Description: in.description}
	if in.start != entity.Undated {
		c.FirstSeen = in.start
	}
	c.Aliases = alsoKnownAs(in.affiliations)
	c.References = []stix.ExternalReference{{SourceName: Source, ExternalID: strconv.Itoa(in.number), Description: cmp.Or(in.affiliations, in.title)}}
	if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
		return
	}
	r.w.Add(id, c)
	for _, address := range in.sources {
		r.w.WebReport(address, in.start, id)
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
		root = r.w.WebReport(in.sources[0], in.start, id)
	} else {
		root = r.w.NamedReport(Council, in.title, in.start, id)
	}
	say := func(relation, hedge, text string, target stix.ID) stix.ID {
		return r.w.Says(entity.Said{By: r.by, At: in.start, Claim: claim.Claim{
			ClaimID: entity.ClaimID("cfr", string(id), relation, text), DocumentRef: root, RootRef: root, Speaker: Council,
			Quote: text, Stance: claim.Asserts, Relation: claim.Relation(relation), Hedge: hedge,
			Reliability: "B", Credibility: credibility(hedge), Status: claim.Accepted, Rule: "cfr/" + relation,
		}}, id, target)
	}
	names, states, hedge := affiliations(in.affiliations)
	for _, name := range names {
		actor := stix.DerivedID("threat-actor", "cfr", strings.ToLower(name))
		if !r.w.Seen(actor) {
			r.w.Supplement(actor, stix.ThreatActor{Common: stix.NewCommon(actor, entity.Epoch, r.by), Name: name})
		}
		say("attributed-to", hedge, in.affiliations, actor)
	}
	var onStates []stix.ID
	for _, code := range in.sponsors {
		onStates = append(onStates, say("attributed-to", "", in.sponsor, r.w.State(code)))
	}
	for _, code := range states {
		if !slices.Contains(in.sponsors, code) {
			onStates = append(onStates, say("attributed-to", hedge, in.affiliations, r.w.State(code)))
		}
	}
	return onStates
}

func credibility(hedge string) int {
	if hedge != "" {
		return 3
	}
	return 2
}

var (
	believed   = regexp.MustCompile(`(?i)^(?:this incident is )?(believed|suspected|thought) to be the work of (?:the )?`)
	government = regexp.MustCompile(`(?i)^(?:the )?government of (.+)$|^(.+?)(?:'s|’s)? government$`)
	splitNames = regexp.MustCompile(`,\s*(?:and\s+)?|\s+and\s+`)
	isName     = regexp.MustCompile(`^[A-Z0-9][\w .&'’/-]{1,40}$`)
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

// affiliations reads the free text on who did it. What is no plain list of names gives nothing: the text stays with the
// operation.
func affiliations(text string) (names, states []string, hedge string) {
	text, _, _ = strings.Cut(text, "?")
	text = strings.TrimSuffix(strings.TrimSpace(text), ".")
	if m := believed.FindStringSubmatch(text); m != nil {
		hedge = strings.ToLower(m[1])
		text = text[len(m[0]):]
	}
	text, _, _ = strings.Cut(text, ", also known as")
	text = strings.TrimPrefix(text, "the ")
	if strings.HasPrefix(text, "Also known as ") || strings.Contains(text, ". ") {
		return nil, nil, hedge
	}
	for _, name := range splitNames.Split(text, -1) {
		name = strings.TrimSpace(name)
		if m := government.FindStringSubmatch(name); m != nil {
			states = append(states, entity.CountriesIn(m[1]+m[2])...)
			continue
		}
		if code, ok := entity.CountryCode(name); ok {
			states = append(states, code)
			continue
		}
		if isName.MatchString(name) && len(strings.Fields(name)) <= 5 && !strings.EqualFold(name, "unknown") {
			names = append(names, name)
		}
	}
	return names, states, hedge
}

// measureKinds are the tracker's responses that are measures.
var measureKinds = map[string]string{
	"denouncement": "protest", "confirmation": "public-attribution", "criminal charges": "indictment", "sanctions": "sanctions",
	"hack back": "countermeasure",
}

var webAddress = regexp.MustCompile(`https?://\S+`)

// response writes what was done about it: the tracker names the kind and a page, not who or when.
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
		Common: stix.NewCommon(mid, in.start, r.by), Name: word + ": " + in.title, Kind: kind, Date: in.start,
		OperationRef: []stix.ID{id}, Status: "done", Codes: []string{"cfr:" + word},
	}
	for _, code := range in.sponsors {
		m.AgainstRefs = append(m.AgainstRefs, r.w.State(code))
	}
	if address != "" {
		m.DocumentRefs = []stix.ID{r.w.WebReport(address, in.start, id)}
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
		root = r.w.WebReport(address, in.start, id)
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
