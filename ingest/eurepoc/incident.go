package eurepoc

import (
	"fmt"
	"slices"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

// own are columns whose meaning has a place in STIX; all others are kept as x_eurepoc_ properties.
var own = map[string]bool{
	"ID": true, "name": true, "description": true, "start_date": true, "end_date": true, "sources_url": true,
	"political_response_date": true, "political_response_actor": true, "political_response_country": true,
	"legal_response_date": true, "legal_response_actor": true, "legal_response_country": true,
}

// incident is a row of the Global Database.
type incident struct {
	id        string
	campaign  stix.ID
	start     stix.Timestamp
	victims   []victim
	countries []string // of the victims
	claims    []attribution
	sources   []string // pages on the incident
	cited     []string // pages on its attribution
	state     string   // that it is attributed to, where one is
}

func (r *reader) incident(row *table.Row) error {
	in, view, err := r.parse(row)
	if err != nil {
		return err
	}
	r.w.Add(in.campaign, view)
	r.targets(in.campaign, in.victims, in.start)
	for _, name := range slices.Concat(column(row.Get("MITRE_initial_access")), column(row.Get("MITRE_impact"))) {
		if number := techniques[name]; number != "" {
			r.w.Relate(r.by, in.start, "uses", in.campaign, r.w.Named("attack-pattern", number))
		}
	}
	for _, address := range in.sources {
		r.w.WebReport(address, in.campaign)
	}
	r.attributions(in)
	r.responses(in, row)
	return nil
}

// parse checks a row whole before anything of it is written.
func (r *reader) parse(row *table.Row) (*incident, map[string]any, error) {
	id, err := incidentID(row.Get("ID"))
	if err != nil {
		return nil, nil, err
	}
	in := &incident{id: id, campaign: CampaignID(id)}
	if in.start, err = date(row.Get("start_date")); err != nil {
		return nil, nil, fmt.Errorf("start_date: %w", err)
	}
	end, err := date(row.Get("end_date"))
	if err != nil {
		return nil, nil, fmt.Errorf("end_date: %w", err)
	}
	if in.start.IsZero() {
		in.start = entity.Undated
	}
	if in.victims, err = victims(row); err != nil {
		return nil, nil, err
	}
	for _, l := range []struct {
		column string
		into   *[]string
	}{{"sources_url", &in.sources}, {"sources_attribution", &in.cited}} {
		if *l.into, err = flat(row.Get(l.column)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", l.column, err)
		}
	}
	if in.claims, err = attributions(row); err != nil {
		return nil, nil, err
	}
	for _, c := range in.claims {
		if c.category == "State" && in.state == "" {
			in.state, _ = entity.CountryCode(c.country)
		}
	}
	view, err := r.campaign(in, row, end)
	return in, view, err
}

// campaign is the incident as STIX.
func (r *reader) campaign(in *incident, row *table.Row, end stix.Timestamp) (map[string]any, error) {
	types := column(row.Get("incident_type"))
	d := deedsOf(types, column(row.Get("MITRE_impact")), row.Get("name")+" "+row.Get("description"))
	op := claim.Operation{ExtensionType: "property-extension", Kinds: d.kinds, Acts: d.acts, DisclosedBy: disclosedBy(column(row.Get("source_incident_detection_disclosure")))}
	if coded, err := codedIncident(row); err == nil && coded.Asked() && !r.until.IsZero() {
		op.Inquiries = []claim.Inquiry{{Source: Repository, Until: r.until}}
	}
	for _, v := range in.victims {
		if code := sector(v.category, v.sub); code != "" {
			op.Sectors = addNew(op.Sectors, []string{code})
		}
		if v.code != "" {
			op.Countries = addNew(op.Countries, []string{v.code})
		}
		if v.name != "" {
			op.Victims = addNew(op.Victims, []string{v.name})
		}
	}
	in.countries = op.Countries
	for _, address := range in.sources {
		op.DocumentRefs = append(op.DocumentRefs, stix.DerivedID("report", "url", entity.CanonicalURL(address)))
	}
	slices.Sort(op.DocumentRefs)
	op.DocumentRefs = slices.Compact(op.DocumentRefs)
	when := periodOf(in.start, end)
	op.FirstPrecision, op.LastPrecision = when.firstPrecision, when.lastPrecision
	c := stix.NewCommon(in.campaign, in.start, r.by)
	c.References = []stix.ExternalReference{{SourceName: "EuRepoC", ExternalID: in.id}}
	if err := c.Extensions.Extend(claim.OperationExtension, op); err != nil {
		return nil, err
	}
	view := map[string]any{
		"type": "campaign", "spec_version": "2.1", "id": in.campaign, "created_by_ref": r.by, "created": in.start, "modified": in.start,
		"name": row.Get("name"), "external_references": c.References, "extensions": c.Extensions,
	}
	if text := row.Get("description"); text != "" {
		view["description"] = text
	}
	if in.start != entity.Undated {
		view["first_seen"] = in.start
		if !when.last.IsZero() {
			view["last_seen"] = when.last
		}
	}
	for i, name := range row.ColumnNames() {
		value := ""
		if i < len(row.Fields) {
			value = strings.TrimSpace(row.Fields[i])
		}
		if !own[name] && known(value) != "" && value != "[]" && !strings.HasPrefix(name, "receiver_") &&
			!strings.HasPrefix(name, "attribut") && !strings.HasPrefix(name, "sources_") {
			view["x_eurepoc_"+strings.ToLower(name)] = value
		}
	}
	return view, nil
}

// victim is one receiver.
type victim struct {
	country, code       string
	name, category, sub string
}

// victims unfolds the lists of receivers: one group per country, one element per receiver.
func victims(row *table.Row) ([]victim, error) {
	countries, err := flat(row.Get("receiver_country"))
	if err != nil {
		return nil, fmt.Errorf("receiver_country: %w", err)
	}
	var lists [3][][]string
	for i, name := range []string{"receiver_name", "receiver_category", "receiver_category_subcode"} {
		if lists[i], err = list(row.Get(name)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	groups := max(len(countries), len(lists[0]), len(lists[1]))
	var out []victim
	for g := range groups {
		var cols [3][]string
		for i := range cols {
			if g < len(lists[i]) {
				cols[i] = lists[i][g]
			}
		}
		for k := range max(1, len(cols[0]), len(cols[1])) {
			out = append(out, newVictim(at(countries, g), at(cols[0], k), at(cols[1], k), at(cols[2], k)))
		}
	}
	return out, nil
}

func newVictim(country, name, category, sub string) victim {
	v := victim{country: known(country), name: known(name), category: known(category), sub: known(sub)}
	v.code, _ = entity.CountryCode(v.country)
	return v
}

// targets joins the operation to its victims: places and, where they are named, those attacked.
func (r *reader) targets(campaign stix.ID, victims []victim, at stix.Timestamp) {
	for _, v := range victims {
		switch {
		case v.code != "":
			r.target(campaign, r.w.Place(v.code), at)
		case v.country != "":
			r.target(campaign, r.w.Region(regionName(v.country)), at)
		}
		if v.name == "" {
			continue
		}
		switch {
		case strings.HasPrefix(v.category, "State institutions"):
			r.target(campaign, r.w.Organ(v.name, v.code), at)
		case strings.HasPrefix(v.category, "End user"):
			r.target(campaign, r.w.Person(v.name), at)
		default:
			r.target(campaign, r.w.Organisation(v.name), at)
		}
	}
}

func (r *reader) target(campaign, victim stix.ID, at stix.Timestamp) {
	r.w.Relate(r.by, at, "targets", campaign, victim)
}

// receiver is a row of the receiver dataset.
func (r *reader) receiver(row *table.Row) error {
	id, err := incidentID(row.Get("ID"))
	if err != nil {
		return err
	}
	campaign := r.stub(id)
	v := newVictim(row.Get("receiver_country"), row.Get("receiver_name"), row.Get("receiver_category"), row.Get("receiver_category_subcode"))
	r.targets(campaign, []victim{v}, entity.Undated)
	return nil
}

// stub is an operation of which only the number is known.
func (r *reader) stub(incident string) stix.ID {
	id := CampaignID(incident)
	c := stix.NewCommon(id, entity.Undated, r.by)
	c.References = []stix.ExternalReference{{SourceName: "EuRepoC", ExternalID: incident}}
	return r.w.Supplement(id, stix.Campaign{Common: c, Name: "EuRepoC incident " + incident})
}
