package match

import (
	"errors"
	"fmt"
	"strings"

	"marque/event"
	"marque/event/value"
	"marque/stix"
	"marque/stix/pattern"
)

// ErrNoPattern says that an indicator's pattern is not one that events can be matched with.
var ErrNoPattern = errors.New("pattern that events cannot be matched with")

// Compiled is a STIX indicator made ready: values for the tables or, where its pattern is not a disjunction of equalities, a
// program among [Patterns].
type Compiled struct {
	Head    Indicator // identity, validity and tags, without a value
	Values  []Indicator
	Program *pattern.Program
}

// Compile makes an indicator object ready. Actor and sponsor tag its hits. Errors wrap ErrNoPattern, or are those of package
// pattern, with the indicator's id.
func Compile(o *stix.Object, actor, sponsor string) (Compiled, error) {
	var v stix.Indicator
	if err := o.Decode(&v); err != nil {
		return Compiled{}, err
	}
	if v.PatternType != "" && v.PatternType != "stix" {
		return Compiled{}, fmt.Errorf("%s: pattern type %q, want stix: %w", o.ID, v.PatternType, ErrNoPattern)
	}
	c, err := CompilePattern(Indicator{
		ID: string(o.ID), ValidFrom: v.ValidFrom.Time(), ValidUntil: v.ValidUntil.Time(), Revoked: o.Revoked,
		Actor: actor, Sponsor: sponsor, Labels: v.Labels,
	}, v.Pattern)
	if err != nil {
		return Compiled{}, fmt.Errorf("%s: %w", o.ID, err)
	}
	return c, nil
}

// CompilePattern makes a pattern ready whose hits carry the identity and the tags of head. Values are read as people write them
// (package event/value); a pattern none of whose values can be met is ErrNoPattern. Other errors are those of package pattern.
func CompilePattern(head Indicator, source string) (Compiled, error) {
	p, err := pattern.Parse(source)
	if err != nil {
		return Compiled{}, err
	}
	prog, err := pattern.Compile(p)
	if err != nil {
		return Compiled{}, err
	}
	lookups, simple := prog.Lookups()
	out := Compiled{Head: head}
	var faults []error
	for _, l := range lookups {
		kind, ok := kindOf(l)
		if !ok {
			simple = false
			break
		}
		v, err := value.Of(kind, l.Value.Text)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s:%s %.80q: %w", l.ObjectType, l.Path, l.Value.Text, err))
			continue
		}
		in := head
		in.Kind, in.Value = v.Kind, v.Text
		out.Values = append(out.Values, in)
	}
	if simple && len(out.Values) == 0 && len(faults) > 0 {
		return Compiled{}, fmt.Errorf("%w: %w", errors.Join(faults...), ErrNoPattern)
	}
	if !simple {
		return Compiled{Head: head, Program: prog}, nil
	}
	return out, nil
}

// kindOf tells which table a comparison belongs into.
func kindOf(l pattern.Lookup) (event.Kind, bool) {
	if l.Op == pattern.OpSubset {
		return event.CIDR, l.ObjectType == "ipv4-addr" || l.ObjectType == "ipv6-addr"
	}
	switch l.ObjectType + ":" + strings.ReplaceAll(l.Path, "'", "") {
	case "ipv4-addr:value", "ipv6-addr:value":
		if strings.Contains(l.Value.Text, "/") {
			return event.CIDR, true
		}
		if strings.Contains(l.Value.Text, ":") {
			return event.IPv6, true
		}
		return event.IPv4, true
	case "domain-name:value":
		return event.Domain, true
	case "url:value":
		return event.URL, true
	case "email-addr:value", "email-message:from_ref.value", "email-message:sender_ref.value":
		return event.Email, true
	case "file:hashes.MD5":
		return event.MD5, true
	case "file:hashes.SHA-1", "file:hashes.SHA1":
		return event.SHA1, true
	case "file:hashes.SHA-256", "file:hashes.SHA256":
		return event.SHA256, true
	case "file:hashes.SHA-512", "file:hashes.SHA512":
		return event.SHA512, true
	}
	return event.KindNone, false
}

// Pattern is the indicator for [Patterns], where it has a program.
func (c *Compiled) Pattern() Pattern { return Pattern{c.Head, c.Program} }
