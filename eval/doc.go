// Package eval computes figures against labelled truth and fails when one falls under its gate. Product code never imports it.
//
// In goes the folder of real data (MARQUE_DATA); out come figures with their sample sizes and what was missed, written to
// docs/quality.md. The files loro*.go measure who is behind an operation: leave one report out, in time.
// The files reports*.go measure the reading of prose on articles that the reader has not seen (testdata/reports; no data needed).
package eval
