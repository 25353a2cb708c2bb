// Package intake takes events in, as bodies of requests and over NATS, and follows folders of growing files. Every event that was acknowledged
// counts exactly once in sightings and roll-ups and stands exactly once in the lake, whenever the process is killed.
//
// In: JSON lines in a body ([Intake.Accept]; package serve/events has the requests), in messages on NATS subjects below marque.events, and in files
// ([Intake.Follow]). Out: counts in the [Journal], events in the lake.
//
// How: a request is cut into messages of a JetStream stream, and answered once the stream has them durably. A consumer matches
// the stream's messages segment by segment. A segment's events go to the lake under a name made of the stream's identity and
// the first sequence number; then one transaction of the journal moves the position behind the segment, adds its counts and
// keeps its quarantine. What was cut off before that transaction is done again from the position, and replaces the lake's
// segment of the same name. Files have no stream: their checkpoint stands in the same transaction as their counts.
//
// Invariants:
//   - The stream forgets nothing that the journal has not committed.
//   - Identities of messages are kept in the journal, by number and not by age: a clock that jumps changes no count.
//   - Memory is bounded: by [Config.Memory] for requests, by the size of a segment for matching, by [Config.Backlog] on disk.
//     Beyond these a client is told to wait ([ErrBusy]).
//   - Nothing of NATS runs before [Open].
package intake
