package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Prover proves that a tree of size to continues its first from entries.
type Prover func(ctx context.Context, from, to int64) (tlog.TreeProof, error)

// ProverOf proves from the hashes of a log, such as its tiles.
func ProverOf(r tlog.HashReader) Prover {
	return func(_ context.Context, from, to int64) (tlog.TreeProof, error) { return tlog.ProveTree(to, from, r) }
}

// Client asks one witness. It is safe for concurrent use.
type Client struct {
	add      string // address of add-checkpoint
	http     *http.Client
	verifier note.Verifier
}

// NewClient makes a client for a witness with the given submission prefix and verifier key. The HTTP client is the caller's, with its
// limits of time and reach.
func NewClient(prefix, vkey string, c *http.Client) (*Client, error) {
	u, err := url.Parse(prefix)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return nil, fmt.Errorf("address of a witness %.80q: want https://host/path", prefix)
	}
	v, err := torchwood.NewCosignatureVerifier(vkey)
	if err != nil {
		return nil, fmt.Errorf("key of a witness %.80q: %w", vkey, err)
	}
	return &Client{add: u.JoinPath("add-checkpoint").String(), http: c, verifier: v}, nil
}

// Name is the witness's name.
func (c *Client) Name() string { return c.verifier.Name() }

// maxTries bounds how often a request is repeated because the witness moved on meanwhile.
const maxTries = 4

// Cosign returns the line of the witness's cosignature on a checkpoint. A witness that remembers more than the checkpoint holds, or
// another tree of the same size, gives ErrRollback or ErrSplitView: then two histories of the log were shown.
func (c *Client) Cosign(ctx context.Context, checkpoint []byte, prove Prover) ([]byte, error) {
	line, err := c.cosign(ctx, checkpoint, prove)
	if err != nil {
		return nil, fmt.Errorf("witness %s: %w", c.Name(), err)
	}
	return line, nil
}

func (c *Client) cosign(ctx context.Context, checkpoint []byte, prove Prover) ([]byte, error) {
	text, _, _ := strings.Cut(string(checkpoint), "\n\n")
	head, err := torchwood.ParseCheckpoint(text + "\n")
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w: %w", err, ErrRequest)
	}
	r := &Request{Checkpoint: checkpoint} // old 0 finds out what the witness remembers
	for range maxTries {
		line, err := c.post(ctx, r)
		conflict, ok := errors.AsType[*ConflictError](err)
		if !ok {
			return line, err
		}
		switch {
		case conflict.Size > head.N:
			return nil, fmt.Errorf("it has cosigned %d entries, the checkpoint has %d: %w", conflict.Size, head.N, ErrRollback)
		case conflict.Size == r.Old:
			return nil, fmt.Errorf("it has cosigned another tree of %d entries: %w", conflict.Size, ErrSplitView)
		}
		r.Old, r.Proof = conflict.Size, nil
		if r.Old > 0 && r.Old < head.N {
			if r.Proof, err = prove(ctx, r.Old, head.N); err != nil {
				return nil, fmt.Errorf("prove that %d entries continue %d: %w", head.N, r.Old, err)
			}
		}
	}
	return nil, fmt.Errorf("it moved on %d times meanwhile; try again", maxTries)
}

// post sends a request once.
func (c *Client) post(ctx context.Context, r *Request) (line []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.add, bytes.NewReader(r.Bytes()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRequest))
	if err != nil {
		return nil, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return c.own(r.Checkpoint, body)
	case http.StatusConflict:
		size, err := parseSize(strings.TrimSuffix(string(body), "\n"))
		if err != nil {
			return nil, fmt.Errorf("conflict: %w", err)
		}
		return nil, &ConflictError{Size: size}
	case http.StatusUnprocessableEntity:
		return nil, fmt.Errorf("%s: %w", firstLine(body), ErrSplitView)
	case http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", firstLine(body), ErrUnknownLog)
	case http.StatusForbidden:
		return nil, fmt.Errorf("%s: %w", firstLine(body), ErrNotSigned)
	}
	return nil, fmt.Errorf("answered %s: %s", resp.Status, firstLine(body))
}

// own picks the line of the witness out of its answer and checks it.
func (c *Client) own(checkpoint, answer []byte) ([]byte, error) {
	text, _, _ := bytes.Cut(checkpoint, []byte("\n\n"))
	n, err := note.Open(append(append(bytes.Clone(text), "\n\n"...), answer...), note.VerifierList(c.verifier))
	if err != nil {
		return nil, fmt.Errorf("cosignature: %w: %w", err, ErrRequest)
	}
	s := n.Sigs[0]
	return fmt.Appendf(nil, "\u2014 %s %s\n", s.Name, s.Base64), nil
}

func firstLine(body []byte) string {
	line, _, _ := strings.Cut(string(body), "\n")
	return fmt.Sprintf("%.200q", line)
}

// Collect asks all witnesses at once and adds their cosignatures to a checkpoint. The error joins what single witnesses answered; the
// checkpoint is good whenever the policy of its readers says so, even if one of them failed.
func Collect(ctx context.Context, checkpoint []byte, witnesses []*Client, prove Prover) ([]byte, error) {
	lines, errs := make([][]byte, len(witnesses)), make([]error, len(witnesses))
	var wg sync.WaitGroup
	for i, w := range witnesses {
		wg.Go(func() { lines[i], errs[i] = w.Cosign(ctx, checkpoint, prove) })
	}
	wg.Wait()
	return append(bytes.Clone(checkpoint), bytes.Join(lines, nil)...), errors.Join(errs...)
}
