package main

import (
	"context"
	"io"
	"sync"
)

// untilDone reads from a stream until a context ends, also while the stream has nothing to give: a read of a terminal or a pipe cannot be called
// back, so another goroutine waits in it. Nothing is read before the first Read.
type untilDone struct {
	ctx  context.Context //nolint:containedctx // the life of one run
	from io.Reader

	once sync.Once
	pipe *io.PipeReader
}

func (u *untilDone) Read(p []byte) (int, error) {
	u.once.Do(func() {
		r, w := io.Pipe()
		u.pipe = r
		context.AfterFunc(u.ctx, func() { _ = w.CloseWithError(u.ctx.Err()) })
		go func() {
			_, err := io.Copy(w, u.from)
			_ = w.CloseWithError(err)
		}()
	})
	return u.pipe.Read(p)
}
