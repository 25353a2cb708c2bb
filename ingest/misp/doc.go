// Package misp reads what MISP publishes and shares: galaxy clusters (https://github.com/MISP/misp-galaxy), events (MISP core
// format, draft-dulaunoy-misp-core-format) and feeds of events.
//
// A galaxy becomes an object per cluster under the cluster's own UUID, created by the MISP project: actors, malware, agencies,
// sectors, places, techniques, countermeasures. Who sponsors an actor is a claim of whoever says so (MISP's own country, or the
// Council on Foreign Relations that MISP cites), never a property. What has no place in STIX stays in x_misp_ properties.
//
// An event becomes a report with indicators (attributes for detection), observed-data (others), notes (text), groupings (MISP
// objects), relationships, sightings and opinions, each under its MISP UUID. Each keeps its MISP record in the property
// extension [misp.Extension], so that package export gives back what came in. docs/misp.md has the tables.
//
// Invariants:
//   - Who may see an object is never wider than MISP's distribution and TLP tags say, and a part never wider than its whole.
//   - The same event again changes nothing.
//   - A record that cannot be used goes to the quarantine; the rest of the event goes in.
//   - Proposals and what an instance computed for its own reader (related events) are left out: they are not the event's.
package misp
