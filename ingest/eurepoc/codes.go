package eurepoc

import (
	"slices"
	"strings"
)

// sectorOf maps EuRepoC's categories and subcategories of receivers to the codes of docs/model.md.
var sectorOf = map[string]string{
	"government / ministries":        "government",
	"civil service / administration": "government",
	"legislative":                    "government",
	"judiciary":                      "government",
	"police":                         "government",
	"intelligence agencies":          "government",
	"other (e.g., embassies)":        "government",
	"military":                       "military",
	"political parties":              "political-party",
	"election infrastructure / related systems": "election",
	"energy":                 "energy",
	"water":                  "critical-infrastructure",
	"transportation":         "transport",
	"health":                 "health",
	"chemicals":              "manufacturing",
	"telecommunications":     "telecommunications",
	"food":                   "critical-infrastructure",
	"finance":                "finance",
	"defence industry":       "defence",
	"space":                  "aerospace",
	"critical manufacturing": "manufacturing",
	"advocacy / activists (e.g. human rights organizations)": "civil-society",
	"political opposition / dissidents / expats":             "civil-society",
	"ethnic":                                "civil-society",
	"religious":                             "civil-society",
	"hacktivist":                            "civil-society",
	"other social groups":                   "civil-society",
	"terrorist":                             "other",
	"criminal":                              "other",
	"state institutions / political system": "government",
	"international / supranational organization": "international-organisation",
	"critical infrastructure":                    "critical-infrastructure",
	"social groups":                              "civil-society",
	"media":                                      "media",
	"science":                                    "research",
	"other":                                      "other",
}

// sector reads a pair of category and subcategory; the subcategory knows more. It is empty where neither says anything.
func sector(category, sub string) string {
	if code, ok := sectorOf[strings.ToLower(sub)]; ok {
		return code
	}
	category = strings.ToLower(category)
	switch {
	case strings.HasPrefix(category, "corporate targets"):
		return "other"
	case strings.HasPrefix(category, "end user"):
		return "citizens"
	}
	return sectorOf[category]
}

// disclosures maps EuRepoC's sources of disclosure to the codes of docs/model.md, by how they begin.
var disclosures = []struct{ text, code string }{
	{"Incident disclosed by attacker", "attacker"},
	{"Incident disclosed by victim", "victim"},
	{"Incident disclosed by authorities", "authorities"},
	{"Incident disclosed by IT-security company", "company"},
	{"Incident disclosed by media", "media"},
	{"Incident disclosed by third-party", "third-party"},
}

// disclosedBy reads who made an incident public.
func disclosedBy(values []string) []string {
	var out []string
	for _, v := range values {
		for _, d := range disclosures {
			if strings.HasPrefix(v, d.text) {
				out = addNew(out, []string{d.code})
			}
		}
	}
	return out
}

// techniques are ATT&CK's numbers for the names that EuRepoC takes from it.
var techniques = map[string]string{
	"Phishing": "T1566", "Exploit Public-Facing Application": "T1190", "Valid Accounts": "T1078", "External Remote Services": "T1133",
	"Supply Chain Compromise": "T1195", "Trusted Relationship": "T1199", "Drive-By Compromise": "T1189",
	"Replication Through Removable Media": "T1091", "Hardware Additions": "T1200", "Data Encrypted for Impact": "T1486",
	"Network Denial of Service": "T1498", "Endpoint Denial of Service": "T1499", "Defacement": "T1491", "Data Destruction": "T1485",
	"Service Stop": "T1489", "Disk Wipe": "T1561", "Data Manipulation": "T1565", "Resource Hijacking": "T1496",
	"Inhibit System Recovery": "T1490", "System Shutdown/Reboot": "T1529", "Account Access Removal": "T1531", "Firmware Corruption": "T1495",
}

// deeds collects kinds and acts without repeating them.
type deeds struct{ kinds, acts []string }

func (d *deeds) kind(codes ...string) { d.kinds = addNew(d.kinds, codes) }

func (d *deeds) act(codes ...string) { d.acts = addNew(d.acts, codes) }

