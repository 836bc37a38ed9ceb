package inbox

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/store/directory"
	"github.com/smarticks/smarticks/store/engine"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// lookedUp is what the database knows of a mail before it is stored.
type lookedUp struct {
	known      bool                   // it is there already
	user       conversation.UserID    // whose address From is; empty: no user's
	customer   directory.SeenCustomer // whose address the sender's is
	causeKey   string                 // signs the marks of causes; empty: the mail has none
	at         time.Time              // when this was read, after the mail's own locks
	candidates []candidate            // in the order in which they count
}

// candidate is a conversation that a mail names, or one of whose mails names it.
type candidate struct {
	id           conversation.ID
	deleted      bool
	imported     bool     // it was brought over, and nothing else has happened to it
	ours         bool     // named by an id of a mail of ours, which nobody can guess
	notice       []string // whom that mail told, when it was a notice to users
	customer     []string // the writer's keys that are the conversation's customer's
	participants []string
}

// maxFound is how many mails with one id are looked at, and how many conversations
// in all.
const maxFound = 50

var lookUpStatement = pg.ReadStatement(files, "look_up.sql", map[string]string{"cause_key": engine.CauseKey})

// lookUp reads what a mail's ids lead to, in one statement: conversations of which
// one of our own mails is named, also by the name that our relay gave it, by In-Reply-To
// and then by References from the new to the old; those with a stored mail that is named, in the same order, the oldest
// conversation first; those with a stored mail that names this one (of what is brought
// over, also a reply of ours). They are in the mailbox, or were. What else the mail needs
// to be stored is read with it.
func (s *Store) lookUp(ctx context.Context, tx pgx.Tx, mailbox conversation.MailboxID, a *arrival, w writer) (lookedUp, error) {
	in := a.in
	ids := slices.Clone(in.References)
	slices.Reverse(ids)
	ids = slices.Concat(in.InReplyTo, ids)
	var tokens, relayed []string
	for _, id := range ids { // as our relay renamed a mail of ours
		if local, _, _ := strings.Cut(id, "@"); len(local) >= delivery.MinRelayID {
			relayed = append(relayed, local)
		}
	}
	for _, id := range append(slices.Clone(ids), in.MessageIDHeader) { // a mail of ours may come round to us
		if d, ok := delivery.Named(id); ok {
			tokens = append(tokens, string(d))
		}
	}
	rows, err := lookUpStatement.Query(ctx, tx, pgx.NamedArgs{
		"mailbox":        mailbox,
		"identity":       a.identity,
		"message_id":     in.MessageIDHeader,
		"sum":            a.sum[:],
		"ours":           pg.List(tokens),
		"named":          pg.List(ids),
		"relayed":        pg.List(relayed),
		"sender":         w.from,
		"person":         w.person,
		"writers":        []string{w.from, w.person},
		"correspondents": pg.List(correspondentKeys(in, w, a.settings[mailbox].ImportMode)),
		"marked":         len(in.Marks) > 0,
		"most":           maxFound,
		"offset":         s.db.Offset(),
	})
	if err != nil {
		return lookedUp{}, err
	}
	out := lookedUp{customer: directory.SeenCustomer{Key: w.person}}
	var class int
	var id *conversation.ID
	var state conversation.State
	var one candidate
	_, err = pgx.ForEachRow(rows, []any{
		&out.known, &out.user, &out.at, &out.customer.ID, &out.customer.Nameless, &out.causeKey,
		&class, &one.notice, &id, &state, &one.imported, &one.participants, &one.customer,
	}, func() error {
		if id != nil {
			one.id, one.ours, one.deleted = *id, class == 0, state == conversation.StateDeleted
			out.candidates = append(out.candidates, one)
		}
		return nil
	})
	return out, err
}

// correspondentKeys are those of whose conversations an old mail may be one, where it is
// brought over: an answer of ours that names it may have come before it.
func correspondentKeys(in conversation.Incoming, w writer, importing bool) []string {
	if !importing {
		return nil
	}
	keys := []string{w.from, w.person}
	for _, to := range in.To[:min(len(in.To), maxLocks)] {
		keys = append(keys, conversation.AddressKey(to))
	}
	return keys
}

// choose picks the conversation that the mail joins, or which one a new one is
// linked to, and why. Whoever answers a mail of ours joins: only who got it knows
// its id. A match by somebody else's id counts for who takes part: anybody may have
// seen such an id, or made it up. A deleted conversation hides no other.
func (l *lookedUp) choose(w writer) (joined *candidate, linked conversation.ID, because conversation.Linked) {
	for i := range l.candidates {
		if c := &l.candidates[i]; !c.deleted && c.takes(w) {
			return c, "", ""
		}
	}
	switch {
	case len(l.candidates) == 0:
		return nil, "", ""
	case l.candidates[0].deleted:
		return nil, l.candidates[0].id, conversation.LinkedDeleted
	default:
		return nil, l.candidates[0].id, conversation.LinkedNoPart
	}
}

// takes reports whether a mail of the writer belongs there. What is brought over joins
// what was brought over only.
func (c *candidate) takes(w writer) bool {
	if w.importing {
		return c.imported && (c.ours || w.inHouse() || c.takesPart(w))
	}
	return c.ours || c.takesPart(w)
}
