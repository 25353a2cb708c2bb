// Package cfr reads the Cyber Operations Tracker of the Council on Foreign Relations
// (https://www.cfr.org/cyber-operations).
//
// In comes its CSV; out comes an operation per row, the Council's claims on who did it and which state sponsored it, the
// victims' countries as far as the text names them, and the responses: denunciations, charges and sanctions as measures, a
// denial as an opinion of the state that denies.
//
// The published file lost every character that is not ASCII, and with some of them the closing quote of a field. Rows whose
// columns slid together are taken apart again where the vocabularies of sponsor and type say how, and counted as repaired.
package cfr
