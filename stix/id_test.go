package stix_test

import (
	"errors"
	"strings"
	"testing"

	"marque/stix"
)

// The identifiers are those that the reference implementation (OASIS, stix2 for Python, 3.0.2) gives. Those in the examples of
// the specification's text cannot be had by its own rules.
func TestObservableID(t *testing.T) {
	const sha256 = "fe90a7e910cb3a4739bed9180e807e93fa70c90f25a8915476f5e4bfbac681db"
	for _, c := range []struct {
		want  stix.ID
		props map[string]any
	}{
		{"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", map[string]any{"value": "198.51.100.3"}},
		{"ipv4-addr--1ea47840-aa39-5aa8-b4a2-cd203eb6662a", map[string]any{"value": "198.51.100.0/24"}},
		{"ipv6-addr--85a85a8c-ee99-5722-946d-3c3a3270fc6f", map[string]any{"value": "2001:0db8:85a3:0000:0000:8a2e:0370:7334"}},
		{"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7", map[string]any{"value": "example.com"}},
		{"domain-name--dbf3aff2-b3cd-57d2-9616-0ddfde9d01ad", map[string]any{"value": "bücher.example"}},
		{"url--d900e833-cec9-5c48-b9b0-7161c0732a5c", map[string]any{"value": `https://example.com/a?b=<c>&d="e"`}},
		{"email-addr--7165e2a9-671f-585d-b1e1-ca59c671d934", map[string]any{"value": "john@example.com", "display_name": "John Doe"}},
		{"mac-addr--757b1725-9903-54f5-a855-1240691d7659", map[string]any{"value": "d2:fb:49:24:37:18"}},
		{"mutex--f93fe911-e545-5239-b9b0-597840d0c871", map[string]any{"name": "__CLEANSWEEP__"}},
		{"directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622", map[string]any{"path": `C:\Windows\System32`}},
		{"autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff", map[string]any{"number": 15139, "name": "Slime Industries"}},
		{"user-account--f94d689e-707d-58c3-b803-c720bb6ed096", map[string]any{
			"user_id": "1001", "account_login": "jdoe", "account_type": "unix", "display_name": "John Doe",
		}},
		{"software--710b0b41-d4d0-5d6c-a400-fc9254554ffc", map[string]any{
			"name": "Word", "cpe": "cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*", "version": "2002", "vendor": "Microsoft",
		}},
		{"windows-registry-key--5f15b061-9c3d-5ea8-93b8-72468f206c1a", map[string]any{
			"key":    `hkey_local_machine\system\bar\foo`,
			"values": []any{map[string]any{"name": "Foo", "data": "qwerty", "data_type": "REG_SZ"}},
		}},
		{"file--949eb97a-da1e-5292-8959-03c4249dc9f3", map[string]any{"hashes": map[string]any{"SHA-256": sha256}, "name": "foo.dll"}},
		{"file--e225bcbd-7d8f-5548-b8c5-6974bf120d56", map[string]any{
			"hashes": map[string]any{"SHA-256": sha256, "MD5": "d41d8cd98f00b204e9800998ecf8427e"}, "name": "a", "size": 3,
		}},
		{"x509-certificate--bf86f034-2390-54d7-8426-d08433db3fbe", map[string]any{"serial_number": "36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49:32:0a:b7:06"}},
		{"artifact--b91bcf06-0d11-5a89-9c3a-8d4279aefe56", map[string]any{"url": "https://x.example/a", "hashes": map[string]any{"SHA-256": sha256}}},
		{"network-traffic--21fb682d-8acd-5691-b4d4-101141ec8c81", map[string]any{
			"src_ref": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4", "dst_port": 443, "protocols": []string{"ipv4", "tcp"},
		}},
		{"email-message--a10dcd5d-4b39-5e74-8798-178b6f440cf3", map[string]any{
			"is_multipart": false, "from_ref": "email-addr--7165e2a9-671f-585d-b1e1-ca59c671d934", "subject": "Saying Hello", "body": "hi",
		}},
	} {
		got, ok := stix.ObservableID(c.want.Type(), c.props)
		if !ok || got != c.want {
			t.Errorf("%v: %s, want %s", c.props, got, c.want)
		}
	}
}

