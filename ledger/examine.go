package ledger

import (
	"bytes"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// examine reads a ledger's files and checks them against each other: every signature, that each head is of a prefix of the next one's
// entries, that nothing is missing, nothing unsigned, and the newest head is the one that stands alone. It returns the state that the
// files had before the pending batch, that batch where there is one, and what is not as it was signed.
func examine(c contents) (*state, *batch, findings) {
	var found findings
	s := &state{}
	lines, torn := wholeLines(c.entries)
	notes, half := splitNotes(c.history)
	b := pendingBatch(c, &found)
	if b != nil {
		// What the batch has already put into the files, whole or in part, is its own and no alteration.
		lines, torn = withoutBatch(lines, c.entries, b.base(), b.encodeEntries(), torn)
		if n := len(notes); n > 0 && bytes.Equal(notes[n-1], b.head.note) {
			notes = notes[:n-1]
		} else if bytes.HasPrefix(b.encodeHead(), half) {
			half = nil
		}
	}
	s.read(lines, &found)
	s.findKeys(c, b, &found)
	s.checkHeads(notes, &found)
	if len(torn) > 0 {
		found.add(KindUnsigned, int64(len(lines)), "the last line of %s has no end", entriesFile)
	}
	if len(half) > 0 {
		found.add(KindHead, -1, "%s ends within a signed head", historyFile)
	}
	s.checkNewest(c, b, &found)
	if b != nil && len(found) == 0 && !s.admits(b) {
		found.add(KindPending, b.base(), "%s is not the signed continuation of the log", pendingFile)
	}
	if len(found) > 0 {
		b = nil
	}
	return s, b, found
}

func pendingBatch(c contents, found *findings) *batch {
	if c.pending == nil {
		return nil
	}
	b, err := parseBatch(c.pending)
	if err != nil {
		found.add(KindPending, -1, "%s: %v; remove it, what it held was not acknowledged", pendingFile, err)
	}
	return b
}

// withoutBatch leaves out the lines from base on if they are the beginning of what the batch enters.
func withoutBatch(lines [][]byte, all []byte, base int64, entered, torn []byte) (before [][]byte, rest []byte) {
	if int64(len(lines)) < base {
		return lines, torn
	}
	var size int
	for _, l := range lines[:base] {
		size += len(l) + 1
	}
	if !bytes.HasPrefix(entered, all[size:]) {
		return lines, torn
	}
	return lines[:base], nil
}

// read takes the lines as entries. A damaged one keeps its place.
func (s *state) read(lines [][]byte, found *findings) {
	s.lines = lines
	s.entries = make([]Entry, len(lines))
	for i, line := range lines {
		e, err := parseEntry(line, int64(i))
		if err != nil {
			found.add(KindEntry, int64(i), "%v", err)
			continue
		}
		s.entries[i] = e
	}
	if err := s.hash(0); err != nil {
		found.add(KindEntry, -1, "%v", err)
	}
}

// findKeys follows the changes of keys from the first key to the one that signs now, which is key.pub.
func (s *state) findKeys(c contents, b *batch, found *findings) {
	public := strings.TrimSpace(string(c.pub))
	spelled := string(c.pub) == public+"\n"
	if b != nil && b.entries[0].Keys != nil && b.entries[0].Keys.New == public {
		public = b.entries[0].Keys.Old // the change is on its way, and has come as far as this file
	}
	if c.pub == nil {
		found.add(KindKey, -1, "%s%s is missing; restore it from a copy", keyFile, pubSuffix)
	}
	for _, e := range s.entries {
		if e.Keys == nil {
			continue
		}
		if len(s.keys) == 0 {
			s.addKey(0, e.Keys.Old, found)
		}
		if s.keys.newest() != e.Keys.Old {
			found.add(KindKey, e.Seq, "the change of keys does not begin with the key that signed")
		}
		s.addKey(e.Seq+1, e.Keys.New, found)
	}
	if len(s.keys) == 0 && c.pub != nil {
		s.addKey(0, public, found)
	}
	if c.pub != nil && (public != s.keys.newest() || !spelled) {
		found.add(KindKey, -1, "%s%s is not the key that the log names", keyFile, pubSuffix)
	}
}

func (s *state) addKey(after int64, public string, found *findings) {
	var err error
	if s.keys, err = s.keys.add(after, public); err != nil {
		found.add(KindKey, after-1, "%v", err)
	}
}

// checkHeads checks each signed head against the entries. The first head that differs bounds an altered entry from above, the last that
// agrees from below; tiles tell which one it is.
func (s *state) checkHeads(notes [][]byte, found *findings) {
	signed := int64(0) // the largest size that a head of ours states
	differs := false
	for i, msg := range notes {
		_, tree, err := parseHead(msg)
		if err == nil {
			_, err = openHead(msg, true, s.keys.signers(tree.N)...)
		}
		if err != nil {
			found.add(KindHead, -1, "signed head %d: %v", i, err)
			continue
		}
		if tree.N <= signed {
			found.add(KindHead, -1, "signed head %d of %d entries comes behind one of %d", i, tree.N, signed)
			continue
		}
		s.heads = append(s.heads, head{tree, msg})
		signed = tree.N
		if differs || tree.N > int64(len(s.lines)) {
			continue
		}
		if hash, err := tlog.TreeHash(tree.N, &s.hashes); err != nil || hash != tree.Hash {
			differs = true
			found.add(KindEntry, -1, "entries %d to %d are not what was signed as the head of %d entries", s.proven, tree.N-1, tree.N)
			continue
		}
		s.proven = tree.N
	}
	here := int64(len(s.lines))
	if here < signed {
		found.add(KindMissing, here, "missing: %d entries were signed, %d are there; restore %s from a copy", signed, here, entriesFile)
	}
	if here > signed {
		found.add(KindUnsigned, signed, "%d entries are not covered by a signed head", here-signed)
	}
}

// checkNewest looks at the head that stands alone.
func (s *state) checkNewest(c contents, b *batch, found *findings) {
	var want []byte
	if n := len(s.heads); n > 0 {
		want = s.heads[n-1].note
	}
	if bytes.Equal(c.newest, want) || b != nil && bytes.Equal(c.newest, b.head.note) {
		return
	}
	if c.newest == nil {
		found.add(KindHead, -1, "%s is missing; it is the last of %s", newestFile, historyFile)
		return
	}
	for _, h := range s.heads {
		if bytes.Equal(h.note, c.newest) {
			found.add(KindHead, -1, "%s is an older head, of %d entries; %d were signed", newestFile, h.tree.N, s.tree().N)
			return
		}
	}
	_, tree, err := parseHead(c.newest)
	if err == nil {
		_, err = openHead(c.newest, true, s.keys.signers(tree.N)...)
	}
	switch {
	case err != nil:
		found.add(KindHead, -1, "%s: %v", newestFile, err)
	case tree.N > int64(len(s.lines)):
		found.add(KindMissing, int64(len(s.lines)), "missing: %s is of %d entries, %d are there", newestFile, tree.N, len(s.lines))
	default:
		found.add(KindHead, -1, "%s, of %d entries, is not the last of %s", newestFile, tree.N, historyFile)
	}
}

// admits tells whether a batch continues the log and is signed by the key that has its turn.
func (s *state) admits(b *batch) bool {
	grown, err := s.with(b)
	if err != nil || b.base() != s.tree().N {
		return false
	}
	hash, err := tlog.TreeHash(b.head.tree.N, &grown.hashes)
	if err != nil || hash != b.head.tree.Hash {
		return false
	}
	_, err = openHead(b.head.note, true, grown.keys.signers(b.head.tree.N)...)
	return err == nil
}
