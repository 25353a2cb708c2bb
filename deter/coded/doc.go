// Package coded counts what the data sets of incidents code about attribution and answers, and says what follows from it and
// what does not.
//
// In go the Global Database and the attribution dataset of EuRepoC and the CFR tracker, row by row as their readers decode them;
// out come three things that are never mixed:
//
//   - [Records.Table] and [Records.Gap]: the figures as coded, by the definitions that stand at each. They take a zero as no
//     response, and are there to be compared with what others count from the same columns.
//   - [Records.Said]: what can honestly be said, by state and year: answered, asked and silent, unknown (package silence).
//   - [Records.Series]: operations by month, for the effect of measures (package effect).
//
// A 1 January in these data is a year without a day. Where a figure needs a day, such rows are left out or give bounds; their
// date is never copied into a median.
package coded
