package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/smarticks/smarticks/delivery"
)

var at = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func secretOf(key string) string { return "whsec_" + base64.StdEncoding.EncodeToString([]byte(key)) }

const (
	oldKey = "0123456789abcdef01234567"
	newKey = "the new key of 26 bytes..."
)

// poster may reach the test server, on its port only.
func poster(t *testing.T, server *httptest.Server, cfg Config) *Poster {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Allow, err = ParseAllow("127.0.0.0/8:" + port); err != nil {
		t.Fatal(err)
	}
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func example(url string) delivery.Webhook {
	return delivery.Webhook{URL: url, Body: []byte(`{"number":7}`), Event: "workflow.webhook", Secret: secretOf(oldKey)}
}

// handSigned is the signature written from the specification, beside the library.
func handSigned(key, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestRequestIsSignedAndCannotBeOverridden(t *testing.T) {
	var got *http.Request
	var body []byte
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		w.WriteHeader(http.StatusNoContent)
	})
	w := example(server.URL + "/refunds")
	w.Secret = secretOf(newKey) + " " + secretOf(oldKey)
	w.Headers = map[string]string{
		"Authorization": "Bearer x", "webhook-id": "forged", "Webhook-Signature": "v1,forged", "webhook-timestamp": "1", "Host": "evil.example",
		"content-type": "text/html", "User-Agent": "x", "X-SMARTICKS-Event": "forged", "Connection": "keep-alive", "Transfer-Encoding": "gzip",
		"Content-Length": "1",
	}
	result := poster(t, server, Config{}).Post(t.Context(), "0190-d", at, w)
	if result != (delivery.Result{State: delivery.AttemptSent, Code: 204}) {
		t.Fatalf("%+v", result)
	}
	want := map[string]string{
		"Authorization": "Bearer x", "Webhook-Id": "0190-d", "Webhook-Timestamp": fmt.Sprint(at.Unix()), "Content-Type": "application/json",
		"User-Agent": "SMARTICKS-Workflows/1", "X-Smarticks-Event": "workflow.webhook", "Connection": "close", "Content-Length": "12",
		"Webhook-Signature": handSigned(newKey, "0190-d", fmt.Sprint(at.Unix()), body) + " " +
			handSigned(oldKey, "0190-d", fmt.Sprint(at.Unix()), body),
	}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), value)
		}
	}
	if len(got.Header) != len(want) {
		t.Errorf("headers %v", got.Header)
	}
	if got.Method != "POST" || got.Host == "evil.example" || string(body) != `{"number":7}` {
		t.Errorf("%s %s %s", got.Method, got.Host, body)
	}
	for _, key := range []string{oldKey, newKey} {
		hook, err := standardwebhooks.NewWebhook(secretOf(key))
		if err != nil {
			t.Fatal(err)
		}
		if err := hook.VerifyIgnoringTimestamp(body, got.Header); err != nil {
			t.Error(err)
		}
		if hook.VerifyIgnoringTimestamp(append(body, ' '), got.Header) == nil {
			t.Error("another body verifies")
		}
	}
}

