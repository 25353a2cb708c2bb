package bundle_test

import (
	"errors"
	"strings"
	"testing"

	"marque/ingest"
	"marque/ingest/bundle"
	"marque/ingest/ingesttest"
)

const (
	v21 = `{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111101","created":"2024-01-01T00:00:00.5Z","modified":"2024-01-01T00:00:00.500Z","name":"a","is_family":true,"x_own":{"b":1,"a":2}}`
	v20 = `{"type":"tool","id":"tool--11111111-1111-4111-8111-111111111102","created":"2018-01-01T00:00:00.000Z","modified":"2018-01-01T00:00:00.000Z","name":"old","labels":["remote-access"]}`
)

func TestForms(t *testing.T) {
	for name, doc := range map[string]string{
		"bundle":               `{"type":"bundle","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[` + v21 + `]}`,
		"objects before type":  `{"objects":[` + v21 + `],"id":"bundle--11111111-1111-4111-8111-111111111111","type":"bundle"}`,
		"list":                 `[` + v21 + `]`,
		"single object":        v21,
		"white space in front": " \n" + v21,
	} {
		m := ingesttest.NewMemory()
		ingesttest.MustRead(t, m, name, doc, bundle.New(nil))
		if len(m.Records) != 1 || string(m.Records[0].Raw()) != v21 {
			t.Errorf("%s: the object did not come through byte for byte", name)
		}
	}
}

func TestOldObjectsAreLifted(t *testing.T) {
	lift := func(raw []byte) ([][]byte, error) {
		if strings.Contains(string(raw), "broken") {
			return nil, errors.New("cannot")
		}
		return [][]byte{[]byte(strings.Replace(string(raw), `"labels"`, `"spec_version":"2.1","tool_types"`, 1))}, nil
	}
	m := ingesttest.NewMemory()
	broken := strings.Replace(strings.Replace(v20, "old", "broken", 1), "102", "103", 1)
	old := `{"type":"bundle","spec_version":"2.0","id":"bundle--11111111-1111-4111-8111-111111111111","objects":[` + v20 + `,` + v21 + `,` + broken + `]}`
	res := ingesttest.MustRead(t, m, "f", old, bundle.New(lift))
	if res.Added != 2 || res.Rejected != 1 || res.Warnings["lifted from STIX 2.0"] != 1 {
		t.Errorf("%+v", res)
	}
	if got := string(m.Records[0].Raw()); !strings.Contains(got, `"tool_types":["remote-access"]`) {
		t.Errorf("not lifted: %s", got)
	}
	if string(m.Records[1].Raw()) != v21 {
		t.Error("an object of 2.1 was changed")
	}
}

// An object that merely lacks spec_version, in no bundle of 2.0, goes in as it came; one that has what only 2.0 has is lifted.
func TestAForgottenVersionIsNotAddedOn(t *testing.T) {
	lifted := 0
	lift := func(raw []byte) ([][]byte, error) {
		lifted++
		return [][]byte{raw}, nil
	}
	m := ingesttest.NewMemory()
	ingesttest.MustRead(t, m, "f", `[`+v20+`]`, bundle.New(lift))
	if lifted != 0 || string(m.Records[0].Raw()) != v20 {
		t.Errorf("lifted %d: %s", lifted, m.Records[0].Raw())
	}
	ingesttest.MustRead(t, m, "g", `[{"type":"indicator","id":"indicator--11111111-1111-4111-8111-111111111104","created":"2018-01-01T00:00:00.000Z",`+
		`"modified":"2018-01-01T00:00:00.000Z","labels":["x"],"pattern":"[url:value = 'x']","valid_from":"2018-01-01T00:00:00Z"}]`, bundle.New(lift))
	if lifted != 1 {
		t.Errorf("an indicator without pattern_type was not lifted")
	}
}

func FuzzReader(f *testing.F) {
	f.Add(`{"type":"bundle","objects":[` + v21 + `,` + v20 + `]}`)
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ingesttest.Read(t, ingesttest.NewMemory(), "f", s, always{bundle.New(nil)})
	})
}

type always struct{ *bundle.Reader }

func (always) Detect([]byte, string) ingest.Confidence { return ingest.Certain }
