// Package extract reads texts into claims by their trees.
package extract
