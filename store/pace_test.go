package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// handle handles all that there is of the conversation.
func (s *shop) handle(t *testing.T, id conversation.ID) {
	t.Helper()
	check(t, s.WithConversation(t.Context(), id, func(ctx context.Context, c *store.Conversation) error {
		row := c.Row()
		row.HandledSeq = row.LastSeq
		return c.Save(ctx, runs.Step{Conversation: row, Done: true}, nil)
	}))
}

// A few messages one after the other are woken at once; a burst is a few wakes; after
// a second of quiet it begins again.
func TestAConversationIsRungForAtOnceUnlessItIsBusy(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	check(t, s.Receive(t.Context(), letter("m0@example.com")))
	id := s.firstConversation(t)
	waits := func(n int) time.Duration {
		t.Helper()
		check(t, s.Receive(t.Context(), letter(fmt.Sprintf("m%d@example.com", n), answers("m0@example.com"))))
		us := s.house.Number(`SELECT (extract(epoch FROM ring_at - c.busy_until) * 1000000)::bigint
			FROM outbox JOIN conversations c ON c.id = conversation_id`)
		s.handle(t, id)
		return time.Duration(us) * time.Microsecond
	}
	s.handle(t, id)
	// The clock stands still as seen from the row: all of it is measured against busy_until.
	s.house.Exec(`UPDATE conversations SET busy_until = clock_timestamp() + interval '1 hour'`)
	if wait := waits(1); wait > -59*time.Minute {
		t.Errorf("a clock that was set back holds the ring up: it is %v from busy_until", wait)
	}
	s.house.Exec(`UPDATE conversations SET busy_until = clock_timestamp() + interval '1150 milliseconds'`)
	if wait := waits(2); wait < -time.Second {
		t.Errorf("a busy conversation is rung for at once: %v before its second is used up", -wait)
	}
	s.house.Exec(`UPDATE conversations SET busy_until = clock_timestamp() - interval '1 minute'`)
	if wait := waits(3); wait < time.Minute {
		t.Errorf("a quiet conversation is not rung for at once: %v", wait)
	}
	if s.house.Number(`SELECT count(*) FROM conversations WHERE busy_until > clock_timestamp() - interval '1 minute'`) != 1 {
		t.Error("handling all does not use up the second")
	}
}
