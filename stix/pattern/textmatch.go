package pattern

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxLikeWork bounds the product of the lengths of a LIKE operand and of the value that it is held against.
const maxLikeWork = 1 << 28

// like matches the whole of a value: % stands for any run of characters, _ for one. Both sides are in NFC.
func like(operand, value string) (bool, error) {
	if int64(len(operand))*int64(len(value)) > maxLikeWork {
		return false, fmt.Errorf("LIKE on a value of %d bytes: %w", len(value), ErrLimit)
	}
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
			return false, nil
		}
	}
	return strings.Trim(operand[p:], "%") == "", nil
}

// likeTest is the predicate of LIKE. Bytes are read as UTF-8 where they are, else as Latin-1.
func likeTest(operand string) func(any) (bool, error) {
	operand = norm.NFC.String(operand)
	_, binary := latin1(operand)
	return func(v any) (bool, error) {
		switch v := v.(type) {
		case string:
			return like(operand, norm.NFC.String(v))
		case []byte:
			if !binary {
				return false, nil
			}
			text := string(v)
			if !utf8.ValidString(text) {
				text = fromLatin1(v)
			}
			return like(operand, norm.NFC.String(text))
		}
		return false, nil
	}
}

// regexTest is the predicate of MATCHES: a search anywhere in the value.
func regexTest(source string) (func(any) (bool, error), error) {
	source = norm.NFC.String(source)
	re, err := compileRegex(source)
	if err != nil {
		return nil, err
	}
	_, binary := latin1(source)
	return func(v any) (bool, error) {
		switch v := v.(type) {
		case string:
			return re.MatchString(norm.NFC.String(v)), nil
		case []byte:
			return binary && re.MatchString(fromLatin1(v)), nil
		}
		return false, nil
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
func subnetTest(operand string, superset bool) (func(any) (bool, error), error) {
	block, ok := parseSubnet(operand)
	if !ok {
		return nil, fmt.Errorf("%w: %.60q is neither an address nor a CIDR block", ErrPattern, operand)
	}
	return func(v any) (bool, error) {
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
