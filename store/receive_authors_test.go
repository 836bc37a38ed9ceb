package store_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

func TestAUserWhoAnswersANotificationByMailWritesANote(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	u, err := s.CreateUser(t.Context(), access.System(), conversation.User{Name: "Maria", Email: "Maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	check(t, s.Receive(t.Context(), letter("two@example.com", answers("one@example.com"), func(in *conversation.Incoming) {
		in.FromAddress, in.Text = "maria@smarticks.test", "this customer is a pain"
	})))
	if n := s.number(`SELECT count(*) FROM messages WHERE kind = 'note' AND author_kind = 'user' AND author_id = $1`, u.ID); n != 1 {
		t.Error("the agent's words are no note")
	}
	if n := s.number(`SELECT count(*) FROM events WHERE kind = 'note_added'`); n != 1 {
		t.Error("the agent's mail counts as a customer's message")
	}
}

func TestAThirdPartysAnswerIsTheirs(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	check(t, s.Receive(t.Context(), letter("two@example.com", answers("one@example.com"), func(in *conversation.Incoming) { in.FromAddress = "partner@example.org" })))
	if n := s.number(`SELECT count(DISTINCT author_id) FROM messages WHERE kind = 'customer'`); n != 2 {
		t.Errorf("%d authors, want two", n)
	}
}

func TestAnOutOfOfficeNoteReopensNothingAndBeginsNoWait(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("one@example.com")))
	_, err := s.pool.Exec(t.Context(), `UPDATE conversations SET status = 'closed', waiting_since = NULL`)
	check(t, err)
	check(t, s.Receive(t.Context(), letter("two@example.com", answers("one@example.com"), func(in *conversation.Incoming) { in.Machine = conversation.MachineAutoReply })))
	if n := s.number(`SELECT count(*) FROM conversations WHERE status = 'closed' AND waiting_since IS NULL AND messages = 2`); n != 1 {
		t.Error("an out-of-office note reopened the conversation or began a wait")
	}
}
