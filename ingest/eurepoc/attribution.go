package eurepoc

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

// attribution is one statement of who did it: by whom, when, how, and naming whom.
type attribution struct {
	date                         stix.Timestamp
	form, basis                  string
	actor, company, by           string // who attributes: a body, a company, of which country
	initiator, country, category string // who is named
	sub                          string
}

// party is what tells attributions of an incident apart, beside whom they name.
func (a *attribution) party() string {
	return strings.Join([]string{a.date.String(), a.form, a.basis, a.actor, a.company, a.by}, "|")
}

// attributions unfolds the parallel columns of the Global Database. Each element stands for a pair of an attribution and an
// initiator; a column that is shorter than the others leaves the rest of its values unknown.
func attributions(row *table.Row) ([]attribution, error) {
	names := []string{
		"attribution_date", "attribution_type", "attribution_basis", "attributing_actor", "attribution_it_company",
		"attributing_country", "attributed_initiator", "attributed_initiator_country", "attributed_initiator_category",
		"attributed_initiator_subcategory",
	}
	cols := make([][]string, len(names))
	n := 0
	for i, name := range names {
		cols[i] = column(row.Get(name))
		if i > 0 {
			cols[i] = joinOver(cols[i], max(n, 1))
		}
		n = max(n, len(cols[i]))
	}
	var out []attribution
	for i := range n {
		v := func(c int) string { return known(at(cols[c], i)) }
		d, err := date(v(0))
		if err != nil {
			return nil, fmt.Errorf("attribution_date: %w", err)
		}
		a := attribution{d, v(1), v(2), v(3), v(4), v(5), v(6), v(7), v(8), v(9)}
		if !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out, nil
}

// attributionOf decodes a row of the attribution dataset and gives the number of its incident.
func attributionOf(row *table.Row) (incident string, a attribution, err error) {
	if incident, err = incidentID(row.Get("incident_ID")); err != nil {
		return "", a, err
	}
	d, err := date(row.Get("attribution_date"))
	if err != nil {
		return "", a, fmt.Errorf("attribution_date: %w", err)
	}
	v := func(c string) string { return known(row.Get(c)) }
	return incident, attribution{
		date: d, form: v("attribution_type"), basis: v("attribution_basis"), actor: v("attributing_actor"),
		company: v("attribution_it_company"), by: v("attributing_country"), initiator: v("attributed_initiator"),
		country: v("attributed_initiator_country"), category: v("attributed_initiator_category"),
	}, nil
}

// attribution is a row of the attribution dataset.
func (r *reader) attribution(row *table.Row) error {
	id, a, err := attributionOf(row)
	if err != nil {
		return err
	}
	in := &incident{id: id, campaign: r.stub(id), start: entity.Undated, claims: []attribution{a}}
	r.supplement = true
	r.claim(in, &a, r.record(in))
	return nil
}

// attributions writes the claims of an incident.
func (r *reader) attributions(in *incident) {
	parties := map[string]int{}
	for i := range in.claims {
		if p := in.claims[i].party(); parties[p] == 0 {
			parties[p] = len(parties) + 1
		}
	}
	for i := range in.claims {
		a := &in.claims[i]
		r.claim(in, a, r.root(in, parties[a.party()]-1, len(parties)))
	}
}

// root is the report that an attribution first stood in. EuRepoC lists pages and attributions without saying which belongs to
// which: where there are as many pages as parties they are taken in order, else all share the first. Without any page the
// attribution is its own root.
func (r *reader) root(in *incident, party, parties int) stix.ID {
	cited := in.cited
	if len(cited) == 0 && parties == 1 {
		cited = in.sources
	}
	switch {
	case len(cited) == 0:
		return r.record(in)
	case len(cited) == parties:
		return r.w.WebReport(cited[party], in.campaign)
	default:
		return r.w.WebReport(cited[0], in.campaign)
	}
}

// record is EuRepoC's own entry on an incident.
func (r *reader) record(in *incident) stix.ID {
	return r.w.NamedReport(Repository, "EuRepoC incident "+in.id, in.start, in.campaign)
}

// claim writes one attribution: the actor that is named, and the state behind it as far as the category says so.
func (r *reader) claim(in *incident, a *attribution, root stix.ID) {
	at := a.date
	if at.IsZero() {
		at = in.start
	}
	by, speaker := r.speaker(in, a)
	reliability, credibility := admiralty(a.basis, a.form)
	say := func(relation, hedge, end string, target stix.ID) {
		stance := claim.Asserts
		if strings.HasPrefix(a.basis, "Contested") {
			stance = claim.Doubts
		}
		c := claim.Claim{
			Alternatives: relation == "attributed-to" && end == "" && in.undecided(a),
			ClaimID:      entity.ClaimID("eurepoc", in.id, a.party(), a.category, relation, end),
			DocumentRef:  root, RootRef: root, Speaker: speaker, Stance: stance, Relation: claim.Relation(relation), Hedge: hedge, From: a.date,
			Reliability: reliability, Credibility: credibility, Status: claim.Accepted, Rule: "eurepoc/attribution",
			Why: strings.Trim(a.basis+"; "+a.form, "; "), Note: a.category,
		}
		r.say(entity.Said{By: by, At: at, Claim: c}, in.campaign, target)
	}
	code, _ := entity.CountryCode(a.country)
	if actor := r.initiator(a, code); actor != "" {
		say("attributed-to", "", "", actor)
	}
	// A party that lists several countries of one category makes one statement on them.
	switch {
	case a.country == "":
	case code == "":
		say("originates-from", "", a.country, r.w.Region(regionName(a.country)))
	case a.category == "State":
		say("attributed-to", "", in.countriesOf(a), r.w.State(code))
	case strings.HasPrefix(a.category, "Non-state actor, state-affiliation"):
		say("on-behalf-of", "state-affiliation suggested", in.countriesOf(a), r.w.State(code))
	default:
		say("originates-from", "", a.country, r.w.Place(code))
	}
}

// countriesOf are the countries that the party names as of one category, in the order of the row.
func (in *incident) countriesOf(a *attribution) string {
	var out []string
	for i := range in.claims {
		if b := &in.claims[i]; b.party() == a.party() && b.category == a.category && b.country != "" && !slices.Contains(out, b.country) {
			out = append(out, b.country)
		}
	}
	return strings.Join(out, ", ")
}

// undecided tells whether the party names other initiators beside this one. EuRepoC lists several where its sources differ or where they
// worked together, and does not say which: groups of states are read as one or the other, everybody else as together. A service is not
// set against the group that EuRepoC counts to it ("GRU" beside "Sandworm/… (GRU, …)").
func (in *incident) undecided(a *attribution) bool {
	if a.category != "State" && !strings.HasPrefix(a.category, "Non-state actor, state-affiliation") {
		return false
	}
	return slices.ContainsFunc(in.claims, func(b attribution) bool {
		return b.party() == a.party() && b.category == a.category && b.initiator != a.initiator && a.initiator != "" && !entity.Nobody(b.initiator) &&
			!counts(a.initiator, b.initiator) && !counts(b.initiator, a.initiator)
	})
}

// counts tells whether an initiator's text names the other one, or a part of it.
func counts(text, other string) bool {
	names, _ := splitInitiator(other)
	all, organ := splitInitiator(text)
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.Contains(all, name) || slices.Contains(strings.FieldsFunc(organ, func(r rune) bool { return r == ',' || r == ' ' }), name)
	})
}

