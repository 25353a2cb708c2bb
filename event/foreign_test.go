package event_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"marque/event"
)

const (
	md5Of    = "900150983cd24fb0d6963f7d28e17f72"
	sha256Of = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	winHead  = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{5770385f}'/>` +
		`<EventID>3</EventID><TimeCreated SystemTime='2024-03-01T10:00:00.1234567Z'/><Computer>ws1.corp.test</Computer></System>`
)

// read decodes a line at a clock of March 2024 and tells its format, time and values, or the reason for its refusal.
func read(t *testing.T, line string) (format string, values []string) {
	t.Helper()
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	d := event.NewDecoder(formats)
	d.Within(event.Plausible(time.Date(2024, 3, 15, 12, 0, 0, 0, time.UTC)))
	e, reason := d.Decode([]byte(line))
	if reason != "" {
		return string(reason), nil
	}
	if string(e.Line) != line {
		t.Errorf("%s: the event's line is %s", line, e.Line)
	}
	for _, o := range e.Observables {
		values = append(values, fmt.Sprintf("%v %s", o.Kind, o.Value))
	}
	return e.Format, append(values, e.When().Format("@2006-01-02T15:04:05"), "sensor "+string(e.Sensor))
}

type lineTest struct{ line, format, want string }

func check(t *testing.T, tests []lineTest) {
	t.Helper()
	for _, tt := range tests {
		format, values := read(t, tt.line)
		if format != tt.format {
			t.Errorf("%s\ntaken for %s, want %s", tt.line, format, tt.format)
		}
		for want := range strings.SplitSeq(tt.want, "; ") {
			if tt.want != "" && !slices.Contains(values, want) {
				t.Errorf("%s\n%q, want %s among them", tt.line, values, want)
			}
		}
	}
}

func TestCEF(t *testing.T) {
	const head = `CEF:0|Security|threatmanager|1.0|100|worm stopped|10|`
	check(t, []lineTest{
		{head + `src=10.0.0.1 dst=203.0.113.7 spt=1232 rt=1709287200000`, "cef", "ipv4 203.0.113.7; @2024-03-01T10:00:00"},
		{`<134>Mar  1 10:00:00 fw1 ` + head + `dst=203.0.113.7`, "cef", "ipv4 203.0.113.7; @2024-03-01T10:00:00; sensor fw1"},
		{`<134>Dec 31 23:59:59 fw1 ` + head + `dst=203.0.113.7`, "cef", "@2023-12-31T23:59:59"},
		{`<14>1 2024-03-01T10:00:00.5Z fw1 app - - - ` + head + `dst=203.0.113.7`, "cef", "@2024-03-01T10:00:00; sensor fw1"},
		{`2024-03-01T11:00:00+01:00 fw1 ` + head + `dhost=evil.test`, "cef", "domain evil.test; @2024-03-01T10:00:00"},
		{head + `rt=Mar 01 2024 10:00:00 request=http://evil.test/a?b=c&d=e fileHash=` + md5Of, "cef", "url http://evil.test/a?b=c&d=e; md5 " + md5Of + "; @2024-03-01T10:00:00"},
		{head + `rt=Mar 01 2024 10:00:00.123 UTC msg=went to a\=b dst=2001:db8::7`, "cef", "ipv6 2001:db8::7"},
		{head + `end=1709287200000 cs1Label=sha256 cs1=` + sha256Of + ` act=blocked`, "cef", "sha256 " + sha256Of},
		{head + `start=1709287200000 c6a3Label=Destination IPv6 Address c6a3=2001:db8::7`, "cef", "ipv6 2001:db8::7"},
		{`CEF:0|Ven\|dor|Pro\\duct|1|2|Na\|me|Very-High|rt=1709287200000 suser=a@evil.test`, "cef", "email a@evil.test"},
		{`CEF:0|V|P|1|2|N|3|rt=1709287200000 sourceAddress=203.0.113.7 destinationHostName=evil.test`, "cef", "ipv4 203.0.113.7; domain evil.test"},
		{`{"@timestamp":"2024-03-01T10:00:00Z","host":{"ip":["10.0.0.2"],"name":"relay"},"message":"` + head + `dst=203.0.113.7 rt=1709287200000"}`, "cef", "ipv4 203.0.113.7; sensor relay"},
		{head + `dst=203.0.113.7`, "bad_time", ""},
		{`CEF:0|broken`, "syntax", ""},
		{`CEF:0|V|P|1|2|N|3|`, "bad_time", ""},
	})
}

