package walk

import (
	"fmt"
	"strings"

	"marque/claim"
	"marque/stix"
)

const (
	created = `"created_by_ref":"identity--00000000-0000-4000-8000-000000000700","created":"2024-01-01T00:00:00.000Z"`
	things  = 3 // how many there are of each kind that several inputs tell of
)

// bundle is a STIX bundle. Objects that several inputs tell of are unmarked, in words of their own: each is as free as the freest that
// told it, and no freer in its words. Marked objects have ids of their own.
func (w *World) bundle() Input {
	in := Input{Name: fmt.Sprintf("bundle%d.json", w.n), Level: w.level(), form: bundle}
	for range w.size/2 + w.rng.IntN(w.size) {
		in.parts = append(in.parts, w.shared(in.Level), w.alone(in.Level))
	}
	for i := range w.defs {
		if d := &w.defs[i]; !d.given && w.rng.IntN(4) == 0 {
			d.given = true
			in.parts = append(in.parts, d.part)
		}
	}
	w.rng.Shuffle(len(in.parts), func(i, j int) { in.parts[i], in.parts[j] = in.parts[j], in.parts[i] })
	in.parts = append(in.parts, part{
		level: in.Level,
		text: fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":%q,"created":"2020-01-01T00:00:00.000Z",`+
			`"modified":"2020-01-01T00:00:00.000Z","name":"Example Labs","identity_class":"organization"}`, id("identity", 700)),
	})
	return in
}

// shared is an unmarked object under one of a few ids.
func (w *World) shared(level stix.TLP) part {
	typ := w.one("threat-actor", "campaign", "malware", "domain-name", "relationship", "relationship")
	n := w.rng.IntN(things)
	word := w.word(level)
	if typ == "domain-name" {
		value := fmt.Sprintf("shared%d.example", n)
		oid, _ := stix.ObservableID(typ, map[string]any{"value": value})
		return part{level: level, text: fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"value":%q,`+
			`"x_note":%q}`, typ, oid, value, word)}
	}
	props := map[string]string{
		"threat-actor": fmt.Sprintf(`"name":"Actor %d","aliases":[%q],"description":%q`, n, word, word),
		"campaign": fmt.Sprintf(`"name":"Operation %d%s","description":%q,"first_seen":"2024-02-0%dT00:00:00Z"`,
			n, w.one("", "", "", " "+word), word, 1+n),
		"malware":      fmt.Sprintf(`"name":"Malware %d","is_family":true,"description":%q`, n, word),
		"relationship": w.relation(word),
	}[typ]
	if typ == "relationship" {
		n += things * w.rng.IntN(3)
	}
	return part{level: level, text: fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,%s,"modified":"2024-01-0%dT00:00:00.000Z",%s}`,
		typ, id(typ, n), created, 1+w.rng.IntN(4), props)}
}

// relation joins two of the things that several inputs tell of.
func (w *World) relation(word string) string {
	operation, actor := id("campaign", w.rng.IntN(things)), id("threat-actor", w.rng.IntN(things))
	switch w.rng.IntN(4) {
	case 0:
		return fmt.Sprintf(`"relationship_type":"uses","source_ref":%q,"target_ref":%q,`+
			`"description":%q`, operation, id("malware", w.rng.IntN(things)), word)
	case 1:
		return fmt.Sprintf(`"relationship_type":"uses","source_ref":%q,"target_ref":%q,`+
			`"description":%q`, actor, id("malware", w.rng.IntN(things)), word)
	default:
		return fmt.Sprintf(`"relationship_type":"attributed-to","source_ref":%q,"target_ref":%q,`+
			`"description":%q`, operation, actor, word)
	}
}

// alone is an object under an id of its own, marked or as its input.
func (w *World) alone(level stix.TLP) part {
	marking := ""
	if w.rng.IntN(4) > 0 {
		marking, level = w.marked()
	}
	word := w.word(level)
	operation, actor := id("campaign", w.rng.IntN(things)), id("threat-actor", w.rng.IntN(things))
	typ := w.one("threat-actor", "campaign", "indicator", "note", "opinion", "sighting", "report", "claim", "claim", "claim", "denial", "domain-name", claim.TypeMeasure)
	props := map[string]string{
		"threat-actor": fmt.Sprintf(`"name":%q,"aliases":["Actor 0"]`, word),
		"campaign":     fmt.Sprintf(`"name":%q,"first_seen":"2024-02-01T00:00:00Z"`, word),
		"indicator": fmt.Sprintf(`"name":%q,"pattern":"[domain-name:value = '%s.example']","pattern_type":"stix",`+
			`"valid_from":"2024-01-01T00:00:00Z"`, word, strings.ToLower(word)),
		"note": fmt.Sprintf(`"content":%q,"object_refs":[%q]`, word, operation),
		"opinion": fmt.Sprintf(`"opinion":"disagree","explanation":%q,`+
			`"object_refs":[%q]`, word, id("relationship", w.rng.IntN(3*things))),
		"sighting": fmt.Sprintf(`"description":%q,"sighting_of_ref":%q`, word, actor),
		"report":   fmt.Sprintf(`"name":%q,"published":"2024-03-01T00:00:00Z","object_refs":[%q,%q]`, word, operation, actor),
		"claim": fmt.Sprintf(`"relationship_type":"attributed-to","source_ref":%q,"target_ref":%q,"description":%q,`+
			`%s`, operation, actor, word,
			w.said(word, "attributed-to", claim.Asserts)),
		"denial": fmt.Sprintf(`"relationship_type":"attributed-to","source_ref":%q,"target_ref":%q,`+
			`%s`, operation, actor, w.said(word, "attributed-to", w.one(claim.Denies, "doubts"))),
		claim.TypeMeasure: fmt.Sprintf(`"name":%q,"kind":"sanctions","date":"2024-05-01T00:00:00Z","by_names":["US"],`+
			`"operation_refs":[%q],"status":"in-force",`+
			`"extensions":{%q:{"extension_type":"new-sdo"}}`, word, operation, claim.MeasureExtension),
	}[typ]
	switch typ {
	case "domain-name":
		value := strings.ToLower(word) + ".example"
		oid, _ := stix.ObservableID(typ, map[string]any{"value": value})
		return part{level: level, text: fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,"value":%q%s}`, typ, oid, value, marking)}
	case "claim", "denial":
		typ = "relationship"
	}
	return part{level: level, text: fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":%q,%s,`+
		`"modified":"2024-01-01T00:00:00.000Z"%s,%s}`,
		typ, id(typ, 1000+w.n), created, marking, props)}
}

