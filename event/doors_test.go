package event_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"marque/event"
)

func observables(t *testing.T, line string) []string {
	t.Helper()
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	e, reason := event.NewDecoder(formats).Decode([]byte(line))
	if reason != "" {
		return []string{string(reason)}
	}
	var out []string
	for _, o := range e.Observables {
		out = append(out, fmt.Sprintf("%v %s", o.Kind, o.Value))
	}
	return out
}

// TestShippedEvents reads events as shippers pass them on and as today's schemas have them.
func TestShippedEvents(t *testing.T) {
	md5 := strings.Repeat("ab", 16)
	const eve = `{"timestamp":"2024-03-01T10:00:00.1+0000","event_type":"dns","dns":`
	for line, want := range map[string]string{
		`{"ts":1709287200.1,"uid":"C1","id_orig_h":"10.0.0.1","id_resp_h":"203.0.113.7"}`:                                           "ipv4 203.0.113.7",
		`{"ts":1709287200.1,"id_orig_h":"10.0.0.1","id_resp_h":"2001:db8::7","proto":"tcp"}`:                                        "ipv6 2001:db8::7",
		`{"ts":1709287200.1,"uid":"C1","ja3":"` + md5 + `"}`:                                                                        "md5 " + md5,
		eve + `{"authorities":[{"rrname":"a.test","rrtype":"NS","rdata":"ns.evil.test"}]}}`:                                         "domain ns.evil.test",
		eve + `{"additionals":[{"rrname":"mx.a.test","rdata":"203.0.113.7"}]}}`:                                                     "ipv4 203.0.113.7",
		eve + `{"grouped":{"NS":["ns.evil.test"],"MX":["mx.evil.test"]}}}`:                                                          "domain mx.evil.test",
		eve + `{"grouped":{"PTR":["host.evil.test"]}}}`:                                                                             "domain host.evil.test",
		eve + `{"answers":[{"rrname":"evil.test","rdata":"203.0.113.7"}]}}`:                                                         "domain evil.test",
		`{"timestamp":"2024-03-01T10:00:00Z","event_type":"tls","tls":{"sni":"evil.test","ja3":{"hash":"` + md5 + `"}}}`:            "md5 " + md5,
		`{"@timestamp":"2024-03-01T10:00:00Z","url":{"domain":"evil.test","path":"/a","query":"b=1"}}`:                              "url http://evil.test/a?b=1",
		`{"@timestamp":"2024-03-01T10:00:00Z","url":{"scheme":"https","domain":"evil.test","path":"/a"}}`:                           "url https://evil.test/a",
		`{"@timestamp":"2024-03-01T10:00:00Z","url.domain":"evil.test","url.path":"/a","url.query":"?b"}`:                           "url http://evil.test/a?b",
		`{"@timestamp":"2024-03-01T10:00:00Z","dll":{"hash":{"md5":"` + md5 + `"}}}`:                                                "md5 " + md5,
		`{"class_uid":4002,"time":1709287200000,"http_request":{"url":{"hostname":"evil.test","path":"/a","query_string":"b=1"}}}`:  "url http://evil.test/a?b=1",
		`{"class_uid":4009,"time":1709287200000,"email":{"x_originating_ip":["203.0.113.7"]}}`:                                      "ipv4 203.0.113.7",
		`{"class_uid":1005,"time":1709287200000,"module":{"file":{"hashes":[{"algorithm":"MD5","value":"` + md5 + `"}]}}}`:          "md5 " + md5,
		`{"@timestamp":"2024-03-01T10:00:00Z","message":"{\"ts\":1709287200.1,\"uid\":\"C1\",\"id.resp_h\":\"203.0.113.7\"}"}`:      "ipv4 203.0.113.7",
		`{"log":"{\"time\":\"2024-03-01T10:00:00Z\",\"ip\":\"203.0.113.7\"}\n","stream":"stdout"}`:                                  "ipv4 203.0.113.7",
		`{"_index":"x","_source":{"@timestamp":"2024-03-01T10:00:00Z","source":{"ip":"203.0.113.7"}}}`:                              "ipv4 203.0.113.7",
		`{"preview":false,"result":{"_raw":"{\"time\":\"2024-03-01T10:00:00Z\",\"domain\":\"evil.test\"}"}}`:                        "domain evil.test",
		`{"@timestamp":"2024-03-01T10:00:00Z","event":{"original":"{\"time\":\"2024-03-01T10:00:00Z\",\"domain\":\"evil.test\"}"}}`: "domain evil.test",
		`{"@timestamp":"2024-03-01T10:00:00Z","event.original":"{\"time\":\"2024-03-01T10:00:00Z\",\"domain\":\"evil.test\"}"}`:     "domain evil.test",
		`{"message":"plain words","log":"none","result":{}}`:                                                                        "unknown_format",
	} {
		if got := observables(t, line); !slices.Contains(got, want) {
			t.Errorf("%s\n%q, want %s among them", line, got, want)
		}
	}
}

const zeekLog = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#open\t2024-03-01-10-00-00\n" +
	"#fields\tts\tuid\tid.orig_h\tid.resp_h\tquery\tanswers\tAA\trtt\n#types\ttime\tstring\taddr\taddr\tstring\tvector[string]\tbool\tinterval\n" +
	"1709287200.629660\tC1\t10.0.0.1\t203.0.113.7\tevil.test\t198.51.100.1,x\\x2cy.test\tT\t0.1\n" +
	"1709287201.0\tC2\t10.0.0.1\t203.0.113.8\t(empty)\t(empty)\tF\t-\n" +
	"short\trow\n#close\t2024-03-01-11-00-00\n"

func TestZeekLog(t *testing.T) {
	got, err := io.ReadAll(event.NewZeekReader(strings.NewReader(zeekLog)))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(got), "\n")
	if len(lines) != strings.Count(zeekLog, "\n")+1 {
		t.Errorf("%d lines: the numbers of lines move", len(lines))
	}
	want := `{"_path":"dns","ts":1709287200.629660,"uid":"C1","id.orig_h":"10.0.0.1","id.resp_h":"203.0.113.7","query":"evil.test",` +
		`"answers":["198.51.100.1","x,y.test"],"AA":true,"rtt":0.1}`
	if lines[8] != want {
		t.Errorf("%s\nwant\n%s", lines[8], want)
	}
	if !strings.Contains(lines[9], `"query":"","answers":[],"AA":false}`) || lines[10] != "short\trow" || lines[11] != "" {
		t.Errorf("%q", lines[9:])
	}
	if o := observables(t, lines[8]); !slices.Contains(o, "ipv4 203.0.113.7") || !slices.Contains(o, "ipv4 198.51.100.1") || !slices.Contains(o, "domain evil.test") {
		t.Errorf("%q", o)
	}
}

// FuzzZeekLog holds that whatever stands in a log, lines stay lines.
func FuzzZeekLog(f *testing.F) {
	f.Add(zeekLog)
	f.Add("#fields\ta\n\\x0a\n\"\\\n")
	f.Fuzz(func(t *testing.T, log string) {
		got, err := io.ReadAll(event.NewZeekReader(strings.NewReader(log)))
		if err != nil {
			t.Fatal(err)
		}
		if len(log) < 1<<16 && strings.Count(string(got), "\n") != strings.Count(log, "\n") {
			t.Errorf("%q became %q", log, got)
		}
	})
}
