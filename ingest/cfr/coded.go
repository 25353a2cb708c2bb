package cfr

import (
	"errors"
	"fmt"
	"iter"
	"regexp"
	"strings"
	"time"

	"marque/ingest/entity"
	"marque/ingest/table"
)

// Coded is a row of the tracker as far as figures about answers rest on it: as it stands, not as Marque reads it.
type Coded struct {
	Row      int    // from 1, without the header
	Title    string // as printed, damaged characters included
	Sponsor  string // as printed; in a row whose columns slid together, whatever stands there
	Response string
	Sponsors []string  // ISO codes, after slid columns were taken apart; nil where the row cannot be mended
	Answer   string    // the tracker's word for what was done, in lower case ("sanctions"); empty where the row says nothing
	Start    time.Time // midnight UTC; zero where none is given
	Actor    bool      // the row describes an actor, not an incident: counting it counts operations twice
}

// The tracker's words for what was done. An answer is against somebody; a confirmation that it happened is none by itself,
// and a denial is at times the victim's.
var answers = map[string]bool{"denouncement": true, "criminal charges": true, "sanctions": true, "hack back": true}

// Answered tells whether the row records an answer. That it records none says nothing: the tracker has no word for none.
func (c *Coded) Answered() bool { return answers[c.Answer] }

var (
	ofActor      = regexp.MustCompile(`(?i)^(?:also known as|believed to (?:use|be (?:responsible|connected|associated|closely|linked)))`)
	responseWord = regexp.MustCompile(`(?i)^(denouncement|confirmation|criminal charges|sanctions|denial|hack back|unknown)\b`)
	errStop      = errors.New("stop")
)

// CodedIncidents are the rows of a tracker in CSV. A row that cannot be read comes with an error that names its place, and
// reading goes on behind it; an error without a row (nil) is the last.
func CodedIncidents(data []byte) iter.Seq2[*Coded, error] {
	return func(yield func(*Coded, error) bool) {
		if len(data) > maxFile {
			yield(nil, fmt.Errorf("file of %d bytes: want at most %d", len(data), maxFile))
			return
		}
		t, err := table.Open(data, columns...)
		if err != nil {
			yield(nil, err)
			return
		}
		err = t.Each(func(row *table.Row) error {
			c, err := coded(row)
			if err != nil {
				err = fmt.Errorf("row %d, line %d: %w", row.Number, row.Line, err)
			}
			if !yield(c, err) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

func coded(row *table.Row) (*Coded, error) {
	c := &Coded{
		Row: row.Number, Title: row.Get("Title"), Sponsor: row.Get("Sponsor"), Response: row.Get("Response"),
		Actor: row.Get("Type") == "" || ofActor.MatchString(row.Get("Affiliations")),
	}
	in, _, err := parse(row)
	if err != nil {
		// Its columns slid and cannot be told apart: what stands in them is still what stands in them.
		return c, row.Err
	}
	c.Sponsors = in.sponsors
	c.Answer = strings.ToLower(responseWord.FindString(in.response))
	if in.start != entity.Undated {
		c.Start = in.start.Time()
	}
	return c, nil
}
