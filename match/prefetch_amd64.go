package match

// prefetch has the processor fetch the filter's word of each hash, see place, without waiting for it.
//
//go:noescape
func prefetch(bloom, hashes []uint64)
