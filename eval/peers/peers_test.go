package peers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/casebook"
	"marque/claim"
	"marque/export"
	"marque/ingest"
	"marque/ingest/formats"
	"marque/ingest/prose"
	"marque/ingest/prose/extract"
	"marque/stix"
	"marque/stix/validate"
	"marque/store"
	"marque/store/sqlite"
)

// python runs a script of this folder on some input, with the libraries of requirements.txt.
func python(t *testing.T, in io.Reader, script string, args ...string) []byte {
	t.Helper()
	return pythonOf(t, "MARQUE_PEERS", in, script, args...)
}

// pythonOf runs a script with the Python that a variable of the environment names.
func pythonOf(t *testing.T, variable string, in io.Reader, script string, args ...string) []byte {
	t.Helper()
	interpreter := os.Getenv(variable)
	if interpreter == "" {
		t.Skip(variable + " is not set: no Python with the libraries of eval/peers/requirements*.txt to talk to")
	}
	cmd := exec.CommandContext(t.Context(), interpreter, append([]string{script}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, errs.Bytes())
	}
	return out.Bytes()
}

// workspace is a store with the named inputs in it.
func workspace(t *testing.T, inputs map[string]io.Reader) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	g, err := prose.NewGazetteer()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := extract.NewReader(g)
	if err != nil {
		t.Fatal(err)
	}
	registry := formats.Default(formats.Config{Lift: validate.LiftOrError, Report: reader, Known: db, More: []ingest.Reader{casebook.Reader{}}})
	for name, in := range inputs {
		res, err := ingest.New(db, registry, ingest.Config{}).Stream(t.Context(), name, in)
		if err != nil || res.Rejected > 0 || res.Objects == 0 {
			t.Fatalf("%s: %+v, %v", name, res, err)
		}
	}
	return db
}

func all(t *testing.T) *export.Reader {
	t.Helper()
	book, err := casebook.Source()
	if err != nil {
		t.Fatal(err)
	}
	db := workspace(t, map[string]io.Reader{"casebook": book, "event.json": strings.NewReader(mispEvent), "report.txt": strings.NewReader(article)})
	judgement, err := stix.New(assessment)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Put(t.Context(), store.Provenance{Source: "test", Importer: "test"}, []*stix.Object{judgement}); err != nil {
		t.Fatal(err)
	}
	return open(t, db)
}

var (
	at         = stix.At(time.Date(2024, 3, 3, 0, 0, 0, 0, time.UTC))
	subject    = stix.DerivedID("campaign", "test")
	assessment = claim.Assessment{
		Common: judged(), Question: "who", SubjectRef: subject, SubjectName: "An operation", AsOf: at,
		Hypotheses: []claim.Hypothesis{{Key: "unknown", Statement: "An actor that is not known", Prior: 0.5, Probability: 0.6, Words: "likely"}},
		Evidence:   []claim.Evidence{{Kind: "claim", Text: "said so", Refs: []stix.ID{subject}, Decibans: map[string]float64{"unknown": 1.5}, Basis: "stated"}},
		Motives:    []claim.MotiveShare{{Motive: "espionage", Share: 1}}, Level: "low", Reason: "one source", Roots: 1, Documents: 1,
		Denials:     []claim.Denial{{By: "A state", Kind: "denies", Text: "no"}},
		Sensitivity: []claim.Sensitivity{{Without: "said so", Leading: "unknown", Probability: 0.5}}, Sought: []claim.Sought{{What: "a ransom note"}},
		Method: "test", InputsDigest: "00",
	}
)

func judged() stix.Common {
	c := stix.NewCommon(stix.DerivedID(claim.TypeAssessment, "test"), at, claim.MarqueIdentity)
	_ = c.Extensions.Extend(claim.AssessmentExtension, map[string]string{"extension_type": "new-sdo"})
	return c
}

