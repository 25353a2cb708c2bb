// Package unpack takes packing off files: gzip, zstd, bzip2, xz as streams, and the files in a zip archive.
//
// In come bytes that may be packed, known by their beginning and never by a name; out come the plain bytes. One layer is taken off:
// a packed file in a packed file is no format of ours. What is packed in a way that is not read (7z, rar, an encrypted zip) is an
// error that says what it is and what to do.
//
// Invariants: no input makes more than the limit of plain bytes, or grows more than 200-fold beyond 64 MiB; reading ends when the
// context does; errors wrap [ErrTooLarge], [ErrMalformed] or [ErrForeign].
package unpack
