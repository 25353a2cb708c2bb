package report

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"marque/claim"
	"marque/ingest/prose"
	"marque/stix"
)

// CandidatesID is the id of the grouping of what a report gives to look for.
func CandidatesID(report stix.ID) stix.ID {
	return stix.DerivedID("grouping", "candidates", string(report))
}

// candidates writes the observables that the report gives to look for, as a grouping: a person, or the user's setting, makes indicators of
// them.
func (c *converter) candidates() {
	if len(c.meant) == 0 {
		return
	}
	slices.Sort(c.meant)
	v := stix.Grouping{Common: stix.NewCommon(CandidatesID(c.id), c.at, claim.MarqueIdentity), Context: "suspicious-activity"}
	v.Name = "Candidates for indicators in " + c.doc.Title
	v.ObjectRefs = append([]stix.ID{c.id}, slices.Compact(c.meant)...)
	c.w.Add(v.ID, v)
}

// wordsBeside is how many words may stand on the line of a value in a list.
const wordsBeside = 3

// isMeant tells whether the report gives a trace to look for rather than naming it in passing: it was made harmless, it is a digest or an
// address of a machine, or it stands in a table or on a line of its own. The document's own hosts are never meant.
func (c *converter) isMeant(ob *prose.Observable) bool {
	if own := siteOf(hostIn(c.doc.URL)); own != "" && siteOf(hostOf(ob)) == own {
		return false
	}
	if _, isHash := hashNames[ob.Type]; isHash || strings.HasPrefix(ob.Type, "ipv") || ob.Defanged || c.tables[ob.Type+ob.Value] {
		return true
	}
	if ob.End == 0 || ob.End > len(c.doc.Text) {
		return ob.End == 0 // of the page: prose.Find was sure
	}
	from := strings.LastIndexByte(c.doc.Text[:ob.Start], '\n') + 1
	to := len(c.doc.Text)
	if n := strings.IndexByte(c.doc.Text[ob.End:], '\n'); n >= 0 {
		to = ob.End + n
	}
	beside := strings.Fields(c.doc.Text[from:ob.Start] + " " + c.doc.Text[ob.End:to])
	return len(slices.DeleteFunc(beside, func(w string) bool { return strings.Trim(w, "|-*•·:,;") == "" })) <= wordsBeside
}

func hostOf(ob *prose.Observable) string {
	switch ob.Type {
	case "domain-name":
		return ob.Value
	case "email-addr":
		_, host, _ := strings.Cut(ob.Value, "@")
		return host
	case "url":
		return hostIn(ob.Value)
	}
	return ""
}

func hostIn(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// siteOf is the registered domain of a host.
func siteOf(host string) string {
	if host == "" {
		return ""
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(strings.ToLower(host))
	if err != nil {
		return ""
	}
	return site
}
