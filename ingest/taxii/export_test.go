package taxii

import "net/http"

// ReadPage is readPage for the fuzz target: how many objects, and what comes next.
func ReadPage(body []byte, last string) (objects int, more bool, next string, err error) {
	h := http.Header{}
	h.Set("X-TAXII-Date-Added-Last", last)
	p, err := readPage(&answer{header: h, body: body})
	if err != nil {
		return 0, false, "", err
	}
	return p.objects, p.more, p.next, nil
}
