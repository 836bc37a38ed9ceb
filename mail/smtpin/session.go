package smtpin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
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

	memory *memory

	mu         sync.Mutex
	from       string
	size       int64 // that the sender has declared; zero: none
	recipients []string
	refused    int // recipients, on this connection
	ours       ours
}

// Mail takes the sender of the next mail.
func (s *session) Mail(from string, o *smtp.MailOptions) (err error) {
	defer s.answer(&err)
	if s.conn.ending() {
		return errShuttingDown
	}
	if !isCleanAddress(from) {
		return errBadSender
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.recipients, s.size, s.ours = from, nil, 0, nil
	if o != nil {
		s.size = o.Size
	}
	return nil
}

// Rcpt takes a recipient that is one of our mailboxes, in any case.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	defer s.answer(&err)
	if !isCleanAddress(to) {
		return errNoMailbox
	}
	if s.tooManyRefused() {
		return errTooMany
	}
	to = strings.ToLower(to)
	ok, err := s.hasMailbox(to)
	if err == nil && !ok && to == postmaster(s.cfg.Domain) {
		if to, err = s.postmaster(); err == nil && to != "" {
			ok, err = s.hasMailbox(to)
		}
	}
	if err != nil {
		return err
	}
	if !ok {
		return s.refuse()
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
	from, recipients, known := s.from, slices.Clone(s.recipients), maps.Clone(s.ours)
	size := s.size
	s.mu.Unlock()
	if len(recipients) == 0 {
		return errUnavailable // reset in the meantime
	}
	_, chunks := r.(*io.PipeReader) // by BDAT
	s.conn.begin(time.Now().Add(s.cfg.DataTimeout), chunks)
	defer s.conn.end()

	room := &room{m: s.memory}
	defer room.free()
	raw, bare, err := room.readAll(s.work, r, size, s.cfg.MaxMessageBytes)
	if errors.Is(err, smtp.ErrDataTooLarge) || errors.Is(err, smtp.ErrTooLongLine) {
		// go-smtp reads on to find the end; not permanently.
		s.conn.allow(s.cfg.MaxMessageBytes)
		return errTooLarge
	}
	if errors.Is(err, errExhausted) {
		s.conn.allow(s.cfg.MaxMessageBytes)
		return errExhausted
	}
	if err != nil {
		return errUnavailable // it did not arrive whole
	}
	if (bare || s.conn.hadBare()) && s.cfg.RejectBareLineEnds {
		return errBareLineEnd
	}
	if err := room.workOn(s.work, len(raw)); err != nil {
		return err
	}
	return s.receive(raw, from, recipients, known, room)
}

func (s *session) receive(raw []byte, from string, recipients []string, known ours, room *room) error {
	var ownErr error
	var servers []string
	if s.cfg.AuthservIDs != nil {
		servers = s.cfg.AuthservIDs()
	}
	in := mail.Parse(raw, mail.Envelope{
		From:        from,
		Recipients:  recipients,
		AuthservIDs: servers,
		Own: func(address string) bool {
			if !isCleanAddress(address) {
				return false
			}
			if known == nil {
				known = ours{}
			}
			if err := s.look(known, address); err != nil {
				ownErr = err
			}
			return known.has(address)
		},
	})
	room.parsed()
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

// refuse refuses an unknown recipient. Whoever names many of them is guessing.
func (s *session) refuse() error {
	s.mu.Lock()
	s.refused++
	s.mu.Unlock()
	if s.tooManyRefused() {
		return errTooMany
	}
	return errNoMailbox
}

// tooManyRefused ends a connection that has named too many unknown recipients. What it
// has sent already is answered without a look.
func (s *session) tooManyRefused() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refused <= s.cfg.MaxRefusedRecipients {
		return false
	}
	s.conn.hangUp()
	return true
}

// postmaster is the address that stands for a postmaster without a domain.
func postmaster(domain string) string { return "postmaster@" + strings.ToLower(domain) }

// hasMailbox looks up a recipient. Who sends the mail is mostly who wrote it, which is
// asked for when it has come: it is looked up in the same statement.
func (s *session) hasMailbox(address string) (bool, error) {
	s.mu.Lock()
	from, known := s.from, maps.Clone(s.ours)
	s.mu.Unlock()
	if known == nil {
		known = ours{}
	}
	if err := s.look(known, address, from); err != nil {
		return false, err
	}
	s.mu.Lock()
	s.ours = known
	s.mu.Unlock()
	return known.has(address), nil
}

// ours tells, by the keys of addresses, which are our mailboxes'. It holds for one mail:
// who takes it finds out again to which mailboxes it goes, when all of it is here.
type ours map[string]bool

func (o ours) has(address string) bool { return o[conversation.AddressKey(address)] }

// look finds out, in one statement, what is not known yet.
func (s *session) look(known ours, addresses ...string) error {
	addresses = slices.DeleteFunc(addresses, func(a string) bool {
		_, ok := known[conversation.AddressKey(a)]
		return ok || a == ""
	})
	if len(addresses) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.work, s.cfg.StoreTimeout)
	defer cancel()
	own, err := s.cfg.Inbox.HasMailboxes(ctx, addresses...)
	if err != nil {
		return err
	}
	for i, a := range addresses {
		known[conversation.AddressKey(a)] = own[i]
	}
	return nil
}

// postmaster is the address of the mailbox that stands for the postmaster; empty: there
// is none.
func (s *session) postmaster() (string, error) {
	if s.cfg.Postmaster != "" || s.cfg.FirstMailbox == nil {
		return s.cfg.Postmaster, nil
	}
	ctx, cancel := context.WithTimeout(s.work, s.cfg.StoreTimeout)
	defer cancel()
	first, err := s.cfg.FirstMailbox(ctx)
	return strings.ToLower(first), err
}

// Reset forgets the mail that was begun.
func (s *session) Reset() {
	s.conn.reset()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.recipients, s.ours = "", nil, nil
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

// isCleanAddress reports whether an address of an SMTP command can be looked up:
// valid UTF-8 without control characters. The null sender is clean.
func isCleanAddress(address string) bool {
	return utf8.ValidString(address) && !strings.ContainsFunc(address, unicode.IsControl)
}

// inLoop reports whether a mail has been through too many servers, or through us
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
