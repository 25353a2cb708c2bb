package metathreat

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"marque/ingest"
	"marque/ingest/entity"
	"marque/ingest/table"
	"marque/stix"
)

const maxFile = 256 << 20

// Meta is who publishes the files.
const Meta = "Meta"

// Reader reads the files.
type Reader struct{}

var _ ingest.Reader = Reader{}

// Name is "meta-threat-research".
func (Reader) Name() string { return "meta-threat-research" }

// Detect knows the header rows of both forms.
func (Reader) Detect(head []byte, _ string) ingest.Confidence {
	if Is(head) {
		return ingest.Certain
	}
	return ingest.No
}

// Read reads a file.
func (Reader) Read(ctx context.Context, in *ingest.Input, out ingest.Sink) error {
	data, err := in.ReadAll(maxFile)
	if err != nil {
		return err
	}
	w := entity.NewWriter(out)
	r := &reader{w: w, by: w.Organisation(Meta)}
	r.operation(Title(in.Name, in.Digest))
	return Parse(data, func(row Row, raw *table.Row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case raw.Err != nil:
			return out.Reject(raw.Reject(raw.Err.Error()))
		case row.Text == "" && row.Procedure == "" && row.Comment == "":
			out.Warn("empty row")
		case row.Type != "" && row.Kind == "":
			return out.Reject(raw.Reject(fmt.Sprintf("indicator_value %.80q: want what indicator_type %q says", row.Text, row.Type)))
		default:
			if row.Joined {
				out.Warn("address with spaces, joined")
			}
			r.write(&row)
		}
		return w.Err()
	})
}

type reader struct {
	w        *entity.Writer
	by       stix.ID
	campaign stix.ID
}

var (
	fileName  = regexp.MustCompile(`(?i)(?:\.csv|\.tsv|\.gz|\.zst)+$`)
	basedIn   = regexp.MustCompile(`(?i)^(.*?)[- ]based\b`)
	afterFrom = regexp.MustCompile(`(?i)\b(?:in|from) (.+)$`)
)

// Title is the name of the operation that a file is about: Meta tells it by the name of the file. Without one it is the digest's.
func Title(name, digest string) string {
	base := fileName.ReplaceAllString(filepath.Base(name), "")
	if base == "" || base == "-" || base == "." {
		return "Meta threat research " + digest[:min(12, len(digest))]
	}
	return spaces(strings.ReplaceAll(base, "_", " "))
}

// Countries are the codes of the countries that a title says the operation is based in.
func Countries(title string) []string {
	title = strings.ReplaceAll(title, "T rkiye", "Türkiye") // a letter that the publisher's file names lost
	for _, form := range []*regexp.Regexp{basedIn, afterFrom} {
		if m := form.FindStringSubmatch(title); m != nil {
			return entity.CountriesIn(capitals(m[1]))
		}
	}
	return nil
}

// capitals writes words that are all in capitals as names are written.
func capitals(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '-' })
	for i, w := range words {
		if len(w) > 2 && w == strings.ToUpper(w) {
			words[i] = w[:1] + strings.ToLower(w[1:])
		}
	}
	return strings.Join(words, " ")
}

// operation writes the campaign of the file and where it is based.
func (r *reader) operation(title string) {
	r.campaign = stix.DerivedID("campaign", "meta-threat-research", strings.ToLower(title))
	r.w.Add(r.campaign, stix.Campaign{
		Common: stix.NewCommon(r.campaign, entity.Epoch, r.by), Name: title, Description: "The operation of the indicator file of this name that " + Meta + " published.",
	})
	for _, code := range Countries(title) {
		r.w.Relate(r.by, entity.Epoch, "originates-from", r.campaign, r.w.Place(code))
	}
}

// write writes a row.
func (r *reader) write(row *Row) {
	r.technique(row)
	if row.Kind == "" {
		r.note(row)
		for _, m := range mentioned(row.Text) {
			m.Tactic, m.Procedure = row.Tactic, row.Procedure
			if m.Procedure == "" || !m.Owned() {
				m.Procedure = strings.TrimSpace(row.Procedure + " (named in a sentence)")
			}
			r.value(&m)
		}
		return
	}
	r.value(row)
}

