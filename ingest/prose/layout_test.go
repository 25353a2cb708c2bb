package prose_test

import (
	"testing"

	"marque/ingest/prose"
)

// TestSayings reads short texts whose meaning lies in their layout, or in what was told before.
func TestSayings(t *testing.T) {
	for name, tc := range map[string]struct {
		text       string
		want, none []string // "who | subject | relation | object | stance"
	}{
		"a list goes on with its lead-in": {
			"CISA has released this alert on Volt Typhoon.\n\nVolt Typhoon:\n- stole passwords from a port;\n- deployed the wiper CaddyWiper on 40 machines.\n\nCISA urges owners of routers to:\n- change default passwords;\n- turn off remote access.\n",
			[]string{"| Volt Typhoon | stole | passwords", "| Volt Typhoon | deployed | CaddyWiper", "CISA | CISA | recommends | change default passwords", "CISA | CISA | recommends | turn off remote access"},
			[]string{"CISA | CISA | recommends | turn off remote access | denies"},
		},
		"a transcript says who speaks": {
			"With us is Ada Lund from Mandiant.\n\nPOE: Who broke into the port?\n\nLUND: Sandworm broke into the port in May.\n\nPOE: What did they take?\n\nLUND: Sandworm stole the customs files.\n\nPOE: Did APT28 hack the navy?\n",
			[]string{"Ada Lund | Sandworm | compromised | port | asserts", "Ada Lund | Sandworm | stole | customs files | asserts"},
			[]string{"| APT28 | compromised"},
		},
		"who agrees says it again": {
			"ESET said Sandworm is linked to the GRU. The Polish government came to the same conclusion.",
			[]string{"ESET | Sandworm | linked-to", "Polish government | Sandworm | linked-to"},
			nil,
		},
		"two work together":  {"Mandiant said that Turla and Gamaredon cooperate.", []string{"Mandiant | Turla | partners-with | Gamaredon | asserts"}, nil},
		"nobody asked money": {"Sandworm broke into a port. No ransom was demanded.", []string{"| Sandworm | motive | not financial"}, []string{"| extorts |"}},
		"a noun is no verb":  {"Meta said it had removed 1,200 YouTube channels linked to Russia.", []string{"Meta | Meta | measure | channels"}, []string{"| 1,200 YouTube"}},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			for _, c := range read(t, tc.text).Claims {
				lines = append(lines, line(c))
			}
			for _, want := range tc.want {
				if !told(lines, want) {
					t.Errorf("not told: %s\nof %q", want, lines)
				}
			}
			for _, none := range tc.none {
				if told(lines, none) {
					t.Errorf("told: %s\nin %q", none, lines)
				}
			}
		})
	}
}

// TestDenied holds a rejection of everything against what others say of who rejects, and of nobody else.
func TestDenied(t *testing.T) {
	res := read(t, "ESET said Sandworm hacked a Polish port. Mandiant said APT41 stole data from a Thai bank. The Kremlin rejected the accusations.")
	byID := map[string]prose.Claim{}
	for _, c := range res.Claims {
		byID[c.ID] = c
	}
	var denied []string
	for _, c := range res.Claims {
		for _, id := range c.Denied {
			denied = append(denied, byID[id].Who.Name)
		}
	}
	if len(denied) != 1 || denied[0] != "ESET" {
		t.Errorf("Russia denies what %q say, want ESET alone", denied)
	}
}
