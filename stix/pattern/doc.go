// Package pattern is the STIX patterning language: parse, print, explain, check, match, and compile for a stream.
// It follows STIX 2.1 (OASIS Standard, 10 June 2021), part 9, and reads patterns of STIX 2.0 part 5 as well.
//
//	p, err := pattern.Parse("[ipv4-addr:value ISSUBSET '198.51.100.0/24'] REPEATS 3 TIMES WITHIN 60 SECONDS")
//	observations, err := pattern.ObservationsFromBundle(bundle)
//	matches, err := p.Match(observations, pattern.Limits{})
//	for _, bound := range matches.Bindings[0] { … } // which observation served which bracketed expression
//
// # Text
//
// Parse accepts the language of the OASIS grammar, no more and no less: case-sensitive keywords, its list of white
// space, both kinds of comment, == and <> beside = and !=, quoted path components, indices that are negative.
// Observation operators bind in the order AND, OR, FOLLOWEDBY, comparison operators in the order AND, OR; a qualifier
// binds to the one expression before it. A *SyntaxError has offset, line, column, what was expected, what was found and
// a hint. A timestamp's fields are held to their ranges, but 30 February is grammatical (it fails when matched).
// String writes a canonical spelling that parses to the same tree; Normalize gives equal patterns one form; Explain
// tells in English what is looked for. Check adds what the grammar leaves out: the form of hash values, two qualifiers
// of one kind on one expression, and warnings for what can never match or not be run.
//
// # Comparisons (sections 9.6 and 9.7)
//
// A comparison expression holds for an observation when it holds for one of its objects: all comparisons that AND
// joins are about the same object, hence about one type. A path that selects nothing makes its comparison false, with
// NOT too; NOT EXISTS is the way to ask for absence, and is asked of objects of the named type. [*] means any element.
// Otherwise:
//
//   - integers and floats compare as numbers, exactly; strings by code point, without normalisation; LIKE and MATCHES
//     normalise both sides to NFC;
//   - values of properties that end in _hex or _bin are bytes. Bytes compare with hex and binary literals, and with
//     strings whose code points are all below 256; with other strings every comparison is false;
//   - a timestamp literal compares with a string as an instant; a string that is no timestamp is an error (ErrData),
//     since a silent false would hide bad data;
//   - any other two types are unequal and have no order: = and < are false, != is true, NOT < is false;
//   - IN asks for equality with an element; elements of different types are an error (ErrPattern);
//   - LIKE covers the whole value, % any text (line ends too), _ one character;
//   - MATCHES searches. PCRE is translated to a linear-time engine: $ also before a last line end, . not a line end,
//     \h \v \R \N \Z \Q…\E \xhh and comments. The size of the expression times the length of the value is paid out of
//     Limits.Steps, as with LIKE. Lookaround, backreferences, atomic groups, possessive quantifiers, recursion,
//     conditionals and (?x) are ErrUnsupported;
//   - ISSUBSET and ISSUPERSET take IPv4 and IPv6 addresses and CIDR blocks; a value that is neither is in no relation;
//   - a _ref (or an element of _refs) stands for the object that it names in the same observation when the path goes
//     on, and for the id itself when the path ends there.
//
// # Observations (sections 9.4 and 9.5)
//
// An observed-data counts number_observed times, and each time can serve one bracketed expression. Its instant is
// anywhere from first_observed to last_observed: A FOLLOWEDBY B holds when no first_observed of A is after any
// last_observed of B; WITHIN n when the latest first_observed is at most n seconds after the earliest last_observed;
// START a STOP b for each observation with last_observed >= a and first_observed < b. Instants are counted in 100 ns.
// REPEATS asks for disjoint bindings. This is what the OASIS reference matcher does.
//
// Match finds a binding if there is one. Objects are looked at 256 at a time: each comparison runs over all that are
// still undecided, and the value at a path is looked up once for all comparisons of it. The search is over instants and
// OR branches, with a bipartite flow to share the observations out; it is polynomial for patterns whose qualifiers and
// FOLLOWEDBY are few, and stops with ErrLimit when Limits.Steps are used up, whatever the pattern.
//
// # Streams
//
// Compile gives a Program. If the pattern is a disjunction of equalities and CIDR tests, Program.Lookups lists them, to
// be answered by tables. Otherwise Program.NewState takes a time-ordered stream and reports bindings as they become
// complete, in bounded memory. Its documentation says what is kept, and when it agrees with Match. A pattern that one
// observation decides (Program.Alone) needs no state: a Probe answers it, and tells which comparison which object met.
//
// Program.Needs gives texts one of which an observation must show to fit any part of the pattern, so that thousands of
// patterns cost an observation that fits none of them one search for texts. It never asks for too much
// (TestNeedsAreNecessary, FuzzNeeds).
package pattern
