// Package sitelist reads lists of web sites as people publish them, for influence/site.
//
// In comes a file: names one a line, or a table (CSV, TSV or semicolons) with a header row, packed or not, values defanged or not. Which
// table it is tell its columns (forms.yaml, which is data); Meta's threat-research files are read through ingest/metathreat. Out come sites
// with what the row says of them: day of registration, day of seizure, operation, registrar, addresses, accounts, and the lines that could
// not be read.
//
// Invariants:
//   - A line that cannot be used never stops the list. It is counted, and told with file, line and reason.
//   - The same site in several rows, or several files, is one site with what all of them say; the earliest day of registration counts.
package sitelist
