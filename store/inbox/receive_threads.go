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
	rows, err := tx.Query(ctx, `
		SELECT mail.known, mail.user_id, mail.at, mail.customer_id, mail.nameless, mail.cause_key, coalesce(f.class, 0), f.notice, c.id::text, coalesce(c.state, ''), coalesce(c.imported, false), coalesce(c.participants, '{}'),
			ARRAY(SELECT e.email_key FROM customer_emails e WHERE e.email_key = ANY ($8) AND e.customer_id = c.customer_id)
		FROM (SELECT
				EXISTS (SELECT 1 FROM raw_mails WHERE mailbox_id = $1 AND identity = $2)
					OR EXISTS (SELECT 1 FROM raw_mails WHERE mailbox_id = $1 AND message_id_header = $3 AND sha256 = $4) AS known,
				coalesce((SELECT id::text FROM users WHERE email_key = $7), '') AS user_id,
				clock_timestamp() + $11::interval AS at, coalesce(cu.id::text, '') AS customer_id, coalesce(cu.first_name = '' AND cu.last_name = '', false) AS nameless,
				CASE WHEN $13 THEN (`+engine.CauseKey+`) ELSE '' END AS cause_key
			FROM (SELECT) one LEFT JOIN customer_emails ce ON ce.email_key = $12 LEFT JOIN customers cu ON cu.id = ce.customer_id) mail
		LEFT JOIN LATERAL (
			SELECT 0 AS class, t.place, d.conversation_id,
				CASE WHEN d.kind = 'notify' THEN ARRAY(SELECT jsonb_array_elements_text(d.payload -> 'mail' -> 'To')) END AS notice
				FROM unnest($5::uuid[]) WITH ORDINALITY t(id, place) JOIN deliveries d ON d.id = t.id
			UNION ALL
			SELECT 0, r.place, d.conversation_id,
				CASE WHEN d.kind = 'notify' THEN ARRAY(SELECT jsonb_array_elements_text(d.payload -> 'mail' -> 'To')) END
				FROM unnest($10::text[]) WITH ORDINALITY r(id, place) JOIN deliveries d ON d.relay_id = r.id AND d.relay_id <> ''
			UNION ALL
			SELECT 1, n.place, m.conversation_id, NULL FROM unnest($6::text[]) WITH ORDINALITY n(id, place) CROSS JOIN LATERAL (
				SELECT conversation_id FROM messages WHERE message_id_header = n.id AND message_id_header <> '' ORDER BY created_at LIMIT $9) m
			UNION ALL
			SELECT 2, 1, m.conversation_id, NULL FROM (
				SELECT conversation_id FROM messages WHERE kind IN ('customer', 'third_party') AND (in_reply_to || reference_ids) @> ARRAY[$3::text]
				LIMIT $9) m
			UNION ALL
			SELECT 2, 2, m.conversation_id, NULL FROM customer_emails e JOIN conversations o ON o.customer_id = e.customer_id AND o.imported
				JOIN messages m ON m.conversation_id = o.id AND m.kind = 'reply' AND (m.in_reply_to || m.reference_ids) @> ARRAY[$3::text]
				WHERE e.email_key = ANY ($14)
		) f ON NOT mail.known
		LEFT JOIN conversations c ON c.id = f.conversation_id AND c.erased_at IS NULL AND (c.mailbox_id = $1
			OR EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = c.id AND e.mailbox_id = $1))
		ORDER BY c.id IS NULL, f.class, f.place, c.created_at, c.id LIMIT $9`,
		mailbox, a.identity, in.MessageIDHeader, a.sum[:], pg.List(tokens), pg.List(ids), w.from, []string{w.from, w.person}, maxFound, pg.List(relayed),
		s.db.Offset(), w.person, len(in.Marks) > 0, pg.List(correspondentKeys(in, w, a.settings[mailbox].ImportMode)))
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

// takes tells whether a mail of the writer belongs there. What is brought over joins
// what was brought over only.
func (c *candidate) takes(w writer) bool {
	if w.importing {
		return c.imported && (c.ours || w.inHouse() || c.takesPart(w))
	}
	return c.ours || c.takesPart(w)
}
