package smtpout

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/mail"
)

func nothing(context.Context) error { return nil }

func TestRelayGetsExactlyTheMail(t *testing.T) {
	sink := &sink{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: sink}, nil }))
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	m := example("ann@example.com")
	m.Cc, m.Bcc = []string{"cc@example.com"}, []string{"bcc@example.com", "ANN@example.com"}
	s := newSender(t, "smtp://"+l.Addr().String())
	if got := s.Send(t.Context(), m, nothing); got != (delivery.Result{State: delivery.AttemptSent, Code: 250}) {
		t.Fatalf("%+v", got)
	}
	m.AutoSubmitted = "auto-replied"
	if got := s.Send(t.Context(), m, nothing); got.State != delivery.AttemptSent {
		t.Fatalf("%+v", got)
	}
	automatic, _ := mail.Compose(m)
	m.AutoSubmitted = ""
	byAgent, _ := mail.Compose(m)
	to := []string{"ann@example.com", "cc@example.com", "bcc@example.com"}
	want := []sunk{{"support@smarticks.test", to, byAgent}, {"", to, automatic}}
	if diff := cmp.Diff(want, sink.got, cmp.AllowUnexported(sunk{})); diff != "" {
		t.Fatal(diff)
	}
}

type sunk struct {
	from string
	to   []string
	raw  []byte
}

type sink struct{ got []sunk }

type sinkSession struct {
	sink *sink
	cur  sunk
}

func (s *sinkSession) Reset()        { s.cur = sunk{} }
func (s *sinkSession) Logout() error { return nil }
func (s *sinkSession) Mail(from string, _ *smtp.MailOptions) error {
	s.cur.from = from
	return nil
}
func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.cur.to = append(s.cur.to, to)
	return nil
}
func (s *sinkSession) Data(r io.Reader) (err error) {
	s.cur.raw, err = io.ReadAll(r)
	s.sink.got = append(s.sink.got, s.cur)
	return err
}

func TestEveryAnswerHasItsResult(t *testing.T) {
	const (
		sent, deferred, failed = delivery.AttemptSent, delivery.AttemptDeferred, delivery.AttemptFailed
	)
	tests := []struct {
		step, answer string
		state        delivery.AttemptState
		code         int
		reason       string
	}{
		{"greeting", "421 4.3.2 ann@example.com is busy", deferred, 421, "the relay did not let us in: 421 4.3.2"},
		{"greeting", "554 no", deferred, 554, "the relay did not let us in: 554"},
		{"ehlo", "451 later", deferred, 451, "the relay did not let us in: 451"},
		{"ehlo", "550 5.7.1 no", deferred, 550, "the relay did not let us in: 550 5.7.1"},
		{"mail", "451 4.7.1 later, ann@example.com", deferred, 451, "the relay refused the mail: 451 4.7.1"},
		{"mail", "550 5.7.1 no, ann@example.com", failed, 550, "the relay refused the mail: 550 5.7.1"},
		{"mail", "530 5.7.0 who are you", deferred, 530, "the relay refused the mail: 530 5.7.0"},
		{"rcpt", "450 4.2.0 greylisted ann@example.com", deferred, 450, "the relay refused a recipient for now: 450 4.2.0"},
		{"rcpt", "550 5.1.1 <ann@example.com> unknown", failed, 550, "the relay refused the recipient: 550 5.1.1"},
		{"data", "451 4.3.0 later", deferred, 451, "the relay refused the mail: 451 4.3.0"},
		{"data", "554 5.5.1 no", failed, 554, "the relay refused the mail: 554 5.5.1"},
		{"content", "451 4.3.0 later", deferred, 451, "the relay refused the content: 451 4.3.0"},
		{"content", "421 4.3.2 closing", deferred, 421, "the relay refused the content: 421 4.3.2"},
		{"content", "554 5.6.0 spam from ann@example.com", failed, 554, "the relay refused the content: 554 5.6.0"},
		{"content", "250 ok", sent, 250, ""},
		{"content", "200 odd", sent, 200, ""},
		{"content", "nonsense", delivery.AttemptUnknown, 0, "the connection ended before the relay's answer"},
		{"quit", "500 what", sent, 250, ""},
	}
	for _, tt := range tests {
		r := startRelay(t, &relay{answers: map[string][]string{tt.step: {tt.answer}}})
		got := newSender(t, r.url).Send(t.Context(), example("ann@example.com"), nothing)
		want := delivery.Result{State: tt.state, Code: tt.code, Reason: tt.reason}
		if got != want {
			t.Errorf("%s: %s: got %+v, want %+v", tt.step, tt.answer, got, want)
		}
	}
}

