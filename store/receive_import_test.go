package store_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// Old mails keep their date and their author, are closed, and nothing follows.
func TestOldMailThatIsBroughtOverIsHandledAlready(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	u, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	_, err = s.house.Pool.Exec(t.Context(), `INSERT INTO endpoints (id, name, name_key, url, events, secret, created_at, updated_at)
		VALUES (gen_random_uuid(), 'e', 'e', 'https://e.example', '{customer.created,conversation.created}', '', now(), now())`)
	check(t, err)
	live := s.received(t, "live@example.com", answers("old3@example.com"))
	before := s.house.Number(`SELECT count(*) FROM deliveries`)
	s.change(s.mailbox, conversation.MailboxChange{ImportMode: ptr(true)})

	const day = "Tue, 5 Mar 2024 09:00:00 +0100"
	id := s.received(t, "old1@example.com", dated(day), from("elin@example.net"))
	for _, mail := range []conversation.Incoming{
		letter("old2@example.com", dated("Tue, 5 Mar 2024 10:00:00 +0100"), from("maria@smarticks.test"), answers("old1@example.com"),
			addressedTo("elin@example.net")),
		letter("old4@example.com", dated("Tue, 5 Mar 2024 12:00:00 +0100"), from("elin@example.net"), answers("old1@example.com")),
		letter("old3@example.com", dated("Tue, 5 Mar 2024 11:00:00 +0100"), from("support@smarticks.test"), marked(conversation.MachineOwn),
			answers("old2@example.com")),
	} {
		check(t, s.Receive(t.Context(), mail))
		check(t, s.Receive(t.Context(), mail)) // again
	}
	c, err := s.Conversation(t.Context(), access.System(), id)
	check(t, err)
	if !c.Imported || c.Status != conversation.StatusClosed || !c.WaitingSince.IsZero() || c.LastSeq != c.HandledSeq || c.Messages != 4 {
		t.Errorf("imported %v, %s, waiting since %v, handled %d of %d, %d messages", c.Imported, c.Status, c.WaitingSince, c.HandledSeq,
			c.LastSeq, c.Messages)
	}
	if got := s.house.Text(`SELECT string_agg(kind || ' ' || author_kind || to_char(created_at AT TIME ZONE 'UTC', ' HH24:MI'), ', ' ORDER
		BY created_at)
		FROM messages WHERE conversation_id = $1`, id); got != "customer customer 08:00, reply user 09:00, reply user 10:00, customer "+
		"customer 11:00" {
		t.Errorf("messages: %s", got)
	}
	if got := c.CreatedAt.UTC().Format("2006-01-02 15:04"); got != "2024-03-05 08:00" || c.ClosedAt.UTC().Format("15:04") != "08:00" {
		t.Errorf("created %s, closed %s", got, c.ClosedAt)
	}
	if got := c.LastCustomerReplyAt.UTC().Format("15:04"); got != "11:00" || c.LastAgentReplyAt.UTC().Format("15:04") != "10:00" {
		t.Errorf("last replies %s and %s", c.LastCustomerReplyAt, c.LastAgentReplyAt)
	}
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE conversation_id = $1`,
		id) + s.house.Number(`SELECT count(*) FROM deliveries`) - before; n != 0 {
		t.Errorf("%d things are to be done or leave the house", n)
	}
	if n := s.house.Number(`SELECT count(*) FROM messages WHERE author_id = $1`, u.ID); n != 1 {
		t.Error("the agent's old reply is not hers")
	}
	// What one of us began is with whom it was written to.
	begun := s.received(t, "begun@smarticks.test", dated(day), from("maria@smarticks.test"),
		addressedTo("support@smarticks.test", "zoe@example.net"))
	if got := s.house.Text(`SELECT c.started_by || ' ' || cu.emails[1] || ' ' || c.status || coalesce(c.waiting_since::text, '') FROM
		conversations c
		JOIN customers cu ON cu.id = c.customer_id WHERE c.id = $1`, begun); got != "user zoe@example.net closed" {
		t.Errorf("a conversation that one of us began: %s", got)
	}
	// A date that cannot be is now; what is alive is not touched.
	odd := s.received(t, "odd@example.com", dated("Tue, 5 Mar 2124 09:00:00 +0100"))
	if n := s.house.Number(`SELECT count(*) FROM conversations WHERE id = $1 AND created_at > now() - interval '1 hour' AND created_at <=
		now()`, odd); n != 1 {
		t.Error("a mail of the future is not of now")
	}
	if n := s.house.Number(`SELECT count(*) FROM messages WHERE conversation_id = $1`, live); n != 1 {
		t.Error("an old mail went into a conversation that is alive")
	}

	// Afterwards the customer answers what was brought over.
	s.change(s.mailbox, conversation.MailboxChange{ImportMode: ptr(false)})
	if got := s.received(t, "new@example.com", from("elin@example.net"), answers("old2@example.com")); got != id {
		t.Error("an answer to what was brought over begins a new conversation")
	}
	if n := s.house.Number(`SELECT count(*) FROM conversations WHERE id = $1 AND status = 'active' AND waiting_since > now() - interval
		'1 hour'`, id); n != 1 {
		t.Error("the answer does not reopen it")
	}
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE conversation_id = $1`, id); n != 1 {
		t.Error("nobody handles the answer")
	}
}
