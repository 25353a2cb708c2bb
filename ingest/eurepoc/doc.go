// Package eurepoc reads the European Repository of Cyber Incidents, version 1.1 (https://eurepoc.eu): the Global Database of
// incidents, the attribution dataset and the receiver dataset.
//
// In comes CSV with lists written as Python writes them; out comes an operation (campaign with the extension operation) per
// incident, its victims, who attributes it to whom as one claim per attribution, the political and legal responses as
// measures, and the cited web pages as reports.
//
// Invariants:
//   - Attributions that contradict each other stay beside each other; a contested one has the stance "doubts".
//   - What was done (kinds, acts) is read from the incident's own codes and words, never from who is said to have done it.
//   - The incidents' own codes stay in x_eurepoc_ properties.
//   - The two smaller datasets say nothing that the Global Database does not say better; read alone, they give stubs.
//   - Attributions of an incident that cite fewer pages than there are attributions share one root.
package eurepoc
