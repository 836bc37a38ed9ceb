package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// A release may no longer know what an older one published.
func TestAWorkflowThatNoLongerCompilesCostsOnlyItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(cfg *activities.Config) {
		cfg.Compile = func(d automation.Definition) (activities.Program, []errs.Problem) {
			if d.Name == "outdated" {
				return nil, []errs.Problem{{Path: "conditions[0]", Message: "unknown"}}
			}
			return automation.Compile(d)
		}
	})
	h.workflow(automation.Definition{Name: "outdated", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("never")}})
	h.workflow(automation.Definition{Name: "sound", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("sound")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.reply(id, id)
	h.advance(id)
	h.wants(id, "outdated failed", "sound done add_tags=done")
	if c := h.Conversation(id); c.HandledSeq != c.LastSeq {
		t.Errorf("handled %d of %d", c.HandledSeq, c.LastSeq)
	}
}

// timeless is a program whose due times cannot be computed.
type timeless struct{ activities.Program }

func (timeless) Dues(conversation.Facts, automation.Used) []automation.Due {
	panic("a bug in a date row")
}

// deaf is a program that panics at each event but the first.
type deaf struct{ activities.Program }

func (p deaf) Listens(e conversation.Event) bool {
	if e.Seq > 1 {
		panic("a bug in a row")
	}
	return p.Program.Listens(e)
}

func TestAWorkflowThatRanForAnOriginMayFailForIt(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(activities.Program) activities.Program{
		"dues":   func(p activities.Program) activities.Program { return timeless{p} },
		"events": func(p activities.Program) activities.Program { return deaf{p} },
	} {
		h := newHouse(t, func(cfg *activities.Config) {
			cfg.Compile = func(d automation.Definition) (activities.Program, []errs.Problem) {
				p, problems := automation.Compile(d)
				if d.Name == "broken" {
					return broken(p), problems
				}
				return p, problems
			}
		})
		h.workflow(automation.Definition{Name: "broken", MaxRuns: 9, Conditions: []automation.Group{{Any: []automation.Condition{
			row("new_conversation", "", nil), row("created", "not_in_the_last", "1h"),
		}}}, Actions: []automation.Action{tag("done")}})
		h.workflow(automation.Definition{Name: "sound", Conditions: rows(row("new_conversation", "", nil)),
			Actions: []automation.Action{tag("sound")}})
		id := h.mail("Hello", "")
		h.advance(id)
		h.reply(id, id)
		h.advance(id)
		if got := h.Column(`SELECT name || ' ' || state FROM runs WHERE name = 'sound' OR state = 'failed' ORDER BY 1`); len(got) != 2 ||
			got[0] != "broken failed" || got[1] != "sound done" {
			t.Errorf("%s: runs %v", name, got)
		}
		if c := h.Conversation(id); c.HandledSeq != c.LastSeq {
			t.Errorf("%s: handled %d of %d", name, c.HandledSeq, c.LastSeq)
		}
	}
}

func TestAManualRunThatCannotBeDoneFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.Pool.Exec(t.Context(), `ALTER TABLE messages ADD CONSTRAINT planted CHECK (body_text <> 'boom')`)
	testhouse.Must(t, err)
	agent := h.User("maria", h.support.ID)
	r := h.workflow(automation.Definition{Name: "boom", Type: automation.TypeManual,
		Actions: []automation.Action{tag("undone"), {Do: "note", Body: "boom"}}})
	unreadable := h.workflow(automation.Definition{Name: "unreadable", Type: automation.TypeManual,
		Actions: []automation.Action{tag("never")}})
	id := h.mail("Hello", "")
	for _, d := range []automation.DefinitionID{r.ID, unreadable.ID} {
		_, err = h.Store.AskRun(t.Context(), access.Caller{User: agent}, id, automation.Ask{DefinitionID: d, Confirmed: true})
		testhouse.Must(t, err)
	}
	_, err = h.Pool.Exec(t.Context(), `UPDATE versions SET body = '{"name": "unreadable", "type": "manual", "conditions": 7}' WHERE
		definition_id = $1`, unreadable.ID)
	testhouse.Must(t, err)
	h.advance(id)
	h.wants(id, "boom failed", "unreadable failed")
	if c := h.Conversation(id); c.HandledSeq != c.LastSeq || len(c.Tags) != 0 || c.Attention == "" {
		t.Errorf("handled %d of %d, tags %v, attention %q", c.HandledSeq, c.LastSeq, c.Tags, c.Attention)
	}
}

// slow is a database that needs longer to answer than a call may work.
type slow struct{ activities.Conversation }

func (s slow) History(ctx context.Context, origins int64) (runs.Usage, error) {
	<-time.After(600 * time.Millisecond) // the time itself is what is tested
	return s.Conversation.History(ctx, origins)
}

func TestEachCallMovesOnHoweverSlowTheDatabaseIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(cfg *activities.Config) {
		open := cfg.Open
		cfg.Open = func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return open(ctx, id, func(ctx context.Context, c activities.Conversation) error { return do(ctx, slow{c}) })
		}
	})
	id := h.mail("Hello", "")
	got, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: string(id)})
	testhouse.Must(t, err)
	if got.HandledSeq != 1 {
		t.Errorf("handled %d events, more %v", got.HandledSeq, got.More)
	}
}

// lost is a database in which something other than the conversation is missing.
type lost struct{ activities.Conversation }

func (lost) Surroundings(context.Context) (conversation.Surroundings, []delivery.Delivery, error) {
	return conversation.Surroundings{}, nil, errs.New("store.Surroundings", errs.NotFound, "not found")
}

func TestOnlyAMissingConversationIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(cfg *activities.Config) {
		open := cfg.Open
		cfg.Open = func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return open(ctx, id, func(ctx context.Context, c activities.Conversation) error { return do(ctx, lost{c}) })
		}
	})
	id := h.mail("Hello", "")
	if got, err := h.acts.Advance(t.Context(), activities.AdvanceInput{ConversationID: string(id)}); err == nil {
		t.Errorf("answered %+v: its events would never be handled", got)
	}
}