func TestLEEF(t *testing.T) {
	check(t, []lineTest{
		{"LEEF:1.0|Microsoft|MSExchange|4.0|15345|src=203.0.113.7\tdst=10.0.0.1\tdevTime=Mar 01 2024 10:00:00\tusrName=a@evil.test", "leef", "ipv4 203.0.113.7; email a@evil.test; @2024-03-01T10:00:00"},
		{"LEEF:2.0|Lancope|StealthWatch|1.0|41|^|src=203.0.113.7^dst=10.0.0.1^devTime=1709287200000", "leef", "ipv4 203.0.113.7"},
		{"LEEF:2.0|V|P|1.0|41|x5E|dst=203.0.113.7^devTime=1709287200000", "leef", "ipv4 203.0.113.7"},
		{"LEEF:2.0|V|P|1.0|41|0x09|dst=203.0.113.7\tdevTime=1709287200000", "leef", "ipv4 203.0.113.7"},
		{"LEEF:2.0|V|P|1.0|41||dst=203.0.113.7\tdevTime=1709287200000", "leef", "ipv4 203.0.113.7"},
		{"LEEF:2.0|V|P|1.0|41|dst=203.0.113.7\tdevTime=1709287200000", "leef", "ipv4 203.0.113.7"},
		{"<13>Mar 1 10:00:00 gw LEEF:1.0|V|P|1|2|url=http://evil.test/a?x=1#011src=10.0.0.1", "leef", "url http://evil.test/a?x=1; @2024-03-01T10:00:00; sensor gw"},
		{"LEEF:1.0|V|P|1|2|sha256=" + sha256Of + "\tdevTime=2024-03-01T10:00:00.000+0000", "leef", "sha256 " + sha256Of},
		{"LEEF:1.0|V|P|1|2|dst=[2001:db8::7]:443\tdevTime=1709287200", "leef", "ipv6 2001:db8::7"},
		{"LEEF:1.0|V", "syntax", ""},
	})
}

func TestWindowsEvents(t *testing.T) {
	const eve = `{"timestamp":"2024-03-01T10:00:00Z","event_type":"dns","dns":{"rrname":"evil.test"}}`
	check(t, []lineTest{
		{
			winHead + `<EventData><Data Name='UtcTime'>2024-03-01 10:00:00.123</Data><Data Name='DestinationIp'>203.0.113.7</Data><Data Name='Hashes'>MD5=` + md5Of + `,SHA256=` + sha256Of + `</Data></EventData></Event>`,
			"windows", "ipv4 203.0.113.7; md5 " + md5Of + "; sha256 " + sha256Of + "; sensor ws1.corp.test; @2024-03-01T10:00:00",
		},
		{winHead + `<EventData><Data Name="QueryName">evil.test</Data><Data Name="QueryResults">type:  5 cdn.evil.test;::ffff:203.0.113.7;</Data></EventData></Event>`, "windows", "domain evil.test; domain cdn.evil.test; ipv4 203.0.113.7"},
		{winHead + `<EventData><Data Name="IpAddress">::ffff:203.0.113.7</Data><Data Name="SubjectUserName">-</Data></EventData><RenderingInfo Culture='en-US'><Message>An account &lt;failed&gt; to log on.</Message></RenderingInfo></Event>`, "windows", "ipv4 203.0.113.7"},
		{winHead + `<UserData><EventXML xmlns="Event_NS"><User>x</User><Address>203.0.113.7</Address></EventXML></UserData></Event>`, "windows", "ipv4 203.0.113.7"},
		{winHead + `<EventData><Data Name="Contents">[ZoneTransfer] ZoneId=3 HostUrl=http://evil.test/a.exe</Data></EventData></Event>`, "windows", "url http://evil.test/a.exe"},
		{`<13>Mar  1 10:00:00 wec ` + winHead + `<EventData><Data Name='DestinationHostname'>evil.test</Data></EventData></Event>`, "windows", "domain evil.test"},
		{`{"Event":{"#attributes":{"xmlns":"x"},"System":{"Computer":"ws1","TimeCreated":{"#attributes":{"SystemTime":"2024-03-01T10:00:00.1Z"}}},"EventData":{"DestinationIp":"203.0.113.7"}}}`, "windows", "ipv4 203.0.113.7"},
		{`{"@timestamp":"2024-03-01T10:00:00Z","EventID":3,"SourceName":"Microsoft-Windows-Sysmon","Hostname":"ws1","DestinationIp":"203.0.113.7","Hashes":"SHA1=` + strings.Repeat("ab", 20) + `"}`, "windows-flat", "ipv4 203.0.113.7; sha1 " + strings.Repeat("ab", 20)},
		{`{"EventTime":"2024-03-01 10:00:00","EventID":22,"Channel":"x","QueryName":"evil.test"}`, "windows-flat", "domain evil.test"},
		{`{"@timestamp":"2024-03-01T10:00:00Z","winlog":{"event_id":3,"event_data":{"DestinationIp":"203.0.113.7","Hashes":"MD5=` + md5Of + `"}}}`, "ecs", "ipv4 203.0.113.7; md5 " + md5Of},
		{`{"timestamp":"2024-03-01T10:00:00.000+0000","rule":{"id":"1"},"agent":{"id":"1","name":"ws1"},"data":{"win":{"eventdata":{"destinationIp":"203.0.113.7","hashes":"MD5=` + md5Of + `"}}}}`, "wazuh", "ipv4 203.0.113.7; md5 " + md5Of},
		{`{"TimeGenerated":"2024-03-01T10:00:00Z","Computer":"ws1","EventData":"` + strings.ReplaceAll(winHead+`<EventData><Data Name='DestinationIp'>203.0.113.7</Data></EventData></Event>`, `"`, `\"`) + `"}`, "windows", "ipv4 203.0.113.7"},
		{`<13>Mar  1 10:00:00 ids suricata[12]: ` + eve, "eve", "domain evil.test"},
		{`Mar  1 10:00:00 ids suricata: @cee: ` + eve + ` `, "eve", "domain evil.test"},
		{winHead + `<EventData><Data Name='DestinationIp'>203.0.113.7</Da`, "syntax", ""},
		{strings.Repeat("<Event ", 5000), "syntax", ""},
		{"<Event " + strings.Repeat("><a", 200) + "></Event>", "syntax", ""},
	})
}

