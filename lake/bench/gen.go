package bench

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"marque/event"
	"marque/match"
)

// Workload describes synthetic events and indicators. The same workload always gives the same bytes. The zero value of a field
// means its default.
type Workload struct {
	Seed       uint64  `json:"seed"`
	Events     int     `json:"events"`     // default 1,000,000
	Indicators int     `json:"indicators"` // default 1,000,000: a quarter each of IPv4, domain, URL and SHA-256
	HitRate    float64 `json:"hit_rate"`   // share of events with one indicator's value; default 0.01, negative for none
	Mixed      bool    `json:"mixed"`      // all five formats instead of the short form alone
	Hours      int     `json:"hours"`      // over which the events spread evenly; default 24
}

// Statement is printed wherever figures of a workload are.
const Statement = "synthetic workload: seeded random events and indicators, no real traffic"

func (w Workload) defaults() Workload {
	if w.Events == 0 {
		w.Events = 1_000_000
	}
	if w.Indicators == 0 {
		w.Indicators = 1_000_000
	}
	if w.Hours == 0 {
		w.Hours = 24
	}
	if w.HitRate == 0 {
		w.HitRate = 0.01
	}
	return w
}

const actors = 50

var (
	sponsors   = []string{"", "alpha state", "beta state", "gamma state", "delta state"}
	sectors    = []string{"energy", "finance", "government", "health", "media", "telecom", "transport", "defence", "education", "retail"}
	countries  = []string{"AU", "BR", "CA", "DE", "EE", "FI", "FR", "GB", "IN", "JP", "KE", "LV", "MX", "NL", "PL", "SE", "TW", "UA", "US", "ZA"}
	techniques = []string{"T1190", "T1566.001", "T1566.002", "T1078", "T1059.001", "T1071.001", "T1486", "T1567", "T1041", "T1110"}
)

// mix is SplitMix64 (Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

func appendIP(b []byte, n uint64) []byte {
	for i := range 4 {
		part := n >> (24 - 8*i) & 255
		if i == 0 {
			part = part%223 + 1
		} else {
			b = append(b, '.')
		}
		b = strconv.AppendUint(b, part, 10)
	}
	return b
}

func appendDigest(b []byte, n uint64) []byte {
	for i := range uint64(4) {
		x := mix(n*4 + i)
		for k := range 16 {
			b = append(b, "0123456789abcdef"[x>>(60-4*k)&15])
		}
	}
	return b
}

// The values of indicator i and of harmless events come from one space of numbers: indicators have the lower half.
func appendDomain(b []byte, n uint64) []byte {
	b = append(b, 'd')
	b = strconv.AppendUint(b, mix(n)>>16, 36)
	return append(b, []string{".com", ".net", ".org", ".info"}[n&3]...)
}

func appendURL(b []byte, n uint64) []byte {
	return appendPath(appendDomain(append(b, "https://www."...), n^1<<62), n)
}

func appendPath(b []byte, n uint64) []byte {
	b = append(b, "/files/"...)
	b = strconv.AppendUint(b, mix(n+7)>>32, 10)
	return append(b, "/index.php?id=7"...)
}

// Each calls f with every indicator, in order.
func (w Workload) Each(f func(match.Indicator) error) error {
	w = w.defaults()
	var b []byte
	for i := range uint64(w.Indicators) {
		in := match.Indicator{ID: id(w.Seed, i), Actor: "actor " + strconv.Itoa(int(i%actors)), Sponsor: sponsors[i%actors%uint64(len(sponsors))]}
		switch n := i / 4; i % 4 {
		case 0:
			in.Kind, b = event.IPv4, appendIP(b[:0], mix(w.Seed+n))
		case 1:
			in.Kind, b = event.Domain, appendDomain(b[:0], n)
		case 2:
			in.Kind, b = event.URL, appendURL(b[:0], n)
		case 3:
			in.Kind, b = event.SHA256, appendDigest(b[:0], n)
		}
		in.Value = string(b)
		if err := f(in); err != nil {
			return err
		}
	}
	return nil
}

