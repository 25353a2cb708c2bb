package decide_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"marque/stix"
	"marque/store"
	"marque/store/decide"
)

const (
	ann = "identity--00000000-0000-4000-8000-00000000000a"
	bob = "identity--00000000-0000-4000-8000-00000000000b"
)

// tool is the item of a version of one tool.
func tool(t *testing.T, p store.Provenance, creator string, version int, name string, marking ...stix.ID) decide.Item {
	t.Helper()
	props := map[string]any{
		"type": "tool", "spec_version": "2.1", "id": "tool--00000000-0000-4000-8000-000000000001", "name": name,
		"created": "2024-01-01T00:00:00.000Z", "modified": fmt.Sprintf("2024-01-0%dT00:00:00.000Z", version),
	}
	if creator != "" {
		props["created_by_ref"] = creator
	}
	if len(marking) > 0 {
		props["object_marking_refs"] = marking
	}
	return only(t, p, props)
}

func only(t *testing.T, p store.Provenance, props map[string]any) decide.Item {
	t.Helper()
	o, err := stix.New(props)
	if err != nil {
		t.Fatal(err)
	}
	for items, err := range decide.Items(t.Context(), p, []*stix.Object{o}) {
		if err != nil {
			t.Fatal(err)
		}
		return items[0]
	}
	t.Fatal("no item")
	return decide.Item{}
}

// TestJudge stores one version after another as a driver does, and looks at what became of the last.
func TestJudge(t *testing.T) {
	red := stix.Red.MarkingID()
	type step struct {
		level   stix.TLP
		apart   string
		creator string
		version int
		name    string
		marking []stix.ID
	}
	for name, c := range map[string]struct {
		steps []step
		want  store.Outcome
		line  int64
		twin  int64
	}{
		"nothing known":                     {[]step{{creator: ann, version: 1}}, store.Added, 0, 0},
		"newer":                             {[]step{{creator: ann, version: 1}, {creator: ann, version: 2}}, store.Updated, 0, 0},
		"older":                             {[]step{{creator: ann, version: 2}, {creator: ann, version: 1}}, store.Older, 0, 0},
		"between":                           {[]step{{creator: ann, version: 1}, {creator: ann, version: 3}, {creator: ann, version: 2}}, store.Older, 0, 0},
		"the same":                          {[]step{{creator: ann, version: 1}, {creator: ann, version: 1}}, store.Unchanged, 0, 1},
		"other words":                       {[]step{{creator: ann, version: 1}, {creator: ann, version: 1, name: "x"}}, store.Conflict, 0, 0},
		"another creator":                   {[]step{{creator: ann, version: 1}, {creator: bob, version: 2}}, store.Conflict, 2, 0},
		"no creator":                        {[]step{{creator: ann, version: 1}, {version: 2}}, store.Conflict, 2, 0},
		"the same, more freely":             {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: ann, version: 1}}, store.Added, 0, 1},
		"newer, below a secret":             {[]step{{level: stix.Red, creator: ann, version: 3}, {creator: ann, version: 2}}, store.Added, 0, 0},
		"other words, below a secret":       {[]step{{level: stix.Red, creator: ann, version: 1, name: "x"}, {creator: ann, version: 1}}, store.Added, 0, 0},
		"another creator, below a secret":   {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: bob, version: 2}}, store.Added, 2, 0},
		"another creator, above both":       {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: bob, version: 2}, {level: stix.Red, creator: bob, version: 3}}, store.Conflict, 2, 0},
		"the first creator, above both":     {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: bob, version: 2}, {level: stix.Red, creator: ann, version: 2}}, store.Updated, 0, 0},
		"the first creator, below its own":  {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: bob, version: 2}, {creator: ann, version: 3}}, store.Conflict, 0, 0},
		"the second creator, below":         {[]step{{level: stix.Red, creator: ann, version: 1}, {creator: bob, version: 2}, {creator: bob, version: 3}}, store.Updated, 2, 0},
		"under its own marking":             {[]step{{creator: ann, version: 2, marking: []stix.ID{red}}, {creator: ann, version: 1}}, store.Older, 0, 0},
		"another creator, under a marking":  {[]step{{creator: ann, version: 1, marking: []stix.ID{red}}, {creator: bob, version: 2}}, store.Added, 2, 0},
		"another creator, after a raise":    {[]step{{creator: ann, version: 1}, {creator: ann, version: 2, marking: []stix.ID{red}}, {creator: bob, version: 1}}, store.Added, 3, 0},
		"apart":                             {[]step{{creator: ann, version: 1}, {apart: "x", creator: ann, version: 2}}, store.Added, decide.Apart + 2, 0},
		"apart, again":                      {[]step{{apart: "x", creator: ann, version: 1}, {apart: "x", creator: ann, version: 2}}, store.Updated, decide.Apart + 1, 0},
		"apart from who is apart":           {[]step{{apart: "x", creator: ann, version: 1}, {apart: "y", creator: bob, version: 2}}, store.Added, decide.Apart + 2, 0},
		"the creator's own, after an apart": {[]step{{apart: "x", creator: bob, version: 9}, {creator: ann, version: 1}}, store.Added, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var have []decide.Known
			var v decide.Verdict
			for i, s := range c.steps {
				it := tool(t, store.Provenance{TLP: s.level, Apart: s.apart}, s.creator, s.version, "tool"+s.name, s.marking...)
				if v = decide.Judge(&it, have, int64(i+1)); v.Stored() {
					have = append(have, v.Known(&it, int64(i+1)))
				}
			}
			if v.Outcome != c.want || v.Line != c.line || v.Twin != c.twin {
				t.Errorf("%+v, want outcome %v, line %d, twin %d", v, c.want, c.line, c.twin)
			}
			if refused := v.Outcome == store.Conflict; refused != (v.Reason != "") || refused && len(have) == len(c.steps) {
				t.Errorf("reason %q, stored %d", v.Reason, len(have))
			}
			if strings.Contains(v.Reason, ann) && c.steps[0].level > c.steps[len(c.steps)-1].level && c.steps[len(c.steps)-1].creator != ann {
				t.Errorf("the reason names who is above: %s", v.Reason)
			}
		})
	}
}

