package simulation

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// done are the actions of a run as they were done: with what their variables came
// to.
func (p *performance) done(run runs.Run) []automation.Action {
	out := make([]automation.Action, len(run.Actions))
	for i, outcome := range run.Actions {
		a := p.definition.Actions[outcome.Index]
		did := p.conv.does(run.ID, outcome, func(id string) string { return id })
		if w := did.Writes; w != nil {
			a.Subject, a.Body, a.JSON = w.Subject, w.Text, parsed(w.Body)
			if a.Do == automation.DoForward { // without what would come back in
				a.To, a.Cc, a.Bcc = w.To, w.Cc, w.Bcc
			}
		}
		for _, h := range p.conv.events {
			switch {
			case !slices.Contains(outcome.Seqs, h.Event.Seq):
			case h.Event.Kind == conversation.KindSubjectChanged:
				a.Subject = h.Event.To
			case h.Event.Kind == conversation.KindFieldChanged:
				a.Value = h.Event.To
			}
		}
		out[i] = a
	}
	return out
}

// parsed reads the body of a webhook; nil when there is none.
func parsed(body string) any {
	var tree any
	if body == "" || json.Unmarshal([]byte(body), &tree) != nil {
		return nil
	}
	return tree
}

// explain says why the workflow does not run now, whatever it did before: the same
// code that answers why not.
func (p *performance) explain(ctx context.Context) (explain.Explanation, error) {
	c := p.conv
	q := explain.Inquiry{
		Record: automation.Workflow{ID: stageDefinition, MailboxID: p.stage.version.MailboxID, Mode: automation.ModeOn,
			VersionID: stageVersion, Version: 1},
		Version: &automation.Published{
			ID: stageVersion, DefinitionID: stageDefinition, MailboxID: p.stage.version.MailboxID, Number: 1, Body: p.definition,
			Names: p.world.Names,
		},
		Program: p.program, Limits: p.world.Around.Limits,
	}
	around, _, err := c.Surroundings(ctx)
	if err != nil {
		return explain.Explanation{}, err
	}
	if q.History, err = c.History(ctx, 0); err != nil {
		return explain.Explanation{}, err
	}
	q.Used = q.History.Used(stageDefinition, automation.ModeOn)
	q.Facts = conversation.Facts{Now: c.now, Conversation: c.row, Customer: around.Customer, Mailbox: around.Mailbox}
	if q.Facts.Recent, err = c.Recent(ctx); err != nil {
		return explain.Explanation{}, err
	}
	if q.Facts.Notes, err = c.Notes(ctx); err != nil {
		return explain.Explanation{}, err
	}
	if q.Facts.Last, err = c.Last(ctx); err != nil {
		return explain.Explanation{}, err
	}
	for i := range slices.Backward(c.events) {
		h := &c.events[i]
		if e := &h.Event; e.OriginSeq() == e.Seq && fromOutside(e.Kind) {
			q.Facts.Event, q.Facts.Message = e, h.Message
			break
		}
	}
	return explain.Explain(q), nil
}

// fromOutside reports whether something of the kind is done by somebody.
func fromOutside(kind conversation.Kind) bool {
	return !slices.Contains([]conversation.Kind{
		conversation.KindManualRun, conversation.KindDue, conversation.KindConsider, conversation.KindRedeliver, conversation.KindUndelivered,
	}, kind)
}
