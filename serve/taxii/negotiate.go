package taxii

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// accepts tells whether a request takes TAXII 2.1 (sections 1.6.8 and 3.1). Without a version, any is taken.
func accepts(r *http.Request) bool {
	for _, line := range r.Header.Values("Accept") {
		for item := range strings.SplitSeq(line, ",") {
			typ, params, err := mime.ParseMediaType(strings.TrimSpace(item))
			if err != nil {
				continue
			}
			if q, ok := params["q"]; ok {
				if f, err := strconv.ParseFloat(q, 64); err != nil || f <= 0 {
					continue
				}
			}
			switch {
			case typ == "*/*", typ == "application/*", isTAXII(typ, params):
				return true
			}
		}
	}
	return false
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