func TestEveryAnswerHasItsResult(t *testing.T) {
	const (
		sent, deferred, failed = delivery.AttemptSent, delivery.AttemptDeferred, delivery.AttemptFailed
	)
	tests := []struct {
		code       int
		retryAfter string
		state      delivery.AttemptState
		reason     string
		wait       time.Duration
	}{
		{200, "", sent, "", 0},
		{202, "10", sent, "", 0},
		{301, "", deferred, "the endpoint answered 301, and redirects are not followed", 0},
		{307, "", deferred, "the endpoint answered 307, and redirects are not followed", 0},
		{400, "", deferred, "the endpoint answered 400", 0},
		{404, "", deferred, "the endpoint answered 404", 0},
		{410, "", failed, "the endpoint answered 410", 0},
		{429, "1", deferred, "the endpoint answered 429", time.Second},
		{429, " 864000 ", deferred, "the endpoint answered 429", 240 * time.Hour},
		{429, "abc", deferred, "the endpoint answered 429", 0},
		{429, "-5", deferred, "the endpoint answered 429", 0},
		{429, "1.5", deferred, "the endpoint answered 429", 0},
		{429, "99999999999999999999999", deferred, "the endpoint answered 429", maxRetryAfter},
		{503, at.Add(90 * time.Second).Format(http.TimeFormat), deferred, "the endpoint answered 503", 90 * time.Second},
		{503, at.Add(-time.Hour).Format(http.TimeFormat), deferred, "the endpoint answered 503", 0},
		{500, "", deferred, "the endpoint answered 500", 0},
	}
	for _, tt := range tests {
		var hits atomic.Int32
		server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			hits.Add(1)
			w.Header().Set("Location", "/elsewhere")
			if tt.retryAfter != "" {
				w.Header().Set("Retry-After", tt.retryAfter)
			}
			w.WriteHeader(tt.code)
			_, _ = io.WriteString(w, "secret words of the endpoint")
		})
		got := poster(t, server, Config{}).Post(t.Context(), "d", at, example(server.URL))
		want := delivery.Result{State: tt.state, Code: tt.code, Reason: tt.reason, RetryAfter: tt.wait}
		if got != want || hits.Load() != 1 {
			t.Errorf("%d %q: got %+v after %d requests, want %+v", tt.code, tt.retryAfter, got, hits.Load(), want)
		}
	}
}

func TestForbiddenAddressesAreNeverConnected(t *testing.T) {
	var hits atomic.Int32
	server := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	p, err := New(Config{Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for url, reason := range map[string]string{
		"http://127.0.0.1:" + port:                "the address 127.0.0.1 is not allowed",
		"http://localhost:" + port:                "",
		"http://[::ffff:127.0.0.1]:" + port:       "the address 127.0.0.1 is not allowed",
		"http://①②⑦.⓪.⓪.①:" + port:                "",
		"http://0.0.0.0:" + port:                  "the address 0.0.0.0 is not allowed",
		"http://10.0.0.5/":                        "the address 10.0.0.5 is not allowed",
		"http://169.254.169.254/latest/meta-data": "the address 169.254.169.254 is not allowed",
		"http://[64:ff9b::7f00:1]/":               "the address 64:ff9b::7f00:1 is not allowed",
		"http://8.8.8.8:8080/":                    "port 8080 is not allowed",
	} {
		got := p.Post(t.Context(), "d", at, example(url))
		if got.State != delivery.AttemptFailed || reason != "" && got.Reason != reason {
			t.Errorf("%s: %+v", url, got)
		}
	}
	if hits.Load() != 0 {
		t.Fatalf("%d hits", hits.Load())
	}
}

func TestProxySettingsAreIgnored(t *testing.T) {
	var hits atomic.Int32
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	t.Setenv("HTTP_PROXY", proxy.URL)
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	if got := poster(t, server, Config{}).Post(t.Context(), "d", at, example(server.URL)); got.State != delivery.AttemptSent ||
		hits.Load() != 0 {
		t.Fatalf("%+v, %d hits on the proxy", got, hits.Load())
	}
}

func TestSlowEndpointsEndAtTheTimeout(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	silent := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
	})
	got := poster(t, silent, Config{Timeout: 200 * time.Millisecond}).Post(t.Context(), "d", at, example(silent.URL))
	if got != (delivery.Result{State: delivery.AttemptDeferred, Reason: "no answer within 0.2 s"}) {
		t.Errorf("silent: %+v", got)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := poster(t, silent, Config{}).Post(ctx, "d", at, example(silent.URL)); got.Reason != "the attempt was interrupted" ||
		got.State != delivery.AttemptDeferred {
		t.Errorf("interrupted: %+v", got)
	}
	drip := serve(t, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte("x"))
			w.(http.Flusher).Flush()
			select {
			case <-time.After(10 * time.Millisecond):
			case <-r.Context().Done():
			}
		}
	})
	// It would drip permanently. A busy machine may need longer for the answer's head.
	for timeout := 300 * time.Millisecond; ; timeout *= 4 {
		got = poster(t, drip, Config{Timeout: timeout}).Post(t.Context(), "d", at, example(drip.URL))
		if got.State == delivery.AttemptSent {
			break
		}
		if got.State != delivery.AttemptDeferred || timeout > time.Minute {
			t.Fatalf("dripping, %v: %+v", timeout, got)
		}
	}
}

