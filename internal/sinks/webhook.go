package sinks

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"time"
)

// Webhook is an HTTP server that records what is posted to it, at any path. It
// checks no signature: that is for who knows the secret.
type Webhook struct {
	dir      string // empty: nothing is written
	server   *http.Server
	listener net.Listener
	served   chan struct{}
	closing  chan struct{}
	requests journal[Request]

	mu      sync.Mutex
	planned []Answer
}

// Request is one that the sink has read in full.
type Request struct {
	At     time.Time   `json:"at"`
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
}

// Answer is how the sink treats a request.
type Answer struct {
	Status int         // zero means 204
	Header http.Header // such as Retry-After
	Body   string
	// Hang gives no answer until the sender leaves or the sink is closed.
	Hang bool
}

// StartWebhook listens on addr (host:port; port 0 means any). With a dir, which it
// makes, each request is also written there as <webhook-id>.json, a repeated one
// as <webhook-id>.2.json.
func StartWebhook(addr, dir string) (*Webhook, error) {
	if dir != "" {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("webhook sink: %w", err)
		}
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("webhook sink: %w", err)
	}
	w := &Webhook{dir: dir, listener: l, served: make(chan struct{}), closing: make(chan struct{})}
	w.server = &http.Server{Handler: http.HandlerFunc(w.receive), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(w.served)
		// It ends by Close only, with an error that says so.
		_ = w.server.Serve(l)
	}()
	return w, nil
}

// URL is the sink's address with a path of "/".
func (w *Webhook) URL() string { return "http://" + w.listener.Addr().String() + "/" }

// Addr is host:port of the server.
func (w *Webhook) Addr() string { return w.listener.Addr().String() }

// Requests is every request since the start, the oldest first, those that were
// answered with an error included.
func (w *Webhook) Requests() []Request { return w.requests.all() }

// Wait answers the requests as soon as enough says so.
//
// Errors: that of ctx, with the requests that there are.
func (w *Webhook) Wait(ctx context.Context, enough func([]Request) bool) ([]Request, error) {
	return w.requests.wait(ctx, enough)
}

// Plan makes the next n requests be treated so; later ones get 204.
func (w *Webhook) Plan(a Answer, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		w.planned = append(w.planned, a)
	}
}

// Close ends the server, and the requests that hang.
func (w *Webhook) Close() error {
	close(w.closing)
	err := w.server.Close()
	<-w.served
	return err
}

func (w *Webhook) receive(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, "the body ends early", http.StatusBadRequest)
		return
	}
	req := Request{At: time.Now().UTC(), Method: r.Method, Path: r.URL.RequestURI(), Header: r.Header.Clone(), Body: string(body)}
	if err := w.write(req); err != nil {
		http.Error(rw, "the sink cannot write", http.StatusInternalServerError)
		return
	}
	answer := w.nextAnswer()
	w.requests.add(req)
	if answer.Hang {
		select {
		case <-r.Context().Done():
		case <-w.closing:
		}
		panic(http.ErrAbortHandler) // no answer at all
	}
	for name, values := range answer.Header {
		rw.Header()[name] = values
	}
	if answer.Status == 0 {
		answer.Status = http.StatusNoContent
	}
	rw.WriteHeader(answer.Status)
	// The sender may be gone; nobody else is to be told.
	_, _ = io.WriteString(rw, answer.Body)
}

func (w *Webhook) write(req Request) error {
	if w.dir == "" {
		return nil
	}
	b, err := json.MarshalIndent(req, "", "  ")
	if err != nil {
		return err
	}
	_, _, err = save(w.dir, fileName(req.Header.Get("Webhook-Id"), "no-webhook-id"), ".json", append(b, '\n'))
	return err
}

func (w *Webhook) nextAnswer() Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.planned) == 0 {
		return Answer{}
	}
	a := w.planned[0]
	w.planned = w.planned[1:]
	return a
}
