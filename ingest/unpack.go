package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Limits against packed bombs. A file may grow MaxRatio-fold when it is unpacked; up to FreeBytes nobody asks.
const (
	maxRatio  = 200
	freeBytes = 64 << 20
)

var (
	gzipMagic = []byte{0x1f, 0x8b}
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
)

type limitError struct {
	what  string
	limit int64
}

func (e *limitError) Error() string { return fmt.Sprintf("%s over %d bytes", e.what, e.limit) }

func (e *limitError) Unwrap() error { return ErrTooLarge }

// Unpack reads a file, which may be gzip or zstd, as a whole. More than limit plain bytes are ErrTooLarge.
func Unpack(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	plain, release, err := unpack(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	defer release()
	return io.ReadAll(plain)
}

// unpack returns the plain bytes of r, which may be gzip or zstd, and how to release what that took. One layer is taken off:
// a packed file in a packed file is no format of ours.
func unpack(ctx context.Context, r io.Reader, limit int64) (*bufio.Reader, func(), error) {
	packed := &counter{r: &cancelReader{ctx: ctx, r: r}}
	br := bufio.NewReaderSize(packed, 1<<16)
	magic, err := br.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	guard := func(plain io.Reader) *bufio.Reader {
		return bufio.NewReaderSize(&bombGuard{r: plain, packed: packed, limit: limit}, HeadSize)
	}
	switch {
	case bytes.HasPrefix(magic, gzipMagic):
		z, err := gzip.NewReader(br)
		if err != nil {
			return nil, nil, fmt.Errorf("unpack gzip: %w: %w", err, ErrMalformed)
		}
		return guard(unpackErrors{z, "gzip"}), func() { _ = z.Close() }, nil
	case bytes.HasPrefix(magic, zstdMagic):
		z, err := zstd.NewReader(br, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("unpack zstd: %w: %w", err, ErrMalformed)
		}
		return guard(unpackErrors{z, "zstd"}), z.Close, nil
	default:
		return bufio.NewReaderSize(&sizeGuard{r: br, limit: limit}, HeadSize), func() {}, nil
	}
}

// cancelReader ends reading when the context does.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancelReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpackErrors says of which packing an error is.
type unpackErrors struct {
	r    io.Reader
	name string
}

func (u unpackErrors) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("unpack %s: %w: %w", u.name, err, ErrMalformed)
	}
	return n, err
}

type sizeGuard struct {
	r     io.Reader
	n     int64
	limit int64
}

func (s *sizeGuard) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.n += int64(n); s.n > s.limit {
		return n, &limitError{what: "input", limit: s.limit}
	}
	return n, err
}

// bombGuard stops unpacking that grows beyond the limit or beyond any honest ratio.
type bombGuard struct {
	r      io.Reader
	packed *counter
	n      int64
	limit  int64
}

func (b *bombGuard) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.n += int64(n)
	switch {
	case b.n > b.limit:
		return n, &limitError{what: "unpacked input", limit: b.limit}
	case b.n > freeBytes && b.n > maxRatio*b.packed.n:
		return n, fmt.Errorf("unpacked input grows more than %d-fold, as bombs do: %w", maxRatio, ErrTooLarge)
	}
	return n, err
}
