// Package jsonscan takes a fixed set of fields out of one JSON object without building a tree.
//
// In: a set of dotted paths ([Compile]) and one JSON text per call ([Scanner.Scan]), or a block of lines ([Scanner.Begin], then
// [Scanner.Follow] and [Scanner.Read] for each). Out: the scalar values that stand at those paths, as slices of the input, in the
// order of the text.
//
// There are three ways, each for what the one before leaves. Follow knows the skeletons of texts seen before: it compares them
// and finds the ends of strings in an index of the block, made with vector instructions (portable Go elsewhere). Read parses by
// the grammar. What neither handles (escapes or bytes that are not UTF-8 in a wanted string, escapes or bytes above 0x7F in a
// key, arrays nested more than 32 deep on a wanted path) goes through the slow path, which validates first and then walks the
// text with go-json-experiment's jsontext. The first two allocate nothing.
//
// Invariants:
//   - A text is accepted exactly when encoding/json's Valid accepts it and its outermost value is an object (RFC 8259; bytes
//     that are not UTF-8 are replaced by U+FFFD inside strings, nesting ends at 10,000), whatever fields are wanted.
//   - All ways return the same values.
//   - Arrays are transparent: the path a.b meets the b of every object in an array a, and every element of an array b.
//   - A dotted path meets nested objects as well as a single key that is spelt with the dots ("id.orig_h" in Zeek's logs).
//   - A key that occurs twice yields both values, so a second copy cannot hide the first.
//   - null counts as absent.
package jsonscan
