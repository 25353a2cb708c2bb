package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// head is a signed head: the tree, and the note that says so.
type head struct {
	tree tlog.Tree
	note []byte
}

// signHead writes and signs the note of a tree.
func signHead(t tlog.Tree, signers ...note.Signer) (head, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", signers[0].Name(), t.N, t.Hash)
	msg, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		return head{}, fmt.Errorf("sign head of %d entries: %w", t.N, err)
	}
	return head{t, msg}, nil
}

// parseHead reads what a note says, without asking who signed it.
func parseHead(msg []byte) (origin string, t tlog.Tree, err error) {
	text, _, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return "", t, errors.New("not a signed note")
	}
	parts := strings.Split(string(text), "\n")
	if len(parts) != 3 {
		return "", t, fmt.Errorf("%d lines, want origin, size and hash", len(parts))
	}
	size, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != parts[1] {
		return "", t, fmt.Errorf("size %q, want the number of entries", parts[1])
	}
	hash, err := tlog.ParseHash(parts[2])
	if err != nil || hash.String() != parts[2] {
		return "", t, fmt.Errorf("hash %q, want 32 bytes in base64", parts[2])
	}
	return parts[0], tlog.Tree{N: size, Hash: hash}, nil
}

// openHead reads a note that must be signed by all of signers and, as strict says, by nobody else and spelled as signHead does.
func openHead(msg []byte, strict bool, signers ...note.Verifier) (head, error) {
	origin, tree, err := parseHead(msg)
	if err != nil {
		return head{}, err
	}
	n, err := note.Open(msg, note.VerifierList(signers...))
	if err != nil {
		return head{}, fmt.Errorf("head of %d entries: the signature is not that of %s", tree.N, keyNames(signers))
	}
	if len(n.Sigs) != len(signers) || origin != signers[0].Name() || strict && len(n.UnverifiedSigs) > 0 {
		return head{}, fmt.Errorf("head of %d entries: want it signed by %s", tree.N, keyNames(signers))
	}
	for _, s := range n.Sigs {
		// Base64 has spellings that mean the same bytes; ours is the only one that was signed for.
		if b, err := base64.StdEncoding.DecodeString(s.Base64); strict && (err != nil || base64.StdEncoding.EncodeToString(b) != s.Base64) {
			return head{}, fmt.Errorf("head of %d entries: the signature is spelled in another way", tree.N)
		}
	}
	return head{tree, msg}, nil
}

func keyNames(vs []note.Verifier) string {
	names := make([]string, len(vs))
	for i, v := range vs {
		names[i] = fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash())
	}
	return strings.Join(names, " and ")
}

// splitNotes cuts a history into its finished notes, each followed by an empty line; rest is what follows the last of them.
func splitNotes(data []byte) (notes [][]byte, rest []byte) {
	for {
		_, after, ok := bytes.Cut(data, []byte("\n\n"))
		if !ok {
			return notes, data
		}
		signed := len(data) - len(after)
		sigs, after, ok := bytes.Cut(after, []byte("\n\n"))
		if !ok {
			return notes, data
		}
		end := signed + len(sigs) + 1
		notes, data = append(notes, data[:end:end]), after
	}
}
