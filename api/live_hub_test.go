package api

import (
	"context"
	"log/slog"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// quiet is a store where nothing happens; a look at it is told.
type quiet struct{ looked chan []conversation.ID }

func (q quiet) Progress(_ context.Context, ids []conversation.ID) ([]conversation.Progress, error) {
	q.looked <- ids
	out := make([]conversation.Progress, len(ids))
	for i, id := range ids {
		out[i] = conversation.Progress{ID: id}
	}
	return out, nil
}
func (quiet) NewestRuns(context.Context, []conversation.MailboxID) (map[conversation.MailboxID]runs.Position, error) {
	panic("nobody follows a mailbox")
}
func (quiet) RunsNow(context.Context) (runs.Position, error) {
	return runs.Position{}, nil
}
func (quiet) RunsEnded(context.Context, conversation.MailboxID, runs.Position, int) ([]runs.Ended, error) {
	return nil, nil
}
func (quiet) Listen(ctx context.Context, _ func()) error { <-ctx.Done(); return ctx.Err() }

// One look is for all streams; with the last of them the looking ends.
func TestOneLoopLooksForAllStreamsAndEndsWithTheLast(t *testing.T) {
	t.Parallel()
	q := quiet{make(chan []conversation.ID)}
	h := newHub(Live{Look: 1}, q, slog.New(slog.DiscardHandler))
	who := access.System()
	subs := []*subscriber{{conversation: "a"}, {conversation: "b"}}
	for _, sub := range subs {
		sub.who, sub.again = who, func(context.Context) (access.Caller, error) { return who, nil }
		if err := h.subscribe(sub); err != nil {
			t.Fatal(err)
		}
	}
	for len(<-q.looked) != 2 { // the first look may have come before the second stream
	}
	for _, sub := range subs {
		h.leave(sub)
	}
	if h.stop != nil || len(h.subs) != 0 {
		t.Error("the loop goes on without a stream")
	}
}