// value writes what a row lists and joins it to the operation.
func (r *reader) value(row *Row) {
	id := r.observable(row)
	if id == "" {
		r.note(row)
		return
	}
	switch {
	case row.Victim():
		r.relate("targets", r.campaign, id, row)
	case row.Site() != "":
		r.infrastructure(row, id)
	default:
		r.relate("related-to", r.campaign, id, row)
	}
	if account := r.account(row); account != "" && !row.Victim() {
		r.relate("related-to", r.campaign, account, row)
		r.w.Relate(r.by, entity.Epoch, "related-to", account, id)
	}
}

// infrastructure is a site or a server that the operation acquired.
func (r *reader) infrastructure(row *Row, value stix.ID) {
	id := stix.DerivedID("infrastructure", "meta-threat-research", string(r.campaign), row.Site())
	v := stix.Infrastructure{Common: stix.NewCommon(id, entity.Epoch, r.by), Name: row.Site(), Description: r.said(row)}
	if !row.Registered.IsZero() {
		v.FirstSeen = stix.At(row.Registered)
	}
	r.w.Add(id, v)
	r.w.Relate(r.by, entity.Epoch, "consists-of", id, value)
	if row.Kind == "url" {
		r.w.Relate(r.by, entity.Epoch, "consists-of", id, r.put("domain-name", map[string]any{"value": row.Site()}))
	}
	r.w.Relate(r.by, entity.Epoch, "uses", r.campaign, id)
	if code, ok := entity.CountryCode(row.Country); ok {
		place := r.w.Place(code)
		r.w.Relate(r.by, entity.Epoch, "targets", id, place)
		r.w.Relate(r.by, entity.Epoch, "targets", r.campaign, place)
	}
}

// relate joins a value to the operation with what the row says of it.
func (r *reader) relate(relation string, from, to stix.ID, row *Row) {
	id := stix.DerivedID("relationship", string(r.by), relation, string(from), string(to))
	r.w.Add(id, stix.Relationship{
		Common: stix.NewCommon(id, entity.Epoch, r.by), RelationshipType: relation, Description: r.said(row), SourceRef: from, TargetRef: to,
	})
}

// said is what the row says besides its value.
func (r *reader) said(row *Row) string {
	parts := []string{row.Procedure, row.Type, row.Comment}
	if !row.Listed.IsZero() {
		parts = append(parts, "listed "+row.Listed.Format("2006-01-02"))
	}
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "; ")
}

// technique is the procedure of Meta's kill chain.
func (r *reader) technique(row *Row) {
	number, _, _ := strings.Cut(row.Procedure, " ")
	if number == "" || strings.Trim(number, "0123456789.") != "" {
		return
	}
	id := stix.DerivedID("attack-pattern", "meta-kill-chain", number)
	c := stix.NewCommon(id, entity.Epoch, r.by)
	c.References = []stix.ExternalReference{{SourceName: "meta-online-operations-kill-chain", ExternalID: number}}
	v := stix.AttackPattern{Common: c, Name: row.Procedure}
	if phase := strings.ToLower(spaces(strings.TrimLeft(row.Tactic, "0123456789. "))); phase != "" {
		v.KillChainPhases = []stix.KillChainPhase{{KillChainName: "meta-online-operations", PhaseName: strings.ReplaceAll(phase, " ", "-")}}
	}
	r.w.Supplement(id, v)
	r.w.Relate(r.by, entity.Epoch, "uses", r.campaign, id)
}

// note keeps a sentence about the operation.
func (r *reader) note(row *Row) {
	content := strings.TrimSpace(row.Text + "\n" + row.Comment)
	if content == "" {
		content = row.Procedure
	}
	id := stix.DerivedID("note", string(r.campaign), row.Procedure, content)
	r.w.Add(id, stix.Note{Common: stix.NewCommon(id, entity.Epoch, r.by), Abstract: row.Procedure, Content: content, ObjectRefs: []stix.ID{r.campaign}})
}
