package activities_test

import (
	"testing"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// explosive is a program whose conditions panic.
type explosive struct{ activities.Program }

func (explosive) Holds(*automation.Prepared) automation.Truth { panic("a bug in a row") }

func withExplosives(cfg *activities.Config) {
	cfg.Compile = func(d automation.Definition) (activities.Program, []errs.Problem) {
		p, problems := automation.Compile(d)
		if d.Name == "explosive" {
			return explosive{p}, problems
		}
		return p, problems
	}
}

func TestAFailingWorkflowCostsOnlyItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t, withExplosives)
	_, err := h.Pool.Exec(t.Context(), `ALTER TABLE messages ADD CONSTRAINT planted CHECK (body_text <> 'boom')`)
	testhouse.Must(t, err)
	always := rows(row("new_conversation", "", nil))
	h.workflow(automation.Definition{Name: "before", Conditions: always, Actions: []automation.Action{tag("before")}})
	h.workflow(automation.Definition{Name: "explosive", MaxRuns: 5, Conditions: rows(row("subject", "set", nil)),
		Actions: []automation.Action{tag("never")}})
	h.workflow(automation.Definition{Name: "violates", Conditions: always,
		Actions: []automation.Action{tag("undone"), {Do: "note", Body: "boom"}}})
	h.workflow(automation.Definition{Name: "after", Conditions: always,
		Actions: []automation.Action{tag("after"), {Do: "note", Body: "fine"}}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.wants(id, "before done add_tags=done", "explosive failed", "violates failed", "after done add_tags=done note=done")
	c := h.Conversation(id)
	if c.HandledSeq != c.LastSeq || c.Attention == "" {
		t.Errorf("handled %d of %d, attention %q", c.HandledSeq, c.LastSeq, c.Attention)
	}
	if len(c.Tags) != 2 || c.Tags[0] != "after" || c.Tags[1] != "before" {
		t.Errorf("tags %v: what a failing workflow did must be undone", c.Tags)
	}
	if paused := h.Column(`SELECT f.name FROM pauses p JOIN definitions f ON f.id = p.definition_id ORDER BY 1`); len(paused) != 2 ||
		paused[0] != "explosive" || paused[1] != "violates" {
		t.Errorf("paused %v", paused)
	}
	h.reply(id, id)
	h.advance(id) // what is paused here is not tried again
	h.wants(id, "before done add_tags=done", "explosive failed", "violates failed", "after done add_tags=done note=done")
}

func TestAnEventOfAWriterThatHeldTheRowIsNotLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "count", MaxRuns: 9, Conditions: rows(row("status", "is", "closed")),
		Actions: []automation.Action{tag("closed")}})
	id := h.mail("Hello", "")

	writer, err := h.Pool.Begin(t.Context())
	testhouse.Must(t, err)
	_, err = writer.Exec(t.Context(), `UPDATE conversations SET last_seq = last_seq + 1, status = 'closed' WHERE id = $1`, id)
	testhouse.Must(t, err)
	_, err = writer.Exec(t.Context(), `INSERT INTO events (conversation_id, seq, kind, mailbox_id, actor_kind, data, at)
		VALUES ($1, 2, 'status_changed', $2, 'user', '{"from": "active", "to": "closed"}', now())`, id, h.support.ID)
	testhouse.Must(t, err)

	ended := make(chan error, 1)
	go func() {
		_, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: string(id)})
		ended <- err
	}()
	for deadline := time.Now().Add(8 * time.Minute); ; {
		if waiting := h.Column(`SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type =
			'Lock'`); len(waiting) == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("Advance never waited for the lock")
		}
	}
	testhouse.Must(t, writer.Commit(t.Context()))
	testhouse.Must(t, <-ended)
	c := h.Conversation(id)
	if c.HandledSeq < 2 || len(c.Tags) != 1 {
		t.Errorf("handled %d, tags %v: the writer's event was lost", c.HandledSeq, c.Tags)
	}
}

func TestALockThatIsHeldTooLongIsTriedAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.mail("Hello", "")
	writer, err := h.Pool.Begin(t.Context())
	testhouse.Must(t, err)
	_, err = writer.Exec(t.Context(), `SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE`, id)
	testhouse.Must(t, err)
	if _, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: string(id)}); err == nil {
		t.Fatal("Advance did not wait for the lock")
	}
	testhouse.Must(t, writer.Rollback(t.Context()))
	h.advance(id)
	if c := h.Conversation(id); c.HandledSeq != c.LastSeq {
		t.Errorf("handled %d of %d", c.HandledSeq, c.LastSeq)
	}
}

func TestAConversationThatIsGoneIsNoError(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	got, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: "01890000-0000-7000-8000-000000000000"})
	if err != nil || !got.Gone {
		t.Errorf("got %+v, %v", got, err)
	}
}
