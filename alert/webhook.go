package alert

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// Headers of a webhook's requests.
const (
	// HeaderID is the alert's id: a receiver that has seen it has seen the alert.
	HeaderID = "Marque-Id"
	// HeaderTime is when the request was made, in seconds since 1970: receivers refuse old ones, so that none can be played back.
	HeaderTime = "Marque-Time"
	// HeaderSignature is "v1=" and the HMAC-SHA-256 of time, a dot and the body, hexadecimal, see Signature.
	HeaderSignature = "Marque-Signature"
)

// Signature is what a request with that time and body carries, for receivers to compare (in constant time).
func Signature(key []byte, unix string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(unix + "."))
	_, _ = mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// webhook posts each alert by itself.
type webhook struct {
	Sink
	key    []byte
	client *http.Client
	now    func() time.Time
}

func newWebhook(s Sink, now func() time.Time) (*webhook, error) {
	key, err := os.ReadFile(s.SecretFile)
	if err != nil {
		return nil, fmt.Errorf("secret_file: %w", err)
	}
	if key = bytes.TrimSpace(key); len(key) < 16 {
		return nil, fmt.Errorf("secret_file %s: want 16 characters or more", s.SecretFile)
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}
	if s.CA != "" || s.Certificate != "" {
		s.Address = "webhook:443" // only for the name, which the request decides
		if transport.TLSClientConfig, err = s.security(); err != nil {
			return nil, err
		}
		transport.TLSClientConfig.ServerName = ""
	}
	return &webhook{Sink: s, key: key, now: now, client: &http.Client{
		Timeout: network, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the secret's words are for one address
	}}, nil
}

func (h *webhook) send(ctx context.Context, list []Alert) (int, error) {
	for i := range list {
		if err := h.post(ctx, &list[i]); err != nil {
			return i, err
		}
	}
	return len(list), nil
}

func (h *webhook) post(ctx context.Context, a *Alert) error {
	body, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(h.now().Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "marque")
	r.Header.Set(HeaderID, a.ID)
	r.Header.Set(HeaderTime, at)
	r.Header.Set(HeaderSignature, Signature(h.key, at, body))
	res, err := h.client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	if err := errors.Join(err, res.Body.Close()); err != nil && res.StatusCode/100 == 2 {
		return err
	}
	switch res.StatusCode {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return fmt.Errorf("%w: %s", ErrRefused, res.Status) // of this alert; all others are of the receiver's state, and may change
	}
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}

func (h *webhook) close() error {
	h.client.CloseIdleConnections()
	return nil
}
