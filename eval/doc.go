// Package eval computes figures against labelled truth and fails when one falls under its gate. Product code never imports it.
//
// In goes the folder of real data (MARQUE_DATA); out come figures with their sample sizes and what was missed.
package eval
