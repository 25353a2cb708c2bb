// Package indicators reads tables and plain lists of indicators, and names the columns of Marque's own CSV.
//
// In comes a table with a header row, or a text with one value a line; out come STIX indicators. One row is one value; rows with one
// id are one indicator. Columns go by their names in any case and order, also by those that others give them (columns.csv): type and
// value, or pattern, or columns that are named after what they hold, such as md5_hash. The columns of Marque's own:
//
//	id               STIX id; empty: derived from the pattern
//	type             what the value is: a word of any vocabulary in event/value/types.csv, or an object path (file:hashes.'SHA-256');
//	                 empty: told from the value's form
//	value            what to look for, defanged or not; an address block in CIDR form counts as the addresses in it
//	pattern          the whole pattern, in the language that pattern_type names; empty: [type = 'value']
//	pattern_type     stix (if empty), yara, sigma, snort …
//	name             free text
//	description      free text
//	indicator_types  words joined by ;
//	valid_from       timestamp; empty: since always, as far as is known (1970-01-01, as STIX wants a time)
//	valid_until      timestamp; empty: for ever
//	confidence       0 to 100
//	labels           words joined by ;
//	tlp              TLP level: clear, green, amber, amber+strict, red, with or without "TLP:"
//	pap              PAP level: clear, green, amber, red, with or without "PAP:"
//	created_by       STIX id of the identity that created the indicator
//	created          timestamp
//	modified         timestamp
//
// Fields that a spreadsheet would take for a formula (beginning with = + - @, tab, carriage return, or the sign itself) carry
// a leading ' in the file; reading takes it off.
//
// Invariants: a value that nothing can be equal to goes to the quarantine with its reason (package event/value); so does a bad row, and
// reading goes on. A table whose columns mean nothing is an error that names them. The same file again changes nothing; a row never changes an
// indicator that is there under its id, because a table holds less than an object.
package indicators
