package entity_test

import (
	"testing"

	"marque/ingest/entity"
)

// TestHedged: a hedge is never a name, and a name is never lost to one.
func TestHedged(t *testing.T) {
	for cell, want := range map[string][2]string{
		"Possibly linked to Sandworm.":                             {"Sandworm", "possibly linked to"},
		"Believed to be linked to the Crouching Yeti threat actor": {"Crouching Yeti", "believed to be linked to"},
		"Possible link to Sandworm":                                {"Sandworm", "possible link to"},
		"suspected Bronze Butler":                                  {"Bronze Butler", "suspected"},
		"(suspected) suspected APT 10":                             {"APT 10", "suspected"},
		"Sandworm (suspected)":                                     {"Sandworm", "suspected"},
		"(may) sudo rm -RF":                                        {"sudo rm -RF", "may"},
		"Believed to be the work of the Turla group":               {"Turla", "believed to be the work of"},
		"Russian hacker group Snake":                               {"Snake", ""},
		"Chinese state-sponsored hackers":                          {},
		"Lazarus Group":                                            {"Lazarus Group", ""},
		"The Dukes":                                                {"The Dukes", ""},
		"The Unknowns":                                             {"The Unknowns", ""},
		"May Day Brigade":                                          {"May Day Brigade", ""},
		"Unit 61398":                                               {"Unit 61398", ""},
		"Unknown":                                                  {},
		"N/A":                                                      {},
		"a third party":                                            {},
		"not attributed":                                           {},
		"APTs associated with Beijing":                             {},
		"Has links to Lucky Cat":                                   {"Lucky Cat", "has links to"},
		"(suspected) suspected":                                    {"", "suspected"},
		"unidentified hackers":                                     {},
		"an unknown hacking group":                                 {},
		"Possibly linked to the Nitro incident":                    {"", "possibly linked to"},
		"Uses similar tools as DragonOK":                           {},
		"":                                                         {},
	} {
		if name, hedge := entity.Hedged(cell); name != want[0] || hedge != want[1] {
			t.Errorf("%q is %q, hedged %q; want %q, %q", cell, name, hedge, want[0], want[1])
		}
	}
}

func FuzzHedged(f *testing.F) {
	f.Add("Possibly linked to Sandworm (suspected) ?")
	f.Fuzz(func(t *testing.T, cell string) {
		name, _ := entity.Hedged(cell)
		if entity.Nobody(name) && name != "" {
			t.Errorf("%q names %q, who is nobody", cell, name)
		}
	})
}
