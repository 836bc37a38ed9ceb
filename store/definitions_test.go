package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// shop is a store with one mailbox.
type shop struct {
	*store.Store
	t       *testing.T
	house   *testhouse.House
	mailbox conversation.MailboxID
}

func newShop(t *testing.T, changes ...func(*store.Config)) *shop {
	t.Helper()
	h := testhouse.New(t, changes...)
	return &shop{Store: h.Store, t: t, house: h, mailbox: h.Mailbox("Support").ID}
}

// rollOut brings all rollouts that are under way to their end.
func (s *shop) rollOut(t *testing.T) {
	t.Helper()
	for s.house.Number(`SELECT count(*) FROM rollouts WHERE state = 'running'`) > 0 {
		_, _, err := s.RollOut(t.Context(), runs.RolloutID(s.house.Text(`SELECT id::text FROM rollouts WHERE state = 'running' LIMIT 1`)))
		check(t, err)
	}
}

// conversation makes one of the status, with nothing left to handle.
func (s *shop) conversation(mailbox conversation.MailboxID, status conversation.Status, state conversation.State) conversation.ID {
	s.t.Helper()
	id := conversation.ID(store.NewID())
	if _, err := s.house.Pool.Exec(s.t.Context(), `
		WITH customer AS (INSERT INTO customers (id, created_at) VALUES (gen_random_uuid(), now()) RETURNING id)
		INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, started_by, last_seq, handled_seq, created_at, updated_at,
		status_changed_at)
		SELECT $1, $2, id, 'email', $3, $4, 'customer', 7, 7, now(), now(), now() FROM customer`, id, mailbox, status, state); err != nil {
		s.t.Fatal(err)
	}
	return id
}

func definition(name string, rows ...automation.Condition) automation.Definition {
	return automation.Definition{
		Name: name, Type: automation.TypeAutomatic, MaxRuns: 1, Conditions: []automation.Group{{Any: rows}},
		Actions: []automation.Action{{Do: automation.DoAddTags, Tags: []string{"x"}}},
	}
}

var (
	overdue = automation.Condition{Field: "waiting_since", Op: "longer_than", Value: "24h"}
	urgent  = automation.Condition{Field: "subject", Op: "contains", Value: "urgent"}
)

func TestADateRowThatComesIntoForceWakesTheOpenConversationsOfItsMailbox(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	other, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: "Other", Email: "other@smarticks.test"})
	if err != nil {
		t.Fatal(err)
	}
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	s.conversation(s.mailbox, conversation.StatusPending, conversation.StatePublished)
	s.conversation(s.mailbox, conversation.StatusClosed, conversation.StatePublished)
	s.conversation(s.mailbox, conversation.StatusActive, conversation.StateDeleted)
	s.conversation(other.ID, conversation.StatusActive, conversation.StatePublished)
	woken := func(step string, want int) {
		t.Helper()
		s.rollOut(t)
		if got := s.house.Number(`WITH gone AS (DELETE FROM outbox RETURNING seq) SELECT count(*) FILTER (WHERE seq = 7) FROM
			gone`); got != want {
			t.Errorf("%s: %d conversations are woken, want %d", step, got, want)
		}
	}
	ctx, who := t.Context(), access.System()
	events, err := s.CreateDefinition(ctx, who, s.mailbox, definition("events", urgent), automation.ModeOn)
	check(t, err)
	woken("an event row switched on", 0)
	d, err := s.CreateDefinition(ctx, who, s.mailbox, definition("dates", overdue), automation.ModeOff)
	check(t, err)
	_, err = s.PublishDefinition(ctx, who, d.ID)
	check(t, err)
	woken("a date row published while off", 0)
	watch, on, off := automation.ModeWatch, automation.ModeOn, automation.ModeOff
	_, err = s.PatchDefinition(ctx, who, d.ID, automation.WorkflowPatch{Mode: &watch})
	check(t, err)
	woken("a date row watched", 2)
	_, err = s.PatchDefinition(ctx, who, d.ID, automation.WorkflowPatch{Mode: &on})
	check(t, err)
	woken("a date row switched on", 2)
	_, err = s.PatchDefinition(ctx, who, d.ID, automation.WorkflowPatch{Mode: &on})
	check(t, err)
	_, err = s.PublishDefinition(ctx, who, d.ID)
	check(t, err)
	woken("the same again", 0)
	_, err = s.PatchDefinition(ctx, who, d.ID, automation.WorkflowPatch{Mode: &off})
	check(t, err)
	woken("a date row switched off", 0)
	_, err = s.PutDraft(ctx, who, events.ID, definition("events", urgent, overdue))
	check(t, err)
	woken("a draft with a date row", 0)
	_, err = s.PublishDefinition(ctx, who, events.ID)
	check(t, err)
	woken("a date row published while on", 2)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A wake that came while an Advance was under way, which still saw the old
// definitions, must not be taken away by that Advance.
func TestWakingWaitsForAnAdvanceUnderWay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	switched := make(chan error, 1)
	err := s.WithConversation(t.Context(), id, func(ctx context.Context, c *store.Conversation) error {
		if list, err := c.Versions(ctx, s.mailbox); err != nil || len(list) != 0 {
			return fmt.Errorf("%d definitions: %w", len(list), err)
		}
		go func() {
			_, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("dates", overdue), automation.ModeOn)
			for err == nil && s.house.Number(`SELECT count(*) FROM rollouts WHERE state = 'running'`) > 0 {
				_, _, err = s.RollOut(t.Context(), runs.RolloutID(s.house.Text(`SELECT id::text FROM rollouts WHERE state = 'running' LIMIT 1`)))
			}
			switched <- err
		}()
		// Looking costs a moment each time; within the lock time-out it waits.
		for until := time.Now().Add(10 * time.Second); s.house.Number(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0; {
			if time.Now().After(until) {
				return errors.New("nobody waits for the conversation")
			}
		}
		return c.Save(ctx, runs.Step{Conversation: c.Row(), Dues: []automation.Due{}, Done: true}, nil)
	})
	check(t, err)
	check(t, <-switched)
	if n := s.house.Number(`SELECT count(*) FROM outbox WHERE id = $1`, id); n != 1 {
		t.Errorf("%d rings, want 1", n)
	}
}