func TestCloudEvents(t *testing.T) {
	check(t, []lineTest{
		{`{"eventVersion":"1.08","userIdentity":{"accountId":"1","userName":"a@evil.test"},"eventTime":"2024-03-01T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","sourceIPAddress":"203.0.113.7","recipientAccountId":"111122223333"}`, "cloudtrail", "ipv4 203.0.113.7; email a@evil.test; sensor 111122223333"},
		{`{"version":"0","detail-type":"AWS API Call via CloudTrail","time":"2024-03-01T10:00:01Z","detail":{"eventTime":"2024-03-01T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"x","sourceIPAddress":"203.0.113.7"}}`, "cloudtrail", "ipv4 203.0.113.7"},
		{`{"CreationTime":"2024-03-01T10:00:00","Operation":"UserLoggedIn","OrganizationId":"o","RecordType":15,"UserId":"a@corp.test","ClientIP":"203.0.113.7:50123","Workload":"AzureActiveDirectory"}`, "microsoft365", "ipv4 203.0.113.7; email a@corp.test"},
		{`{"CreationTime":"2024-03-01T10:00:00","Operation":"MailItemsAccessed","Workload":"Exchange","ClientIPAddress":"[2001:db8::7]:443"}`, "microsoft365", "ipv6 2001:db8::7"},
		{`{"CreationTime":"2024-03-01T10:00:00","Operation":"TIMailData","Workload":"ThreatIntelligence","SenderIp":"203.0.113.7","P2Sender":"a@evil.test","AttachmentData":[{"FileName":"x","SHA256":"` + sha256Of + `"}]}`, "microsoft365", "sha256 " + sha256Of + "; email a@evil.test; ipv4 203.0.113.7"},
		{`{"RecordType":"1","CreationDate":"3/1/2024 10:00:00 AM","AuditData":"{\"CreationTime\":\"2024-03-01T10:00:00\",\"Operation\":\"x\",\"Workload\":\"y\",\"ClientIP\":\"203.0.113.7\"}"}`, "microsoft365", "ipv4 203.0.113.7"},
		{`{"TimeGenerated":"2024-03-01T10:00:00Z","RemoteUrl":"https://evil.test/a","RemoteIP":"203.0.113.7","InitiatingProcessSHA256":"` + sha256Of + `"}`, "sentinel", "url https://evil.test/a; sha256 " + sha256Of},
		{`{"Timestamp":"2024-03-01T10:00:00Z","DeviceName":"ws1","RemoteUrl":"evil.test","SHA1":"` + strings.Repeat("ab", 20) + `"}`, "defender", "domain evil.test; sensor ws1"},
		{`{"logName":"projects/p/logs/x","timestamp":"2024-03-01T10:00:00Z","protoPayload":{"requestMetadata":{"callerIp":"203.0.113.7"}}}`, "gcp", "ipv4 203.0.113.7"},
		{`{"published":"2024-03-01T10:00:00Z","eventType":"user.session.start","client":{"ipAddress":"203.0.113.7"},"actor":{"id":"x","alternateId":"a@corp.test"}}`, "okta", "ipv4 203.0.113.7"},
		{`{"kind":"Event","auditID":"x","requestReceivedTimestamp":"2024-03-01T10:00:00Z","sourceIPs":["203.0.113.7"]}`, "kubernetes", "ipv4 203.0.113.7"},
		{`{"time":"2024-03-01T10:00:00Z","operationName":"Sign-in activity","callerIpAddress":"203.0.113.7","properties":{"userPrincipalName":"a@corp.test"}}`, "azure", "ipv4 203.0.113.7; email a@corp.test"},
		{`{"accountId":"1","region":"x","service":{"eventFirstSeen":"2024-03-01T10:00:00Z","eventLastSeen":"2024-03-01T10:00:00Z","action":{"dnsRequestAction":{"domain":"evil.test"}}}}`, "guardduty", "domain evil.test"},
	})
}

