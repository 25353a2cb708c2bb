package intake

import "marque/match"

// follower is a file that is followed.
type follower struct {
	match.Checkpoint
	id int64
}
