// Package alert takes hits to those who have to know of them: into files, to syslog, webhooks, NATS subjects and mailboxes.
//
// In: an [Outbox] of hits that were committed together with their counts (package intake), what is known of their indicators ([Dossiers]),
// and a [Config] of sinks. Out: alerts, each a hit with its indicator, reports, actor and state behind it, as far as the sink's TLP level
// shows them.
//
// Invariants:
//   - Nothing is lost: a sink's position moves only behind what it took, and the outbox keeps what some sink has not passed
//     (TestKilledAtEveryStep, TestKilled).
//   - A file has each alert exactly once, in the order of the outbox, whenever the process is killed. Everywhere else it comes at least once,
//     and has the same id whenever it comes (TestKilledAtEveryStep).
//   - TLP is a ceiling: of an indicator above the sink's level nothing goes out, and of one below it no name, report, actor or state that only
//     readers above the level see (TestCeiling).
//   - What a sink refuses for a day goes to its dead letters and is kept; it holds up nobody else's alerts (TestDeadLetters).
package alert
