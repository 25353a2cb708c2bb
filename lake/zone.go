package lake

import "strings"

// zone returns the last two labels of a domain. Every domain under a name of two labels or more has that name's zone, so one
// hash finds a domain and all under it. That "co.uk" is a zone too makes some looks less selective, which costs a hunt
// less than a walk of the list of public suffixes costs every event.
func zone(name string) string {
	last := strings.LastIndexByte(name, '.')
	if last <= 0 {
		return name
	}
	return name[strings.LastIndexByte(name[:last], '.')+1:]
}
