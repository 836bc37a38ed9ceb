package client

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/smarticks/smarticks/errs"
)

// Options say where the API is and who calls.
type Options struct {
	// URL is where the API is, as in http://127.0.0.1:8080; a path in it is put
	// before those of the API.
	URL string
	// Token is sent with each request.
	Token string
	// HTTP sends the requests. Nil: one that gives up after 60 seconds.
	HTTP *http.Client
	// Wait waits before a request is sent again. Nil: by the clock, until ctx is
	// done.
	Wait func(ctx context.Context, d time.Duration) error
	// Key makes the Idempotency-Key of a request. Nil: a random one.
	Key func() string
}

// Client calls the API. It may be used by several goroutines at once.
type Client struct {
	base  string
	token string
	http  *http.Client
	wait  func(context.Context, time.Duration) error
	key   func() string
}

// New returns a client. It sends nothing yet.
//
// Errors: errs.Invalid (the address is none, or there is no token).
func New(o Options) (*Client, error) {
	const op = "client.New"
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errs.New(op, errs.Invalid, "the server's address must be like http://127.0.0.1:8080")
	}
	if base.RawQuery != "" || base.Fragment != "" || base.User != nil {
		return nil, errs.New(op, errs.Invalid, "the server's address takes no user, query or fragment")
	}
	if o.Token == "" {
		return nil, errs.New(op, errs.Invalid, "there is no token: the API needs one")
	}
	c := &Client{base: strings.TrimSuffix(base.String(), "/"), token: o.Token, http: o.HTTP, wait: o.Wait, key: o.Key}
	if c.http == nil {
		c.http = &http.Client{Timeout: time.Minute}
	}
	if c.wait == nil {
		c.wait = sleep
	}
	if c.key == nil {
		c.key = rand.Text
	}
	return c, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
