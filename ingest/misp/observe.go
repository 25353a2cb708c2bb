package misp

import (
	"fmt"
	"strconv"
	"strings"

	"marque/event/value"
	"marque/stix"
)

// form says what the value of an attribute type is in STIX.
type form struct {
	// paths are the object paths of the parts of the value, which "|" joins. "ip" is an address of either version.
	paths []string
	// partial: the value can be looked for, but is too little for an observable.
	partial bool
	// account is the account_type of a user-account.
	account string
	// typ is an SDO that the value names, instead of an observable.
	typ string
	// rule is the pattern_type of a detection rule.
	rule string
}

// forms by attribute type (MISP core format, section 2.3; describeTypes). A type that is not here becomes a note.
var forms = makeForms()

func makeForms() map[string]form {
	m := map[string]form{
		"regkey|value":  {paths: []string{"windows-registry-key:key", "windows-registry-key:values[*].data"}},
		"domain|ip":     {paths: []string{"domain-name:value", "domain-name:resolves_to_refs[*].value"}},
		"hostname|port": {paths: []string{"network-traffic:dst_ref.value", "network-traffic:dst_port"}},
		"ip-dst|port":   {paths: []string{"network-traffic:dst_ref.value", "network-traffic:dst_port"}},
		"ip-src|port":   {paths: []string{"network-traffic:src_ref.value", "network-traffic:src_port"}},
		"malware-sample": {paths: []string{
			"file:name", "file:hashes.MD5",
		}},
	}
	one := func(path string, types ...string) {
		for _, t := range types {
			m[t] = form{paths: []string{path}}
		}
	}
	one("ip", "ip-src", "ip-dst")
	one("domain-name:value", "domain", "hostname", "onion-address")
	one("url:value", "url", "uri")
	one("email-addr:value", "email", "email-src", "email-dst", "target-email", "whois-registrant-email", "dns-soa-email", "email-reply-to")
	one("email-addr:display_name", "email-src-display-name", "email-dst-display-name")
	one("email-message:subject", "email-subject")
	one("email-message:body", "email-body")
	one("email-message:message_id", "email-message-id")
	one("file:name", "filename", "email-attachment", "attachment")
	one("mutex:name", "mutex")
	one("windows-registry-key:key", "regkey")
	one("autonomous-system:number", "AS")
	one("mac-addr:value", "mac-address")
	hashes := map[string]string{
		"md5": "MD5", "sha1": "'SHA-1'", "sha224": "'SHA-224'", "sha256": "'SHA-256'", "sha384": "'SHA-384'", "sha512": "'SHA-512'",
		"sha3-256": "'SHA3-256'", "sha3-512": "'SHA3-512'", "ssdeep": "SSDEEP", "tlsh": "TLSH",
	}
	for t, name := range hashes {
		one("file:hashes."+name, t)
		m["filename|"+t] = form{paths: []string{"file:name", "file:hashes." + name}}
	}
	for t, path := range map[string]string{
		"imphash": "file:extensions.'windows-pebinary-ext'.imphash", "mime-type": "file:mime_type",
		"user-agent":  "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'",
		"http-method": "network-traffic:extensions.'http-request-ext'.request_method", "port": "network-traffic:dst_port",
		"windows-service-name": "process:extensions.'windows-service-ext'.service_name",
		"email-x-mailer":       "email-message:additional_header_fields.'X-Mailer'", "cpe": "software:cpe",
	} {
		m[t] = form{paths: []string{path}, partial: true}
	}
	m["filename|imphash"] = form{paths: []string{"file:name", m["imphash"].paths[0]}, partial: true}
	one("x509-certificate:hashes.MD5", "x509-fingerprint-md5")
	one("x509-certificate:hashes.'SHA-1'", "x509-fingerprint-sha1")
	one("x509-certificate:hashes.'SHA-256'", "x509-fingerprint-sha256")
	for t, kind := range map[string]string{
		"btc": "btc", "xmr": "xmr", "dash": "dash", "github-username": "github", "twitter-id": "twitter", "jabber-id": "jabber", "eppn": "eppn",
	} {
		m[t] = form{paths: []string{"user-account:user_id"}, account: kind}
	}
	for t, typ := range map[string]string{
		"vulnerability": "vulnerability", "threat-actor": "threat-actor", "campaign-name": "campaign", "malware-type": "malware",
	} {
		m[t] = form{typ: typ}
	}
	for t, rule := range map[string]string{"yara": "yara", "sigma": "sigma", "snort": "snort", "suricata": "suricata", "stix2-pattern": "stix"} {
		m[t] = form{rule: rule}
	}
	return m
}

// parts splits the value of a composite type. It reports false for a value with too few parts.
func (f form) parts(value string) ([]string, bool) {
	if len(f.paths) < 2 {
		return []string{value}, value != ""
	}
	a, b, ok := strings.Cut(value, "|")
	return []string{a, b}, ok && a != "" && b != ""
}

// address is the type and the text of an IP address or block.
func address(s string) (typ, text string, ok bool) {
	v, err := value.At("ip", s)
	typ, _, _ = strings.Cut(v.Path, ":")
	return typ, v.Text, err == nil
}

