package smtpout

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/mail"
)

// Send tries once to hand m to the relay. beforeDot is called when everything
// but the final dot has been written, so that its caller can note that the
// outcome may stay unknown; when it fails, the connection is cut and the mail
// was not sent. When ctx is done the connection is closed.
//
// The result's state:
//   - sent: the relay has the mail. Reason then says if it refused some of the
//     recipients for good.
//   - deferred: the relay does not have the mail and may take it later: no
//     connection, an answer 4xx, a recipient that is refused for now (the others
//     wait too, or they would get it twice), or any refusal before MAIL, which
//     is about us and the relay and not about this mail.
//   - failed: it never will: an answer 5xx to MAIL, DATA or the content, all
//     recipients refused for good, a mail that cannot be composed.
//   - unknown: the connection ended between the dot and its answer.
//
// Sending again after deferred or unknown sends the same bytes.
func (s *Sender) Send(ctx context.Context, m delivery.Mail, beforeDot func(context.Context) error) delivery.Result {
	content, err := mail.Compose(m)
	if err != nil {
		return delivery.Result{State: delivery.AttemptFailed, Reason: errs.Message(err)}
	}
	dialer := net.Dialer{Timeout: s.timeouts.dial}
	nc, err := dialer.DialContext(ctx, "tcp", s.addr)
	if err != nil {
		return delivery.Result{State: delivery.AttemptDeferred, Reason: "no connection to the relay"}
	}
	defer nc.Close()
	stop := context.AfterFunc(ctx, func() { nc.Close() })
	defer stop()

	t := &transaction{sender: s, conn: &watched{Conn: nc}}
	if err := t.open(heloName(m.FromAddress)); err != nil {
		return deferred(err, "the relay did not let us in")
	}
	return t.send(ctx, m, content, beforeDot)
}

// heloName is how we introduce ourselves: the domain that the mail is from.
func heloName(from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return domain
}

// transaction is one mail on one connection.
type transaction struct {
	sender *Sender
	conn   *watched
	client *smtp.Client
}

// open greets, secures the connection and logs in.
func (t *transaction) open(helo string) error {
	s := t.sender
	tlsConfig := &tls.Config{ServerName: s.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	t.conn.within(s.timeouts.command) // for the handshakes
	switch s.security {
	case implicit:
		tc := tls.Client(t.conn, tlsConfig)
		if err := tc.Handshake(); err != nil {
			return err
		}
		t.client = smtp.NewClient(tc)
	case startTLS:
		c, err := smtp.NewClientStartTLS(t.conn, tlsConfig)
		if err != nil {
			return err
		}
		t.client = c
	default:
		t.client = smtp.NewClient(t.conn)
	}
	t.client.CommandTimeout = s.timeouts.command
	t.client.SubmissionTimeout = s.timeouts.dot
	if err := t.client.Hello(helo); err != nil {
		return err
	}
	if s.user == "" {
		return nil
	}
	return t.client.Auth(sasl.NewPlainClient("", s.user, s.password))
}

func (t *transaction) send(ctx context.Context, m delivery.Mail, content []byte, beforeDot func(context.Context) error) delivery.Result {
	if err := t.client.Mail(mail.EnvelopeSender(m), &smtp.MailOptions{Size: int64(len(content))}); err != nil {
		return withoutSender(refused(err, "the relay refused the mail"), mail.EnvelopeSender(m))
	}
	some, result := t.recipients(mail.EnvelopeRecipients(m))
	if result != nil {
		return *result
	}
	w, err := t.client.Data()
	if err != nil {
		return refused(err, "the relay refused the mail")
	}
	t.conn.within(t.sender.timeouts.data)
	if _, err := w.Write(content); err != nil {
		return deferred(err, "the connection ended before the mail was out")
	}
	if err := beforeDot(ctx); err != nil {
		return delivery.Result{State: delivery.AttemptDeferred, Reason: "the attempt could not be noted"}
	}
	// A relay that has gone by now has nothing: that is certain only before the dot.
	if ctx.Err() != nil || t.conn.gone() {
		return delivery.Result{State: delivery.AttemptDeferred, Reason: "the connection ended before the mail was out"}
	}
	t.conn.within(t.sender.timeouts.command)
	final := t.finish(w)
	if final.State == delivery.AttemptSent {
		final.Reason = some
		t.client.CommandTimeout = time.Second
		_ = t.client.Quit() // a courtesy; the mail is theirs
	}
	return final
}

// finish sends the dot and reads the answer.
func (t *transaction) finish(w *smtp.DataCommand) delivery.Result {
	taken, err := w.CloseWithResponse()
	var answer *smtp.SMTPError
	switch {
	case err == nil:
		return delivery.Result{State: delivery.AttemptSent, Code: 250, RelayID: relayID(taken.StatusText)}
	case errors.As(err, &answer) && answer.Code/100 == 2:
		return delivery.Result{State: delivery.AttemptSent, Code: answer.Code}
	case errors.As(err, &answer) && (answer.Code/100 == 4 || answer.Code/100 == 5):
		return refused(err, "the relay refused the content")
	case t.conn.writeFailed():
		return deferred(err, "the connection ended before the mail was out")
	default:
		return delivery.Result{State: delivery.AttemptUnknown, Reason: "the connection ended before the relay's answer"}
	}
}
