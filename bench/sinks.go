package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// markText is how a subject names its conversation.
var markText = regexp.MustCompile(`bench-(\d+)-`)

// markIn finds the mark of the event that began a conversation; -1 when there is none.
func markIn(text []byte) int {
	found := markText.FindSubmatch(text)
	if found == nil {
		return -1
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return -1
	}
	return n
}

// outside is what the product reaches: a relay and a receiver of webhooks.
type outside struct {
	tracker  *tracker
	relay    *smtp.Server
	mails    net.Listener
	hooks    net.Listener
	receiver *http.Server
	closing  chan struct{}
	// slow is how long the relay takes for each mail.
	slow atomic.Int64
}

func startOutside(t *tracker) (*outside, error) {
	o := &outside{tracker: t, closing: make(chan struct{})}
	var err error
	if o.mails, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	if o.hooks, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	o.relay = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &arriving{outside: o}, nil }))
	o.relay.Domain, o.relay.EnableSMTPUTF8 = "relay.bench.example", true
	o.relay.ErrorLog = log.New(io.Discard, "", 0)
	o.receiver = &http.Server{Handler: http.HandlerFunc(o.receive), ReadHeaderTimeout: 10 * time.Second}
	// Both end by close only.
	go func() { _ = o.relay.Serve(o.mails) }()
	go func() { _ = o.receiver.Serve(o.hooks) }()
	return o, nil
}

func (o *outside) close() {
	close(o.closing)
	_ = o.relay.Close()
	_ = o.receiver.Close()
}

func (o *outside) relayURL() string { return "smtp://" + o.mails.Addr().String() }
func (o *outside) hookURL() string  { return "http://" + o.hooks.Addr().String() }
func (o *outside) port() string {
	_, port, _ := net.SplitHostPort(o.hooks.Addr().String())
	return port
}

// allow are this machine's own addresses, among them those of endpoints that hang.
func (o *outside) allow() string { return "127.0.0.0/8:" + o.port() }

// hanging makes n endpoints, each at an address of its own, that take requests and never
// answer; it returns their URLs.
func (o *outside) hanging(n int) ([]string, error) {
	var urls []string
	for i := range n {
		address := net.JoinHostPort(fmt.Sprintf("127.0.1.%d", i+1), o.port())
		l, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		go func() { _ = o.receiver.Serve(l) }()
		urls = append(urls, "http://"+address+hangPath)
	}
	return urls, nil
}

// The paths of the receiver that are special: one gives no answer, one counts as the
// effect by mail.
const (
	hangPath   = "/hang"
	asMailPath = "/as-mail"
)

// receive takes a webhook.
func (o *outside) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if r.URL.Path == hangPath {
		select {
		case <-r.Context().Done():
		case <-o.closing:
		}
		panic(http.ErrAbortHandler)
	}
	which := byWebhook
	if r.URL.Path == asMailPath {
		which = byMail
	}
	o.arrived(body, which, r.Header.Get("Webhook-Id"))
	w.WriteHeader(http.StatusNoContent)
}

// messageID is the header that names a delivery; the tracker compares the whole line.
var messageID = regexp.MustCompile(`(?im)^message-id:.*$`)

// arrived notes what has a mark.
func (o *outside) arrived(text []byte, which int, id string) {
	if first := markIn(text); first >= 0 {
		o.tracker.arrived(first, which, id)
	}
}

// arriving is a mail on its way in.
type arriving struct{ outside *outside }

func (a *arriving) Mail(string, *smtp.MailOptions) error { return nil }

func (a *arriving) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (a *arriving) Data(r io.Reader) error {
	mail, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if wait := time.Duration(a.outside.slow.Load()); wait > 0 {
		select {
		case <-time.After(wait):
		case <-a.outside.closing:
		}
	}
	a.outside.arrived(mail, byMail, string(messageID.Find(mail)))
	return nil
}

func (a *arriving) Reset()        {}
func (a *arriving) Logout() error { return nil }