func TestItems(t *testing.T) {
	objects := func(n int) []*stix.Object {
		out := make([]*stix.Object, n)
		for i := range out {
			it := tool(t, store.Provenance{}, ann, 1, fmt.Sprint(i))
			out[i] = it.Object
		}
		return out
	}
	in := objects(decide.ChunkSize*2 + 1)
	var got []*stix.Object
	for items, err := range decide.Items(t.Context(), store.Provenance{}, in) {
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			got = append(got, it.Object)
		}
	}
	if !slices.Equal(got, in) {
		t.Errorf("%d items, not those of %d objects in their order", len(got), len(in))
	}
	in[decide.ChunkSize+7] = nil
	chunks, failed := 0, error(nil)
	for _, err := range decide.Items(t.Context(), store.Provenance{}, in) {
		if chunks, failed = chunks+1, err; err != nil {
			continue
		}
	}
	if chunks != 2 || failed == nil {
		t.Errorf("an object that is nil ends after %d chunks with %v", chunks, failed)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range decide.Items(ctx, store.Provenance{}, objects(1)) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
}

// TestItem looks at what a store keeps about an object.
func TestItem(t *testing.T) {
	id := func(typ string, n int) stix.ID {
		return stix.ID(fmt.Sprintf("%s--00000000-0000-4000-8000-%012d", typ, n))
	}
	at := func(more map[string]any) map[string]any {
		more["spec_version"], more["created"], more["modified"] = "2.1", "2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.120000Z"
		return more
	}
	hammer, malware, statement := id("tool", 1), id("malware", 1), id("marking-definition", 7)
	for _, c := range []struct {
		props map[string]any
		edges []decide.Edge
		words decide.Words
	}{
		{
			at(map[string]any{"type": "relationship", "id": id("relationship", 1), "relationship_type": "uses", "source_ref": hammer, "target_ref": malware, "description": "as seen"}),
			[]decide.Edge{{Node: hammer, Dir: store.Out}, {Node: malware, Dir: store.In}},
			decide.Words{Body: "as seen"},
		},
		{
			at(map[string]any{"type": "sighting", "id": id("sighting", 1), "sighting_of_ref": hammer}),
			[]decide.Edge{{Node: hammer, Dir: store.In}},
			decide.Words{},
		},
		{
			at(map[string]any{"type": "note", "id": id("note", 1), "content": "text", "abstract": "short", "object_refs": []stix.ID{hammer, malware, hammer}}),
			[]decide.Edge{{Node: malware, Dir: store.In}, {Node: hammer, Dir: store.In}},
			decide.Words{Body: "short\ntext"},
		},
		{
			at(map[string]any{"type": "tool", "id": hammer, "name": "a", "aliases": []any{"b", 3, "c"}, "object_refs": []stix.ID{malware}}),
			nil,
			decide.Words{Name: "a", Aliases: "b\nc"},
		},
	} {
		it := only(t, store.Provenance{TLP: stix.Green, Apart: "x"}, c.props)
		if d := cmp.Diff(c.edges, it.Edges) + cmp.Diff(c.words, it.Words); d != "" {
			t.Errorf("%s (-want +got):\n%s", it.Object.Type, d)
		}
		if it.Version != "2024-01-02T00:00:00.12" || it.Level != stix.Green || it.Own != -1 || it.Track != "x" {
			t.Errorf("%s: %q, level %v, own %d, track %q", it.Object.Type, it.Version, it.Level, it.Own, it.Track)
		}
	}
	// An observable has no version and belongs to nobody; what marks it is as its definition says, and RED before.
	it := only(t, store.Provenance{TLP: stix.Green, Apart: "x"}, map[string]any{
		"type": "domain-name", "spec_version": "2.1", "id": id("domain-name", 1), "value": "a.example", "object_marking_refs": []stix.ID{statement},
	})
	if it.Version != "" || it.Track != "" || !slices.Equal(it.Open, []stix.ID{statement}) || it.Words.Name != "a.example" {
		t.Errorf("observable: %+v", it)
	}
	for _, c := range []struct {
		known decide.Definitions
		level stix.TLP
		own   int
	}{
		{nil, stix.Red, int(stix.Red)},
		{decide.Definitions{statement: int(stix.Amber)}, stix.Amber, int(stix.Amber)},
		{decide.Definitions{statement: decide.SaysNothing}, stix.Green, -1},
	} {
		if it.Mark(stix.Green, c.known.Level); it.Level != c.level || it.Own != c.own {
			t.Errorf("by %v: level %v, own %d, want %v, %d", c.known, it.Level, it.Own, c.level, c.own)
		}
	}
}

// TestMoments: each record has a microsecond of its own, whatever the clock does.
func TestMoments(t *testing.T) {
	now := time.UnixMicro(1_000_000).UTC()
	if got := decide.Stamp(now, 10, 5); got != 1_000_000 {
		t.Errorf("a clock that goes on: %d", got)
	}
	stamp := decide.Stamp(now, 1_000_007, 3) // it went back
	if stamp != 1_000_010 {
		t.Errorf("a clock that went back: %d", stamp)
	}
	// The batch holds the sequences 8 to 10.
	for seq := int64(8); seq <= 10; seq++ {
		at := decide.Added(stamp, 10, seq)
		if at.UnixMicro() != 1_000_000+seq || decide.AddedBy(at, 7, stamp, 10) != seq {
			t.Errorf("sequence %d was added at %v, by when %d were", seq, at, decide.AddedBy(at, 7, stamp, 10))
		}
	}
	if got := decide.AddedBy(now, 7, stamp, 10); got != 7 {
		t.Errorf("before the batch: %d", got)
	}
}
