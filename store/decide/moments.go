package decide

import "time"

// Stamp is the time of a batch of so many records that is stored now, in microseconds since 1970. It is later than the stamp before it, even
// if the clock goes back, by at least a microsecond per record.
func Stamp(now time.Time, before, records int64) int64 { return max(now.UnixMicro(), before+records) }

// Added is the moment at which a sequence was added: the last of a batch at its stamp, each before it a microsecond earlier.
func Added(stamp, last, seq int64) time.Time { return Moment(stamp - (last - seq)) }

// AddedBy is the last sequence that was added by a moment between two batches: before is the last one stored by then, stamp and last are of
// the batch after it.
func AddedBy(moment time.Time, before, stamp, last int64) int64 {
	return max(before, last-(stamp-moment.UnixMicro()))
}

// Moment is a time from microseconds since 1970.
func Moment(us int64) time.Time { return time.UnixMicro(us).UTC() }
