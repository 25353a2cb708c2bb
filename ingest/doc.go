// Package ingest reads what others publish into STIX objects with provenance.
//
// In come bytes: bundles, galaxy clusters, CSV files, reports; gzip and zstd are unpacked on the way. A [Registry] finds the
// [Reader] of the format by looking at the content, never at the file name alone. The reader turns the bytes into objects and
// hands them to a [Sink]; the [Pipeline] stores them in batches while the reader goes on parsing, with the source, the
// importer and the SHA-256 of the bytes as provenance.
//
// Invariants:
//   - The same input again changes nothing: ids derive from the content, and so do timestamps.
//   - A bad record never stops a file. It goes to the quarantine with its place, its offset and the reason; the rest goes in.
//   - Nothing hostile brings the process down: sizes, unpacked sizes, depth and time are bounded, and reading ends when the
//     context does.
//   - A reader that finds out half-way that the input is broken beyond repair returns an error; what was good by then is stored.
//
// The formats stand in the sub-packages and are put together by ingest/formats. docs/formats.md says what becomes what.
package ingest
