package match

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"time"

	"marque/event"
)

// Explained is what becomes of one line: how it is read, and what its values meet.
type Explained struct {
	*event.Explanation
	Text string `json:"text"`
	Hits []Hit  `json:"hits,omitempty"`
}

// Explain reads and matches one line as Run does, and tells how. now is the moment of the reading, see event.Plausible.
func Explain(line []byte, formats *event.Formats, set *Set, now time.Time) *Explained {
	dec := event.NewDecoder(formats)
	dec.Within(event.Plausible(now))
	out := &Explained{Explanation: dec.Explain(line), Text: string(line)}
	w := NewWorker(formats, set, WorkerConfig{KeepHits: true, Now: func() time.Time { return now }})
	var r Result
	_ = w.Do(line, &r) // fails with its writer only, and has none
	r.Settle()
	out.Hits = r.Hits
	return out
}

// ErrNoLine says that a source has fewer lines.
var ErrNoLine = errors.New("the file has no such line")

// Line returns line n, from 1, as decoders get it: unpacked, in UTF-8, and of a list, a table or XML the record of that number.
func (s *Source) Line(n int64, formats *event.Formats) ([]byte, error) {
	st, err := s.open(formats)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	defer func() { _ = st.close() }() // nothing is written to it
	in := bufio.NewScanner(st.Reader)
	in.Buffer(nil, DefaultMaxLine+2)
	for i := int64(1); in.Scan(); i++ {
		if i == n {
			return in.Bytes(), nil
		}
	}
	if err := in.Err(); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read events: %s: line %d or one before it: %w", s.Path, n, err)
	}
	return nil, fmt.Errorf("%s, line %d: %w", s.Path, n, ErrNoLine)
}
