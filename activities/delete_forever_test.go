package activities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// canary is a word that is in everything of the conversation that is erased.
const canary = "xyzzycanary"

// holding lists the columns of all tables that have the canary in them.
func (h *house) holding() []string {
	h.Helper()
	var found []string
	for _, c := range h.Column(`SELECT table_name || '.' || column_name FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('text', 'ARRAY', 'jsonb', 'bytea')`) {
		table, column, _ := strings.Cut(c, ".")
		text := `"` + column + `"::text`
		if n := h.Column(fmt.Sprintf(`SELECT count(*)::text FROM %q t WHERE %s LIKE '%%%s%%' OR %s LIKE '%%%x%%'`, table, text, canary, text,
			canary)); n[0] != "0" {
			found = append(found, c)
		}
	}
	return found
}

func TestDeleteForeverLeavesATombstoneOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "first", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		{Do: automation.DoReply, Body: "You wrote {%subject%}"}, {Do: automation.DoNote, Body: "About {%subject%}"},
		{Do: automation.DoSnooze, Until: "3d"},
		{Do: automation.DoWebhook, URL: "https://erp.example/x"},
	}})
	h.workflow(automation.Definition{Name: "erase", Conditions: rows(row("tags", "has_any", []any{canary})),
		Actions: []automation.Action{{Do: automation.DoDeleteForever}}})
	h.workflow(automation.Definition{Name: "late", Conditions: rows(row("state", "is", "deleted")),
		Actions: []automation.Action{tag("never")}})
	id := h.mail("About "+canary, "Hello "+canary, func(in *conversation.Incoming) {
		in.Raw = []byte("Subject: " + canary)
		in.Attachments = []conversation.Attachment{{Name: canary + ".txt", ContentType: "text/plain", Content: []byte(canary)}}
	})
	h.advance(id)
	header := h.Column(`SELECT message_id_header FROM messages WHERE conversation_id = $1 AND kind = 'customer'`, id)[0]
	tags := []string{canary}
	_, err := h.Store.ChangeConversation(t.Context(), access.System(), id, conversation.Change{Tags: &tags})
	testhouse.Must(t, err)
	h.backtested(id)
	if len(h.holding()) < 5 {
		t.Fatalf("only %v have the canary: this test would prove little", h.holding())
	}
	if out := h.advance(id); !out.Gone {
		t.Errorf("the call that erases answers %+v", out)
	}
	// The workflow, its place in the audit, and the list of tags name the word: they
	// are nobody's content.
	for _, c := range h.holding() {
		if c != "versions.body" && c != "definitions.draft" && c != "tags.name" && c != "audit.after" && !strings.HasPrefix(c, "deliveries.") {
			t.Errorf("%s still has it", c)
		}
	}
	for _, d := range h.Column(`SELECT kind || ' ' || state || ' ' || (payload::text LIKE '%' || $2 || '%')::text FROM deliveries WHERE
		conversation_id = $1 ORDER BY kind`, id, canary) {
		if d != "reply cancelled false" && !strings.HasPrefix(d, string(delivery.KindWebhook)+" waiting") {
			t.Errorf("delivery %s", d)
		}
	}
	if out := h.advance(id); !out.Gone {
		t.Errorf("a late ring answers %+v", out)
	}
	if _, err := h.Store.Conversation(t.Context(), access.System(), id); err == nil {
		t.Error("it can still be read")
	}
	answer := h.mail("Re: it", "again", func(in *conversation.Incoming) { in.InReplyTo = []string{header} })
	if answer == id {
		t.Error("an answer comes into the erased conversation")
	}
	if got := h.Column(`SELECT number::text || ' ' || (erased_by_run IS NOT NULL)::text FROM conversations WHERE id = $1`,
		id); got[0] != "1 true" {
		t.Errorf("the tombstone is %v", got)
	}
	if got := h.Column(`SELECT concat_ws(' ', verb, object_kind, actor_kind, actor_version, before ->> 'number', mailbox_id = $2::uuid)
		FROM audit WHERE object_id = $1`, id, h.support.ID); len(got) != 1 || got[0] != "erased conversation workflow 1 1 t" {
		t.Errorf("the audit has %q", got)
	}
	if runs := h.Column(`SELECT name FROM runs WHERE conversation_id = $1 ORDER BY created_at`, id); len(runs) != 2 {
		t.Errorf("runs %v", runs)
	}
}

// backtested keeps a finding of a backtest with the canary in its reasons.
func (h *house) backtested(id conversation.ID) {
	h.Helper()
	backtest := h.Column(`INSERT INTO backtests (id, mailbox_id, definition_id, version, body, against, from_at, until_at, state,
		created_at, updated_at)
		SELECT gen_random_uuid(), mailbox_id, id, 0, '{}', 0, now(), now(), 'done', now() - interval '40 days', now() FROM definitions LIMIT 1
		RETURNING id::text`)[0]
	h.Column(`INSERT INTO backtest_runs (id, backtest_id, conversation_id, compared_with, outcome, run, other, saw_later)
		VALUES (gen_random_uuid(), $1, $2, 'version', 'more', $3, NULL, false) RETURNING id::text`, backtest, id,
		`{"trigger":"event","state":"done","seq":1,"at":"2026-01-01T00:00:00Z","verdict":{"holds":"yes","groups":[{"rows":[{"actual":"`+canary+
			`"}]}]}}`)
}

func TestReasonsOfBacktestsGoWithThoseOfRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "any", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{tag("x")}})
	h.backtested(h.mail("a", "b"))
	for _, c := range []struct {
		days int
		left int
	}{{0, 1}, {60, 1}, {30, 0}} {
		_, err := h.Store.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{KeepExplanations: &c.days})
		testhouse.Must(t, err)
		_, err = h.Store.Forget(t.Context())
		testhouse.Must(t, err)
		if found := h.holding(); len(found) != c.left {
			t.Errorf("kept %d days: %v has it", c.days, found)
		}
	}
	if n := h.Column(`SELECT count(*) FROM backtest_runs`)[0]; n != "1" {
		t.Errorf("%s findings are left, want 1", n)
	}
}
