package entity

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"time"

	"marque/claim"
	"marque/stix"
)

// ClaimID names a statement by what makes it one: the place it stands in, what is said and how. It is the hexadecimal
// SHA-256, first 16 bytes.
func ClaimID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Said is a claim with its speaker and date, ready to be put on carriers.
type Said struct {
	By         stix.ID
	At         stix.Timestamp
	Confidence *int
	References []stix.ExternalReference
	Claim      claim.Claim
}

func (s *Said) common(id stix.ID) (stix.Common, error) {
	c := stix.NewCommon(id, s.At, s.By)
	c.Confidence = s.Confidence
	c.References = s.References
	s.Claim.ExtensionType = "property-extension"
	err := c.Extensions.Extend(claim.Extension, s.Claim)
	return c, err
}

// Says carries a claim on a relationship of the claim's relation between two objects.
func (w *Writer) Says(s Said, source, target stix.ID) stix.ID {
	return w.says(s, string(s.Claim.Relation), source, target, w.Add)
}

// SaysAs carries a claim on a relationship of another type: "A compromised B" says that the operation is attributed-to A and
// targets B.
func (w *Writer) SaysAs(s Said, relationship string, source, target stix.ID) stix.ID {
	return w.says(s, relationship, source, target, w.Add)
}

// SaysUnlessKnown is Says for a source that yields to one that tells the same claim better.
func (w *Writer) SaysUnlessKnown(s Said, source, target stix.ID) stix.ID {
	return w.says(s, string(s.Claim.Relation), source, target, w.Supplement)
}

// SaysBeside carries a claim that another source carries too, in the name of somebody else: only its creator may change an
// object, so that each creator's carrier has an id of its own.
func (w *Writer) SaysBeside(s Said, source, target stix.ID) stix.ID {
	id := stix.DerivedID("relationship", s.Claim.ClaimID, string(s.By), string(source), string(target))
	return w.carry(id, s, string(s.Claim.Relation), source, target, w.Supplement)
}

func (w *Writer) says(s Said, relationship string, source, target stix.ID, put func(stix.ID, any) stix.ID) stix.ID {
	return w.carry(stix.DerivedID("relationship", s.Claim.ClaimID, string(source), string(target)), s, relationship, source, target, put)
}

func (w *Writer) carry(id stix.ID, s Said, relationship string, source, target stix.ID, put func(stix.ID, any) stix.ID) stix.ID {
	c, err := s.common(id)
	if err != nil {
		return w.fail(id, err)
	}
	return put(id, stix.Relationship{Common: c, RelationshipType: relationship, SourceRef: source, TargetRef: target})
}

// Notes carries a claim that has no second end, or no end at all, on a note about objects.
func (w *Writer) Notes(s Said, content string, about ...stix.ID) stix.ID {
	id := stix.DerivedID("note", s.Claim.ClaimID)
	c, err := s.common(id)
	if err != nil {
		return w.fail(id, err)
	}
	return w.Add(id, stix.Note{Common: c, Abstract: string(s.Claim.Relation), Content: content, ObjectRefs: about})
}

// Disagrees carries a denial on an opinion about the carriers of what is denied.
func (w *Writer) Disagrees(s Said, explanation string, about ...stix.ID) stix.ID {
	id := stix.DerivedID("opinion", s.Claim.ClaimID)
	c, err := s.common(id)
	if err != nil {
		return w.fail(id, err)
	}
	return w.Add(id, stix.Opinion{Common: c, Explanation: explanation, Opinion: "strongly-disagree", ObjectRefs: about})
}

func (w *Writer) fail(id stix.ID, err error) stix.ID {
	if w.err == nil {
		w.err = err
	}
	return id
}

// NamedReportID is the id of a document that is known by publisher and title only.
func NamedReportID(publisher, title string) stix.ID {
	return stix.DerivedID("report", "named", key(publisher), key(title))
}

// NamedReport is a document that others speak of, by publisher and title.
func (w *Writer) NamedReport(publisher, title string, published stix.Timestamp, about stix.ID) stix.ID {
	id := NamedReportID(publisher, title)
	c := shared(id)
	if publisher != "" {
		c.References = []stix.ExternalReference{{SourceName: publisher, Description: title}}
	}
	return w.Supplement(id, stix.Report{Common: c, Name: trim(title), Published: published, ObjectRefs: []stix.ID{about}})
}

// WebReport is a document known by its address. Published is read from the address where it says the date, as news sites'
// addresses do; else it is unknown, which stands as [Undated] because a report must have a date.
func (w *Writer) WebReport(address string, about stix.ID) stix.ID {
	address = CanonicalURL(address)
	id := stix.DerivedID("report", "url", address)
	if w.seen[id] {
		return id
	}
	published, ok := urlDate(address)
	if !ok {
		published = Undated
	}
	c := shared(id)
	c.References = []stix.ExternalReference{stix.LinkTo(host(address), address)}
	return w.Supplement(id, stix.Report{Common: c, Name: address, Published: published, ObjectRefs: []stix.ID{about}})
}

// tracking are query parameters that say how a reader came to a page, not which page it is.
var tracking = regexp.MustCompile(`^(utm_|__hs|fbclid|gclid|mc_|web_view|wpisrc|ref$|s$|cmpid)`)

// CanonicalURL drops what does not tell pages apart: fragment, tracking parameters, a trailing slash, the case of the host.
func CanonicalURL(address string) string {
	address = strings.ReplaceAll(strings.TrimSpace(address), "&amp;", "&")
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return address
	}
	u.Fragment, u.RawFragment = "", ""
	u.Host = strings.ToLower(u.Host)
	u.Scheme = strings.ToLower(u.Scheme)
	if u.RawQuery != "" {
		q := u.Query()
		for name := range q {
			if tracking.MatchString(name) {
				q.Del(name)
			}
		}
		u.RawQuery = q.Encode()
	}
	return strings.TrimSuffix(u.String(), "/")
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "web"
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

var urlDatePattern = regexp.MustCompile(`/((?:19|20)\d\d)[/-]([01]?\d)(?:[/-]([0-3]?\d))?(?:[/-]|$)`)

// urlDate reads the date that an address says: …/2013/07/19/….
func urlDate(address string) (stix.Timestamp, bool) {
	m := urlDatePattern.FindStringSubmatch(address)
	if m == nil {
		return stix.Timestamp{}, false
	}
	day := m[3]
	if day == "" {
		day = "1"
	}
	t, err := time.Parse("2006-1-2", m[1]+"-"+m[2]+"-"+day)
	if err != nil {
		return stix.Timestamp{}, false
	}
	return stix.At(t), true
}
