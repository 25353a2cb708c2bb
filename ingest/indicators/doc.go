// Package indicators reads and names the columns of Marque's CSV of indicators.
//
// In comes CSV with a header row that has at least the columns type and value, or pattern; out come STIX indicators. One
// row is one value; rows with one id are one indicator. The columns:
//
//	id               STIX id; empty: derived from the pattern
//	type             object path of the value (file:hashes.'SHA-256'), or short: ip, ipv4, ipv6, domain, url, email, md5, sha1, sha256, sha512, filename, mutex
//	value            what to look for; an address block in CIDR form counts as the addresses in it
//	pattern          the whole pattern, in the language that pattern_type names; empty: [type = 'value']
//	pattern_type     stix (if empty), yara, sigma, snort …
//	name             free text
//	description      free text
//	indicator_types  words joined by ;
//	valid_from       timestamp; empty: the time of the first version that Marque makes of shared things
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
// Invariants: a bad row goes to the quarantine and reading goes on; the same file again changes nothing; a row never changes an
// indicator that is there under its id, because a table holds less than an object.
package indicators