// fit is a part of a value as STIX spells it, in the form of its path; ok is false for what nothing can be equal to.
func fit(path, part string) (text string, ok bool) {
	switch path {
	case "network-traffic:dst_ref.value", "network-traffic:src_ref.value", "domain-name:resolves_to_refs[*].value":
		if _, text, ok := address(part); ok {
			return text, true
		}
		path = "domain-name:value"
	}
	v, err := value.At(path, spelled(path, part))
	return v.Text, err == nil
}

// pattern is the STIX pattern that finds the value, "" where there is none.
func (f form) pattern(value string) string {
	parts, ok := f.parts(value)
	if !ok || len(f.paths) == 0 {
		return ""
	}
	var terms []string
	if f.account != "" {
		terms = append(terms, "user-account:account_type = "+quote(f.account))
	}
	for i, path := range f.paths {
		text, ok := fit(path, parts[i])
		if !ok {
			return ""
		}
		literal := quote(text)
		switch {
		case path == "ip":
			typ, _, _ := address(parts[i])
			path = typ + ":value"
		case numeric(path):
			n, ok := number(parts[i])
			if !ok {
				return ""
			}
			literal = strconv.FormatInt(n, 10)
		}
		op := " = "
		if strings.HasSuffix(path, "-addr:value") && strings.Contains(text, "/") {
			op = " ISSUBSET "
		}
		terms = append(terms, path+op+literal)
	}
	return "[" + strings.Join(terms, " AND ") + "]"
}

func numeric(path string) bool {
	return strings.HasSuffix(path, "_port") || path == "autonomous-system:number"
}

// number reads "64500" and "AS64500".
func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "AS"), 10, 64)
	return n, err == nil && n >= 0
}

// quote makes a string literal of the patterning language (section 9.3).
func quote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", `\'`) + "'"
}

// observables are the cyber observables that the value stands for, what refers to others last. None where the value does not fit.
func (f form) observables(value string) []map[string]any {
	parts, ok := f.parts(value)
	if !ok || len(f.paths) == 0 || f.partial {
		return nil
	}
	switch {
	case f.paths[0] == "ip":
		return addresses(parts[0])
	case strings.HasPrefix(f.paths[0], "network-traffic:"):
		return traffic(f.paths, parts)
	case len(f.paths) == 2 && strings.HasPrefix(f.paths[1], "domain-name:"):
		ips := addresses(parts[1])
		if ips == nil {
			return nil
		}
		name, ok := fit("domain-name:value", parts[0])
		if !ok {
			return nil
		}
		return append(ips, observable("domain-name", map[string]any{"value": name, "resolves_to_refs": []any{ips[0]["id"]}}))
	}
	typ, _, _ := strings.Cut(f.paths[0], ":")
	props := map[string]any{}
	if f.account != "" {
		props["account_type"] = f.account
	}
	for i, path := range f.paths {
		if !set(props, path, parts[i]) {
			return nil
		}
	}
	switch {
	case typ == "email-addr" && props["value"] == nil:
		return nil // a display name alone is no address
	case typ == "email-message":
		props["is_multipart"] = false
	}
	return []map[string]any{observable(typ, props)}
}

// set puts a value under a path "type:name", "type:hashes.NAME" or "type:values[*].data".
func set(props map[string]any, path, part string) bool {
	_, name, _ := strings.Cut(path, ":")
	text, ok := fit(path, part)
	if !ok {
		return false
	}
	switch {
	case numeric(path):
		n, ok := number(text)
		props[name] = n
		return ok
	case strings.HasPrefix(name, "hashes."):
		props["hashes"] = map[string]any{strings.Trim(strings.TrimPrefix(name, "hashes."), "'"): text}
	case name == "values[*].data":
		props["values"] = []any{map[string]any{"data": text}}
	default:
		props[name] = text
	}
	return true
}

// spelled writes a value as STIX wants it: the hive of a registry key in full (section 6.17).
func spelled(path, value string) string {
	if path != "windows-registry-key:key" {
		return value
	}
	hive, rest, cut := strings.Cut(value, `\`)
	full, ok := map[string]string{
		"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT", "HKU": "HKEY_USERS", "HKCC": "HKEY_CURRENT_CONFIG",
	}[strings.ToUpper(hive)]
	if !ok || !cut {
		return value
	}
	return full + `\` + rest
}

func addresses(value string) []map[string]any {
	typ, text, ok := address(value)
	if !ok {
		return nil
	}
	return []map[string]any{observable(typ, map[string]any{"value": text})}
}

func traffic(paths, parts []string) []map[string]any {
	end, text, ok := address(parts[0])
	if !ok {
		end = "domain-name"
		if text, ok = fit("domain-name:value", parts[0]); !ok {
			return nil
		}
	}
	port, ok := number(parts[1])
	if !ok || port > 65535 {
		return nil
	}
	host := observable(end, map[string]any{"value": text})
	side := strings.TrimSuffix(strings.TrimPrefix(paths[0], "network-traffic:"), ".value")
	name := strings.TrimPrefix(paths[1], "network-traffic:")
	return []map[string]any{host, observable("network-traffic", map[string]any{side: host["id"], name: port, "protocols": []any{"tcp"}})}
}

func observable(typ string, props map[string]any) map[string]any {
	props["type"], props["spec_version"] = typ, "2.1"
	id, ok := stix.ObservableID(typ, props)
	if !ok { // no id-contributing property: named by all it has (section 2.9)
		id = stix.DerivedID(typ, fmt.Sprint(props)) // maps print in the order of their keys
	}
	props["id"] = id
	return props
}
