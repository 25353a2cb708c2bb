// Package document turns a report as it was published into text and what is known of it.
//
// In come the bytes of plain text, Markdown, HTML or PDF in any encoding; out comes a [Document]: UTF-8 text that offsets of
// quotes point into, title, publisher, publication date, address, language. Boilerplate of web pages is removed by Mozilla's
// Readability (codeberg.org/readeck/go-readability), text of PDF files is taken by ledongthuc/pdf.
//
// Invariants:
//   - The same bytes always give the same text.
//   - Sizes, the number of elements and pages, and time are bounded. Both libraries are kept behind one boundary ([guarded])
//     that turns their panics into errors.
//   - A PDF without text (a scan) is an error that says so.
package document
