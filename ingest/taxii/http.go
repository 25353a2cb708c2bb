package taxii

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"marque/internal/guard"
)

// Media types of TAXII 2.1, and of 2.0, which is only recognised.
const (
	mediaType   = "application/taxii+json;version=2.1"
	mediaType20 = "application/vnd.oasis.taxii+json; version=2.0"
)

// statusError is an answer with an error status.
type statusError struct {
	status int
	msg    string
	wait   time.Duration // Retry-After
}

func (e *statusError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s %s", e.status, http.StatusText(e.status), e.msg))
}

// again tells whether asking again may help.
func (e *statusError) again() bool {
	switch e.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func (e *statusError) Unwrap() error {
	if e.again() {
		return ErrUnavailable
	}
	return ErrRefused
}

// answer is a good response, whole.
type answer struct {
	header http.Header
	body   []byte
}

// get asks until there is a good answer that check takes, or no hope. wait is told before each wait.
func (c *Client) get(ctx context.Context, u *url.URL, check func(*answer) error, wait func(time.Duration, string)) (*answer, error) {
	for attempt := 1; ; attempt++ {
		if err := c.pace(ctx); err != nil {
			return nil, err
		}
		a, err := c.try(ctx, u, mediaType)
		if err == nil {
			err = check(a)
		}
		switch {
		case err == nil:
			return a, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, ErrRefused), errors.Is(err, ErrTooLarge), errors.Is(err, guard.ErrPrivate), errors.Is(err, guard.ErrRedirect):
			return nil, fmt.Errorf("get %s: %w", u.Redacted(), err)
		case attempt >= c.cfg.Attempts:
			return nil, fmt.Errorf("get %s: %d attempts: %w: %w", u.Redacted(), attempt, ErrUnavailable, err)
		}
		d := c.backOff(attempt)
		if se, ok := errors.AsType[*statusError](err); ok && se.wait > 0 {
			if se.wait > c.cfg.MaxWait {
				return nil, fmt.Errorf("get %s: the server wants to be left alone for %v: %w", u.Redacted(), se.wait, err)
			}
			d = max(d, se.wait)
		}
		wait(d, err.Error())
		if err := c.cfg.Sleep(ctx, d); err != nil {
			return nil, err
		}
	}
}

// backOff doubles from one second to a minute, the upper half of it by chance, so that clients do not come back together.
func (c *Client) backOff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt-1, 6), time.Minute)
	return d/2 + time.Duration(c.cfg.Random()*float64(d/2))
}

// pace keeps requests apart.
func (c *Client) pace(ctx context.Context) error {
	now := c.cfg.Now()
	if d := c.free.Sub(now); d > 0 {
		if err := c.cfg.Sleep(ctx, d); err != nil {
			return err
		}
		now = now.Add(d)
	}
	c.free = now.Add(time.Duration(float64(time.Second) / c.cfg.Rate))
	return ctx.Err()
}

// try asks once.
func (c *Client) try(ctx context.Context, u *url.URL, accept string) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("User-Agent", "marque-taxii/2.1")
	switch {
	case c.cfg.Token != "":
		r.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	case c.cfg.User != "":
		r.SetBasicAuth(c.cfg.User, c.cfg.Password)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return nil, forGood(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, c.statusError(res)
	}
	switch typ := res.Header.Get("Content-Type"); {
	case strings.HasPrefix(typ, "application/vnd.oasis."):
		return nil, ErrVersion
	case !isJSON(typ):
		return nil, fmt.Errorf("content type %q is not TAXII: %w", printable(typ), ErrRefused)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, c.cfg.MaxPageBytes+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > c.cfg.MaxPageBytes {
		return nil, fmt.Errorf("answer of more than %d bytes: %w", c.cfg.MaxPageBytes, ErrTooLarge)
	}
	return &answer{header: res.Header, body: body}, nil
}

// forGood marks errors that asking again will not change: a certificate that is not trusted, and a server without TLS.
func forGood(err error) error {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("%w: no TLS there: %w", ErrRefused, err)
	}
	return err
}

// is20 tells whether a server that refused TAXII 2.1 at an address speaks 2.0 there, or where 2.0 has its discovery.
func (c *Client) is20(ctx context.Context, at *url.URL) bool {
	for _, u := range []*url.URL{at, c.base.JoinPath("taxii/")} {
		if c.pace(ctx) != nil {
			return false
		}
		if _, err := c.try(ctx, u, mediaType20); errors.Is(err, ErrVersion) {
			return true
		}
		if c.base.Path != "/" {
			break
		}
	}
	return false
}

// isJSON takes TAXII, in any 2.x spelling, and plain JSON, which some servers send.
func isJSON(contentType string) bool {
	typ, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	v := params["version"]
	return typ == "application/taxii+json" && (v == "" || v == "2.1") || typ == "application/json"
}

func (c *Client) statusError(res *http.Response) error {
	e := &statusError{status: res.StatusCode, wait: retryAfter(res.Header.Get("Retry-After"), c.cfg.Now())}
	var msg struct{ Title, Description string }
	if b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10)); err == nil && json.Unmarshal(b, &msg) == nil {
		e.msg = printable(msg.Title + " " + msg.Description)
	}
	return e
}

// printable bounds what a server says before it reaches a terminal.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return strings.TrimSpace(s)
}

// retryAfter reads seconds or a date (RFC 9110 section 10.2.3).
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return time.Duration(min(n, 1<<31)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}