func id(seed, i uint64) string {
	a, b := mix(seed^i), mix(i+1)
	return fmt.Sprintf("indicator--%08x-%04x-4%03x-8%03x-%012x", uint32(a>>32), uint16(a>>16), a&0xFFF, b>>52, b&0xFFFFFFFFFFFF)
}

// Table builds the table of the workload's indicators.
func (w Workload) Table(seed uint64) (*match.Table, error) {
	b := match.NewBuilder(seed, w.defaults().Indicators)
	if err := w.Each(b.Add); err != nil {
		return nil, err
	}
	return b.Build(), nil
}

// WriteIndicators writes the indicators as CSV for other programs: id, value, actor, sponsor.
func (w Workload) WriteIndicators(out io.Writer) error {
	c := csv.NewWriter(out)
	if err := c.Write([]string{"id", "value", "actor", "sponsor"}); err != nil {
		return err
	}
	err := w.Each(func(in match.Indicator) error { return c.Write([]string{in.ID, in.Value, in.Actor, in.Sponsor}) })
	c.Flush()
	if err != nil {
		return err
	}
	return c.Error()
}

// start is the time of the first event.
var start = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// made is an event that the formats spell, each in its way.
type made struct {
	at                                         time.Time
	sensor, technique, sector, country, victim string
	ip, domain, url, digest                    []byte
	filler                                     []byte
}

// WriteEvents writes the events as JSON lines of about 500 bytes, evenly over the hours.
func (w Workload) WriteEvents(ctx context.Context, out io.Writer) error {
	w = w.defaults()
	r := rand.New(rand.NewPCG(w.Seed, 1))
	buf := bufio.NewWriterSize(out, 1<<20)
	var e made
	var line []byte
	for i := range w.Events {
		if i%65536 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w.fill(&e, r, i)
		format := 0
		if w.Mixed {
			format = i % len(writers)
		}
		line = append(writers[format](line[:0], &e), '\n')
		if _, err := buf.Write(line); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
	}
	return buf.Flush()
}

func (w Workload) fill(e *made, r *rand.Rand, i int) {
	e.at = start.Add(time.Duration(float64(i) / float64(w.Events) * float64(w.Hours) * float64(time.Hour)))
	e.sensor = "sensor-" + strconv.Itoa(r.IntN(16))
	e.technique, e.sector = techniques[r.IntN(len(techniques))], sectors[r.IntN(len(sectors))]
	e.country, e.victim = countries[r.IntN(len(countries))], "org-"+strconv.Itoa(r.IntN(1000))
	miss := func() uint64 { return 1<<40 | r.Uint64()>>24 }
	ip, domain, path, digest := r.Uint64(), miss(), miss(), miss()
	www := true
	if quarter := uint64(w.Indicators / 4); quarter > 0 && r.Float64() < w.HitRate {
		n := r.Uint64N(quarter)
		switch r.IntN(4) {
		case 0:
			ip = mix(w.Seed + n)
		case 1:
			domain, www = n, r.IntN(2) == 0
		case 2:
			domain, path = n^1<<62, n
		case 3:
			digest = n
		}
	}
	e.ip, e.digest = appendIP(e.ip[:0], ip), appendDigest(e.digest[:0], digest)
	e.domain = e.domain[:0]
	if www {
		e.domain = append(e.domain, "www."...)
	}
	e.domain = appendDomain(e.domain, domain)
	e.url = appendPath(append(append(e.url[:0], "https://"...), e.domain...), path)
	e.filler = append(e.filler[:0], `"proto":"tcp","src_port":`...)
	e.filler = strconv.AppendInt(e.filler, int64(1024+r.IntN(60000)), 10)
	e.filler = append(e.filler, `,"dst_port":443,"bytes_in":`...)
	e.filler = strconv.AppendInt(e.filler, int64(r.IntN(1<<20)), 10)
	e.filler = append(e.filler, `,"user_agent":"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101","tls":{"version":"1.3"},"allowed":true`...)
}

