package activities

import (
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// maxAnswered bounds the mails and the webhooks of one answer: what is left out is
// asked for again when those are done, and the answer stays small in the history.
const maxAnswered = 65

// answer tells Temporal what was done: ids, kinds, outcomes and durations.
func (x *advance) answer() Advanced {
	out := Advanced{
		HandledSeq: x.conv.HandledSeq,
		More:       x.conv.HandledSeq < x.conv.LastSeq,
		Open:       x.conv.Open(),
		Number:     x.conv.Number,
		MailboxID:  string(x.conv.MailboxID),
		Status:     string(x.conv.Status),
		Attention:  attentionWord(x.conv.Attention),
		Rules:      1,
	}
	if len(x.dues) > 0 {
		out.HasDue = true
		out.DueInMicros = x.dues[0].At.Sub(x.now).Microseconds()
	}
	for _, d := range x.dues {
		if id := string(d.DefinitionID); id != "" && !slices.Contains(out.Workflows, id) {
			out.Workflows = append(out.Workflows, id)
		}
	}
	for _, r := range x.runs {
		out.Runs = append(out.Runs, made(r))
	}
	if x.erased != "" {
		out.Gone = true
		return out
	}
	mails, webhooks := 0, 0
	for _, d := range x.waiting {
		n := &webhooks
		if d.Kind.IsMail() {
			n = &mails
		}
		if *n++; *n <= maxAnswered {
			out.Deliveries = append(out.Deliveries, DeliveryWaiting{ID: string(d.ID), Kind: string(d.Kind), Begun: x.first.promised(d.ID)})
		}
	}
	return out
}

func made(r runs.Run) RunMade {
	m := RunMade{
		RunID: string(r.ID), WorkflowID: string(r.DefinitionID), Version: r.VersionNumber,
		Trigger: string(r.Trigger), State: string(r.State),
	}
	if r.State == automation.RunSkipped {
		m.Reason = r.Reason // one of a few words of ours
	}
	for _, a := range r.Actions {
		m.Actions = append(m.Actions, ActionMade{Do: a.Do, State: string(a.State)})
	}
	return m
}

// attentionWord is what the search attribute holds: a word, no sentence.
func attentionWord(reason string) string {
	if reason == "" {
		return ""
	}
	return "needed"
}
