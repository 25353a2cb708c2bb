package stix

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// ID is a STIX identifier, "type--uuid" (section 2.9).
type ID string

// scoNamespace is the UUIDv5 namespace for deterministic SCO identifiers (section 2.9).
var scoNamespace = uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")

// marqueNamespace makes the ids of objects that Marque derives from sources without ids of their own (a row of a CSV, a
// cluster, a sentence) the same on every import, so that reading a file twice changes nothing.
var marqueNamespace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://marque.invalid/stix"))

// ParseID checks the form of an identifier: a type name, "--", a UUID.
func ParseID(s string) (ID, error) {
	typ, id, ok := strings.Cut(s, "--")
	if !ok || typ == "" {
		return "", fmt.Errorf("id %.80q: want type--uuid: %w", s, ErrNotObject)
	}
	if len(id) != 36 {
		return "", fmt.Errorf("id %.80q: want a UUID of 36 characters after %q: %w", s, typ+"--", ErrNotObject)
	}
	if _, err := uuid.Parse(id); err != nil {
		return "", fmt.Errorf("id %.80q: %w: %w", s, err, ErrNotObject)
	}
	return ID(s), nil
}

// Type is the part before the dashes: the type of the object that the id names.
func (id ID) Type() string {
	typ, _, _ := strings.Cut(string(id), "--")
	return typ
}

// NewID is a fresh random identifier (UUIDv4).
func NewID(typ string) ID { return ID(typ + "--" + uuid.NewString()) }

// DerivedID is an identifier made from what it stands for: the same type and parts always give the same id. Importers use
// it for objects whose source has no STIX id. It is a UUIDv5 in Marque's own namespace, as section 2.9 asks of ids that are
// not cyber observables.
func DerivedID(typ string, parts ...string) ID {
	name := typ + "\x00" + strings.Join(parts, "\x00")
	return ID(typ + "--" + uuid.NewSHA1(marqueNamespace, []byte(name)).String())
}

// idContributing lists the id-contributing properties per SCO type (sections 6.1 to 6.18).
var idContributing = map[string][]string{
	"artifact":             {"hashes", "payload_bin"},
	"autonomous-system":    {"number"},
	"directory":            {"path"},
	"domain-name":          {"value"},
	"email-addr":           {"value"},
	"email-message":        {"from_ref", "subject", "body"},
	"file":                 {"hashes", "name", "parent_directory_ref", "extensions"},
	"ipv4-addr":            {"value"},
	"ipv6-addr":            {"value"},
	"mac-addr":             {"value"},
	"mutex":                {"name"},
	"network-traffic":      {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"},
	"software":             {"name", "cpe", "swid", "vendor", "version"},
	"url":                  {"value"},
	"user-account":         {"account_type", "user_id", "account_login"},
	"windows-registry-key": {"key", "values"},
	"x509-certificate":     {"hashes", "serial_number"},
}

// IsSCO tells whether typ is a cyber-observable type of the specification.
func IsSCO(typ string) bool {
	_, ok := idContributing[typ]
	return ok || typ == "process"
}

// ObservableID is the deterministic identifier of a cyber observable (section 2.9): UUIDv5 over the JCS form of its
// id-contributing properties. It reports false for types without such properties (process) and for objects that carry none
// of them: those get a random id.
func ObservableID(typ string, props map[string]any) (ID, bool) {
	names, ok := idContributing[typ]
	if !ok {
		return "", false
	}
	part := make(map[string]any, len(names))
	for _, n := range names {
		v, ok := props[n]
		if !ok {
			continue
		}
		if n == "hashes" {
			v = preferredHash(v)
		}
		part[n] = v
	}
	if len(part) == 0 {
		return "", false
	}
	b, err := json.Marshal(part)
	if err != nil {
		return "", false
	}
	val := jsontext.Value(b)
	if err := val.Canonicalize(); err != nil {
		return "", false
	}
	return ID(typ + "--" + uuid.NewSHA1(scoNamespace, val).String()), true
}

// preferredHash keeps one hash, in the order of preference of section 2.9: MD5, SHA-1, SHA-256, SHA-512, else the first by
// name.
func preferredHash(v any) any {
	hashes, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for _, k := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if h, ok := hashes[k]; ok {
			return map[string]any{k: h}
		}
	}
	first := ""
	for k := range hashes {
		if first == "" || k < first {
			first = k
		}
	}
	if first == "" {
		return v
	}
	return map[string]any{first: hashes[first]}
}