// writers spell an event in the five formats; short first.
var writers = []func([]byte, *made) []byte{short, ocsf, eve, zeek, ecs}

func sprintf(b []byte, format string, args ...any) []byte { return fmt.Appendf(b, format, args...) }

func stamp(t time.Time) string { return t.Format("2006-01-02T15:04:05.000000Z") }

func short(b []byte, e *made) []byte {
	b = append(b, `{"time":"`...)
	b = e.at.AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	for _, f := range []struct{ name, value string }{
		{"sensor", e.sensor},
		{"technique", e.technique},
		{"sector", e.sector},
		{"country", e.country},
		{"victim", e.victim},
		{"dst_ip", string(e.ip)},
		{"domain", string(e.domain)},
		{"url", string(e.url)},
		{"sha256", string(e.digest)},
	} {
		b = append(append(append(append(append(b, `","`...), f.name...), `":"`...), f.value...), ""...)
	}
	return append(append(append(b, `",`...), e.filler...), '}')
}

func ocsf(b []byte, e *made) []byte {
	return sprintf(b, `{"class_uid":4002,"category_uid":4,"severity_id":1,"time":%d,"metadata":{"version":"1.3.0","log_source":"%s","tenant_uid":"%s"},"attacks":[{"technique":{"uid":"%s"}}],"unmapped":{"sector":"%s","country":"%s"},"dst_endpoint":{"ip":"%s","hostname":"%s","port":443},"http_request":{"http_method":"GET","url":{"url_string":"%s"}},"file":{"name":"a.bin","hashes":[{"algorithm_id":3,"value":"%s"}]},%s}`,
		e.at.UnixMilli(), e.sensor, e.victim, e.technique, e.sector, e.country, e.ip, e.domain, e.url, e.digest, e.filler)
}

func eve(b []byte, e *made) []byte {
	return sprintf(b, `{"timestamp":"%s+0000","flow_id":1234567890123,"event_type":"fileinfo","host":"%s","dest_ip":"%s","alert":{"signature_id":2,"metadata":{"mitre_technique_id":["%s"]}},"http":{"hostname":"%s","http_method":"GET","status":200},"email":{"url":["%s"]},"fileinfo":{"state":"CLOSED","sha256":"%s"},"app_proto":"http",%s}`,
		e.at.Format("2006-01-02T15:04:05.000000"), e.sensor, e.ip, e.technique, e.domain, e.url, e.digest, e.filler)
}

func zeek(b []byte, e *made) []byte {
	return sprintf(b, `{"_path":"http","ts":%d.%06d,"uid":"CHhAvVGS1DHFjwGM9","_system_name":"%s","id.orig_p":49152,"id.resp_h":"%s","id.resp_p":443,"method":"GET","query":"%s","uri":"%s","sha256":"%s","resp_mime_types":["text/html"],%s}`,
		e.at.Unix(), e.at.Nanosecond()/1000, e.sensor, e.ip, e.domain, e.url, e.digest, e.filler)
}

func ecs(b []byte, e *made) []byte {
	return sprintf(b, `{"@timestamp":"%s","ecs":{"version":"8.11.0"},"observer":{"name":"%s"},"threat":{"technique":{"id":["%s"]}},"labels":{"sector":"%s","country":"%s","victim":"%s"},"destination":{"ip":"%s","port":443},"dns":{"question":{"name":"%s"}},"url":{"full":"%s"},"file":{"hash":{"sha256":"%s"}},%s}`,
		stamp(e.at), e.sensor, e.technique, e.sector, e.country, e.victim, e.ip, e.domain, e.url, e.digest, e.filler)
}
