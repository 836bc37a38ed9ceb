package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

// answered makes the result of an answer.
func answered(resp *http.Response, at time.Time) delivery.Result {
	code := resp.StatusCode
	r := delivery.Result{State: delivery.AttemptDeferred, Code: code, Reason: "the endpoint answered " + strconv.Itoa(code)}
	switch {
	case code/100 == 2:
		return delivery.Result{State: delivery.AttemptSent, Code: code}
	case code == http.StatusGone:
		r.State = delivery.AttemptFailed
		return r
	case code/100 == 3:
		r.Reason += ", and redirects are not followed"
	}
	r.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), at)
	return r
}

// maxRetryAfter keeps an absurd number from overflowing; the caller has the
// limit that matters.
const maxRetryAfter = 365 * 24 * time.Hour

// retryAfter reads seconds or an HTTP date; zero when it is neither, or past.
func retryAfter(value string, at time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if n, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil || !until.After(at) {
		return 0
	}
	return min(until.Sub(at), maxRetryAfter)
}

// noAnswer makes the result of a request that got none.
func (p *Poster) noAnswer(ctx context.Context, err error) delivery.Result {
	var refused *refusal
	var dns *net.DNSError
	var cert *tls.CertificateVerificationError
	var network net.Error
	reason := "the connection failed"
	switch {
	case errors.As(err, &refused):
		return delivery.Result{State: delivery.AttemptFailed, Reason: refused.reason}
	case ctx.Err() != nil:
		reason = "the attempt was interrupted"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout():
		reason = "no answer within " + seconds(p.cfg.Timeout)
	case errors.As(err, &dns):
		reason = "the host name could not be resolved"
	case errors.As(err, &cert):
		reason = "the endpoint's certificate could not be verified"
	}
	return delivery.Result{State: delivery.AttemptDeferred, Reason: reason}
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
