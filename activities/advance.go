package activities

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// workBudget is how long one call works before it answers that more is left.
const workBudget = 500 * time.Millisecond

// Advance handles what happened to a conversation since the last call: it
// decides which workflows run, applies what changes our own data and writes
// deliveries for what leaves the house, in one transaction. A second call finds
// nothing left to do and answers the deliveries that wait.
//
// Errors: only those that waiting can heal. Any other error or panic leads to a
// second pass in careful mode, where a failing workflow costs only itself.
func (a *Activities) Advance(ctx context.Context, in AdvanceInput) (Advanced, error) {
	id := conversation.ID(in.ConversationID)
	answer, err := a.advance(ctx, id, false)
	if err != nil && !errs.Is(err, errs.Unavailable) && !errs.Is(err, errs.NotFound) {
		a.cfg.Logger.ErrorContext(ctx, "advance failed, trying workflow by workflow", "conversation_id", id, "error", err)
		answer, err = a.advance(ctx, id, true)
	}
	switch {
	case err == nil:
		a.cfg.Crash("advance-committed")
		return answer, nil
	case errs.Is(err, errs.NotFound):
		return Advanced{Gone: true}, nil
	default:
		return Advanced{}, verdict(err)
	}
}

func (a *Activities) advance(ctx context.Context, id conversation.ID, careful bool) (answer Advanced, err error) {
	there := false
	var limits []conversation.MailLimitKind
	var handled, tried *advance
	defer func() {
		if err != nil {
			tried.unbegin()
		}
	}()
	defer recovered(&err)
	err = a.cfg.Open(ctx, id, func(ctx context.Context, c Conversation) error {
		there = true
		tried.unbegin()
		x := &advance{Activities: a, c: c, careful: careful, began: time.Now(), conv: c.Row(), now: c.Now(),
			versions: map[conversation.MailboxID][]automation.Version{}, prepared: &automation.Prepared{}}
		tried = x
		if err := x.run(ctx); err != nil {
			return err
		}
		answer, limits, handled = x.answer(), x.limits, x
		return nil
	})
	if err == nil && handled != nil {
		handled.tellFailed()
		for _, kind := range limits {
			a.cfg.Limited(kind)
		}
	}
	if there && errs.Is(err, errs.NotFound) {
		// The conversation is there: something else is missing, and that is a bug.
		err = errs.Wrap("activities.Advance", errs.Internal, "", err)
	}
	return answer, err
}

// recovered turns a panic into an error of ours.
func recovered(err *error) {
	if r := recover(); r != nil {
		*err = errs.Wrap("activities.Advance", errs.Internal, "", fmt.Errorf("panic: %v", r))
	}
}

// advance is one call of Advance: a working copy of the conversation and what is
// to be written.
type advance struct {
	*Activities
	c       Conversation
	careful bool
	began   time.Time
	moved   bool // something was handled
	now     time.Time

	conv     conversation.Conversation
	around   conversation.Surroundings
	history  runs.Usage
	oldest   int64 // the oldest origin event that the history knows
	versions map[conversation.MailboxID][]automation.Version
	dues     []automation.Due
	queue    []conversation.Happened // to be handled, in seq order
	unread   bool                    // events follow that were not read
	waiting  []delivery.Delivery

	// mailed is the automatic mail that recipients got, by their keys; held are the due
	// times that wait until their mail may go; limits are those that were reached.
	mailed map[string][]conversation.AutomaticMail
	held   map[holding]automation.Due
	limits []conversation.MailLimitKind

	step runs.Step // since the last flush
	out  []delivery.Delivery
	runs []runs.Run // all of this call

	promises []DeliveryWaiting // first attempts that were begun

	users []conversation.User
	looked
	thread     []conversation.Message
	prepared   *automation.Prepared
	haveThread bool
	ours       map[string]bool  // by the keys of addresses: whether they are mailboxes of ours
	erased     automation.RunID // which run deleted the conversation permanently
}

func (x *advance) run(ctx context.Context) error {
	if err := x.load(ctx); err != nil {
		return err
	}
	if err := x.work(ctx); err != nil {
		return err
	}
	if x.erased != "" {
		return x.erase(ctx)
	}
	// What is done is as good as the due list: without it the next call would not
	// know what it must wait for.
	dues, err := x.dueList(ctx)
	if err != nil {
		return err
	}
	x.dues = dues
	x.step.Dues = slices.Clone(dues)
	if x.step.Dues == nil {
		x.step.Dues = []automation.Due{}
	}
	x.step.Done = x.conv.HandledSeq == x.conv.LastSeq
	x.begin()
	return x.flush(ctx)
}