func addNew(list, more []string) []string {
	for _, c := range more {
		if !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// deedsOf reads what was done from the incident's type, its ATT&CK impact and the words of its description: the types say
// "disruption" for everything from a defaced page to a wiper.
func deedsOf(types, impact []string, text string) deeds {
	var d deeds
	text = strings.ToLower(text)
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
	}
	hit := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(impact, n) })
	}
	ddos := hit("Network Denial of Service", "Endpoint Denial of Service") || says("ddos", "denial of service", "denial-of-service")
	defaced := hit("Defacement") || says("deface")
	wiped := hit("Data Destruction", "Disk Wipe") || says("wiper", "wiped", "erased data")
	theft, ransom := false, false
	for _, t := range types {
		switch t {
		case "Disruption":
			d.act("disruption")
			if !ddos && !defaced && !wiped {
				d.kind("sabotage")
			}
		case "Data theft":
			theft = true
			d.kind("intrusion", "theft")
			d.act("data-theft")
		case "Data theft & Doxing":
			theft = true
			d.kind("intrusion", "hack-and-leak")
			d.act("data-theft", "leak")
		case "Hijacking with Misuse":
			d.kind("intrusion")
		case "Hijacking without Misuse":
			d.kind("intrusion")
			d.act("prepositioning")
		case "Ransomware":
			ransom = true
			d.kind("ransomware", "extortion")
			d.act("encryption", "ransom-demand")
		}
	}
	if ransom && (theft || hit("Data Exfiltration")) {
		d.act("data-theft-before-encryption")
	}
	if ddos {
		d.kind("ddos")
	}
	if defaced {
		d.kind("defacement")
		d.act("defacement")
	}
	if wiped {
		d.kind("wiper")
		d.act("wiping")
	}
	if says("espionage", "spied on", "spying", "surveil", "spyware") {
		d.kind("espionage")
		if says("surveil", "spyware") {
			d.act("surveillance")
		}
	}
	if hit("Data Exfiltration") {
		d.act("data-theft")
	}
	return d
}

// admiralty grades an attribution (NATO STANAG 2511): reliability by who attributes (its basis), credibility by the form in
// which it is done (its type). The grades are this project's reading of EuRepoC's codes, not EuRepoC's.
func admiralty(basis, form string) (reliability string, credibility int) {
	switch {
	case strings.HasPrefix(basis, "Attribution by receiver government"), strings.HasPrefix(basis, "Attribution by EU"),
		strings.HasPrefix(basis, "Attribution by international"), strings.HasPrefix(basis, "IT-security community"):
		reliability = "B"
	case strings.HasPrefix(basis, "Attribution by third-party"), strings.HasPrefix(basis, "Media-based"),
		strings.HasPrefix(basis, "Receiver attributes"), strings.HasPrefix(basis, "Contested"):
		reliability = "C"
	case strings.HasPrefix(basis, "Attacker confirms"):
		reliability = "D"
	default:
		reliability = "F"
	}
	switch {
	case strings.HasPrefix(form, "Technical report"), strings.HasPrefix(form, "Domestic legal action"), strings.Contains(form, "indictment"):
		credibility = 2
	case strings.HasPrefix(form, "Political statement"), strings.HasPrefix(form, "Direct statement"),
		strings.HasPrefix(form, "Self-attribution"), strings.HasPrefix(form, "Statement in media report and political"):
		credibility = 3
	case strings.HasPrefix(form, "Anonymous statement"), strings.HasPrefix(form, "Media report"):
		credibility = 4
	default:
		credibility = 6
	}
	if strings.HasPrefix(basis, "Contested") {
		credibility = max(credibility, 4)
	}
	return reliability, credibility
}

// measureKind maps a response to the kinds of docs/model.md; attributed tells that the incident is attributed to a state.
func measureKind(form, sub, actor string, attributed bool) string {
	switch {
	case strings.HasPrefix(sub, "Economic sanctions"):
		return "sanctions"
	case strings.HasPrefix(sub, "Severance of diplomatic"):
		return "expulsion"
	case strings.HasPrefix(sub, "Diplomatic protest"):
		return "protest"
	case strings.HasPrefix(sub, "Awareness raising"):
		return "advisory"
	case strings.HasPrefix(sub, "Legislative initiative"):
		return "legislation"
	case strings.HasPrefix(sub, "Declaration of HR"), strings.HasPrefix(sub, "Statement by secretary-general"), strings.HasPrefix(sub, "Statements by foreign"):
		return "joint-statement"
	case strings.HasPrefix(sub, "Statement"):
		if attributed {
			return "public-attribution"
		}
		return "protest"
	case strings.Contains(form, "Preventive"):
		return "advisory"
	case strings.HasPrefix(form, "Other legal measures") && (strings.Contains(actor, "Justice") || strings.Contains(actor, "Attorney")):
		return "indictment"
	default:
		return "other"
	}
}
