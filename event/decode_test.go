package event_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/event"
)

func newDecoder(t testing.TB, own ...event.Format) *event.Decoder {
	t.Helper()
	f, err := event.NewFormats(own...)
	if err != nil {
		t.Fatal(err)
	}
	return event.NewDecoder(f)
}

// summary shows an event in one comparable text.
func summary(e *event.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", e.Format, e.When().Format(time.RFC3339Nano))
	for _, f := range []struct {
		name string
		v    []byte
	}{{"sensor", e.Sensor}, {"technique", e.Technique}, {"sector", e.Sector}, {"country", e.Country}, {"victim", e.Victim}} {
		if f.v != nil {
			fmt.Fprintf(&b, " %s=%s", f.name, f.v)
		}
	}
	for _, o := range e.Observables {
		fmt.Fprintf(&b, " | %s %s=%s", o.Kind, o.Field, o.Value)
	}
	return b.String()
}

const (
	md5Text    = "44d88612fea8a8f36de82e1278abb02f"
	sha256Text = "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"
)

func TestDecode(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{
			"short", `{"time":"2024-03-01T10:00:00.5+02:00","sensor":"s1","technique":"T1190","sector":"energy","country":"UA","victim":"v","ip":["192.0.2.1","2001:DB8::1"],"domain":"WWW.Example.com.","url":"HTTP://Example.com:80/a/../b%7e?x#f","sha256":"` + strings.ToUpper(sha256Text) + `","email":"Eve <EVE@example.org>"}`,
			"short 2024-03-01T08:00:00.5Z sensor=s1 technique=T1190 sector=energy country=UA victim=v | ipv4 ip=192.0.2.1 | ipv6 ip=2001:db8::1 | domain domain=www.example.com | url url=http://example.com/b~?x | domain url=example.com | sha256 sha256=" + sha256Text + " | email email=eve@example.org",
		},
		{"short epoch", `{"time":1709287200,"md5":"` + md5Text + `","src_ip":"::ffff:192.0.2.9"}`, "short 2024-03-01T10:00:00Z | md5 md5=" + md5Text + " | ipv4 src_ip=192.0.2.9"},
		{"url host once", `{"url":"http://a.example/x","domain":"a.example","time":1}`, "short 1970-01-01T00:00:01Z | url url=http://a.example/x | domain url=a.example"},
		{"url with an address", `{"url":"http://192.0.2.7:8080/x","time":1}`, "short 1970-01-01T00:00:01Z | url url=http://192.0.2.7:8080/x | ipv4 url=192.0.2.7"},
		{"idn", `{"time":1,"domain":"bücher.example"}`, "short 1970-01-01T00:00:01Z | domain domain=xn--bcher-kva.example"},
		{"escaped", `{"time":1,"domain":"ex\u0061mple.com","sensor":"a\/b"}`, "short 1970-01-01T00:00:01Z sensor=a/b | domain domain=example.com"},
		{
			"ocsf network", `{"class_uid":4001,"time":1709287200123,"metadata":{"product":{"name":"fw"}},"src_endpoint":{"ip":"10.0.0.1"},"dst_endpoint":{"ip":"192.0.2.1","hostname":"c2.example"}}`,
			"ocsf 2024-03-01T10:00:00.123Z sensor=fw | ipv4 src_endpoint.ip=10.0.0.1 | ipv4 dst_endpoint.ip=192.0.2.1 | domain dst_endpoint.hostname=c2.example",
		},
		{
			"ocsf dns", `{"class_uid":4003,"time":1709287200000,"query":{"hostname":"c2.example"},"answers":[{"rdata":"192.0.2.5"},{"rdata":"cname.example"}]}`,
			"ocsf 2024-03-01T10:00:00Z | domain query.hostname=c2.example | ipv4 answers.rdata=192.0.2.5 | domain answers.rdata=cname.example",
		},
		{
			"ocsf finding", `{"class_uid":2004,"time":1709287200000,"finding_info":{"attacks":[{"technique":{"uid":"T1566"},"sub_technique":{"uid":"T1566.001"}}]},"observables":[{"name":"x","type_id":2,"value":"192.0.2.6"},{"value":"` + md5Text + `"}]}`,
			"ocsf 2024-03-01T10:00:00Z technique=T1566.001 | ipv4 observables.value=192.0.2.6 | md5 observables.value=" + md5Text,
		},
		{"ocsf file", `{"class_uid":1001,"time":1709287200000,"file":{"hashes":[{"algorithm_id":3,"value":"` + sha256Text + `"}]},"actor":{"process":{"file":{"hashes":[{"value":"` + md5Text + `"}]}}}}`, "ocsf 2024-03-01T10:00:00Z | sha256 file.hashes.value=" + sha256Text + " | md5 actor.process.file.hashes.value=" + md5Text},
		{"ocsf http", `{"class_uid":4002,"time":1709287200000,"http_request":{"url":{"url_string":"https://a.example/p","hostname":"a.example"}}}`, "ocsf 2024-03-01T10:00:00Z | url http_request.url.url_string=https://a.example/p | domain http_request.url.url_string=a.example"},
		{"ocsf authentication", `{"class_uid":3002,"time":1709287200000,"user":{"email_addr":"u@a.example"},"src_endpoint":{"ip":"192.0.2.4"}}`, "ocsf 2024-03-01T10:00:00Z | email user.email_addr=u@a.example | ipv4 src_endpoint.ip=192.0.2.4"},
		{"ocsf e-mail", `{"class_uid":4009,"time":1709287200000,"email":{"from":"a@b.example","to":["c@d.example"]}}`, "ocsf 2024-03-01T10:00:00Z | email email.from=a@b.example | email email.to=c@d.example"},
		{
			"ecs", `{"@timestamp":"2024-03-01T10:00:00.000Z","observer":{"name":"o"},"source":{"ip":"10.1.1.1"},"destination":{"ip":"192.0.2.8"},"dns":{"question":{"name":"q.example"},"resolved_ip":["192.0.2.9"]},"threat":{"technique":{"id":["T1059"],"subtechnique":{"id":["T1059.001"]}}},"file":{"hash":{"md5":"` + md5Text + `"}}}`,
			"ecs 2024-03-01T10:00:00Z sensor=o technique=T1059.001 | ipv4 source.ip=10.1.1.1 | ipv4 destination.ip=192.0.2.8 | domain dns.question.name=q.example | ipv4 dns.resolved_ip=192.0.2.9 | md5 file.hash.md5=" + md5Text,
		},
		{"ecs flat", `{"@timestamp":"2024-03-01T10:00:00Z","source.ip":"10.1.1.1","url.full":"http://u.example/"}`, "ecs 2024-03-01T10:00:00Z | ipv4 source.ip=10.1.1.1 | url url.full=http://u.example/ | domain url.full=u.example"},
		{"zeek conn", `{"ts":1709287200.25,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"192.0.2.1","proto":"tcp"}`, "zeek 2024-03-01T10:00:00.25Z | ipv4 id.orig_h=10.0.0.1 | ipv4 id.resp_h=192.0.2.1"},
		{"zeek dns", `{"ts":1709287200,"uid":"C1","query":"q.example","answers":["192.0.2.2","a.example"]}`, "zeek 2024-03-01T10:00:00Z | domain query=q.example | ipv4 answers=192.0.2.2 | domain answers=a.example"},
		{"zeek http", `{"ts":"2024-03-01T10:00:00Z","uid":"C1","host":"h.example","uri":"/a?b=1"}`, "zeek 2024-03-01T10:00:00Z | domain host=h.example | url uri=http://h.example/a?b=1"},
		{"zeek ssl", `{"ts":1709287200,"uid":"C1","server_name":"tls.example"}`, "zeek 2024-03-01T10:00:00Z | domain server_name=tls.example"},
		{"zeek files", `{"ts":1709287200,"fuid":"F1","tx_hosts":["192.0.2.3"],"md5":"` + md5Text + `"}`, "zeek 2024-03-01T10:00:00Z | ipv4 tx_hosts=192.0.2.3 | md5 md5=" + md5Text},
		{"zeek smtp", `{"ts":1709287200,"uid":"C1","mailfrom":"<a@b.example>","rcptto":["c@d.example"]}`, "zeek 2024-03-01T10:00:00Z | email mailfrom=a@b.example | email rcptto=c@d.example"},
		{"zeek notice", `{"ts":1709287200,"note":"Scan::Port","src":"192.0.2.44"}`, "zeek 2024-03-01T10:00:00Z | ipv4 src=192.0.2.44"},
		{"eve alert", `{"timestamp":"2024-03-01T10:00:00.000001+0000","event_type":"alert","src_ip":"10.0.0.2","dest_ip":"192.0.2.1","host":"ids","alert":{"metadata":{"mitre_technique_id":["T1071"]}}}`, "eve 2024-03-01T10:00:00.000001Z sensor=ids technique=T1071 | ipv4 src_ip=10.0.0.2 | ipv4 dest_ip=192.0.2.1"},
		{"eve http", `{"timestamp":"2024-03-01T10:00:00.000000+0100","event_type":"http","http":{"hostname":"h.example","url":"/x"}}`, "eve 2024-03-01T09:00:00Z | domain http.hostname=h.example | url http.url=http://h.example/x"},
		{"eve fileinfo", `{"timestamp":"2024-03-01T10:00:00Z","event_type":"fileinfo","fileinfo":{"sha256":"` + sha256Text + `"}}`, "eve 2024-03-01T10:00:00Z | sha256 fileinfo.sha256=" + sha256Text},
		{"eve dns", `{"timestamp":"2024-03-01T10:00:00Z","event_type":"dns","dns":{"query":[{"rrname":"q.example"}],"answers":[{"rdata":"192.0.2.3"}]}}`, "eve 2024-03-01T10:00:00Z | domain dns.query.rrname=q.example | ipv4 dns.answers.rdata=192.0.2.3"},
	}
	d := newDecoder(t)
	for _, tt := range tests {
		e, reason := d.Decode([]byte(tt.in))
		if reason != "" {
			t.Errorf("%s: %v", tt.name, reason)
			continue
		}
		if diff := cmp.Diff(tt.want, summary(e)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		in   string
		want event.Reason
	}{
		{`{"time":1,"ip":"192.0.2.1"`, event.BadEnd},
		{`{"time":NaN}`, event.BadSyntax},
		{`{"time":null}`, event.UnknownFormat},
		{`null`, event.NotObject},
		{`[]`, event.NotObject},
		{`{}`, event.UnknownFormat},
		{`{"time":"yesterday"}`, event.BadTime},
		{`{"time":"2024-02-30T00:00:00Z"}`, event.BadTime},
		{`{"time":1e300}`, event.BadTime},
		{`{"time":true}`, event.BadTime},
		{"{\x00\"\x00t\x00", event.BadEncoding},
		{"\xff\xfe{\x00}\x00", event.BadEncoding},
		{"\x80abc", event.BadSyntax},
		{`{"time":1,"x":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `}`, event.BadDepth},
	}
	d := newDecoder(t)
	for _, tt := range tests {
		if _, got := d.Decode([]byte(tt.in)); got != tt.want {
			t.Errorf("%.40q: %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestOwnFormatComesFirst(t *testing.T) {
	own, err := event.ReadFormats(strings.NewReader(`
formats:
  - name: proxy
    when: [time, squid]
    fields:
      time: [time]
      sensor: [squid.host]
      url: [squid.target]
`))
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoder(t, own...)
	e, reason := d.Decode([]byte(`{"time":5,"squid":"x","domain":"not.mapped.example"}`))
	if reason != "" {
		t.Fatal(reason)
	}
	if got, want := summary(e), "proxy 1970-01-01T00:00:05Z"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e, reason = d.Decode([]byte(`{"time":5,"domain":"a.example"}`))
	if reason != "" || e.Format != "short" {
		t.Errorf("without the own condition: %v %v", e, reason)
	}
}

func TestFormatsReportEveryFault(t *testing.T) {
	_, err := event.NewFormats(event.Format{Name: "a", When: []string{"x"}, Fields: map[string][]string{"tim": {"x"}}}, event.Format{})
	for _, want := range []string{`"tim"`, `"time" is needed`, "name and when"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
	twice := event.Format{Name: "a", When: []string{"x"}, Fields: map[string][]string{"time": {"x"}, "sensor": {"y"}, "victim": {"y"}}}
	if _, err := event.NewFormats(twice); err == nil || !strings.Contains(err.Error(), "one role") {
		t.Errorf("a field with two roles: %v", err)
	}
	if _, err := event.ReadFormats(strings.NewReader("formats: [{nam: x}]")); err == nil {
		t.Error("unknown key accepted")
	}
	if len(event.BuiltinFormats()) < 19 {
		t.Error("built-in formats are not readable")
	}
}

func TestCanonical(t *testing.T) {
	tests := []struct {
		kind event.Kind
		in   string
		want string
	}{
		{event.IPv4, "192.0.2.1", "ipv4 192.0.2.1"},
		{event.IPv4, "192.0.2.01", ""},
		{event.IPv4, "192.0.2.256", ""},
		{event.IPv4, "1.2.3", ""},
		{event.IPv6, "2001:0DB8:0::0001", "ipv6 2001:db8::1"},
		{event.IPv6, "fe80::1%eth0", "ipv6 fe80::1"},
		{event.IPv6, "::ffff:192.0.2.1", "ipv4 192.0.2.1"},
		{event.CIDR, "192.0.2.77/24", "cidr 192.0.2.0/24"},
		{event.CIDR, "192.0.2.7/32", "ipv4 192.0.2.7"},
		{event.CIDR, "::ffff:192.0.2.0/120", "cidr 192.0.2.0/24"},
		{event.Domain, "EXAMPLE.com.", "domain example.com"},
		{event.Domain, "a..b", ""},
		{event.Domain, ".", ""},
		{event.Domain, "a b", ""},
		{event.URL, "HTTPS://User@Example.COM:443/%7Ea/%2f/./c?Q=1#x", "url https://User@example.com/~a/%2F/c?Q=1"},
		{event.URL, "http://example.com", "url http://example.com/"},
		{event.URL, "http://example.com:8080/A", "url http://example.com:8080/A"},
		{event.URL, "http://[2001:DB8::1]/", "url http://[2001:db8::1]/"},
		{event.MD5, strings.ToUpper(md5Text), "md5 " + md5Text},
		{event.SHA256, md5Text, "md5 " + md5Text},
		{event.SHA256, "xyz", ""},
		{event.Email, "A@B.Example", "email a@b.example"},
		{event.Email, "nobody", ""},
	}
	for _, tt := range tests {
		kind, v, ok := event.Canonical(tt.kind, tt.in)
		got := ""
		if ok {
			got = kind.String() + " " + v
		}
		if got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.kind, tt.in, got, tt.want)
		}
		if ok {
			if k2, v2, ok := event.Canonical(kind, v); !ok || k2 != kind || v2 != v {
				t.Errorf("%s %q is not stable: %s %q", kind, v, k2, v2)
			}
		}
	}
}

// TestDigestBytes tries every byte at every place of a digest.
func TestDigestBytes(t *testing.T) {
	for at := range 32 {
		for c := range 256 {
			b := []byte(md5Text)
			b[at] = byte(c)
			_, got, ok := event.Canonical(event.MD5, string(b))
			if want := strings.IndexByte("0123456789abcdefABCDEF", byte(c)) >= 0; ok != want || ok && got != strings.ToLower(string(b)) {
				t.Fatalf("byte %#x at %d: %v %q", c, at, ok, got)
			}
		}
	}
}

// TestTimesAgree holds times against the time package, with what follows the fraction and without.
func TestTimesAgree(t *testing.T) {
	d := newDecoder(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		in := time.Unix(r.Int64N(4e9), 0).UTC().Format("2006-01-02T15:04:05")
		if n := r.IntN(13); n > 0 {
			in += "."
			for range n {
				in += string("0123456789"[r.IntN(10)])
			}
		}
		in += []string{"Z", "+02:00", "-11:30"}[r.IntN(3)]
		want, err := time.Parse(time.RFC3339, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{`{"time":"` + in + `"}`, `{"time":"` + in + `","victim":"0123456789"}`} {
			if e, reason := d.Decode(slices.Clip([]byte(line))); reason != "" || e.Time != want.UnixNano() {
				t.Fatalf("%s: %s, %v", line, reason, e)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"time":"2024-03-01T10:00:00Z","ip":["192.0.2.1"],"domain":"example.com","url":"http://example.com/%7e"}`))
	f.Add([]byte(`{"class_uid":4003,"time":1709287200000,"query":{"hostname":"c2.example"},"answers":[{"rdata":"192.0.2.5"}]}`))
	f.Add([]byte(`{"ts":1.5,"uid":"x","host":"h","uri":"u"}`))
	f.Add([]byte(`{"timestamp":"2024-03-01T10:00:00+0000","event_type":"dns","dns":{"rrname":"a"}}`))
	f.Add([]byte(`{"@timestamp":"2024-03-01T10:00:00Z","url.full":"x"}`))
	d := newDecoder(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		e, reason := d.Decode(line)
		if (e == nil) != (reason != "") {
			t.Fatalf("event %v, reason %q", e, reason)
		}
		if e == nil {
			return
		}
		for _, o := range e.Observables {
			kind, v, ok := event.Canonical(o.Kind, string(o.Value))
			if !ok || kind != o.Kind || v != string(o.Value) {
				t.Fatalf("%s %q is not canonical: %s %q", o.Kind, o.Value, kind, v)
			}
		}
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add(uint8(event.URL), "http://a/%41?b#c")
	f.Add(uint8(event.Domain), "bücher.example")
	f.Add(uint8(event.IPv6), "::1%x")
	f.Fuzz(func(t *testing.T, kind uint8, in string) {
		k, v, ok := event.Canonical(event.Kind(kind), in)
		if !ok {
			return
		}
		k2, v2, ok := event.Canonical(k, v)
		if !ok || k2 != k || v2 != v {
			t.Fatalf("%q → %s %q → %s %q (%v)", in, k, v, k2, v2, ok)
		}
	})
}
