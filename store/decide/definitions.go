package decide

import "marque/stix"

// SaysNothing is the level of a marking definition that speaks of something else than TLP.
const SaysNothing = -1

// Says is what a marking definition says of TLP: a level, or SaysNothing.
func Says(o *stix.Object) int {
	if level, ok := o.DefinesTLP(); ok {
		return int(level)
	}
	return SaysNothing
}

// Definitions are what the definitions of markings say, the strictest where there are several. Those that came apart count only for what
// came apart with them: nobody loosens or tightens the markings of others.
type Definitions map[stix.ID]int

// Level is the level of a marking, and whether it speaks of TLP, as stix.Object.TLPBy asks. One that is not defined is RED: somebody
// restricted the object, and nobody here can read how.
func (d Definitions) Level(id stix.ID) (stix.TLP, bool) {
	level, ok := d[id]
	if !ok {
		return stix.Red, true
	}
	return stix.TLP(max(level, 0)), level != SaysNothing
}
