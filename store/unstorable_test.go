package store_test

import (
	"crypto/rand"
	"encoding/hex"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// A mail that can never be stored would come back for days.
func TestAMailFromAnEndlessAddressIsStored(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	noise := make([]byte, 8000) // so that it cannot be compressed for an index
	_, _ = rand.Read(noise)
	in := letter("endless@example.com", func(in *conversation.Incoming) {
		in.FromAddress = hex.EncodeToString(noise) + "@example.com"
	})
	check(t, s.Receive(t.Context(), in))
	if n := s.house.Number(`SELECT count(*) FROM messages`); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestATextThatCannotBeStoredIsInvalid(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	_, err := s.PostMessage(t.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageNote, Body: "a\x00b"})
	if !errs.Is(err, errs.Invalid) {
		t.Errorf("a note with a NUL: %v", err)
	}
	if err := s.Receive(t.Context(), letter("nul@example.com", func(in *conversation.Incoming) { in.Text = "a\x00b" })); !errs.Is(err,
		errs.Invalid) {
		t.Errorf("a mail with a NUL: %v", err)
	}
}