func TestRecipientsAreCountedNotNamed(t *testing.T) {
	tests := []struct {
		answers []string
		state   delivery.AttemptState
		reason  string
		mails   int
	}{
		{[]string{"250 ok", "550 5.1.1 no", "250 ok"}, delivery.AttemptSent, "the relay refused 1 of 3 recipients: 550 5.1.1", 1},
		{[]string{"550 5.1.1 no"}, delivery.AttemptFailed, "the relay refused 3 of 3 recipients: 550 5.1.1", 0},
		{[]string{"550 5.1.1 no", "450 4.2.0 later", "250 ok"}, delivery.AttemptDeferred, "the relay refused a recipient for now: 450 4.2.0", 0},
	}
	for _, tt := range tests {
		r := startRelay(t, &relay{answers: map[string][]string{"rcpt": tt.answers}})
		got := newSender(t, r.url).Send(t.Context(), example("a@example.com", "b@example.com", "c@example.com"), nothing)
		_, contents := r.seen()
		if got.State != tt.state || got.Reason != tt.reason || len(contents) != tt.mails {
			t.Errorf("%q: %+v, %d mails", tt.answers, got, len(contents))
		}
	}
}

func TestConnectionThatEndsBeforeTheDotIsDeferred(t *testing.T) {
	for _, step := range []string{"greeting", "ehlo", "mail", "rcpt", "data"} {
		r := startRelay(t, &relay{drop: step})
		got := newSender(t, r.url).Send(t.Context(), example("ann@example.com"), nothing)
		if got.State != delivery.AttemptDeferred || got.Reason == "" {
			t.Errorf("dropped at %s: %+v", step, got)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	got := newSender(t, "smtp://"+l.Addr().String()).Send(t.Context(), example("ann@example.com"), nothing)
	if got.State != delivery.AttemptDeferred || got.Reason != "no connection to the relay" {
		t.Errorf("nobody listens: %+v", got)
	}
}

func TestRelayThatLeavesDuringTheContentIsDeferred(t *testing.T) {
	r := startRelay(t, &relay{})
	leave := make(chan struct{})
	nc, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// A proxy that cuts the connection when beforeDot says so.
	left := make(chan struct{})
	go func() {
		c, err := nc.Accept()
		if err != nil {
			return
		}
		up, err := net.Dial("tcp", strings.TrimPrefix(r.url, "smtp://"))
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(c, up) }()
		go func() { _, _ = io.Copy(up, c) }()
		<-leave
		up.Close()
		c.Close()
		close(left)
	}()
	t.Cleanup(func() { nc.Close() })
	got := newSender(t, "smtp://"+nc.Addr().String()).Send(t.Context(), example("ann@example.com"), func(context.Context) error {
		close(leave)
		<-left
		return nil
	})
	if got.State != delivery.AttemptDeferred {
		t.Errorf("%+v", got)
	}
}

func TestConnectionThatEndsAfterTheDotIsUnknown(t *testing.T) {
	r := startRelay(t, &relay{drop: "content"})
	got := newSender(t, r.url).Send(t.Context(), example("ann@example.com"), nothing)
	if got.State != delivery.AttemptUnknown {
		t.Errorf("dropped: %+v", got)
	}
	r = startRelay(t, &relay{hang: "content"})
	s := newSender(t, r.url)
	s.timeouts.dot = 50 * time.Millisecond
	if got := s.Send(t.Context(), example("ann@example.com"), nothing); got.State != delivery.AttemptUnknown {
		t.Errorf("silent: %+v", got)
	}
	<-r.hung
	if _, contents := r.seen(); len(contents) != 1 {
		t.Errorf("the relay has %d mails", len(contents))
	}
}

func TestSilentRelayIsDeferred(t *testing.T) {
	for _, step := range []string{"greeting", "ehlo", "mail", "rcpt", "data"} {
		r := startRelay(t, &relay{hang: step})
		s := newSender(t, r.url)
		s.timeouts.command = 50 * time.Millisecond
		got := s.Send(t.Context(), example("ann@example.com"), nothing)
		if got.State != delivery.AttemptDeferred || !strings.HasSuffix(got.Reason, ": no answer in time") {
			t.Errorf("silent at %s: %+v", step, got)
		}
	}
}

func TestBeforeDotComesBeforeTheDot(t *testing.T) {
	r := startRelay(t, &relay{})
	called := 0
	got := newSender(t, r.url).Send(t.Context(), example("ann@example.com"), func(context.Context) error {
		called++
		commands, contents := r.seen()
		if len(contents) != 0 || commands[len(commands)-1] != "DATA" {
			t.Errorf("the relay has %d mails, last command %q", len(contents), commands[len(commands)-1])
		}
		return nil
	})
	if got.State != delivery.AttemptSent || called != 1 {
		t.Fatalf("%+v, called %d times", got, called)
	}
}

func TestFailingBeforeDotSendsNothing(t *testing.T) {
	r := startRelay(t, &relay{})
	got := newSender(t, r.url).Send(t.Context(), example("ann@example.com"), func(context.Context) error { return errors.New("secret") })
	if got.State != delivery.AttemptDeferred || got.Reason != "the attempt could not be noted" {
		t.Fatalf("%+v", got)
	}
	if _, contents := r.seen(); len(contents) != 0 {
		t.Fatal("the relay has the mail")
	}
}

func TestCancellingEndsTheAttempt(t *testing.T) {
	for step, want := range map[string]delivery.AttemptState{"mail": delivery.AttemptDeferred, "content": delivery.AttemptUnknown} {
		r := startRelay(t, &relay{hang: step})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-r.hung; cancel() }()
		got := newSender(t, r.url).Send(ctx, example("ann@example.com"), nothing)
		if got.State != want {
			t.Errorf("cancelled at %s: %+v", step, got)
		}
	}
	r := startRelay(t, &relay{})
	ctx, cancel := context.WithCancel(t.Context())
	got := newSender(t, r.url).Send(ctx, example("ann@example.com"), func(context.Context) error { cancel(); return nil })
	if _, contents := r.seen(); got.State != delivery.AttemptDeferred || len(contents) != 0 {
		t.Errorf("cancelled before the dot: %+v, %d mails", got, len(contents))
	}
}

