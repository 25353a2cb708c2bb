package eurepoc

import (
	"fmt"
	"strings"

	"marque/claim"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

// responses writes the political and legal responses of an incident as measures.
func (r *reader) responses(in *incident, row *table.Row) {
	for _, sort := range []string{"political", "legal"} {
		get := func(what string) []string { return column(row.Get(sort + "_response_" + what)) }
		dates, forms, subs, countries, actors := get("date"), get("type"), get("type_subcode"), get("country"), get("actor")
		if sort == "political" && len(actors) != len(forms) {
			actors = joinOver(actors, len(forms))
		}
		for i := range max(len(forms), len(dates)) {
			r.measure(in, sort, i, at(dates, i), known(at(forms, i)), known(at(subs, i)), known(at(countries, i)), known(at(actors, i)))
		}
	}
}

// joinOver mends a column in which a semicolon stood inside a value: "Minister for Foreign Affairs; Minister for Women, AUS)".
// Pieces are joined while a parenthesis is open.
func joinOver(parts []string, want int) []string {
	var out []string
	open := false
	for _, p := range parts {
		if open && len(parts) > want {
			out[len(out)-1] += "; " + p
		} else {
			out = append(out, p)
		}
		last := out[len(out)-1]
		open = strings.Count(last, "(") > strings.Count(last, ")")
	}
	return out
}

func (r *reader) measure(in *incident, sort string, i int, day, form, sub, country, actor string) {
	if form == "" && sub == "" && actor == "" || strings.HasPrefix(form, "No justification") {
		return // nothing was done
	}
	when, err := date(day)
	if err != nil {
		when = stix.Timestamp{}
	}
	made := when
	if made.IsZero() {
		made = in.start
	}
	id := stix.DerivedID("marque-measure", "eurepoc", in.id, sort, fmt.Sprint(i))
	m := claim.Measure{
		Common: stix.NewCommon(id, made, r.by), Kind: measureKind(form, sub, actor, in.state != ""), Date: when,
		OperationRef: []stix.ID{in.campaign}, Status: "done",
		Codes: []string{"eurepoc:" + sort + ":" + form},
	}
	m.References = []stix.ExternalReference{{SourceName: "EuRepoC", ExternalID: in.id}}
	if sub != "" {
		m.Codes = append(m.Codes, "eurepoc:"+sort+":"+sub)
	}
	code, isState := entity.CountryCode(country)
	switch {
	case isState:
		m.By = []string{code}
	case country != "":
		m.By = []string{regionName(country)}
	case strings.HasPrefix(form, "EU:"):
		m.By = []string{"EU"}
	case actor != "":
		m.By = []string{actor}
	}
	if actor != "" {
		m.ByRefs = []stix.ID{r.w.Organ(actor, code)}
	}
	if in.state != "" {
		m.AgainstRefs = []stix.ID{r.w.State(in.state)}
	}
	what := sub
	if what == "" {
		_, what, _ = strings.Cut(form, ": ")
	}
	if what == "" {
		what = form
	}
	who := actor
	if who == "" {
		who = country
	}
	m.Name = strings.Trim(fmt.Sprintf("%s: %s", who, what), ": ")
	if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err == nil {
		r.w.Add(id, m)
	}
}
