package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/directory"
)

// writer is who wrote a mail, by the keys of their addresses.
type writer struct {
	from   string              // From: the author
	person string              // whom we answer; From, unless Reply-To names somebody else
	user   conversation.UserID // whose address From is; empty: no user's
	ours   bool                // From is an address of a mailbox of ours
	// personal says that an admin named them: their mail is a person's.
	personal bool
	// importing says that the mail is an old one that is brought over.
	importing bool
}

func writerOf(in conversation.Incoming) writer {
	w := writer{person: conversation.AddressKey(senderOf(in))}
	w.from = w.person
	if a := in.Sender.Address; a != "" && len(a) <= maxAddress {
		w.from = conversation.AddressKey(a)
	}
	return w
}

// isCustomer reports whether the conversation is with the writer.
func (c *candidate) isCustomer(w writer) bool {
	return c.has(w, func(key string) bool { return slices.Contains(c.customer, key) })
}

// takesPart reports whether the writer is the customer or a participant.
func (c *candidate) takesPart(w writer) bool {
	return c.has(w, func(key string) bool { return slices.Contains(c.customer, key) || slices.Contains(c.participants, key) })
}

// has looks for the author. Whom a Reply-To names did not write by that: it counts
// only within From's own domain.
func (c *candidate) has(w writer, is func(key string) bool) bool {
	return is(w.from) || w.from[strings.LastIndexByte(w.from, '@')+1:] == w.person[strings.LastIndexByte(w.person, '@')+1:] && is(w.person)
}

// noticed reports whether the mail answers a notice that was sent to the writer, which
// nobody else has.
func (c *candidate) noticed(w writer) bool {
	return slices.ContainsFunc(c.notice, func(address string) bool { return conversation.AddressKey(address) == w.from })
}

// authorOf says who wrote a mail, and so what it is. The customer and participants
// write as customers, and so does whoever begins a conversation. One of our own users
// writes a note in answer to a notice that was sent to them: it may hold what the
// customer must not read. Their address alone proves nothing. Anybody else is a third
// party, also a server that gives a mail back.
func (s *Store) authorOf(ctx context.Context, tx pgx.Tx, c conversation.Conversation, in conversation.Incoming, w writer,
	joined *candidate, seen directory.SeenCustomer, at time.Time) (
	conversation.MessageKind, conversation.Actor, error,
) {
	customer := conversation.Actor{Kind: conversation.ActorCustomer, ID: string(c.CustomerID)}
	switch {
	case w.importing && w.inHouse() && (joined == nil || !joined.isCustomer(w)):
		return conversation.MessageReply, conversation.Actor{Kind: conversation.ActorUser, ID: string(w.user)}, nil
	case joined == nil || joined.isCustomer(w):
		return conversation.MessageCustomer, customer, nil
	case in.Machine == conversation.MachineBounce || in.Machine == conversation.MachineOwn:
	case w.user != "":
		if joined.noticed(w) && !machineOf(in, w, joined).NobodyWaits() {
			return conversation.MessageNote, conversation.Actor{Kind: conversation.ActorUser, ID: string(w.user)}, nil
		}
	case joined.takesPart(w):
		known := s.CustomerFor
		if w.importing {
			known = s.KnownCustomer
		}
		id, err := known(ctx, tx, seen, senderOf(in), in.FromName, at)
		customer.ID = string(id)
		return conversation.MessageCustomer, customer, err
	}
	return conversation.MessageThirdParty, conversation.Actor{Kind: conversation.ActorThirdParty}, nil
}

// forwardedSubjects begin the subject of what somebody sends on, in the words of
// common mail programs.
var forwardedSubjects = []string{"fwd:", "fw:", "wg:", "tr:", "i:", "rv:", "enc:", "doorst:", "vs:", "vb:", "pd:", "přep:",
	"továbbítás:", "vl:", "転送:", "转发:", "пересл:"}

// machineOf is the mark of a mail where it stands: some marks are for answers to
// mail of ours only. What a user of ours sends on is somebody else's request, so that
// no automatic answer to it goes to the user.
func machineOf(in conversation.Incoming, w writer, joined *candidate) conversation.Machine {
	switch {
	case w.personal && !in.Machine.NobodyWaits():
		return ""
	case joined != nil && joined.ours && in.MachineAsAnswer != "":
		return in.MachineAsAnswer
	case joined == nil && in.Machine == "" && w.user != "" && isForwarded(in.Subject):
		return conversation.MachineSuppressed
	}
	return in.Machine
}

func isForwarded(subject string) bool {
	subject = strings.ToLower(strings.TrimSpace(subject))
	return slices.ContainsFunc(forwardedSubjects, func(prefix string) bool { return strings.HasPrefix(subject, prefix) })
}

// unknownSender stands for the author of a mail that names none (RFC 2606: the
// domain invalid exists nowhere).
const unknownSender = "unknown-sender@mail.invalid"

// maxAddress is the most bytes that an address may have (RFC 5321 4.5.3.1).
const maxAddress = 64 + 1 + 255

// senderOf is the address by which the customer is known. A mail is stored
// whatever a sender writes: what is too long for an address is none.
func senderOf(in conversation.Incoming) string {
	for _, address := range []string{in.FromAddress, in.EnvelopeFrom} {
		if address != "" && len(address) <= maxAddress {
			return address
		}
	}
	return unknownSender
}

// isPersonal reports whether an admin named one of the addresses, or its domain.
func isPersonal(senders []string, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool {
		return slices.Contains(senders, key) || slices.Contains(senders, key[strings.LastIndexByte(key, '@')+1:])
	})
}

// answersCustomer makes a user's note a reply that goes to all of the customer's last
// message: only what they wrote now, for what they quote is a notice. It has no
// Message-ID until it is sent. Where they wrote nothing of their own, or the customer
// has no address, it stays a note.
func answersCustomer(ctx context.Context, tx pgx.Tx, c conversation.Conversation, m *conversation.Message) error {
	text := strings.TrimSpace(m.NewText())
	if text == "" {
		return nil
	}
	customer, mailbox, last, err := correspondents(ctx, tx, c)
	if err != nil {
		return err
	}
	to, err := replyRecipients(ctx, tx, "store.Receive", conversation.Post{}, customer, last)
	if errs.Is(err, errs.Invalid) {
		return nil
	}
	m.Kind, m.Text, m.HTML, m.Quotes = conversation.MessageReply, text, "", nil
	m.MessageIDHeader, m.InReplyTo, m.References = "", nil, nil
	m.From, m.To, m.Cc = mailbox, to.To, to.Cc
	return err
}
