package explain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/conversation"
)

func TestExplainNamesTheWorkflowThatCameBefore(t *testing.T) {
	t.Parallel()
	subject := condition("subject", "contains", "refund")
	inquiry := func(row automation.Condition, change func(*explain.Inquiry)) explain.Inquiry {
		d := automatic(row)
		program, bad := automation.Compile(d)
		if len(bad) > 0 {
			t.Fatal(bad)
		}
		q := explain.Inquiry{
			Record:  automation.Workflow{ID: "w2", MailboxID: "m1", Mode: automation.ModeOn, Version: 3},
			Version: &automation.Published{Body: d, Number: 3}, Program: program,
			Facts: answered(),
		}
		change(&q)
		return q
	}
	for _, c := range []struct {
		name    string
		row     automation.Condition
		change  func(*explain.Inquiry)
		says    string
		saysNot string
	}{
		{"stopped", subject, func(q *explain.Inquiry) {
			q.Earlier = []explain.EarlierRun{{Name: "First"}, {Name: "Spam", Stopped: true}}
		}, `the workflow "Spam" stands before it, ran for the event and stopped`, "hold now"},
		{"stopped, as of then", subject, func(q *explain.Inquiry) {
			q.AsOf, q.Earlier = 3,
				[]explain.EarlierRun{{Name: "Spam", Stopped: true}}
		}, `"Spam" stands before it, ran for the event and stopped`, "not when it had its turn"},
		{"stopped, and its conditions would not have held then", condition("subject", "contains", "x1"),
			func(q *explain.Inquiry) { q.AsOf, q.Earlier = 3, []explain.EarlierRun{{Name: "Spam", Stopped: true}} }, `condition 1 `, "Spam"},
		{"moved", subject, func(q *explain.Inquiry) {
			q.Facts.Conversation.MailboxID, q.Earlier = "m2", []explain.EarlierRun{{Name: "Billing", Moved: true}}
		}, `"Billing" stands before it, ran for the event and moved the conversation`, "is not in its mailbox"},
		{"deleted", subject, func(q *explain.Inquiry) {
			q.Facts.Conversation.State, q.Earlier = conversation.StateDeleted, []explain.EarlierRun{{Name: "Bin", Deleted: true}}
		}, `"Bin" stands before it, ran for the event and deleted`, "no condition asks"},
		{"moved by somebody", subject, func(q *explain.Inquiry) { q.Facts.Conversation.MailboxID = "m2" },
			"the conversation is not in its mailbox", "stands before"},
		{"changed", subject, func(q *explain.Inquiry) {
			q.Earlier = []explain.EarlierRun{{Name: "Tagger", Changed: true}, {Name: "Looker"}}
		}, `not when the newest event was handled: before it ran "Tagger".`, "Looker"},
		{"off before all", subject, func(q *explain.Inquiry) {
			q.Record.Mode, q.Earlier = automation.ModeOff, []explain.EarlierRun{{Name: "Spam", Stopped: true}}
		}, "it is switched off", "Spam"},
		{"a draft that differs", condition("subject", "contains", "x1"), func(q *explain.Inquiry) { q.Record.Changed = true },
			"its draft was changed and is not published: version 3 is in force", "no draft"},
	} {
		if got := explain.Explain(inquiry(c.row, c.change)).Answer; !strings.Contains(got, c.says) || strings.Contains(got, c.saysNot) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func condition(field, op, value string) automation.Condition {
	return automation.Condition{Field: field, Op: op, Value: value}
}

// automatic is a workflow with one condition.
func automatic(c automation.Condition) automation.Definition {
	return automation.Definition{
		Name: "A workflow", Type: automation.TypeAutomatic, MaxRuns: 1, Conditions: []automation.Group{{Any: []automation.Condition{c}}},
		Actions: []automation.Action{{Do: automation.DoAddTags, Tags: []string{"seen"}}},
	}
}

// answered is a conversation whose first message was handled.
func answered() conversation.Facts {
	return conversation.Facts{
		Now: noon,
		Conversation: conversation.Conversation{
			ID: "c1", Number: 7, MailboxID: "m1", CustomerID: "k1", Type: conversation.TypeEmail, Status: conversation.StatusActive,
			State: conversation.StatePublished, Subject: "Refund please", CreatedAt: noon.Add(-time.Hour), LastSeq: 9, HandledSeq: 9,
		},
		Mailbox: conversation.Mailbox{ID: "m1"},
		Event:   &conversation.Event{Seq: 3, Kind: conversation.KindCustomerMessage, MailboxID: "m1", First: true},
	}
}