// say writes a claim. What the attribution dataset says yields to the Global Database: it gives no page as the root, and where
// only the Global Database can tell which government speaks, the claim has a carrier of each.
func (r *reader) say(s entity.Said, source, target stix.ID) {
	switch {
	case !r.supplement:
		r.w.Says(s, source, target)
	case s.By == r.w.Class(receivingState):
		s.Claim.RootRef = ""
		r.w.SaysBeside(s, source, target)
	default:
		s.Claim.RootRef = ""
		r.w.SaysUnlessKnown(s, source, target)
	}
}

// receivingState is who speaks where a government is said to, and not which.
const receivingState = "a receiving state"

// regionName is the name of a part of the world, which EuRepoC marks as "Europe (region)".
func regionName(s string) string { return strings.TrimSuffix(s, " (region)") }

// speaker is who attributes: the body or company that is named, else the government or class of body that the basis says.
func (r *reader) speaker(in *incident, a *attribution) (stix.ID, string) {
	code, _ := entity.CountryCode(a.by)
	government := strings.HasPrefix(a.basis, "Attribution by receiver government")
	switch {
	case a.company != "":
		return r.w.Organisation(a.company), a.company
	case strings.HasPrefix(a.basis, "Attacker confirms"):
		name := a.actor
		if name == "" {
			name, _, _ = strings.Cut(a.initiator, "/")
		}
		if name == "" {
			name = "the attacker"
		}
		return r.w.Group(name), name
	case a.actor != "" && government:
		return r.w.Organ(a.actor, code), a.actor
	case a.actor != "":
		return r.w.Organisation(a.actor), a.actor
	case code != "" && !strings.HasPrefix(a.basis, "IT-security"):
		return r.w.State(code), entity.CountryName(code)
	case government && len(in.countries) == 1:
		return r.w.State(in.countries[0]), entity.CountryName(in.countries[0])
	}
	name := map[string]string{
		"IT-security": "IT security community", "Attribution by receiver": receivingState, "Media": "media",
		"Attribution by third": "a third party", "Receiver": "the victim", "Attribution by EU": "European Union",
		"Attribution by international": "an international organisation",
	}
	for prefix, who := range name {
		if strings.HasPrefix(a.basis, prefix) {
			return r.w.Class(who), who
		}
	}
	return r.by, Repository
}

