package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/smarticks/smarticks/errs"
)

const (
	maxAttempts = 5
	firstPause  = 250 * time.Millisecond
	// maxPause is the longest that a server may ask a caller to wait; it is asked
	// again when that has passed.
	maxPause = 30 * time.Second
	// maxAnswer is how much of an answer is read.
	maxAnswer = 64 << 20
)

// request is what is sent: the same each time.
type request struct {
	method, path string
	body         []byte // nil: none
	key          string // of a write that may be repeated; empty: none
}

func (r request) String() string { return r.method + " " + r.path }

// again reports whether the request may be sent twice: it changes nothing, or the
// server knows the repeat by its key.
func (r request) again() bool { return r.method == http.MethodGet || r.key != "" }

func (c *Client) get(ctx context.Context, path string, query url.Values, into any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.send(ctx, request{method: http.MethodGet, path: path}, into)
}

// post sends a body with an Idempotency-Key.
func (c *Client) post(ctx context.Context, path string, body, into any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.send(ctx, request{method: http.MethodPost, path: path, body: encoded, key: c.key()}, into)
}

// Do sends any request: body is written as JSON unless it is nil, and the answer
// read into into unless that is nil. A POST carries an Idempotency-Key.
//
// A request that may be sent twice is sent up to five times while the server says
// 429 or 503, after the time that it asks for, and when a connection breaks.
//
// Errors: *Problem (the server refused; errs.KindOf tells its kind),
// errs.Unavailable (no answer), and that of ctx.
func (c *Client) Do(ctx context.Context, method, path string, body, into any) error {
	switch {
	case method == http.MethodGet:
		return c.get(ctx, path, nil, into)
	case method == http.MethodPost && body != nil:
		return c.post(ctx, path, body, into)
	}
	r := request{method: method, path: path}
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r.body = encoded
	}
	return c.send(ctx, r, into)
}

func (c *Client) send(ctx context.Context, r request, into any) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		answer, after, err := c.once(ctx, r)
		if err == nil {
			if into == nil || len(answer) == 0 {
				return nil
			}
			if err := json.Unmarshal(answer, into); err != nil {
				return errs.Wrap("client", errs.Internal, r.String()+": the answer is not what was expected", err)
			}
			return nil
		}
		if attempt == maxAttempts || !r.again() || !errs.Is(err, errs.Unavailable) || refused(err) || ctx.Err() != nil {
			return err
		}
		if after == 0 {
			after, pause = pause, pause*2
		}
		if err := c.wait(ctx, min(after, maxPause)); err != nil {
			return err
		}
	}
}

// once sends the request one time. after is how long the server asks to wait, 0
// when it does not say.
func (c *Client) once(ctx context.Context, r request) (answer []byte, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, r.method, c.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.key != "" {
		req.Header.Set("Idempotency-Key", r.key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, 0, unanswered(ctx, c.base, err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, 0, unanswered(ctx, c.base, err)
	}
	if res.StatusCode < 300 {
		return answer, 0, nil
	}
	seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if err == nil && seconds > 0 {
		after = time.Duration(seconds) * time.Second
	}
	return nil, after, readProblem(r.String(), res.StatusCode, answer)
}

// unanswered is the error of a request that got no answer.
func unanswered(ctx context.Context, base string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errs.Wrap("client", errs.Unavailable,
		fmt.Sprintf("there is no answer from %s: is it the right address, and does the API run there?", base), err)
}

// refused reports whether nobody listens there: waiting a second does not help.
func refused(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
