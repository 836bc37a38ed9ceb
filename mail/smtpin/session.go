package smtpin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-smtp"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/mail"
)

// Where a mail goes round in circles (RFC 5321 6.3, Postfix's hopcount_limit).
const (
	maxReceived = 50
	maxLoops    = 2 // of our own loop header
)

// session is one connection's conversation. With BDAT, go-smtp calls Data in a
// goroutine of its own while Reset may come from another, hence the lock.
type session struct {
	cfg  Config
	work context.Context
	conn *conn

	mu         sync.Mutex
	from       string
	recipients []string
}

// Mail takes the sender of the next mail.
func (s *session) Mail(from string, _ *smtp.MailOptions) (err error) {
	defer s.answer(&err)
	if s.conn.ending() {
		return errShuttingDown
	}
	if !isCleanAddress(from) {
		return errBadSender
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.recipients = from, nil
	return nil
}

// Rcpt takes a recipient that is one of our mailboxes, in any case.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	defer s.answer(&err)
	if !isCleanAddress(to) {
		return errNoMailbox
	}
	to = strings.ToLower(to)
	ok, err := s.hasMailbox(to)
	if err != nil {
		return err
	}
	if !ok {
		return errNoMailbox
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.recipients, to) {
		s.recipients = append(s.recipients, to)
	}
	return nil
}

// Data reads the content, to its end, and hands the mail over.
func (s *session) Data(r io.Reader) (err error) {
	defer s.answer(&err)
	s.mu.Lock()
	from, recipients := s.from, slices.Clone(s.recipients)
	s.mu.Unlock()
	if len(recipients) == 0 {
		return errUnavailable // reset in the meantime
	}
	s.conn.begin(time.Now().Add(s.cfg.DataTimeout))
	defer s.conn.end()

	raw, err := io.ReadAll(r)
	if errors.Is(err, smtp.ErrDataTooLarge) || errors.Is(err, smtp.ErrTooLongLine) {
		// go-smtp reads on to find the end; not for ever.
		s.conn.allow(s.cfg.MaxMessageBytes)
		return errTooLarge
	}
	if err != nil {
		return errUnavailable // it did not arrive whole
	}
	if int64(len(raw)) > s.cfg.MaxMessageBytes {
		return errTooLarge
	}
	raw, bare := normalise(raw)
	if bare && s.cfg.RejectBareLineEnds {
		return errBareLineEnd
	}
	return s.receive(raw, from, recipients)
}

func (s *session) receive(raw []byte, from string, recipients []string) error {
	var ownErr error
	in := mail.Parse(raw, mail.Envelope{
		From:       from,
		Recipients: recipients,
		Own: func(address string) bool {
			if !isCleanAddress(address) {
				return false
			}
			own, err := s.hasMailbox(address)
			if err != nil {
				ownErr = err
			}
			return own
		},
	})
	if ownErr != nil {
		return ownErr
	}
	if inLoop(in.Headers) {
		return errLoop
	}
	ctx, cancel := context.WithTimeout(s.work, s.cfg.StoreTimeout)
	defer cancel()
	return s.cfg.Inbox.Receive(ctx, in)
}

func (s *session) hasMailbox(address string) (bool, error) {
	ctx, cancel := context.WithTimeout(s.work, s.cfg.StoreTimeout)
	defer cancel()
	return s.cfg.Inbox.HasMailbox(ctx, address)
}

// Reset forgets the mail that was begun.
func (s *session) Reset() {
	s.conn.allow(-1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.recipients = "", nil
}

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// answer ends every session method: it catches a panic, logs what is ours to
// repair, and leaves only what the sender may see.
func (s *session) answer(err *error) {
	if v := recover(); v != nil {
		// The value may quote the mail; its type and the stack do not.
		s.cfg.Logger.Error("mail session panicked", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
		*err = errUnavailable
		return
	}
	given := *err
	*err = reply(given)
	if *err == errUnavailable && given != errUnavailable {
		s.cfg.Logger.Warn("mail deferred", "kind", errs.KindOf(given).String(), slog.Any("error", given))
	}
}

// isCleanAddress tells whether an address of an SMTP command can be looked up:
// valid UTF-8 without control characters. The null sender is clean.
func isCleanAddress(address string) bool {
	return utf8.ValidString(address) && !strings.ContainsFunc(address, unicode.IsControl)
}

// inLoop tells whether a mail has been through too many servers, or through us
// too often.
func inLoop(headers []conversation.Header) bool {
	received, loops := 0, 0
	for _, h := range headers {
		switch {
		case strings.EqualFold(h.Name, "Received"):
			received++
		case strings.EqualFold(h.Name, mail.HeaderLoop):
			loops++
		}
	}
	return received > maxReceived || loops > maxLoops
}