func TestHugeAnswersAreReadInPart(t *testing.T) {
	var written atomic.Int64
	server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		block := make([]byte, 1<<20)
		for range 256 {
			n, err := w.Write(block)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	if got := poster(t, server, Config{}).Post(t.Context(), "d", at, example(server.URL)); got.State != delivery.AttemptSent {
		t.Fatalf("%+v", got)
	}
	server.Close() // waits for the handler
	if n := written.Load(); n > 64<<20 {
		t.Errorf("the endpoint could write %d bytes", n)
	}
	header := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) })
	if got := poster(t, header, Config{}).Post(t.Context(), "d", at, example(header.URL)); got.State != delivery.AttemptDeferred ||
		got.Reason != "the connection failed" {
		t.Errorf("huge header: %+v", got)
	}
}

func TestBrokenEndpointsAreDeferred(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("nonsense\r\n\r\n"))
			c.Close()
		}
	}()
	server := &httptest.Server{Listener: l}
	p := poster(t, server, Config{})
	if got := p.Post(t.Context(), "d", at, example("http://"+l.Addr().String())); got.State != delivery.AttemptDeferred ||
		got.Reason != "the connection failed" {
		t.Errorf("nonsense: %+v", got)
	}
	l.Close()
	if got := p.Post(t.Context(), "d", at, example("http://"+l.Addr().String())); got.State != delivery.AttemptDeferred ||
		got.Reason != "the connection failed" {
		t.Errorf("nobody there: %+v", got)
	}
	tlsServer := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(tlsServer.Close)
	if got := poster(t, tlsServer, Config{}).Post(t.Context(), "d", at, example(tlsServer.URL)); got.State != delivery.AttemptDeferred ||
		got.Reason != "the endpoint's certificate could not be verified" {
		t.Errorf("unknown certificate: %+v", got)
	}
}

func TestRequestsThatCannotBeMadeFail(t *testing.T) {
	var hits atomic.Int32
	server := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	p := poster(t, server, Config{MaxBodyBytes: 100})
	for reason, change := range map[string]func(*delivery.Webhook){
		"the URL must begin with http:// or https://": func(w *delivery.Webhook) { w.URL = "ftp://x" },
		"the method is not allowed":                   func(w *delivery.Webhook) { w.Method = "CONNECT" },
		"the body is too large: 101 bytes":            func(w *delivery.Webhook) { w.Body = make([]byte, 101) },
		"there is no signing secret":                  func(w *delivery.Webhook) { w.Secret = "" },
		"the signing secret is invalid":               func(w *delivery.Webhook) { w.Secret = "whsec_c2hvcnQ=" },
		"the header field is invalid":                 func(w *delivery.Webhook) { w.Headers = map[string]string{"A": "b\r\nC: d"} },
		"the id or the event's name cannot be sent":   func(w *delivery.Webhook) { w.Event = "x\r\ny" },
	} {
		w := example(server.URL)
		change(&w)
		if got := p.Post(t.Context(), "d", at, w); got != (delivery.Result{State: delivery.AttemptFailed, Reason: reason}) {
			t.Errorf("%s: %+v", reason, got)
		}
	}
	if hits.Load() != 0 {
		t.Error("the endpoint was called")
	}
}
