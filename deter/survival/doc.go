// Package survival estimates how long it takes until something happens, where for many it has not happened yet and for some it
// is known only within bounds.
//
// In go times, each the number of days that something was watched and whether it ended with the event; out comes the curve of
// Kaplan and Meier (1958) with Greenwood's standard error and a log-log interval, the share that the event had reached by a
// day, and the median.
//
// A date that is known to the year is a span, not a day: [Bounds] holds two curves, one that takes each event as late as it can
// have been and one that takes it as early. The truth lies between them, and a median is given for each, never for the middle.
package survival