func TestMailThatCannotBeComposedFailsWithoutAConnection(t *testing.T) {
	for _, to := range []string{"a@x> SIZE=1 <b", "a b@x", "a@x\r\nRSET", ""} {
		got := newSender(t, "smtp://127.0.0.1:1").Send(t.Context(), example(to), nothing)
		if got.State != delivery.AttemptFailed || got.Reason != "recipient address is invalid" {
			t.Errorf("%q: %+v", to, got)
		}
	}
}

func TestRelayURLs(t *testing.T) {
	tests := []struct {
		url, addr string
		security  security
	}{
		{"smtp://127.0.0.1:2526", "127.0.0.1:2526", plain},
		{"smtp://relay.example", "relay.example:25", plain},
		{"smtp://[::1]:25/", "[::1]:25", plain},
		{"smtp://u:p@localhost", "localhost:587", plain},
		{"smtp://u:p@relay.example?starttls=required", "relay.example:587", startTLS},
		{"smtps://u:p%40@relay.example", "relay.example:465", implicit},
	}
	for _, tt := range tests {
		s, err := New(tt.url)
		if err != nil || s.addr != tt.addr || s.security != tt.security {
			t.Errorf("%s: %+v, %v", tt.url, s, err)
		}
	}
	for _, url := range []string{"", "relay:25", "http://x", "smtp://", "smtp://u:secret@relay.example", "smtp://x?starttls=maybe",
		"smtp://x/path", "smtp://u:secret@%zz", "smtp:x"} {
		_, err := New(url)
		if !errs.Is(err, errs.Invalid) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestWireHoldsNoBareLineEnds(t *testing.T) {
	r := startRelay(t, &relay{})
	m := example("ann@example.com")
	m.Subject = "x\r\n.\r\nMAIL FROM:<evil@example.com>"
	m.Text = "a\n.\nb\r.\rc\r\n.\r\nd\n.\r\ne\r\n.\nMAIL FROM:<evil@example.com>\x00"
	if got := newSender(t, r.url).Send(t.Context(), m, nothing); got.State != delivery.AttemptSent {
		t.Fatalf("%+v", got)
	}
	commands, contents := r.seen()
	if len(contents) != 1 || strings.ContainsAny(contents[0], "\r\x00") {
		t.Errorf("%q", contents)
	}
	for _, c := range commands {
		if strings.Contains(c, "evil") {
			t.Errorf("command %q", c)
		}
	}
}

func TestARefusalOfTheNullSenderSaysWhatToSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sender string
		code   int
		want   bool
	}{{"", 501, true}, {"", 550, true}, {"", 553, true}, {"", 552, false}, {"a@b.c", 550, false}} {
		r := withoutSender(delivery.Result{State: delivery.AttemptFailed, Code: c.code, Reason: "refused"}, c.sender)
		if got := strings.Contains(r.Reason, "automatic_sender"); got != c.want {
			t.Errorf("%q, %d: %q", c.sender, c.code, r.Reason)
		}
	}
	if r := withoutSender(delivery.Result{State: delivery.AttemptDeferred, Code: 450, Reason: "later"}, ""); r.Reason != "later" {
		t.Errorf("what may still go: %q", r.Reason)
	}
}
