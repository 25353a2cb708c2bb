package witness

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Request asks a witness to cosign a head.
type Request struct {
	Old        int64          // size of the newest head that the witness cosigned
	Proof      tlog.TreeProof // that the checkpoint continues that head; empty where Old is 0
	Checkpoint []byte         // signed by its log
}

// Limits of a request.
const (
	maxRequest    = 64 << 10
	maxProofLines = 63 // as tlog-witness says
)

// ErrRequest is a request, or an answer, that is not in the form of tlog-witness.
var ErrRequest = errors.New("not in the form of tlog-witness")

// Bytes is the body of the request.
func (r *Request) Bytes() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteByte('\n')
	b.Write(r.Checkpoint)
	return b.Bytes()
}

// ParseRequest reads a body. Errors wrap ErrRequest.
func ParseRequest(body []byte) (*Request, error) {
	if len(body) > maxRequest {
		return nil, fmt.Errorf("body of %d bytes, at most %d: %w", len(body), maxRequest, ErrRequest)
	}
	head, checkpoint, ok := strings.Cut(string(body), "\n\n")
	if !ok {
		return nil, fmt.Errorf("no empty line before the checkpoint: %w", ErrRequest)
	}
	lines := strings.Split(head, "\n")
	size, ok := strings.CutPrefix(lines[0], "old ")
	if !ok {
		return nil, fmt.Errorf("line 1: want old and a size: %w", ErrRequest)
	}
	r := &Request{Checkpoint: []byte(checkpoint)}
	var err error
	if r.Old, err = parseSize(size); err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	if len(lines) > 1+maxProofLines {
		return nil, fmt.Errorf("proof of %d lines, at most %d: %w", len(lines)-1, maxProofLines, ErrRequest)
	}
	for i, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		r.Proof = append(r.Proof, h)
	}
	return r, nil
}

// parseSize reads a size without leading zeros.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("size %.40q: want a whole number without leading zeros: %w", s, ErrRequest)
	}
	return n, nil
}

func parseHash(s string) (tlog.Hash, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != tlog.HashSize || strings.ContainsAny(s, "\r\n") {
		return tlog.Hash{}, fmt.Errorf("hash %.60q: want %d bytes in base64: %w", s, tlog.HashSize, ErrRequest)
	}
	return tlog.Hash(raw), nil
}