func TestEnvelopes(t *testing.T) {
	const inner = `{\"timestamp\":\"2024-03-01T10:00:00Z\",\"event_type\":\"flow\",\"dest_ip\":\"203.0.113.7\"}`
	var tests []lineTest
	for _, line := range []string{
		`{"message":"` + inner + `"}`,
		`{"@timestamp":"2024-03-01T10:00:00Z","host":{"ip":["10.0.0.9"]},"message":"` + inner + `"}`,
		`{"date":1709287200.0,"log":"` + inner + `"}`,
		`{"log":"` + inner + `\n","stream":"stdout","time":"2024-03-01T10:00:00Z"}`,
		`{"topic":"t","partition":0,"offset":1,"ts":1709287200000,"broker":1,"key":null,"payload":"` + inner + `"}`,
		`{"topic":"t","key":"k","value":"` + inner + `"}`,
		`{"schema":{"type":"string"},"payload":` + strings.ReplaceAll(inner, `\"`, `"`) + `}`,
		`{"@timestamp":"2024-03-01T10:00:00Z","@message":"` + inner + `"}`,
		`{"Type":"Notification","Message":"` + inner + `"}`,
		`{"__REALTIME_TIMESTAMP":"1709287200000000","MESSAGE":"` + inner + `"}`,
		`{"result":{"_raw":"` + inner + `"}}`,
		`{"_index":"x","_source":{"event":{"original":"` + inner + `"}}}`,
		`{"records":["` + inner + `"]}`,
		`{"event":{"original":"<13>Mar  1 10:00:00 ids suricata: ` + inner + `"}}`,
	} {
		tests = append(tests, lineTest{line, "eve", "ipv4 203.0.113.7"})
	}
	tests[12].format, tests[12].want = "unknown_format", "" // a list is taken apart where files are read
	check(t, tests)
}

