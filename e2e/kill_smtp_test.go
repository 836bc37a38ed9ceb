package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"
)

// letter is a mail with the bytes that stay the same, however often it is sent.
type letter struct {
	number   int
	from, to string
	subject  string
	refund   bool
	bytes    string
}

func newLetter(number int) letter {
	l := letter{number: number, from: fmt.Sprintf("customer-%d@example.com", number%60), to: "support@smarticks.test", refund: number%3 == 0}
	l.subject = fmt.Sprintf("Question %d", number)
	if l.refund {
		l.subject = fmt.Sprintf("A refund, please (%d)", number)
	}
	l.bytes = strings.ReplaceAll(fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nMessage-ID: <%d.kill@example.com>\n\n%s\n.\n",
		l.from, l.to, l.subject, number, strings.Repeat("This is a line of the mail.\n", 40)), "\n", "\r\n")
	return l
}

// stage is how far an SMTP dialogue has come.
type stage int

const (
	connected stage = iota
	greeted
	senderTaken
	recipientTaken
	contentAsked
	contentHalfway
	dotSent
	accepted
	stages
)

// refusal is an answer that is no success.
type refusal struct {
	code int
	text string
}

func (e *refusal) Error() string { return fmt.Sprintf("the server answered %d %s", e.code, e.text) }

// deliver plays one SMTP dialogue, and returns nil when it has read the 250 that
// follows the dot. reached is called after each stage.
func (l letter) deliver(ctx context.Context, addr string, reached func(stage)) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	text := textproto.NewConn(conn)
	expect := func(code int, at stage) error {
		got, answer, err := text.ReadResponse(code)
		var no *textproto.Error
		if errors.As(err, &no) {
			return &refusal{got, answer}
		}
		if err == nil {
			reached(at)
		}
		return err
	}
	if err := expect(220, connected); err != nil {
		return err
	}
	for _, s := range []struct {
		command string
		code    int
		at      stage
	}{
		{"EHLO client.example", 250, greeted},
		{"MAIL FROM:<" + l.from + ">", 250, senderTaken},
		{"RCPT TO:<" + l.to + ">", 250, recipientTaken},
		{"DATA", 354, contentAsked},
	} {
		if err := text.PrintfLine("%s", s.command); err != nil {
			return err
		}
		if err := expect(s.code, s.at); err != nil {
			return err
		}
	}
	half := len(l.bytes) / 2
	if _, err := conn.Write([]byte(l.bytes[:half])); err != nil {
		return err
	}
	reached(contentHalfway)
	if _, err := conn.Write([]byte(l.bytes[half:])); err != nil {
		return err
	}
	reached(dotSent)
	return expect(250, accepted)
}

// victim kills the server when the first dialogue of a letter has come so far.
type victim struct {
	at stage
	// fraction of the time that the answer to a dot takes, for a kill while the
	// server stores the mail.
	fraction float64
	kill     func()
}

// errand is a letter to be sent, and perhaps to be killed at.
type errand struct {
	letter
	victim *victim
}

// post sends letters as a careful server does: what was not answered by 250 has
// an unknown outcome, and the same bytes are sent again.
type post struct {
	address func(context.Context) (string, error) // waits for a server that lives
	errands chan errand
	refused chan error // a letter was refused for good

	mu       sync.Mutex
	accepted int           // letters answered by 250
	unknown  int           // dialogues without an answer
	deferred int           // dialogues answered by 4xx
	answers  time.Duration // from the dot to its answer, over all that were accepted
}

// newPost begins to send, some letters at a time, until ctx is done.
func newPost(ctx context.Context, address func(context.Context) (string, error)) *post {
	const senders = 4
	p := &post{address: address, errands: make(chan errand, killLetters), refused: make(chan error, senders)}
	for range senders {
		go func() {
			for {
				select {
				case e := <-p.errands:
					if err := p.send(ctx, e); err != nil && ctx.Err() == nil {
						p.refused <- err
						return
					}
				case <-ctx.Done():
					return
				}
			}
		}()
	}
	return p
}

// send returns when the letter is accepted.
//
// Errors: a refusal for good, and that of ctx.
func (p *post) send(ctx context.Context, e errand) error {
	for ctx.Err() == nil {
		addr, err := p.address(ctx)
		if err != nil {
			return err
		}
		reached := stage(-1)
		var dot time.Time
		err = e.deliver(ctx, addr, func(s stage) {
			reached = s
			if s == dotSent {
				dot = time.Now()
			}
			if v := e.victim; v != nil && v.at == s {
				e.victim = nil
				v.die(s, p.usual())
			}
		})
		var no *refusal
		if errors.As(err, &no) && no.code/100 == 5 {
			return fmt.Errorf("letter %d after stage %d: %w", e.number, reached, err)
		}
		p.count(err, reached, time.Since(dot))
		if err == nil {
			return nil
		}
	}
	return ctx.Err()
}

// die kills at once, or some time after the dot.
func (v *victim) die(at stage, usual time.Duration) {
	if at == dotSent {
		time.AfterFunc(time.Duration(v.fraction*float64(usual)), v.kill)
		return
	}
	v.kill()
}

func (p *post) count(err error, reached stage, answer time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var no *refusal
	switch {
	case err == nil:
		p.accepted++
		p.answers += answer
	case errors.As(err, &no):
		p.deferred++
	case reached >= 0:
		p.unknown++
	}
}

// usual is how long the answer to a dot takes on this machine.
func (p *post) usual() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.accepted == 0 {
		return 10 * time.Millisecond
	}
	return p.answers / time.Duration(p.accepted)
}

func (p *post) delivered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}
