package eval

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"marque/attribute/profile"
)

// Sponsors maps actors to countries (ISO 3166) by name and alias from the MISP galaxy's threat actors and
// Microsoft's naming, under dir. The main name votes three times, an alias once; a tie names nobody.
func Sponsors(actors []profile.Actor, dir string) (map[string]string, error) {
	votes := map[string][]string{} // folded name to the countries that it is given
	if err := mispCountries(filepath.Join(dir, "misp-galaxy", "threat-actor.json.gz"), votes); err != nil {
		return nil, fmt.Errorf("misp galaxy: %w", err)
	}
	if err := microsoftCountries(filepath.Join(dir, "microsoft", "MicrosoftMapping.json"), votes); err != nil {
		return nil, fmt.Errorf("microsoft naming: %w", err)
	}
	sponsors := map[string]string{}
	for _, a := range actors {
		if code := vote(a, votes); code != "" {
			sponsors[a.ID] = code
		}
	}
	return sponsors, nil
}

func vote(a profile.Actor, votes map[string][]string) string {
	count := map[string]int{}
	done := map[string]bool{}
	for n, name := range append([]string{a.Name}, a.Aliases...) {
		name = fold(name)
		if done[name] {
			continue
		}
		done[name] = true
		for _, code := range votes[name] {
			count[code]++
			if n == 0 {
				count[code] += 2
			}
		}
	}
	best := slices.SortedFunc(keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	switch {
	case len(best) == 0, len(best) > 1 && count[best[0]] == count[best[1]]:
		return ""
	}
	return best[0]
}

func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

func mispCountries(path string, votes map[string][]string) error {
	var galaxy struct {
		Values []cluster `json:"values"`
	}
	if err := readJSON(path, &galaxy); err != nil {
		return err
	}
	for _, c := range galaxy.Values {
		if c.Meta.Country == "" {
			continue
		}
		for _, name := range append([]string{c.Value}, c.Meta.Synonyms...) {
			votes[fold(name)] = append(votes[fold(name)], c.Meta.Country)
		}
	}
	return nil
}

func microsoftCountries(path string, votes map[string][]string) error {
	var rows []microsoftActor
	if err := readJSON(path, &rows); err != nil {
		return err
	}
	for _, a := range rows {
		code := originOf(a)
		if code == "" {
			continue
		}
		for _, name := range append(otherNames(a), a.Name) {
			votes[fold(name)] = append(votes[fold(name)], code)
		}
	}
	return nil
}
