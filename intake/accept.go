package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
	"github.com/zeebo/xxh3"

	"marque/event"
	"marque/match"
)

// A request is cut into messages of so many lines or bytes, whichever comes first. They are no settings: the same request must be cut alike
// when it is sent again, or its messages would not be known.
const (
	messageLines = 1024
	messageBytes = 512 << 10
)

const (
	maxKey     = 255
	httpPrefix = "http"
	shownBad   = 10
)

// Answer is what became of a body whose lines are durable.
type Answer struct {
	Lines  int64                  `json:"lines"`
	Events int64                  `json:"events"`        // not told where the client prefers a minimal answer, nor is what follows
	Bad    map[event.Reason]int64 `json:"bad,omitempty"` // lines that go to the quarantine
	First  []BadLine              `json:"first_bad,omitempty"`
	// Repeated says that all of it had come before, within the stream's window of two minutes. Later repetitions are told
	// apart too, but not in the answer.
	Repeated bool `json:"repeated,omitempty"`
}

// BadLine is a line of a request that goes to the quarantine.
type BadLine struct {
	Line   int64        `json:"line"` // from 1
	Reason event.Reason `json:"reason"`
}

// AcceptOptions say how a body comes. The zero value is plain lines without a key.
type AcceptOptions struct {
	// Key makes the same body count once, whenever it comes again; see the package's documentation. At most 255 bytes.
	Key string
	// Encoding is how the body is packed: gzip, zstd, or empty. In HTTP it is the Content-Encoding (RFC 9110, section 8.4).
	Encoding string
	// Minimal spares reading each line twice: the answer has the number of lines alone.
	Minimal bool
}

// Accept takes lines in and returns when they are durable, or an error, and then nothing of the body was acknowledged: sent again
// under the same key, each line counts once. Errors: ErrKey, ErrEncoding, ErrTooLarge and ErrBody, which are the sender's; ErrBusy,
// ErrFull, ErrClosed and ErrDown, which pass; that of ctx. It is safe for concurrent use.
func (in *Intake) Accept(ctx context.Context, body io.Reader, o AcceptOptions) (*Answer, error) {
	q := in.requests.Get().(*request)
	defer func() {
		q.release()
		in.requests.Put(q)
	}()
	answer, err := q.accept(ctx, body, &o)
	for _, known := range []error{nil, ErrKey, ErrEncoding, ErrTooLarge, ErrBody, ErrBusy, ErrFull, ErrClosed, ctx.Err()} {
		if errors.Is(err, known) {
			return answer, err
		}
	}
	return nil, fmt.Errorf("%w: %w", ErrDown, err)
}

// MaxBody is how large a body may be, packed or not.
func (in *Intake) MaxBody() int64 { return in.cfg.MaxBody }

// request holds the memory of one request.
type request struct {
	in     *Intake
	body   []byte
	taken  int64 // from the budget
	check  *match.Worker
	result match.Result
	packed [][]byte
	gzip   gzip.Reader
	zstd   *zstd.Decoder
}

func newRequest(in *Intake) *request {
	return &request{in: in, check: match.NewWorker(in.deps.Formats, match.NewSet(0, nil), match.WorkerConfig{MaxLine: in.cfg.MaxLine, Now: in.cfg.now})}
}

// keptBody is how large a body may be whose memory is kept for the next request.
const keptBody = 4 << 20

func (q *request) release() {
	q.in.budget.give(q.taken)
	q.taken = 0
	if cap(q.body) > keptBody {
		q.body = nil
	}
}

func (q *request) accept(ctx context.Context, body io.Reader, o *AcceptOptions) (*Answer, error) {
	if q.in.closed.Load() {
		return nil, ErrClosed
	}
	if len(o.Key) > maxKey {
		return nil, fmt.Errorf("%w: it has %d bytes, at most %d are wanted", ErrKey, len(o.Key), maxKey)
	}
	stream, err := q.in.stream()
	if err != nil {
		return nil, err
	}
	if err := q.in.room(); err != nil {
		return nil, err
	}
	if err := q.read(body, o.Encoding); err != nil {
		return nil, err
	}
	answer := &Answer{}
	if o.Minimal {
		answer.Lines = int64(bytes.Count(q.body, []byte{'\n'}))
	}
	msgs := q.messages(o.Key, stream, answer, o.Minimal)
	if len(msgs) == 0 {
		return answer, nil
	}
	known, err := stream.publish(ctx, msgs)
	if err != nil {
		q.packed = nil // it may be on its way still
		return nil, err
	}
	answer.Repeated = known == len(msgs)
	return answer, nil
}

