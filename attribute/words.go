package attribute

// Words is the ICD 203 expression for a probability (Intelligence Community Directive 203, Analytic Standards, 2015,
// section D.6.e.2.a).
func Words(p float64) string {
	switch {
	case p < 0.05:
		return "almost no chance"
	case p < 0.20:
		return "very unlikely"
	case p < 0.45:
		return "unlikely"
	case p < 0.55:
		return "roughly even chance"
	case p < 0.80:
		return "likely"
	case p < 0.95:
		return "very likely"
	}
	return "almost certain"
}

// Healey's spectrum of state responsibility, from least to most (Jason Healey, Beyond Attribution, Atlantic Council, 2012).
const (
	StateProhibited           = "state-prohibited"
	StateProhibitedInadequate = "state-prohibited-but-inadequate"
	StateIgnored              = "state-ignored"
	StateEncouraged           = "state-encouraged"
	StateShaped               = "state-shaped"
	StateCoordinated          = "state-coordinated"
	StateOrdered              = "state-ordered"
	StateRogue                = "state-rogue-conducted"
	StateExecuted             = "state-executed"
	StateIntegrated           = "state-integrated"
)

// Maurer's modes of proxy relationship (Tim Maurer, Cyber Mercenaries, Cambridge University Press, 2018).
const (
	Delegation    = "delegation"    // the state holds effective control
	Orchestration = "orchestration" // the state supports without control
	Sanctioning   = "sanctioning"   // the state knows and lets it happen
)

// Motives.
const (
	Financial       = "financial"
	Espionage       = "espionage"
	Destabilisation = "destabilisation"
	Influence       = "influence"
	Embarrassment   = "embarrassment"
)