// said is a claim with a document of its own, or one of a few that several claims go back to.
func (w *World) said(word, relation, stance string) string {
	return fmt.Sprintf(`"extensions":{%q:{"extension_type":"property-extension","claim_id":%q,"document_ref":%q,"speaker":%q,`+
		`"quote":%q,"stance":%q,"relation":%q,"reliability":"B","credibility":2,"status":"accepted"}}`,
		claim.Extension, "claim-"+strings.ToLower(word), id("report", 800+w.rng.IntN(4)), word, "They said "+word, stance, relation)
}

// events are MISP events, one level each, with attributes that may be stricter.
func (w *World) events() Input {
	in := Input{Name: "events.json", Level: w.level(), form: events}
	for range 1 + w.rng.IntN(3) {
		level := w.level()
		event, n := w.word(level), w.n
		own := max(level, w.level())
		secret := w.word(own)
		in.parts = append(in.parts, part{level: level, text: fmt.Sprintf(
			`{"Event":{"uuid":%q,"info":%q,"date":"2024-01-02","timestamp":"1704153600","published":true,"distribution":"3",`+
				`"Tag":[{"name":%q}],"Attribute":[{"uuid":%q,"type":"domain","category":"Network activity","value":"%s.example",`+
				`"to_ids":true,"distribution":"5","timestamp":"1704153600"}]}}`,
			id("", n)[2:], event, w.spelled(level), id("", n+5000)[2:], strings.ToLower(event))})
		in.parts = append(in.parts, part{level: own, text: fmt.Sprintf(
			`{"Event":{"uuid":%q,"info":%q,"date":"2024-01-02","timestamp":"1704153600","published":true,"distribution":"3",`+
				`"Tag":[{"name":%q},{"name":"tlp:clear"}],"Attribute":[{"uuid":%q,"type":"text","category":"Other","value":%q,`+
				`"distribution":"5","timestamp":"1704153600"}]}}`,
			id("", n+6000)[2:], secret, w.spelled(own), id("", n+7000)[2:], secret)})
	}
	return in
}

// table is a CSV of indicators.
func (w *World) table() Input {
	in := Input{Name: "indicators.csv", Level: w.level(), form: table}
	for range 1 + w.rng.IntN(4) {
		level, tlp := in.Level, ""
		if w.rng.IntN(3) > 0 {
			level = w.level()
			tlp = w.spelled(level)
		}
		word := w.word(level)
		in.parts = append(in.parts, part{level: level, text: fmt.Sprintf("domain,%s.example,%s,%s\n", strings.ToLower(word), word, tlp)})
	}
	return in
}

// document is a report in prose, with or without a label.
func (w *World) document() Input {
	in := Input{Name: fmt.Sprintf("document%d.txt", w.n), Level: w.level(), form: document}
	if w.rng.IntN(2) == 0 {
		in.Level = stix.Clear // most are free, so that what is not free stands among them
	}
	level, head := in.Level, ""
	if w.rng.IntN(3) == 0 {
		label := w.level()
		level = max(level, label)
		head = w.one("", "Distribution: ", "Northwall | ") + w.spelled(label) + "\n\n"
	}
	word := w.word(level)
	body := "In February 2024 hackers linked to " + w.one("Russia", "China") + " broke into the Estonian ferry operator " + word + " Lines and stole passenger data, " +
		word + " Security said. " + word + " Security attributed the intrusion to " + w.one("APT28", "APT31", "Sandworm") + ". " +
		w.one("Russia", "China") + " denied that it was involved.\n"
	if w.rng.IntN(4) > 0 { // several tell of one operation, for they retell one report
		body = "In February 2024 hackers linked to " + w.one("Russia", "China") + " broke into an Estonian ferry operator" +
			w.one("", " and stole data", " and leaked documents", " and asked for a ransom") + ", Microsoft said in its annual Digital Defense Report.\n"
	}
	in.parts = []part{{level: level, text: head + word + " report on a break-in\nMarch 4, 2024\n\n" + body}}
	return in
}
