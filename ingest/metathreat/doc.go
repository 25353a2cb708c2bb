// Package metathreat reads the indicator files that Meta publishes with its adversarial threat reports (CSV, MIT licence, 2020 to 2024).
//
// In comes a file in one of its two forms: type, value, comment and day (2020 to May 2023), or tactic, technique, procedure, value and
// mostly a comment (Meta's online operations kill chain). Values are defanged; days stand in the comments in five forms. Out come, for each
// file, the operation that it is about (a campaign), its sites as infrastructure with their domain names and days of registration,
// addresses, accounts, files and apps, and the countries that it worked on. Prose rows are notes on the operation.
//
// Invariants:
//   - Every row with something in it becomes an object or goes to the quarantine; empty rows are counted.
//   - What was done to somebody (tactic 8, compromising assets) is a target of the operation, never its infrastructure.
//   - A row speaks for what it says: that a value is listed makes it the operation's on Meta's word, which is the objects' creator.
//
// [Parse] gives the rows themselves, for who wants a list of sites and not objects.
package metathreat