func TestObservableIDHashes(t *testing.T) {
	file := func(hashes map[string]any) stix.ID {
		id, ok := stix.ObservableID("file", map[string]any{"hashes": hashes})
		if !ok {
			t.Errorf("no id for %v", hashes)
		}
		return id
	}
	md5 := file(map[string]any{"MD5": "a"})
	for name, hashes := range map[string]map[string]any{
		"MD5 first":    {"MD5": "a", "SHA-1": "b", "SHA-256": "c", "SHA-512": "d", "AAA": "e"},
		"a second MD5": {"SHA-256": "c", "MD5": "a"},
	} {
		if got := file(hashes); got != md5 {
			t.Errorf("%s: %s, want that of the MD5 alone", name, got)
		}
	}
	if file(map[string]any{"SHA-256": "c", "SHA-1": "b"}) != file(map[string]any{"SHA-1": "b"}) {
		t.Error("SHA-1 does not come before SHA-256")
	}
	if file(map[string]any{"TLSH": "z", "SSDEEP": "y"}) != file(map[string]any{"SSDEEP": "y"}) {
		t.Error("of other hashes the first by name does not count")
	}
	for typ, props := range map[string]map[string]any{
		"process": {"pid": 1}, "tool": {"name": "x"}, "file": {"size": 3}, "url": {},
	} {
		if id, ok := stix.ObservableID(typ, props); ok {
			t.Errorf("%s %v has the deterministic id %s", typ, props, id)
		}
	}
}

func TestParseID(t *testing.T) {
	good := "x-custom--6c3ae5d1-8a0e-4a3b-9a5c-0242ac120002"
	if id, err := stix.ParseID(good); err != nil || id.Type() != "x-custom" {
		t.Errorf("%s: %v", good, err)
	}
	for _, bad := range []string{
		"", "tool", "tool--", "--6c3ae5d1-8a0e-4a3b-9a5c-0242ac120002", "tool-6c3ae5d1-8a0e-4a3b-9a5c-0242ac120002",
		"tool--6c3ae5d18a0e4a3b9a5c0242ac120002", "tool--{6c3ae5d1-8a0e-4a3b-9a5c-0242ac12000}",
		"tool--6c3ae5d1-8a0e-4a3b-9a5c-0242ac12000g", "tool--6c3ae5d1-8a0e-4a3b-9a5c-0242ac120002 ", strings.Repeat("x", 1<<16),
	} {
		if _, err := stix.ParseID(bad); !errors.Is(err, stix.ErrNotObject) {
			t.Errorf("%.60q: %v, want ErrNotObject", bad, err)
		} else if len(err.Error()) > 400 {
			t.Errorf("%.60q: an error of %d characters", bad, len(err.Error()))
		}
	}
}

func TestDerivedID(t *testing.T) {
	a := stix.DerivedID("identity", "eurepoc", "17")
	if a != stix.DerivedID("identity", "eurepoc", "17") {
		t.Error("not the same twice")
	}
	// Pinned: a change would give every imported object a new identity.
	if want := stix.ID("identity--173f7fa2-efd3-5a41-9201-53ccbb792a20"); a != want {
		t.Errorf("%s, want %s", a, want)
	}
	for _, other := range []stix.ID{
		stix.DerivedID("tool", "eurepoc", "17"), stix.DerivedID("identity", "eurepoc17"), stix.DerivedID("identity", "eurepoc", "1", "7"),
		stix.DerivedID("identity"), stix.NewID("identity"),
	} {
		if _, err := stix.ParseID(string(other)); err != nil {
			t.Error(err)
		}
		if strings.TrimPrefix(string(other), other.Type()) == strings.TrimPrefix(string(a), "identity") {
			t.Errorf("%s is the id of something else too", other)
		}
	}
	if first, second := stix.NewID("tool"), stix.NewID("tool"); first == second {
		t.Error("random ids repeat")
	}
}