// read takes the body into memory, unpacked.
func (q *request) read(body io.Reader, encoding string) error {
	limit := q.in.cfg.MaxBody
	switch strings.ToLower(encoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		if err := q.gzip.Reset(body); err != nil {
			return fmt.Errorf("%w: %w", ErrBody, err)
		}
		body = &q.gzip
	case "zstd":
		if err := q.resetZstd(body); err != nil {
			return fmt.Errorf("%w: %w", ErrBody, err)
		}
		body = q.zstd
	default:
		return fmt.Errorf("%w: %q, want gzip, zstd or none", ErrEncoding, encoding)
	}
	q.body = q.body[:0]
	for {
		if len(q.body) == cap(q.body) {
			if err := q.grow(limit); err != nil {
				return err
			}
		}
		n, err := body.Read(q.body[len(q.body):cap(q.body)])
		q.body = q.body[:len(q.body)+n]
		if int64(len(q.body)) > limit {
			return fmt.Errorf("%w: it unpacks to more than %d bytes", ErrTooLarge, limit)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBody, err)
		}
	}
}

func (q *request) resetZstd(body io.Reader) error {
	if q.zstd == nil {
		d, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return err
		}
		q.zstd = d
	}
	return q.zstd.Reset(body)
}

// grow doubles the body's memory, within the budget.
func (q *request) grow(limit int64) error {
	size := min(max(64<<10, 2*int64(cap(q.body))), limit+1)
	if !q.in.budget.take(size - q.taken) {
		return fmt.Errorf("%w: the requests under way take all memory that they may", ErrBusy)
	}
	q.taken = size
	q.body = append(make([]byte, 0, size), q.body...)
	return nil
}

// messages cuts the body. A message's identity is made of the client's key, its place and its content: a key that is used
// again for other lines loses none of them. Without a key it is the content alone.
func (q *request) messages(id string, stream *queue, answer *Answer, minimal bool) []*nats.Msg {
	var out []*nats.Msg
	for rest := q.body; len(rest) > 0; {
		cut := cutLines(rest)
		part := rest[:cut]
		rest = rest[cut:]
		if !minimal {
			q.count(part, answer)
		}
		part = q.shorten(part)
		m := nats.NewMsg(strings.Replace(stream.cfg.Subject, ">", httpPrefix, 1))
		m.Data = s2.Encode(q.buffer(len(out), len(part)), part)
		m.Header.Set(encodingHeader, string(inS2))
		m.Header.Set(nats.MsgIdHdr, messageID(id, len(out), part))
		out = append(out, m)
	}
	return out
}

// buffer returns memory for message i, which the next request uses again.
func (q *request) buffer(i, n int) []byte {
	if i == len(q.packed) {
		q.packed = append(q.packed, nil)
	}
	if size := s2.MaxEncodedLen(n); cap(q.packed[i]) < size {
		q.packed[i] = make([]byte, size)
	}
	return q.packed[i][:cap(q.packed[i])]
}

// cutLines returns where the first message of b ends: behind a line.
func cutLines(b []byte) int {
	at := 0
	for range messageLines {
		n := bytes.IndexByte(b[at:], '\n') + 1
		if n == 0 {
			n = len(b) - at
		}
		if at > 0 && at+n > messageBytes {
			return at
		}
		if at += n; at == len(b) {
			return at
		}
	}
	return at
}

// shorten cuts a line that is too long anyway, so that it fits into a message; it stays too long.
func (q *request) shorten(part []byte) []byte {
	if len(part) <= q.in.cfg.MaxLine+3 {
		return part
	}
	if n := bytes.IndexByte(part, '\n'); n >= 0 && n < len(part)-1 {
		return part // several lines, none of which can be that long
	}
	return part[:q.in.cfg.MaxLine+2] // of which one may be a carriage return
}

// count says what the lines of a message are.
func (q *request) count(part []byte, a *Answer) {
	before := a.Lines
	_ = q.check.Do(part, &q.result) // fails with its writer only, and has none
	a.Lines += q.result.Lines
	a.Events += q.result.Events
	for _, b := range q.result.Bad {
		if a.Bad == nil {
			a.Bad = map[event.Reason]int64{}
		}
		a.Bad[b.Reason]++
		if len(a.First) < shownBad {
			a.First = append(a.First, BadLine{before + b.Line, b.Reason})
		}
	}
}

func messageID(id string, n int, part []byte) string {
	if id == "" {
		sum := sha256.Sum256(part)
		return fmt.Sprintf("%x/%d", sum, n)
	}
	h := xxh3.Hash128(part).Bytes()
	return fmt.Sprintf("%x/%d/%x", []byte(id), n, h)
}
