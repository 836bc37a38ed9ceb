package smtpout

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/delivery"
)

// relay is a scripted SMTP server. A step is a verb in lower case, or
// "greeting", "content" (after the dot).
type relay struct {
	answers map[string][]string // the next answer at a step, the last one again and again
	drop    string              // the step at which the connection is cut
	hang    string              // the step that gets no answer
	tls     *tls.Config         // offers STARTTLS
	smtps   bool                // TLS from the first byte
	url     string

	mu       sync.Mutex
	commands []string
	contents []string
	dropped  chan struct{} // closed when drop has happened
	hung     chan struct{} // closed when the step came that gets no answer
	once     sync.Once     // of hung
}

func startRelay(t *testing.T, r *relay) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.url = "smtp://" + l.Addr().String()
	if r.smtps {
		r.url = "smtps://" + l.Addr().String()
		l = tls.NewListener(l, r.tls)
	}
	r.dropped, r.hung = make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer nc.Close()
				_ = nc.SetDeadline(time.Now().Add(5 * time.Minute)) // a bound for what hangs
				r.serve(nc)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return r
}

func (r *relay) serve(nc net.Conn) {
	br := bufio.NewReader(nc)
	if !r.step(nc, "greeting", "220 relay ready") {
		return
	}
	for {
		line, err := br.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		r.mu.Lock()
		r.commands = append(r.commands, line)
		r.mu.Unlock()
		verb, _, _ := strings.Cut(strings.ToLower(line), " ")
		fallback := "250 ok"
		switch verb {
		case "ehlo":
			fallback = "250-relay\r\n250-SIZE 1000000\r\n250-AUTH PLAIN\r\n250 8BITMIME"
			if r.tls != nil && !r.smtps {
				fallback = "250-relay\r\n250 STARTTLS"
			}
		case "data":
			fallback = "354 go on"
		case "starttls":
			fallback = "220 go on"
		case "auth":
			fallback = "235 welcome"
		case "quit":
			fallback = "221 bye"
		}
		if !r.step(nc, verb, fallback) {
			return
		}
		if verb == "starttls" {
			tc := tls.Server(nc, r.tls)
			nc, br = tc, bufio.NewReader(tc)
		}
		if verb == "data" && strings.HasPrefix(r.last("data", fallback), "354") && !r.content(nc, br) {
			return
		}
	}
}

func (r *relay) content(nc net.Conn, br *bufio.Reader) bool {
	b, err := textproto.NewReader(br).ReadDotBytes()
	if err != nil {
		return false
	}
	r.mu.Lock()
	r.contents = append(r.contents, string(b))
	r.mu.Unlock()
	return r.step(nc, "content", "250 2.0.0 queued as 42 for ann@example.com")
}

// step answers, or cuts the connection, or is silent; it reports whether to go on.
func (r *relay) step(nc net.Conn, step, fallback string) bool {
	if r.hang == step {
		r.once.Do(func() { close(r.hung) })
		_, _ = nc.Read(make([]byte, 1)) // until the other side goes
		return false
	}
	if r.drop == step {
		nc.Close()
		close(r.dropped)
		return false
	}
	answer := fallback
	r.mu.Lock()
	if list := r.answers[step]; len(list) > 0 {
		answer = list[0]
		if len(list) > 1 {
			r.answers[step] = list[1:]
		}
	}
	r.mu.Unlock()
	_, err := nc.Write([]byte(answer + "\r\n"))
	return err == nil && !strings.HasPrefix(answer, "421")
}

func (r *relay) last(step, fallback string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if list := r.answers[step]; len(list) > 0 {
		return list[len(list)-1]
	}
	return fallback
}

func (r *relay) seen() (commands, contents []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.commands...), append([]string(nil), r.contents...)
}

func newSender(t *testing.T, url string) *Sender {
	t.Helper()
	s, err := New(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func example(to ...string) delivery.Mail {
	return delivery.Mail{
		FromName: "Support", FromAddress: "support@smarticks.test", To: to, Subject: "Re: refund", Text: "Hello\n.\nbye\r.\rx\x00",
		MessageID: "d1@smarticks.test", Date: time.Unix(1e9, 0),
	}
}