// initiator is the actor that is named, with all the names EuRepoC gives it ("Fancy Bear/APT28/… (GRU, …)"), or the unnamed
// kind of actor of a country. It is empty where nobody is named.
func (r *reader) initiator(a *attribution, code string) stix.ID {
	if a.initiator == "" || entity.Nobody(a.initiator) {
		return r.unnamed(a, code)
	}
	names, organ := splitInitiator(a.initiator)
	if state, ok := entity.OrganOf(names[0]); ok && len(names) == 1 {
		return r.w.Organ(names[0], cmp.Or(code, state))
	}
	id := stix.DerivedID("threat-actor", "eurepoc", a.initiator)
	if !r.w.Seen(id) {
		put := r.w.Add
		if r.supplement {
			put = r.w.Supplement
		}
		put(id, stix.ThreatActor{
			Common: stix.NewCommon(id, entity.Epoch, r.by), Name: names[0], Aliases: names[1:], Types: actorTypes(a),
			Description: organ,
		})
		if organ != "" && a.category == "State" {
			r.w.Relate(r.by, entity.Epoch, "part-of", id, r.w.Organ(organ, code))
		}
		if code != "" {
			r.w.Relate(r.by, entity.Epoch, "located-at", id, r.w.Place(code))
		}
	}
	return id
}

// splitInitiator takes "A/B/C (organ)" apart. A slash between single letters or digits belongs to the name.
func splitInitiator(s string) (names []string, organ string) {
	if at := strings.Index(s, " ("); at > 0 {
		s, organ = s[:at], strings.Trim(s[at+2:], ") ")
	}
	for n := range strings.SplitSeq(s, "/") {
		if n = strings.TrimSpace(n); n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		names = []string{s}
	}
	return names, organ
}

func actorTypes(a *attribution) []string {
	switch {
	case a.category == "State", strings.HasPrefix(a.category, "Non-state actor, state-affiliation"):
		return []string{"nation-state"}
	case strings.HasPrefix(a.category, "Individual"):
		return []string{"hacker"}
	case strings.HasPrefix(a.sub, "Hacktivist"):
		return []string{"activist"}
	case strings.HasPrefix(a.sub, "Criminal"):
		return []string{"criminal"}
	case strings.HasPrefix(a.sub, "Terrorist"):
		return []string{"terrorist"}
	case strings.HasPrefix(a.sub, "Private technology"):
		return []string{"private-sector-offensive-actor"}
	default:
		return nil
	}
}

func (r *reader) unnamed(a *attribution, code string) stix.ID {
	if code == "" && a.sub == "" {
		return ""
	}
	switch {
	case strings.HasPrefix(a.category, "Non-state actor, state-affiliation"):
		return r.w.ActorClass("proxies", code)
	case strings.HasPrefix(a.category, "Individual"):
		return r.w.ActorClass("individuals", code)
	case strings.HasPrefix(a.sub, "Hacktivist"):
		return r.w.ActorClass("hacktivists", code)
	case strings.HasPrefix(a.sub, "Criminal"):
		return r.w.ActorClass("criminals", code)
	case strings.HasPrefix(a.sub, "Terrorist"):
		return r.w.ActorClass("terrorists", code)
	case strings.HasPrefix(a.category, "Non-state-group"), strings.HasPrefix(a.category, "Unknown"):
		if code == "" || r.supplement { // the attribution dataset does not tell hacktivists from criminals
			return ""
		}
		return r.w.ActorClass("hackers", code)
	default:
		return "" // a state without a named service: the claim on the state says it
	}
}
