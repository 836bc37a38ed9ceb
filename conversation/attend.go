package conversation

import (
	"strings"
	"time"
)

// Snooze puts the conversation away until an instant: nobody waits for us
// meanwhile, so an active one becomes pending. false: it was snoozed until then
// already.
func (e *Editor) Snooze(until time.Time) bool {
	if e.c.SnoozedUntil.Equal(until) {
		return false
	}
	e.c.SnoozedUntil = until
	snoozed := e.Record(Event{Kind: KindSnoozed, Due: until})
	if e.c.Status == StatusActive {
		e.setStatus(StatusPending, follows(snoozed))
	}
	return true
}

// Wake ends a snooze: a pending conversation is active again. false: it was not
// snoozed.
func (e *Editor) Wake() bool {
	if e.c.SnoozedUntil.IsZero() {
		return false
	}
	e.c.SnoozedUntil = time.Time{}
	woke := e.Record(Event{Kind: KindUnsnoozed})
	if e.c.Status == StatusPending {
		e.setStatus(StatusActive, follows(woke))
	}
	return true
}

// DisableAutoReply keeps the mailbox from answering by itself; false: it has
// answered, or may not already.
func (e *Editor) DisableAutoReply() bool {
	if e.c.AutoReply != "" {
		return false
	}
	e.c.AutoReply = AutoReplyDisabled
	e.Record(Event{Kind: KindAutoReplyOff})
	return true
}

// EnableAutoReply takes DisableAutoReply back; false: it was not disabled.
func (e *Editor) EnableAutoReply() bool {
	if e.c.AutoReply != AutoReplyDisabled {
		return false
	}
	e.c.AutoReply = ""
	e.Record(Event{Kind: KindAutoReplyOn})
	return true
}

// AutoReplyLimited records that the mailbox does not answer by itself, since automatic
// mail to the customer reached its limit.
func (e *Editor) AutoReplyLimited() {
	e.c.AutoReply = AutoReplyLimited
	e.Record(Event{Kind: KindAutoReplyLimited})
}

// AutoReplied records that the mailbox answers by itself, with this delivery.
func (e *Editor) AutoReplied(delivery string) Event {
	e.c.AutoReply = AutoReplySent
	return e.Record(Event{Kind: KindAutoReplied, Delivery: delivery})
}

// Call asks for a person's attention. A workflow that fails or is paused here is not
// hidden by what needs less of it; anything else is replaced by the newest.
func (c *Conversation) Call(attention string) {
	if !automationStopped(c.Attention) || automationStopped(attention) {
		c.Attention = attention
	}
}

// automationStopped reports whether the attention is for a workflow.
func automationStopped(attention string) bool {
	return strings.HasPrefix(attention, "a workflow ") || strings.HasPrefix(attention, "the workflow ")
}

// AttentionUndelivered begins what the attention of a conversation says when a mail
// did not arrive; the reason follows.
const AttentionUndelivered = "a mail did not arrive: "

// Undelivered records that a mail of the conversation will not arrive, and asks for
// a person's attention.
func (e *Editor) Undelivered(delivery, reason string) {
	e.c.Call(AttentionUndelivered + reason)
	e.Record(Event{Kind: KindUndelivered, Delivery: delivery})
}

// follows is the cause of what an event brings with it.
func follows(ev Event) Cause {
	return Cause{Origin: ev.OriginSeq(), Depth: ev.Cause.Depth, Path: ev.Cause.Path, Run: ev.Cause.Run}
}
