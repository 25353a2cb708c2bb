package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"

	"marque/stix"
)

// Entry is one leaf: what was judged, exactly which version of it, and when it was entered. An entry of type [TypeKeyChange] has Keys
// instead of an object.
type Entry struct {
	Seq     int64      `json:"seq"` // from 0, the leaf's index
	Time    time.Time  `json:"time"`
	Type    string     `json:"type"`
	ID      stix.ID    `json:"id,omitzero"`
	Version string     `json:"version,omitzero"` // the object's modified
	Digest  string     `json:"digest,omitzero"`  // SHA-256 of the object's canonical form (RFC 8785), hexadecimal
	Keys    *KeyChange `json:"keys,omitempty"`
}

// TypeKeyChange is the type of an entry that names a new key.
const TypeKeyChange = "marque-ledger-key"

// KeyChange says that heads behind the one that covers this entry are signed by another key.
type KeyChange struct {
	Old string `json:"old"` // verifier keys, as in key.pub
	New string `json:"new"`
}

// maxEntry bounds a line of entries.jsonl.
const maxEntry = 64 << 10

func parseEntry(line []byte, seq int64) (Entry, error) {
	if len(line) > maxEntry {
		return Entry{}, fmt.Errorf("line of %d bytes, at most %d are an entry", len(line), maxEntry)
	}
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return Entry{}, fmt.Errorf("not an entry: %w", err)
	}
	if e.Seq != seq {
		return Entry{}, fmt.Errorf("the line is entry %d, which does not belong here", e.Seq)
	}
	if (e.Type == TypeKeyChange) != (e.Keys != nil) {
		return Entry{}, errors.New("a change of keys without keys, or keys without a change")
	}
	return e, nil
}

// wholeLines cuts data into its finished lines; rest is what follows the last of them.
func wholeLines(data []byte) (lines [][]byte, rest []byte) {
	for {
		line, after, ok := bytes.Cut(data, []byte("\n"))
		if !ok {
			return lines, data
		}
		lines, data = append(lines, line), after
	}
}

var (
	uuidIn   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	digestIn = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	timeIn   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
)

// traces are what can still be read in a line that is damaged.
type traces struct {
	uuid, digest string
	time         time.Time // of entering: the first in the line
}

func tracesOf(line []byte) traces {
	t := traces{uuid: string(uuidIn.Find(line)), digest: string(digestIn.Find(line))}
	t.time, _ = time.Parse(time.RFC3339Nano, string(timeIn.Find(line))) // zero where there is none
	return t
}
