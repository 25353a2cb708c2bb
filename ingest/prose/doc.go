// Package prose reads prose (news stories, vendors' reports, press releases of governments) into candidate claims.
//
// In: a [Document] and a [Gazetteer] of names. Out: a [Result] with claims, observables, the reports that the document
// retells, and the period they cover. It is a cascade of small finite-state steps in the manner of FASTUS (Hobbs et al.,
// "FASTUS: A Cascaded Finite-State Transducer for Extracting Information from Natural-Language Text", 1997):
//
//	text → paragraphs → sentences → tokens → names → chunks → clauses → who speaks → claims → qualifiers
//
// Every word list and every way of saying a relation is in data/; the code knows grammar, not vocabulary.
//
// Invariants: Text[Start:End] equals Quote for each claim; the same document and names give the same claims with the
// same ids; nothing is fetched, learned or guessed at random; work grows linearly with the text and is bounded per
// sentence. A claim is a candidate: a reader of the quote decides. Hedges map to the words of ICD 203 (Analytic
// Standards, 2015, D.6.e.2), as a rule of thumb and named so in the output.
package prose
