package sanctions

import (
	"fmt"
	"strings"
	"time"

	"marque/claim"
	"marque/ingest/entity"
	"marque/stix"
)

// ListingID is the id of the measure by which a list has a subject.
func ListingID(list, subject string) stix.ID {
	return stix.DerivedID(claim.TypeMeasure, "sanctions", list, subject)
}

// WriteChanges makes a measure of each change between two versions of a list: a listing, a change of what the list says, or a lifting. A
// listing has the id that reading the whole list gives it. The date is the list's own where it has one; else the measure lies after the
// older version's day and by the newer's.
func WriteChanges(w *entity.Writer, list string, changes []Change) {
	by := w.Organisation(publishers[list].name)
	for _, c := range changes {
		m := claim.Measure{Name: "Sanctions: " + c.Name, Kind: claim.Sanctions, Status: "in-force", LegalBasis: basis(list, c.Programmes)}
		id := ListingID(list, c.ID)
		switch c.Kind {
		case Changed:
			id = stix.DerivedID(claim.TypeMeasure, "sanctions", list, c.ID, "changed", c.day().String())
			m.Name, m.Kind, m.Status = fmt.Sprintf("Sanctions: entry of %s changed: %s", c.Name, strings.Join(c.Fields, ", ")), claim.ListEntry, "done"
		case Lifted:
			id = stix.DerivedID(claim.TypeMeasure, "sanctions", list, c.ID, "lifted", c.day().String())
			m.Name, m.Kind, m.Status = "Sanctions lifted: "+c.Name, claim.Delisting, "done"
		}
		m.Date = stix.At(c.day())
		if c.On.Day == 0 {
			m.DateAfter = timestamp(c.After)
		}
		m.Common = stix.NewCommon(id, m.Date, by)
		m.References = []stix.ExternalReference{{SourceName: list, ExternalID: c.ID}}
		for _, p := range c.Programmes {
			m.Codes = append(m.Codes, list+":"+p)
		}
		if body := publishers[list].by; body != "" {
			m.By = []string{body}
		}
		if err := m.Extensions.Extend(claim.MeasureExtension, map[string]string{"extension_type": "new-sdo"}); err == nil {
			w.Add(id, m)
		}
	}
}

// day is the list's own day of the change, else that of the newer version.
func (c *Change) day() time.Time {
	d := c.By
	if c.On.Day != 0 {
		d = c.On
	}
	return time.Date(d.Year, time.Month(d.Month), max(d.Day, 1), 0, 0, 0, 0, time.UTC)
}

// basis is the legal basis of the programmes of a list that are known here.
func basis(list string, codes []string) string {
	var out []string
	for _, p := range basisOf(list, codes) {
		out = append(out, p.basis)
	}
	return strings.Join(out, "; ")
}
