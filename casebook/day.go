package casebook

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// Synthetic is what every reader of the day's events must be told.
const Synthetic = "The events are synthetic: made from a seed for this demonstration, seen by no sensor. The operations, claims and measures are real."

// Day is the day that the synthetic events fall on.
var Day = time.Date(2024, time.September, 12, 0, 0, 0, 0, time.UTC)

// WriteDay writes a day of n synthetic events as JSON lines, half of them OCSF DNS activity, half in Marque's short form. About one
// in 250 asks for one of the domains; the others go to made-up hosts below example domains (RFC 2606). The same seed gives the
// same bytes.
func WriteDay(w io.Writer, seed uint64, n int, domains []string) error {
	r := rand.New(rand.NewPCG(seed, 0x6d6172717565)) //nolint:gosec // reproducible on purpose
	out := bufio.NewWriter(w)
	sectors := []string{"government", "media", "education", "telecommunications", "citizens"}
	countries := []string{"US", "DE", "FR", "UA", "PL"}
	for i := range n {
		at := Day.Add(time.Duration(int64(i) * int64(24*time.Hour) / int64(n)))
		domain := fmt.Sprintf("host-%d.example.%s", r.IntN(20000), []string{"com", "net", "org"}[r.IntN(3)])
		if len(domains) > 0 && r.IntN(250) == 0 {
			domain = domains[r.IntN(len(domains))]
			if r.IntN(3) == 0 {
				domain = "www." + domain
			}
		}
		sensor := fmt.Sprintf("sensor-%d", r.IntN(4)+1)
		client := fmt.Sprintf("192.0.2.%d", r.IntN(254)+1)
		sector, country := sectors[r.IntN(len(sectors))], countries[r.IntN(len(countries))]
		if i%2 == 0 {
			fmt.Fprintf(out, `{"metadata":{"version":"1.3.0","product":{"name":"synthetic"}},"class_uid":4003,"class_name":"DNS Activity","category_uid":4,"activity_id":1,"type_uid":400301,"severity_id":1,"time":%d,"query":{"hostname":%q,"type":"A"},"src_endpoint":{"ip":%q},"device":{"hostname":%q,"type_id":1}}`+"\n",
				at.UnixMilli(), domain, client, sensor)
			continue
		}
		fmt.Fprintf(out, `{"time":%q,"sensor":%q,"domain":%q,"src_ip":%q,"sector":%q,"country":%q}`+"\n",
			at.Format(time.RFC3339), sensor, domain, client, sector, country)
	}
	return out.Flush()
}

// Domains are the domains of the casebook's indicators.
func Domains() ([]string, error) {
	src, err := Source()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(src)
	if err != nil {
		return nil, fmt.Errorf("casebook: %w", err)
	}
	b, err := parse(raw)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, in := range b.Indicators {
		out = append(out, in.Domains...)
	}
	return out, nil
}
