package store_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// The row that the database held after each random edit is the one that its
// events and messages give.
func TestConversationAsOfIsWhatTheRowWas(t *testing.T) {
	s := newShop(t)
	random := rand.New(rand.NewPCG(1, 2))
	r, err := s.OpenConversation(t.Context(), access.System(), conversation.Opening{
		MailboxID: s.mailbox, CustomerEmail: "ada@example.test", Type: conversation.TypeEmail, Subject: "s0", Body: "hello",
	})
	if err != nil {
		t.Fatal(err)
	}
	was := map[int64]conversation.Conversation{r.LastSeq: r.Conversation}
	for range 60 {
		s.edit(r.ID, random)
		r, err := s.Conversation(t.Context(), access.System(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		was[r.LastSeq] = r.Conversation
	}
	if len(was) < 30 {
		t.Fatalf("%d different rows were seen, want many", len(was))
	}
	for seq, want := range was {
		var got conversation.Conversation
		if err := s.LookBack(t.Context(), access.System(), r.ID, "", func(_ context.Context, p store.Past) error {
			told := p.Told()
			got, _ = conversation.AsOf(told.Now, told.Events, told.Messages, seq)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(got, "HandledSeq")); d != "" {
			t.Errorf("as of %d (-was +rebuilt):\n%s", seq, d)
		}
	}
}

// edit changes a conversation as people do, or adds a message.
func (s *shop) edit(id conversation.ID, random *rand.Rand) {
	s.t.Helper()
	var ch conversation.Change
	switch random.IntN(5) {
	case 0:
		status := conversation.Statuses[random.IntN(len(conversation.Statuses))]
		ch.Status = &status
	case 1:
		ch.Tags = &[]string{[]string{"a", "b", "c"}[random.IntN(3)], "d"}
	case 2:
		subject := []string{"s0", "s1", "s2"}[random.IntN(3)]
		ch.Subject = &subject
	default:
		kind := []conversation.MessageKind{conversation.MessageCustomer, conversation.MessageReply, conversation.MessageNote}[random.IntN(3)]
		if _, err := s.PostMessage(s.t.Context(), access.System(), id, conversation.Post{Kind: kind, Body: "words"}); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	if _, err := s.ChangeConversation(s.t.Context(), access.System(), id, ch); err != nil {
		s.t.Fatal(err)
	}
}
