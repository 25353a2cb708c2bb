package event_test

import (
	"testing"

	"marque/event"
)

func TestWho(t *testing.T) {
	formats, err := event.NewFormats()
	if err != nil {
		t.Fatal(err)
	}
	teller := event.NewTeller()
	for _, tt := range []struct {
		name, line string
		want       event.Who
	}{
		{"ocsf", `{"class_uid":4001,"time":1714567890000,"device":{"hostname":"pc-17"},"actor":{"user":{"name":"mk"}},"dst_endpoint":{"ip":"192.0.2.1"}}`, event.Who{Host: "pc-17", User: "mk"}},
		{"ecs, names nested and dotted", `{"@timestamp":"2024-05-01T12:00:00Z","host.name":"web-1","user":{"name":"root"},"destination":{"ip":"192.0.2.1"}}`, event.Who{Host: "web-1", User: "root"}},
		{"ecs, the better path wins wherever it stands", `{"@timestamp":"2024-05-01T12:00:00Z","agent":{"hostname":"beat"},"host":{"hostname":"h2","name":"h1"},"user":{"id":"7","email":"a@b.example"},"destination":{"ip":"192.0.2.1"}}`, event.Who{Host: "h1", User: "a@b.example"}},
		{"zeek: host is what was asked for", `{"ts":1714567890.1,"uid":"C1","id.orig_h":"192.0.2.9","host":"evil.example","uri":"/","username":"ann"}`, event.Who{User: "ann"}},
		{"eve: host is the sensor", `{"timestamp":"2024-05-01T12:00:00.000000+0000","event_type":"http","host":"sensor-1","src_ip":"192.0.2.9","http":{"http_user":"bob"}}`, event.Who{User: "bob"}},
		{"short form", `{"time":"2024-05-01T12:00:00Z","domain":"a.example","host":"pc","user":"münch"}`, event.Who{Host: "pc", User: "münch"}},
		{"a dash is nobody", `{"time":"2024-05-01T12:00:00Z","domain":"a.example","host":"-","user":""}`, event.Who{}},
		{"a number is a name", `{"time":"2024-05-01T12:00:00Z","domain":"a.example","user":1001}`, event.Who{User: "1001"}},
		{"true is none", `{"time":"2024-05-01T12:00:00Z","domain":"a.example","user":true}`, event.Who{}},
		{"nothing told", `{"time":"2024-05-01T12:00:00Z","domain":"a.example"}`, event.Who{}},
	} {
		e, reason := event.NewDecoder(formats).Decode([]byte(tt.line))
		if reason != "" {
			t.Fatalf("%s: %s", tt.name, reason)
		}
		if got := teller.Who(e); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if got := teller.Who(&event.Event{}); got != (event.Who{}) {
		t.Errorf("an event without its line: %+v", got)
	}
}