func (x *advance) load(ctx context.Context) error {
	var err error
	x.queue, x.unread = x.c.Events()
	x.dues = x.c.Dues()
	for _, d := range x.dues {
		if d.Waits() {
			x.keepHeld(d)
		}
	}
	if x.around, x.waiting, err = x.c.Surroundings(ctx); err != nil {
		return err
	}
	x.oldest = x.conv.LastSeq + 1
	for _, h := range x.queue {
		x.oldest = min(x.oldest, h.Event.OriginSeq())
	}
	x.history, err = x.c.History(ctx, x.oldest)
	return err
}

// work handles events and due times in their order until nothing is left or the
// budget is spent.
func (x *advance) work(ctx context.Context) error {
	for {
		if err := x.handleQueue(ctx); err != nil {
			return err
		}
		if x.unread || len(x.queue) > 0 || x.spent() || x.erased != "" {
			return nil
		}
		fired, err := x.fireUntil(ctx, x.now)
		if err != nil {
			return err
		}
		if len(x.queue) > 0 {
			continue
		}
		// A firing may have made another workflow due.
		if x.dues, err = x.dueList(ctx); err != nil {
			return err
		}
		if !fired || x.spent() {
			return nil
		}
	}
}

func (x *advance) handleQueue(ctx context.Context) error {
	for len(x.queue) > 0 && !x.spent() && x.erased == "" {
		next := x.queue[0]
		if _, err := x.fireUntil(ctx, next.Event.At); err != nil || x.erased != "" {
			return err
		}
		if err := x.handle(ctx, next); err != nil {
			return err
		}
		if err := x.autoReply(ctx, next); err != nil {
			return err
		}
		x.queue = x.queue[1:]
		x.conv.HandledSeq = next.Event.Seq
		x.moved = true
	}
	return nil
}

// spent reports whether the call should end. However long it took to read what is
// needed, each call moves on.
func (x *advance) spent() bool { return x.moved && time.Since(x.began) > workBudget }

// flush writes what was gathered since the last flush.
func (x *advance) flush(ctx context.Context) error {
	x.step.Conversation = x.conv
	step, out := x.step, x.out
	x.step, x.out = runs.Step{}, nil
	if err := x.c.Save(ctx, step, out); err != nil {
		return err
	}
	for _, d := range out {
		if d.State == delivery.StateWaiting {
			x.waiting = append(x.waiting, d)
		}
	}
	return nil
}

// record takes over what an Editor recorded: written with the step, and handled
// in this call unless events before it were not read yet.
func (x *advance) record(events []conversation.Event, messages ...conversation.Message) {
	x.step.Events = append(x.step.Events, events...)
	x.step.Messages = append(x.step.Messages, messages...)
	x.wrote(messages)
	if x.unread {
		return
	}
	for _, e := range events {
		h := conversation.Happened{Event: e}
		for i := range messages {
			if messages[i].ID == e.MessageID {
				h.Message = &messages[i]
			}
		}
		x.queue = append(x.queue, h)
	}
}

// isolate calls do. In careful mode what do wrote is undone when it fails or
// panics in a way that waiting cannot heal; then failed writes what is to be
// said about it.
func (x *advance) isolate(ctx context.Context, do func() error, failed func(reason error) error) error {
	if !x.careful {
		return do()
	}
	before := *x
	err := x.c.Try(ctx, func() (err error) {
		defer recovered(&err)
		if err := do(); err != nil {
			return err
		}
		return x.flush(ctx)
	})
	if err == nil || errs.Is(err, errs.Unavailable) {
		return err
	}
	*x = before
	// What is undone was counted.
	x.mailed = nil
	var unread error
	if x.history, unread = x.c.History(ctx, x.oldest); unread != nil {
		return unread
	}
	x.cfg.Logger.ErrorContext(ctx, "one part of an event failed", slog.String("conversation_id", string(x.conv.ID)), "error", err)
	if err := failed(err); err != nil {
		return err
	}
	return x.flush(ctx)
}
