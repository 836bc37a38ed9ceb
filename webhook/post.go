package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"golang.org/x/net/http/httpguts"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// UserAgent is how we introduce ourselves.
const UserAgent = "SMARTICKS-Workflows/1"

// HeaderCause carries delivery.Webhook.Cause. An endpoint that calls the API
// because of a request gives it back in the same header: the chain then counts on.
const HeaderCause = "X-Smarticks-Cause"

// minKeyBytes is the shortest signing key of Standard Webhooks.
const minKeyBytes = 24

// Post tries once to deliver w. Repeating it with the same id is safe: the
// endpoint sees the same webhook-id and can tell. at is when the attempt is
// made; it is the signed timestamp.
//
// w.Secret may hold several secrets, separated by spaces, while one replaces
// another: the request then carries a signature of each. Of w.Headers, those
// that Post sets itself and the connection's are left out.
//
// The result's state:
//   - sent: the endpoint answered 2xx.
//   - deferred: it answered something else, or not at all. Redirects are not
//     followed. RetryAfter is what it asked for, not capped.
//   - failed: it answered 410 (gone), its address is not allowed, or the request
//     cannot be made (URL, method, header, secret, size).
//
// The reason is ours, never the endpoint's.
func (p *Poster) Post(ctx context.Context, id delivery.ID, at time.Time, w delivery.Webhook) delivery.Result {
	timeout, cancel := context.WithTimeout(ctx, p.cfg.Timeout)
	defer cancel()
	req, err := p.request(timeout, id, at, w)
	if err != nil {
		return delivery.Result{State: delivery.AttemptFailed, Reason: errs.Message(err)}
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return p.noAnswer(ctx, err)
	}
	defer resp.Body.Close()
	// What it says does not matter; reading it lets the endpoint finish.
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, p.cfg.MaxReplyBytes))
	return answered(resp, at)
}

func (p *Poster) request(ctx context.Context, id delivery.ID, at time.Time, w delivery.Webhook) (*http.Request, error) {
	if err := CheckURL(w.URL); err != nil {
		return nil, err
	}
	method := w.Method
	if method == "" {
		method = http.MethodPost
	}
	if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, method) {
		return nil, invalid("the method is not allowed")
	}
	if len(w.Body) > p.cfg.MaxBodyBytes {
		return nil, invalid("the body is too large: " + strconv.Itoa(len(w.Body)) + " bytes")
	}
	signature, err := sign(w.Secret, id, at, w.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, w.URL, bytes.NewReader(w.Body))
	if err != nil {
		return nil, errs.Wrap("webhook.Post", errs.Invalid, "the request cannot be made", err)
	}
	for name, value := range w.Headers {
		if conversation.ReservedHeader(name) {
			continue
		}
		if err := CheckHeader(name, value); err != nil {
			return nil, err
		}
		req.Header.Set(name, value)
	}
	if !httpguts.ValidHeaderFieldValue(string(id)) || !httpguts.ValidHeaderFieldValue(w.Event) || !httpguts.ValidHeaderFieldValue(w.Cause) {
		return nil, invalid("the id or the event's name cannot be sent")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, string(id))
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	if w.Event != "" {
		req.Header.Set("X-Smarticks-Event", w.Event)
	}
	if w.Cause != "" {
		req.Header.Set(HeaderCause, w.Cause)
	}
	return req, nil
}

// sign returns the signatures of the request, one for each secret.
func sign(secrets string, id delivery.ID, at time.Time, body []byte) (string, error) {
	var all []string
	for secret := range strings.FieldsSeq(secrets) {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) < minKeyBytes {
			return "", invalid("the signing secret is invalid")
		}
		hook, err := standardwebhooks.NewWebhookRaw(key)
		if err != nil {
			return "", invalid("the signing secret is invalid")
		}
		signature, err := hook.Sign(string(id), at, body)
		if err != nil {
			return "", invalid("the signing secret is invalid")
		}
		all = append(all, signature)
	}
	if len(all) == 0 {
		return "", invalid("there is no signing secret")
	}
	return strings.Join(all, " "), nil
}