func open(t *testing.T, db *sqlite.DB) *export.Reader {
	t.Helper()
	r, err := export.Open(db, store.View{MaxTLP: stix.AmberStrict}, store.Knowledge)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const article = `Example agency warns of new attacks

WASHINGTON, March 3, 2024 - Example Security said that Russian hackers broke into the network of a Ukrainian ministry in January.
At least 50 devices were compromised. The group, which the company calls Storm-0978, stole data and used ransomware. The Kremlin denied the accusation.
The attackers used the domain bad.example and the address 198.51.100.7.
`

const mispEvent = `{"Event":{"uuid":"bbbbbbbb-0000-4000-8000-000000000001","info":"A small event","date":"2023-11-14","timestamp":"1700000000","publish_timestamp":"1700000200",
 "published":true,"threat_level_id":"2","analysis":"2","distribution":"3",
 "Orgc":{"id":"7","name":"CERT Example","uuid":"bbbbbbbb-0000-4000-8000-000000000002"},"Org":{"id":"7","name":"CERT Example","uuid":"bbbbbbbb-0000-4000-8000-000000000002"},
 "Tag":[{"name":"tlp:green","colour":"#33FF00"},{"name":"PAP:GREEN"}],
 "Galaxy":[{"uuid":"698774c7-8022-42c4-917f-8d6e4f06ada3","type":"threat-actor","name":"Threat Actor","description":"d","version":"3","GalaxyCluster":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000040","type":"threat-actor","value":"Example Bear","tag_name":"misp-galaxy:threat-actor=\"Example Bear\"","description":"An actor","meta":{"synonyms":["APT-X"]},"default":true}]}],
 "Attribute":[
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000010","type":"domain","category":"Network activity","value":"bad.example","to_ids":true,"timestamp":"1700000100","distribution":"5","comment":"c2",
   "Sighting":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000060","type":"0","date_sighting":"1700000300","source":"sensor","Organisation":{"name":"CERT Example","uuid":"bbbbbbbb-0000-4000-8000-000000000002"}}]},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000011","type":"ip-dst|port","category":"Network activity","value":"198.51.100.7|443","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000014","type":"regkey|value","category":"Artifacts dropped","value":"HKLM\\Software\\Example|1","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000015","type":"btc","category":"Financial fraud","value":"1BoatSLRHtKNngkdXEeobR76b53LETtpyT","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000016","type":"x509-fingerprint-sha1","category":"Network activity","value":"da39a3ee5e6b4b0d3255bfef95601890afd80709","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000017","type":"email-subject","category":"Payload delivery","value":"Invoice","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000018","type":"vulnerability","category":"External analysis","value":"CVE-2023-0001","to_ids":false,"timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000012","type":"text","category":"Other","value":"some text","timestamp":"1700000100","distribution":"5"},
  {"uuid":"bbbbbbbb-0000-4000-8000-000000000013","type":"sha256","category":"Payload delivery","value":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","to_ids":true,"timestamp":"1700000100","distribution":"5"}],
 "Object":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000030","name":"file","meta-category":"file","description":"File","template_uuid":"688c46fb-5edb-40a3-8273-1af7923e2215","template_version":"24","timestamp":"1700000100","distribution":"5",
  "Attribute":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000031","type":"filename","category":"Payload delivery","object_relation":"filename","value":"x.exe","timestamp":"1700000100","to_ids":false,"distribution":"5"},
   {"uuid":"bbbbbbbb-0000-4000-8000-000000000032","type":"md5","category":"Payload delivery","object_relation":"md5","value":"d41d8cd98f00b204e9800998ecf8427e","timestamp":"1700000100","to_ids":true,"distribution":"5"}],
  "ObjectReference":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000033","referenced_uuid":"bbbbbbbb-0000-4000-8000-000000000010","relationship_type":"connects-to","timestamp":"1700000100"}]}],
 "EventReport":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000035","name":"What happened","content":"# Text","timestamp":"1700000100","distribution":"5"}]}}`

func TestPyMISPLoadsTheExport(t *testing.T) {
	var out bytes.Buffer
	if _, err := export.MISP(t.Context(), &out, all(t), store.Query{}); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(python(t, &out, "pymisp_load.py"), &got); err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		if e["uuid"] != "bbbbbbbb-0000-4000-8000-000000000001" {
			continue
		}
		want := map[string]any{
			"uuid": e["uuid"], "info": "A small event", "attributes": 9., "objects": 1., "references": 1., "sightings": 1., "galaxies": 1., "reports": 1.,
			"tags": []any{"PAP:GREEN", "tlp:green"},
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Error(diff)
		}
		return
	}
	t.Errorf("the event is not among %d", len(got))
}

func TestMISPSTIXComesIn(t *testing.T) {
	for _, version := range []string{"2.1", "2.0"} {
		t.Run(version, func(t *testing.T) {
			bundle := python(t, strings.NewReader(mispEvent), "misp_to_stix.py", version)
			db := workspace(t, map[string]io.Reader{"bundle.json": bytes.NewReader(bundle)})
			stats, err := db.View(store.Owner()).Stats(t.Context())
			if err != nil || stats["indicator"] < 2 || stats["observed-data"] < 2 || stats["report"] != 1 || stats["threat-actor"]+stats["intrusion-set"] == 0 {
				t.Errorf("%v, %v", stats, err)
			}
			for rec, err := range db.View(store.Owner()).Find(t.Context(), store.Query{}) {
				if err != nil {
					t.Fatal(err)
				}
				for _, f := range validate.Object(rec.Raw(), validate.Options{}) {
					if f.Severity == validate.Error {
						t.Logf("%s: %v", rec.ID, f)
					}
				}
			}
		})
	}
}

// TestMISPSTIXReadsTheExport: what of our bundle misp-stix has a place for arrives there.
func TestMISPSTIXReadsTheExport(t *testing.T) {
	var out bytes.Buffer
	r := open(t, workspace(t, map[string]io.Reader{"event.json": strings.NewReader(mispEvent)}))
	if _, err := export.Bundle(t.Context(), &out, r, store.Query{}); err != nil {
		t.Fatal(err)
	}
	var got map[string]int
	if err := json.Unmarshal(python(t, &out, "stix_to_misp.py"), &got); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"domain", "object file", "object network-traffic", "object registry-key", "object user-account"} {
		if got[want] == 0 {
			t.Errorf("no %s: %v", want, got)
		}
	}
}

func TestSTIX2AcceptsTheExport(t *testing.T) {
	var out bytes.Buffer
	sum, err := export.Bundle(t.Context(), &out, all(t), store.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"stix2_parse.py", "stix2_validate.py"} {
		t.Run(script, func(t *testing.T) {
			var got struct {
				Objects  int
				Bad      map[string]any
				Warnings map[string]int
			}
			if err := json.Unmarshal(python(t, bytes.NewReader(out.Bytes()), script), &got); err != nil {
				t.Fatal(err)
			}
			if got.Objects != sum.Written {
				t.Errorf("%d objects of %d", got.Objects, sum.Written)
			}
			for id, why := range got.Bad {
				t.Errorf("%s: %v", id, why)
			}
			t.Logf("%d objects, warnings %v", got.Objects, got.Warnings)
		})
	}
}
