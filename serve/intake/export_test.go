package intake

// SetFree makes the disk look as full as a test wants.
func (c *Config) SetFree(f func(dir string) (int64, error)) { c.free = f }

// TakeMemory takes of the memory for requests.
func (in *Intake) TakeMemory(n int64) bool { return in.budget.take(n) }
