package account

import "time"

// Post is one thing that an account published.
type Post struct {
	// Account names who posted, in the words of the export. One export, one namespace: ids and handles are not joined here.
	Account string
	// Time is when, as exactly as the export says.
	Time time.Time
	// Text is what was written, with its links, hashtags and mentions.
	Text string
	// Repost says that the text is another's, passed on.
	Repost bool
	// Language is what the export says, empty where it says nothing.
	Language string
	// Links, Hashtags and Media are what the export lists in columns of its own, besides what stands in Text. Media are digests or ids by
	// which two posts are seen to carry the same picture (media.Hash.String, or what the platform gives).
	Links, Hashtags, Media []string
}

// Kind is what two posts have in common.
type Kind uint8

// What posts are compared by.
const (
	Text     Kind = iota // the same words, or nearly
	Hashtag              // the same hashtag
	Sequence             // the same hashtags in the same order, three or more
	Link                 // the same address
	Media                // the same picture, sound or film
)

var kindNames = [...]string{"text", "hashtag", "hashtag sequence", "link", "media"}

// String names the kind in a reader's words.
func (k Kind) String() string { return kindNames[k] }

// MarshalText writes the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }
