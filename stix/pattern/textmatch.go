package pattern

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// bytesPerStep is how many comparisons of one element of an operand with one byte of a value cost one of Limits.Steps.
const bytesPerStep = 16

// spendText pays for holding an operand of so many elements against a value.
func (b *batch) spendText(operator Op, elements int, value string) error {
	if !b.spend(1 + int64(elements)*int64(len(value))/bytesPerStep) {
		return fmt.Errorf("%s on a value of %d bytes: %w", operator, len(value), ErrLimit)
	}
	return nil
}

// nfc normalises text. Most of it is ASCII, which is normal.
func nfc(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(s)
		}
	}
	return s
}

// like matches the whole of a value: % stands for any run of characters, _ for one. Both sides are in NFC.
func like(operand, value string) bool {
	p, v := 0, 0
	star, mark := -1, 0 // the last % and where the value stood then
	for v < len(value) {
		vr, vn := utf8.DecodeRuneInString(value[v:])
		pr, pn := utf8.DecodeRuneInString(operand[p:])
		switch {
		case pn > 0 && pr == '%':
			star, mark = p, v
			p += pn
		case pn > 0 && (pr == '_' || pr == vr):
			p, v = p+pn, v+vn
		case star >= 0:
			_, n := utf8.DecodeRuneInString(value[mark:])
			mark += n
			p, v = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(operand[p:], "%") == ""
}

// likeTest is the predicate of LIKE. Bytes are read as UTF-8 where they are, else as Latin-1.
func likeTest(operand string) predicate {
	operand = nfc(operand)
	_, binary := latin1(operand)
	return func(b *batch, v any) (bool, error) {
		var text string
		switch v := v.(type) {
		case string:
			text = v
		case []byte:
			if !binary {
				return false, nil
			}
			if text = string(v); !utf8.Valid(v) {
				text = fromLatin1(v)
			}
		default:
			return false, nil
		}
		if err := b.spendText(OpLike, len(operand), text); err != nil {
			return false, err
		}
		return like(operand, nfc(text)), nil
	}
}

// regexTest is the predicate of MATCHES: a search anywhere in the value.
func regexTest(source string) (predicate, error) {
	source = nfc(source)
	re, err := compileRegex(source)
	if err != nil {
		return nil, err
	}
	_, binary := latin1(source)
	return func(b *batch, v any) (bool, error) {
		var text string
		switch v := v.(type) {
		case string:
			text = v
		case []byte:
			if !binary {
				return false, nil
			}
			text = fromLatin1(v)
		default:
			return false, nil
		}
		if err := b.spendText(OpMatches, re.size, text); err != nil {
			return false, err
		}
		if _, ok := v.(string); ok {
			text = nfc(text)
		}
		return re.match(text), nil
	}, nil
}

// parseSubnet reads an address or a CIDR block. An address is a block of one. Host bits are cleared.
func parseSubnet(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

// subnetTest is the predicate of ISSUBSET (the value lies in the operand) and ISSUPERSET (the reverse). A value that
// is no address, a host name for example, is in no relation to any block.
func subnetTest(operand string, superset bool) (predicate, error) {
	block, ok := parseSubnet(operand)
	if !ok {
		return nil, fmt.Errorf("%w: %.60q is neither an address nor a CIDR block", ErrPattern, operand)
	}
	return func(_ *batch, v any) (bool, error) {
		s, ok := v.(string)
		if !ok {
			return false, nil
		}
		value, ok := parseSubnet(s)
		if !ok {
			return false, nil
		}
		if superset {
			return contains(value, block), nil
		}
		return contains(block, value), nil
	}, nil
}

func contains(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}
