package auth

import "time"

// SetClock replaces the clock.
func (a *Authenticator) SetClock(now func() time.Time) { a.now = now }
