package e2e_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/smarticks/smarticks/internal/sinks"
	"github.com/smarticks/smarticks/workflows"
)

// operation is what somebody does to a conversation's Temporal workflow with
// Temporal's own tools, while a delivery of it is under way.
type operation struct {
	name string
	do   func(p *product, conversation string)
	mail bool // another mail comes afterwards
}

var operations = []operation{
	{"terminated", (*product).terminate, true},
	{"reset to its first task", func(p *product, id string) { p.reset(id, p.tasks(id)[0]) }, false},
	{"reset to its last task", func(p *product, id string) {
		tasks := p.tasks(id)
		p.reset(id, tasks[len(tasks)-1])
	}, false},
}

func TestATemporalWorkflowMayBeTerminatedOrResetWithADeliveryUnderWay(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.workflow(p.support, object{
		"name": "Report", "conditions": []any{any1("new_conversation", "", nil)},
		"actions": []any{
			object{"do": "add_tags", "tags": []any{"reported"}},
			object{"do": "webhook", "url": p.hooks.URL(), "body": object{"number": "{%conversation.number%}"}},
		},
	})
	p.workflow(p.support, object{
		"name": "Count", "max_runs": 10, "conditions": []any{any1("customer_replied", "", nil)},
		"actions": []any{object{"do": "note", "body": "Once more."}},
	})
	p.hooks.Plan(sinks.Answer{Hang: true}, len(operations))
	for i, o := range operations {
		first := o.id("first")
		p.send("ann@example.com", "support@smarticks.test", first, "Hello", "A question")
		_, err := p.hooks.Wait(t.Context(), func(r []sinks.Request) bool { return len(r) == i+1 })
		must(t, err)
		conversation := p.conversationOf(first)
		// A second task, so that the first and the last are not the same.
		p.send("ann@example.com", "support@smarticks.test", o.id("second"), "Re: Hello", "More", "In-Reply-To: <"+first+">")
		p.handled(conversation)
		o.do(p, conversation)
		if o.mail {
			p.send("ann@example.com", "support@smarticks.test", o.id("third"), "Re: Hello", "More", "In-Reply-To: <"+first+">")
		}
	}
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			p := p.in(t)
			conversation := p.conversationOf(o.id("first"))
			p.handled(conversation)
			p.eventually("the delivery is sent", func() bool {
				return p.count(`SELECT count(*) FROM deliveries WHERE conversation_id = $1 AND state = 'sent'`, conversation) == 1
			})
			o.judge(p, conversation)
		})
	}
}

// id is a Message-ID.
func (o operation) id(which string) string {
	return which + "." + strings.ReplaceAll(o.name, " ", "-") + "@example.com"
}

// judge compares what there is with what there should be.
func (o operation) judge(p *product, conversation string) {
	p.t.Helper()
	replies := 1
	if o.mail {
		replies = 2
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM deliveries WHERE conversation_id = $1`:                                  1,
		`SELECT count(*) FROM runs WHERE conversation_id = $1 AND name = 'Report' AND state = 'done'`: 1,
		`SELECT count(*) FROM runs WHERE conversation_id = $1 AND name = 'Count' AND state = 'done'`:  replies,
		`SELECT count(*) FROM messages WHERE conversation_id = $1 AND kind = 'note'`:                  replies,
		`SELECT count(*) FROM events WHERE conversation_id = $1 AND kind = 'tags_changed'`:            1,
		// The first attempt had no answer; the second one was taken.
		`SELECT count(*) FROM attempts a JOIN deliveries d ON d.id = a.delivery_id WHERE d.conversation_id = $1`: 2,
	} {
		if got := p.count(sql, conversation); got != want {
			p.t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	described, err := p.client.DescribeWorkflowExecution(p.t.Context(), workflows.ConversationWorkflowID(conversation), "")
	must(p.t, err)
	if status := described.GetWorkflowExecutionInfo().GetStatus(); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		p.t.Errorf("the conversation is open and its Temporal workflow is %v", status)
	}
}

// handled waits until all events of a conversation are handled.
func (p *product) handled(conversation string) {
	p.t.Helper()
	p.eventually("everything is handled", func() bool {
		return p.count(`SELECT count(*) FROM conversations WHERE id = $1 AND handled_seq = last_seq`, conversation) == 1
	})
}

func (p *product) terminate(conversation string) {
	p.t.Helper()
	must(p.t, p.client.TerminateWorkflow(p.t.Context(), workflows.ConversationWorkflowID(conversation), "", "an operator's mistake"))
}

// reset lets the conversation's Temporal workflow begin again from the end of a
// workflow task.
func (p *product) reset(conversation string, event int64) {
	p.t.Helper()
	_, err := p.client.ResetWorkflowExecution(p.t.Context(), &workflowservice.ResetWorkflowExecutionRequest{
		Namespace:         p.temporal.Namespace,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflows.ConversationWorkflowID(conversation)},
		Reason:            "an operator's doubt", WorkflowTaskFinishEventId: event, RequestId: uuid.NewString(),
	})
	must(p.t, err)
}

// tasks are the ids of the events with which the workflow tasks of the current
// Temporal run ended; there are at least two.
func (p *product) tasks(conversation string) []int64 {
	p.t.Helper()
	var ids []int64
	p.eventually("two workflow tasks are done", func() bool {
		ids = nil
		for _, e := range p.history(conversation) {
			if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED {
				ids = append(ids, e.GetEventId())
			}
		}
		return len(ids) >= 2
	})
	return ids
}
