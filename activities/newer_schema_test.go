package activities_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// Between a migration and the end of the last old process, tables have columns that it
// does not know: what it writes has their defaults.
func TestAProcessWritesIntoTablesOfTomorrow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, table := range h.Column(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'goose_db_version'`) {
		_, err := h.Pool.Exec(t.Context(), fmt.Sprintf(`ALTER TABLE %q ADD COLUMN of_tomorrow text NOT NULL DEFAULT 'x'`, table))
		testhouse.Must(t, err)
	}
	h.answersByItself()
	h.endpoint("ops", "", "conversation.created", "workflow.run_finished", "customer.created")
	maria := h.User("maria", h.support.ID)
	h.workflow(automation.Definition{Name: "all", Conditions: rows(row("new_conversation", "", nil)), Actions: []automation.Action{
		tag("seen"), {Do: automation.DoNote, Body: "x"}, {Do: automation.DoReply, Body: "x"}, {Do: automation.DoEmail, Subject: "s", Body: "x"},
		{Do: automation.DoForward, To: []string{"factory@lee.example"}, Body: "x"},
		{Do: automation.DoNotify, To: []string{string(maria.ID)}, Body: "x"},
		{Do: automation.DoWebhook, URL: "https://erp.example/x"}, {Do: automation.DoAssign, To: []string{automation.ToRoundRobin}},
		{Do: automation.DoFollow, User: string(maria.ID)},
		{Do: automation.DoSnooze, Until: "3d"},
	}})
	h.workflow(automation.Definition{Name: "late", Conditions: rows(row("waiting_since", "longer_than", "1h")),
		Actions: []automation.Action{tag("late")}})
	id := h.mail("Hello", "text", func(in *conversation.Incoming) {
		in.Attachments = []conversation.Attachment{{Name: "a.txt", ContentType: "text/plain", Content: []byte("x")}}
	})
	h.advance(id)
	h.wants(id, "all done add_tags=done note=done reply=queued email=queued forward=queued notify=queued webhook=queued assign=done "+
		"follow=done snooze=done")
	testhouse.Must(t, second(h.Store.PostMessage(t.Context(), access.Caller{User: maria}, id,
		conversation.Post{Kind: conversation.MessageReply, Body: "x"})))
	h.change(id, conversation.Change{Tags: &[]string{"a"}, Status: new(conversation.StatusClosed)})
	h.reply(id, id)
	h.Later(2 * time.Hour)
	h.advance(id)
	for _, d := range h.deliveries(id) { // takes each
		if d.Attempts != 1 {
			t.Errorf("the delivery %s was not taken", d.Kind)
		}
	}
	opened := h.openAs(access.Caller{User: maria}, conversation.Opening{CustomerEmail: "bob@lee.example", Body: "x"})
	h.advance(opened.ID)
	h.undo(access.System(), h.runOf(opened.ID, automation.TriggerEvent))
	h.advance(opened.ID)
	testhouse.Must(t, second(h.Store.Reconcile(t.Context())))
	var empty []string
	for _, table := range []string{"conversations", "messages", "events", "runs", "run_actions", "deliveries", "attempts", "outbox",
		"customers", "customer_emails", "raw_mails",
		"attachments", "automatic_mails", "run_counts", "audit", "reconcile_passes", "definitions", "versions", "users"} {
		if h.Column(`SELECT count(*) FROM ` + table)[0] == "0" {
			empty = append(empty, table)
		}
	}
	if len(empty) > 0 {
		t.Errorf("nothing was written into %v: this test would prove little", slices.Sorted(slices.Values(empty)))
	}
}
