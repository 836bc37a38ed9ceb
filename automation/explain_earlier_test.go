package automation

import (
	"strings"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestExplainNamesTheWorkflowThatCameBefore(t *testing.T) {
	t.Parallel()
	handled := func(f *conversation.Facts) { f.Conversation.LastSeq, f.Conversation.HandledSeq = 9, 9 }
	subject := cond("subject", "contains", "refund")
	inquiry := func(row Condition, change func(*Inquiry)) Inquiry {
		d := definition(row)
		q := Inquiry{
			Record:  Record{ID: "w2", MailboxID: "m1", Mode: ModeOn, Version: 3},
			Version: &Published{Body: d, Number: 3}, Program: compiled(t, d),
			Facts: facts(event(conversation.KindCustomerMessage, first), handled),
		}
		change(&q)
		return q
	}
	for _, c := range []struct {
		name    string
		row     Condition
		change  func(*Inquiry)
		says    string
		saysNot string
	}{
		{"stopped", subject, func(q *Inquiry) { q.Earlier = []EarlierRun{{Name: "First"}, {Name: "Spam", Stopped: true}} }, `the workflow "Spam" stands before it, ran for the event and stopped`, "hold now"},
		{"stopped, as of then", subject, func(q *Inquiry) { q.AsOf, q.Earlier = 3, []EarlierRun{{Name: "Spam", Stopped: true}} }, `"Spam" stands before it, ran for the event and stopped`, "not when it had its turn"},
		{"stopped, and its conditions would not have held then", cond("subject", "contains", "x1"), func(q *Inquiry) { q.AsOf, q.Earlier = 3, []EarlierRun{{Name: "Spam", Stopped: true}} }, `row 1 `, "Spam"},
		{"moved", subject, func(q *Inquiry) {
			q.Facts.Conversation.MailboxID, q.Earlier = "m2", []EarlierRun{{Name: "Billing", Moved: true}}
		}, `"Billing" stands before it, ran for the event and moved the conversation`, "is not in its mailbox"},
		{"deleted", subject, func(q *Inquiry) {
			q.Facts.Conversation.State, q.Earlier = conversation.StateDeleted, []EarlierRun{{Name: "Bin", Deleted: true}}
		}, `"Bin" stands before it, ran for the event and deleted`, "no row asks"},
		{"moved by somebody", subject, func(q *Inquiry) { q.Facts.Conversation.MailboxID = "m2" }, "the conversation is not in its mailbox", "stands before"},
		{"changed", subject, func(q *Inquiry) { q.Earlier = []EarlierRun{{Name: "Tagger", Changed: true}, {Name: "Looker"}} }, `not when the newest event was handled: before it ran "Tagger".`, "Looker"},
		{"off before all", subject, func(q *Inquiry) { q.Record.Mode, q.Earlier = ModeOff, []EarlierRun{{Name: "Spam", Stopped: true}} }, "it is switched off", "Spam"},
		{"a draft that differs", cond("subject", "contains", "x1"), func(q *Inquiry) { q.Record.Changed = true }, "its draft was changed and is not published: version 3 is in force", "no draft"},
	} {
		if got := Explain(inquiry(c.row, c.change)).Answer; !strings.Contains(got, c.says) || strings.Contains(got, c.saysNot) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
