package misp

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"marque/ingest/entity"
	"marque/stix"
)

// kind says which STIX type the clusters of a galaxy become.
type kind string

const (
	actor         kind = "threat-actor"
	intrusionSet  kind = "intrusion-set"
	vendor        kind = "vendor"
	agency        kind = "agency"
	class         kind = "class"
	place         kind = "location"
	malware       kind = "malware"
	ransomware    kind = "ransomware"
	tool          kind = "tool"
	technique     kind = "attack-pattern"
	counter       kind = "course-of-action"
	vulnerability kind = "vulnerability"
	other         kind = "x-misp-galaxy-cluster"
)

// kinds by galaxy type; what is not here goes by its category and name.
var kinds = map[string]kind{
	"threat-actor":             actor,
	"microsoft-activity-group": actor,
	"360net-threat-actor":      actor,
	"mitre-intrusion-set":      intrusionSet,
	"surveillance-vendor":      vendor,
	"intelligence-agency":      agency,
	"sector":                   class,
	"disarm-actortypes":        class,
	"country":                  place,
	"region":                   place,
	"target-information":       place,
	"ransomware":               ransomware,
	"tool":                     tool,
	"mitre-tool":               tool,
	"disarm-techniques":        technique,
	"mitre-attack-pattern":     technique,
	"disarm-countermeasures":   counter,
	"mitre-course-of-action":   counter,
	"branded-vulnerability":    vulnerability,
}

func kindOf(h header) kind {
	if k, ok := kinds[h.Type]; ok {
		return k
	}
	switch h.Category {
	case "actor", "threat-actor", "activity-group":
		return actor
	case "tool", "malware", "rat", "stealer", "banker", "botnet", "backdoor":
		return malware
	case "attack-pattern":
		return technique
	case "course-of-action":
		return counter
	default:
		return other
	}
}

func (k kind) id(c *cluster) stix.ID {
	typ := string(k)
	switch k {
	case vendor:
		typ = "threat-actor"
	case agency, class:
		typ = "identity"
	case ransomware:
		typ = "malware"
	case place:
		if code := c.country(); code != "" {
			return stix.DerivedID("location", "country", code)
		}
	}
	if u, err := uuid.Parse(c.UUID); err != nil || u.Variant() != uuid.RFC4122 || u.Version() < 1 || u.Version() > 5 { // STIX asks for RFC 4122; the newer UUID stays in the reference
		return stix.DerivedID(typ, "misp-galaxy", c.UUID)
	}
	return stix.ID(typ + "--" + c.UUID)
}

// properties sets what the type asks for.
func (k kind) properties(o map[string]any, c *cluster) {
	switch k {
	case actor:
		if types := actorTypes(c); len(types) > 0 {
			o["threat_actor_types"] = types
		}
		if m := motivation(c.text("motive") + " " + c.text("microsoft-origin-threat")); m != "" {
			o["primary_motivation"] = m
		}
	case vendor:
		o["threat_actor_types"] = []string{"private-sector-offensive-actor"}
	case agency:
		o["identity_class"], o["roles"] = "organization", []string{"state-organ"}
	case class:
		o["identity_class"] = "class"
		if code, ok := entity.SectorCode(c.Value); ok {
			o["sectors"] = []string{code}
		}
	case place:
		o["region"] = regionName(c.Value)
	case malware:
		o["is_family"] = true
	case ransomware:
		o["is_family"], o["malware_types"] = true, []string{"ransomware"}
	case technique:
		if phases := phases(c); len(phases) > 0 {
			o["kill_chain_phases"] = phases
		}
	}
}

// regionName turns "035 - South-eastern Asia" into the vocabulary's form (section 10.23).
func regionName(s string) string {
	if _, name, ok := strings.Cut(s, " - "); ok {
		s = name
	}
	return strings.ReplaceAll(strings.ToLower(s), " ", "-")
}

func phases(c *cluster) []stix.KillChainPhase {
	var out []stix.KillChainPhase
	for _, p := range c.list("kill_chain") {
		chain, phase, ok := strings.Cut(p, ":")
		if ok && chain == "tactics" {
			out = append(out, stix.KillChainPhase{KillChainName: "disarm", PhaseName: strings.ReplaceAll(strings.ToLower(phase), " ", "-")})
		}
	}
	return out
}

func actorTypes(c *cluster) []string {
	var types []string
	add := func(t string) {
		if !slices.Contains(types, t) {
			types = append(types, t)
		}
	}
	hints := strings.ToLower(strings.Join([]string{c.text("motive"), c.text("microsoft-origin-threat"), c.text("sector")}, " "))
	if strings.Contains(hints, "private sector offensive") {
		add("private-sector-offensive-actor")
	}
	if strings.Contains(hints, "financ") || strings.Contains(hints, "cybercrime") {
		add("criminal")
	}
	if strings.Contains(hints, "hacktivis") {
		add("activist")
	}
	if strings.Contains(hints, "influence operations") {
		add("influence-operations")
	}
	if c.text("cfr-suspected-state-sponsor") != "" {
		add("nation-state")
	}
	return types
}

// motivation is the word of the vocabulary attack-motivation (section 10.1).
func motivation(text string) string {
	text = strings.ToLower(text)
	switch {
	case strings.Contains(text, "financ"), strings.Contains(text, "cybercrime"):
		return "personal-gain"
	case strings.Contains(text, "hacktivis"):
		return "ideology"
	case strings.Contains(text, "espionage"):
		return "organizational-gain"
	default:
		return ""
	}
}