// patiently tries again what could not be done now: on a busy machine a lock may be held
// for longer than anybody waits for it.
func patiently(do func() error) error {
	for {
		if err := do(); !errs.Is(err, errs.Unavailable) {
			return err
		}
	}
}

func TestWritersOfOneMailboxDoNotGetInEachOthersWay(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	ctx, who := t.Context(), access.System()
	first, err := s.CreateDefinition(ctx, who, s.mailbox, definition("first", urgent), automation.ModeOff)
	check(t, err)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if err := patiently(func() error {
				_, err := s.CreateDefinition(ctx, who, s.mailbox, definition(fmt.Sprint("n", i/2), urgent), automation.ModeOn)
				return err
			}); err != nil && !errs.Is(err, errs.Conflict) {
				t.Error(err)
			}
		})
		all.Go(func() {
			if err := patiently(func() error { _, err := s.PublishDefinition(ctx, who, first.ID); return err }); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	list, err := s.Definitions(ctx, who, s.mailbox)
	check(t, err)
	if len(list) != 5 {
		t.Errorf("%d definitions, want 5: a name is taken once", len(list))
	}
	for i, d := range list {
		if d.Position != i+1 || d.Version != 1 {
			t.Errorf("place %d has position %d, version %d", i+1, d.Position, d.Version)
		}
	}
	if n := s.house.Number(`SELECT count(*) FROM versions`); n != 5 {
		t.Errorf("%d versions, want 5", n)
	}
}

func TestAuditKeepsWhatEachChangeWas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Ada", Email: "ada@smarticks.test", Role: conversation.RoleAdmin})
	check(t, err)
	ctx, who := t.Context(), access.Caller{User: user}
	before := s.house.Number(`SELECT coalesce(max(id), 0) FROM audit`)
	d, err := s.CreateDefinition(ctx, who, s.mailbox, definition("a", urgent), automation.ModeOn)
	check(t, err)
	_, err = s.PutDraft(ctx, who, d.ID, definition("b", urgent))
	check(t, err)
	_, err = s.PutDraft(ctx, who, d.ID, definition("b", urgent))
	check(t, err)
	_, err = s.PublishDefinition(ctx, who, d.ID)
	check(t, err)
	_, err = s.RestoreVersion(ctx, who, d.ID, 1)
	check(t, err)
	check(t, s.DeleteDefinition(ctx, who, d.ID))
	rows, err := s.house.Pool.Query(ctx, `SELECT concat_ws(' ', verb, before->>'name', before->>'mode', before->>'version', '->',
		after->>'name', after->>'mode', after->>'version')
		FROM audit WHERE id > $1 AND actor_kind = 'user' AND actor_id = $2 AND object_id = $3 ORDER BY id`, before, string(user.ID), string(d.ID))
	check(t, err)
	var got []string
	for rows.Next() {
		var line string
		check(t, rows.Scan(&line))
		got = append(got, line)
	}
	check(t, rows.Err())
	want := []string{"created -> a", "published 0 -> 1", "switched on off -> on", "changed a -> b", "published 1 -> 2",
		"changed b -> a", "restored -> 1", "published 2 -> 3", "deleted a on ->"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFactsAreThoseOfTheNewestEventFromOutside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	_, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("a", urgent), automation.ModeOn)
	check(t, err)
	if _, err := s.Facts(t.Context(), "nothing"); !errs.Is(err, errs.NotFound) {
		t.Errorf("an id that is none: %v", err)
	}
	id := s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	f, err := s.Facts(t.Context(), id)
	check(t, err)
	if f.Event != nil || f.Message != nil || f.Now.IsZero() || f.Mailbox.ID != s.mailbox {
		t.Errorf("%+v", f)
	}
	message := store.NewID()
	_, err = s.house.Pool.Exec(t.Context(), `
		INSERT INTO messages (id, conversation_id, mailbox_id, kind, author_kind, body_text, created_at) VALUES ($1, $2, $3, 'customer',
		'customer', 'Hello', now())`,
		message, id, s.mailbox)
	check(t, err)
	_, err = s.house.Pool.Exec(t.Context(), `
		INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, origin, cause_run, message_id, at) VALUES
			($1, 1, 'customer_message', $2, 'customer', 0, '', $3, now()), ($1, 2, 'status_changed', $2, 'customer', 1, '', NULL, now()),
			($1, 3, 'tags_changed', $2, 'workflow', 1, 'run', NULL, now()), ($1, 4, 'manual_run', $2, 'user', 0, '', NULL, now()), ($1, 5, 'due',
			$2, 'system', 0, '', NULL, now())`,
		id, s.mailbox, message)
	check(t, err)
	f, err = s.Facts(t.Context(), id)
	check(t, err)
	if f.Event == nil || f.Event.Seq != 1 || f.Message == nil || f.Message.Text != "Hello" || len(f.Recent) != 1 {
		t.Errorf("%+v", f)
	}
}