func lines(t *testing.T, text string) ([]string, string) {
	t.Helper()
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	turn, what := formats.Lines([]byte(text[:min(len(text), 64<<10)]))
	if turn == nil {
		return nil, ""
	}
	out, err := io.ReadAll(turn(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), what
}

func TestFilesBecomeLines(t *testing.T) {
	const one, two = `{"time":"2024-03-01T10:00:00Z","domain":"a.test"}`, `{"time":"2024-03-01T10:00:01Z","domain":"b.test"}`
	for name, tt := range map[string]struct {
		text string
		want []string // nil: it is lines already
	}{
		"list":                {"[" + one + "," + two + "]", []string{one, two}},
		"list over lines":     {"[\n  " + one + ",\n  " + two + "\n]\n", []string{one, two}},
		"object over lines":   {"{\n \"time\": 5,\n \"domain\": \"a.test\"\n}\n{\n \"time\": 6\n}\n", []string{`{  "time": 5,  "domain": "a.test" }`, `{  "time": 6 }`}},
		"CloudTrail file":     {`{"Records":[` + one + "," + two + "]}", []string{one, two}},
		"Azure, line by line": {`{"records": [` + one + "]}\n" + `{"records": [` + two + "]}\n", []string{one, two}},
		"Graph":               {`{"@odata.context":"x","value":[` + one + "," + two + `],"@odata.nextLink":"y"}`, []string{one, two}},
		"search":              {`{"took":1,"hits":{"total":{"value":2},"hits":[{"_source":` + one + `},{"_source":` + two + `}]}}`, []string{`{"_source":` + one + `}`, `{"_source":` + two + `}`}},
		"CloudWatch":          {`{"messageType":"DATA_MESSAGE","logEvents":[{"id":"1","message":"x"}]}`, []string{`{"id":"1","message":"x"}`}},
		"list of texts":       {`["{\"time\":5}", "{\"time\":6}"]`, []string{`{"time":5}`, `{"time":6}`}},
		"braces in strings":   {`[{"a":"}]{","b":1},{"c":"\"]"}]`, []string{`{"a":"}]{","b":1}`, `{"c":"\"]"}`}},
		"cut off":             {"[" + one + `,{"time":`, []string{one, `{"time":`}},
		"XML as exported":     {"<?xml version=\"1.0\"?><Events><Event xmlns='x'><System>\r\n<a>1</a></System></Event><Event xmlns='x'><b/></Event></Events>", []string{"<Event xmlns='x'><System>  <a>1</a></System></Event>", "<Event xmlns='x'><b/></Event>"}},
		"XML, no root":        {"<Event xmlns='x'><a/></Event>\n<Event xmlns='x'><b/></Event>\n", []string{"<Event xmlns='x'><a/></Event>", "<Event xmlns='x'><b/></Event>"}},
		"table":               {"time,domain,note\n5,a.test,\"x\ny\"\n6,b.test,\n", []string{`{"time":"5","domain":"a.test","note":"x\u000ay"}`, `{"time":"6","domain":"b.test"}`}},
		"audit export":        {"RecordId,CreationDate,AuditData\n1,x,\"{\"\"CreationTime\"\":\"\"2024-03-01T10:00:00\"\"}\"\n", []string{`{"RecordId":"1","CreationDate":"x","AuditData":{"CreationTime":"2024-03-01T10:00:00"}}`}},
		"portal export":       {"TimeGenerated [UTC];RemoteIP\n\"3/1/2024, 10:00:00.000 AM\";203.0.113.7\n", []string{`{"TimeGenerated":"3/1/2024, 10:00:00.000 AM","RemoteIP":"203.0.113.7"}`}},
		"lines":               {one + "\n" + two + "\n", nil},
		"lines with a list":   {`{"time":5,"domain":"a.test","events":[{"x":1}]}` + "\n", nil},
		"syslog":              {"<13>Mar  1 10:00:00 h x: y, z\n", nil},
		"bracketed log":       {"[2024-03-01] x\n", nil},
		"words":               {"some words, and more\nnext\n", nil},
	} {
		if got, _ := lines(t, tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestTimesInWords(t *testing.T) {
	for text, want := range map[string]string{
		"Mar 01 2024 10:00:00": "@2024-03-01T10:00:00", "Mar  1 2024 10:00:00.250": "@2024-03-01T10:00:00", "Mar 1 10:00:00": "@2024-03-01T10:00:00",
		"01/Mar/2024:11:00:00 +0100": "@2024-03-01T10:00:00", "Fri, 1 Mar 2024 10:00:00 GMT": "@2024-03-01T10:00:00", "2024/03/01 10:00:00": "@2024-03-01T10:00:00",
		"2024-03-01 10:00:00,123": "@2024-03-01T10:00:00", "3/1/2024, 10:00:00.000 AM": "@2024-03-01T10:00:00", "2024-03-01 10:00:00 UTC": "@2024-03-01T10:00:00",
		"Fri Mar  1 10:00:00 2024": "@2024-03-01T10:00:00", "Dec 24 10:00:00": "@2023-12-24T10:00:00", "1 March": "bad_time", "03/01/2024 10:00": "bad_time",
	} {
		format, values := read(t, `{"time":"`+text+`","domain":"a.test"}`)
		if format != want && !slices.Contains(values, want) {
			t.Errorf("%s: %s %q, want %s", text, format, values, want)
		}
	}
}

func TestExplain(t *testing.T) {
	own, err := event.ReadFormats(strings.NewReader("formats:\n  - name: proxy\n    when: [squid, at]\n    fields:\n      time: [at]\n      dst_ip: [dst, to]\n      url: [target]\n"))
	if err != nil {
		t.Fatal(err)
	}
	own[0].File = "proxy.yaml"
	formats, err := event.NewFormats(own...)
	if err != nil {
		t.Fatal(err)
	}
	x := event.NewDecoder(formats).Explain([]byte(`{"squid":1,"at":1709287200,"to":"203.0.113.7","target":"not an url","other":1}`))
	want := []event.Field{{Path: "at", Role: "time", Line: 5, Text: "1709287200", Used: true}, {Path: "to", Role: "dst_ip", Line: 6, Text: "203.0.113.7", Used: true}}
	if x.Format != "proxy" || x.File != "proxy.yaml" || len(x.Fields) != 3 || !slices.Equal(x.Fields[:2], want) || x.Fields[2].Line != 7 {
		t.Errorf("%+v", x)
	}
	x = event.NewDecoder(formats).Explain([]byte(`{"squid":1,"to":"203.0.113.7"}`))
	if x.Reason != event.UnknownFormat || len(x.Missing) != 1 || !slices.Equal(x.Missing[0].Lacks, []string{"at"}) {
		t.Errorf("%+v", x)
	}
	x = event.NewDecoder(formats).Explain([]byte(`<13>Mar  1 10:00:00 h CEF:0|V|P|1|2|N|3|rt=1709287200000 dst=203.0.113.7`))
	if x.Carries != "CEF" || x.Inside.Format != "cef" || !slices.Contains(x.Inside.Values, event.Value{Kind: "ipv4", Value: "203.0.113.7", Field: "cef.dst"}) {
		t.Errorf("%+v", x)
	}
	x = event.NewDecoder(formats).Explain([]byte(`{"log":"{\"time\":5,\"domain\":\"a.test\"}"}`))
	if x.Reason != event.UnknownFormat || x.Carries != "log" || x.Inside.Format != "short" || len(x.Inside.Values) != 1 {
		t.Errorf("%+v", x)
	}
}

// FuzzForeignLines holds that lines that are no JSON stop nobody, and that what they carry is JSON.
func FuzzForeignLines(f *testing.F) {
	f.Add("<134>Mar  1 10:00:00 fw1 CEF:0|a|b|c|d|e|f|src=10.0.0.1 rt=1709287200000")
	f.Add("LEEF:2.0|V|P|1.0|41|^|src=203.0.113.7^dst=10.0.0.1")
	f.Add(winHead + "<EventData><Data Name='a'>b</Data></EventData></Event>")
	f.Add(`Mar 1 10:00:00 x {"time":5}`)
	formats, err := event.NewFormats()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		d := event.NewDecoder(formats)
		e, reason := d.Decode([]byte(line))
		if x := event.NewDecoder(formats).Explain([]byte(line)); reason == "" && e.Format != x.Format && (x.Inside == nil) {
			t.Errorf("%q: %s, explained as %+v", line, e.Format, x)
		}
	})
}

// FuzzRecords holds that files of any content become lines, of which none is lost where they are lines already.
func FuzzRecords(f *testing.F) {
	for _, s := range []string{"[{\"a\":1},{\"b\":[2]}]", "{\"Records\":[{\"a\":1}],\"x\":{}}", "{\n\"a\":1\n}", "<Events><Event x='y'>a</Event></Events>", "time,domain\n1,\"a\n", "[[[", "{\"hits\":{\"hits\":[{}]}}"} {
		f.Add(s)
	}
	formats, err := event.NewFormats()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		turn, _ := formats.Lines([]byte(text))
		if turn == nil {
			return
		}
		out, _ := io.ReadAll(turn(strings.NewReader(text)))
		if len(out) > 16*len(text)+64 {
			t.Errorf("%d bytes became %d", len(text), len(out))
		}
	})
}
