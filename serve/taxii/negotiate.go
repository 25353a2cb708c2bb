package taxii

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// accepts tells whether a request takes TAXII 2.1 (sections 1.6.8 and 3.1). Without a version, any is taken. Of several ranges that
// fit, the most specific decides (RFC 9110 section 12.5.1).
func accepts(r *http.Request) bool {
	best, weight := -1, 0.0
	for _, line := range r.Header.Values("Accept") {
		for item := range strings.SplitSeq(line, ",") {
			rank, q := fits(item)
			if rank > best || rank == best && q > weight {
				best, weight = rank, q
			}
		}
	}
	return best >= 0 && weight > 0
}

// fits tells how specifically a range of media types names TAXII 2.1, -1 where it does not, and its weight.
func fits(item string) (rank int, weight float64) {
	typ, params, err := mime.ParseMediaType(strings.TrimSpace(item))
	if err != nil {
		return -1, 0
	}
	weight = 1
	if q, ok := params["q"]; ok {
		if weight, err = strconv.ParseFloat(q, 64); err != nil || weight < 0 || weight > 1 {
			return -1, 0
		}
	}
	switch {
	case typ == "*/*":
		return 0, weight
	case typ == "application/*":
		return 1, weight
	case !isTAXII(typ, params):
		return -1, 0
	case params["version"] == "":
		return 2, weight
	default:
		return 3, weight
	}
}

func isTAXII(typ string, params map[string]string) bool {
	v, ok := params["version"]
	return typ == "application/taxii+json" && (!ok || v == "2.1")
}

// sendsTAXII tells whether the body of a request is TAXII 2.1.
func sendsTAXII(r *http.Request) bool {
	if len(r.Header.Values("Content-Type")) != 1 {
		return false
	}
	typ, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && isTAXII(typ, params)
}
