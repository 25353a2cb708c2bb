package indicators

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"marque/event/value"
	"marque/ingest/entity"
	"marque/stix"
	"marque/stix/pattern"
)

// Columns are the names of the columns in the order of Marque's export.
var Columns = []string{
	"id", "type", "value", "pattern", "pattern_type", "name", "description", "indicator_types", "valid_from", "valid_until", "confidence", "labels",
	"tlp", "pap", "created_by", "created", "modified",
}

// Row is one row by its columns.
type Row struct {
	ID, Type, Value, Pattern, PatternType, Name, Description, IndicatorTypes, ValidFrom, ValidUntil, Confidence, Labels,
	TLP, PAP, CreatedBy, Created, Modified string

	notes []string // how the row was read where not as it stood
}

// fields are the fields in the order of Columns.
func (r *Row) fields() []*string {
	return []*string{
		&r.ID, &r.Type, &r.Value, &r.Pattern, &r.PatternType, &r.Name, &r.Description, &r.IndicatorTypes, &r.ValidFrom, &r.ValidUntil, &r.Confidence,
		&r.Labels, &r.TLP, &r.PAP, &r.CreatedBy, &r.Created, &r.Modified,
	}
}

// Record is the row for a CSV writer, safe to open in a spreadsheet.
func (r *Row) Record() []string {
	out := make([]string, 0, len(Columns))
	for _, f := range r.fields() {
		out = append(out, guard(*f))
	}
	return out
}

// formula are the first characters that make a spreadsheet compute a cell (the last four in East Asian settings), and the sign that
// stops it.
const formula = "=+-@\t\r\n'＝＋－＠"

func guard(s string) string {
	if strings.IndexAny(s, formula) == 0 {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && strings.IndexAny(rest, formula) == 0 {
		return rest
	}
	return s
}

// stixPattern is the pattern of the row: its own, or an equality of type and value.
func (r *Row) stixPattern() (text, language string, err error) {
	language = cmp.Or(r.PatternType, "stix")
	text = r.Pattern
	if text == "" {
		if language != "stix" {
			return "", "", fmt.Errorf("pattern missing for pattern_type %q", language)
		}
		if text, err = r.equality(); err != nil {
			return "", "", err
		}
	}
	if language == "stix" {
		if _, err := pattern.Parse(text); err != nil {
			return "", "", fmt.Errorf("pattern: %w", err)
		}
	}
	return text, language, nil
}

// equality is the pattern of the row's type and value; without a type, the value's form tells it.
func (r *Row) equality() (string, error) {
	if r.Value == "" {
		return "", errors.New("row without a pattern, and without a type and a value")
	}
	var v value.Value
	var err error
	if r.Type == "" {
		v, err = value.Guess(r.Value)
	} else {
		v, err = value.Read(r.Type, r.Value)
	}
	if err != nil {
		return "", err
	}
	if v.Note != "" {
		r.notes = append(r.notes, v.Note)
	}
	return v.Pattern(), nil
}

// indicator makes the object.
func (r *Row) indicator() (*stix.Object, error) {
	v := stix.Indicator{Name: r.Name, Description: r.Description, IndicatorTypes: words(r.IndicatorTypes)}
	var err error
	if v.Pattern, v.PatternType, err = r.stixPattern(); err != nil {
		return nil, err
	}
	id := stix.DerivedID("indicator", "csv", v.PatternType, v.Pattern, r.CreatedBy)
	if r.ID != "" && !strings.Contains(r.ID, "--") {
		r.ID = "" // the number that somebody's database has for the row
	}
	if r.ID != "" {
		if id, err = stix.ParseID(r.ID); err != nil || id.Type() != "indicator" {
			return nil, fmt.Errorf("id %.80q: want that of an indicator", r.ID)
		}
	}
	v.Common = stix.NewCommon(id, entity.Epoch, "")
	if v.PatternType == "stix" {
		v.PatternVersion = "2.1"
	}
	v.Labels = words(r.Labels)
	if r.CreatedBy != "" {
		if v.CreatedByRef, err = stix.ParseID(r.CreatedBy); err != nil || v.CreatedByRef.Type() != "identity" {
			return nil, fmt.Errorf("created_by %.80q: want the id of an identity", r.CreatedBy)
		}
	}
	if err := r.times(&v); err != nil {
		return nil, err
	}
	if err := r.markings(&v); err != nil {
		return nil, err
	}
	return stix.New(v)
}

func (r *Row) times(v *stix.Indicator) error {
	for _, t := range []struct {
		column, text string
		into         *stix.Timestamp
		otherwise    stix.Timestamp
	}{
		{"created", r.Created, &v.Created, entity.Epoch},
		{"modified", r.Modified, &v.Modified, entity.Epoch},
		{"valid_from", r.ValidFrom, &v.ValidFrom, stix.Always},
		{"valid_until", r.ValidUntil, &v.ValidUntil, stix.Timestamp{}},
	} {
		*t.into = t.otherwise
		if t.text == "" {
			continue
		}
		at, err := moment(t.text)
		if err != nil {
			return fmt.Errorf("%s: %w", t.column, err)
		}
		*t.into = at
	}
	if v.Modified.Time().Before(v.Created.Time()) {
		v.Modified = v.Created
	}
	if !v.ValidUntil.IsZero() && !v.ValidUntil.Time().After(v.ValidFrom.Time()) {
		return fmt.Errorf("valid_until %v: want it after valid_from %v (section 4.7)", v.ValidUntil, v.ValidFrom)
	}
	return nil
}

// confidences are the words of appendix A of the specification.
var confidences = map[string]int{"none": 0, "low": 15, "med": 50, "medium": 50, "high": 85}

// layouts of times in exports, beside STIX' own; without a zone they are UTC.
var layouts = []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04:05 MST", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"}

// moment reads a time as STIX or an export writes it.
func moment(s string) (stix.Timestamp, error) {
	at, err := stix.ParseTimestamp(s)
	if err == nil {
		return at, nil
	}
	for _, l := range layouts {
		if t, layoutErr := time.Parse(l, s); layoutErr == nil {
			return stix.At(t), nil
		}
	}
	return stix.Timestamp{}, err
}

func (r *Row) markings(v *stix.Indicator) error {
	if r.Confidence != "" {
		n, err := strconv.Atoi(strings.TrimSuffix(r.Confidence, "%"))
		if word, known := confidences[strings.ToLower(r.Confidence)]; known {
			n, err = word, nil
		}
		if err != nil || n < 0 || n > 100 {
			return fmt.Errorf("confidence %.20q: want 0 to 100", r.Confidence)
		}
		v.Confidence = &n
	}
	if r.TLP != "" {
		t, err := stix.ParseTLP(r.TLP)
		if err != nil {
			return err
		}
		v.MarkingRefs = append(v.MarkingRefs, t.MarkingID())
	}
	if r.PAP != "" {
		p, err := stix.ParsePAP(r.PAP)
		if err != nil {
			return err
		}
		v.MarkingRefs = append(v.MarkingRefs, p.MarkingID())
	}
	return nil
}

func words(s string) []string {
	var out []string
	for w := range strings.FieldsFuncSeq(s, func(c rune) bool { return c == ';' || c == ',' }) {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
