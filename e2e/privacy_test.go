package e2e_test

import (
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// planted are words that only a customer, or an answer to them, says.
var planted = []string{"zanzibar", "quokka", "marzipan", "ottilie", "kestrel"}

func TestNoWordOfAMailReachesTemporal(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.workflow(p.support, object{
		"name": "answer", "conditions": []any{any1("new_conversation", "", nil)},
		"actions": []any{
			object{"do": "reply", "body": "Dear {%customer.email%}, about {%subject%}: kestrel"},
			object{"do": "note", "body": "{%subject%}"},
			object{"do": "add_tags", "tags": []any{"seen"}},
			object{"do": "webhook", "url": p.hooks.URL(), "body": object{"subject": "{%subject%}"}},
			object{"do": "webhook", "url": "http://127.0.0.1:1/refused", "body": object{"subject": "{%subject%}"}},
		},
	})
	p.workflow(p.support, object{
		"name": "overdue", "conditions": []any{any1("waiting_since", "longer_than", "2s")},
		"actions": []any{object{"do": "add_tags", "tags": []any{"overdue"}}},
	})
	p.send("ottilie@zanzibar.example", "support@smarticks.test", "one@zanzibar.example", "The quokka", "marzipan, please")
	id := p.conversationOf("one@zanzibar.example")
	p.send("ottilie@zanzibar.example", "support@smarticks.test", "two@zanzibar.example", "Re: The quokka", "marzipan!",
		"In-Reply-To: <one@zanzibar.example>")
	p.eventually("everything is done", func() bool {
		return p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == 2 &&
			p.count(`SELECT count(*) FROM deliveries WHERE state = 'failed'`) == 1 &&
			p.count(`SELECT count(*) FROM runs WHERE state = 'done'`) == 2
	})
	p.settled(id)

	payloads, text := p.everything()
	if len(payloads) < 20 {
		t.Fatalf("only %d payloads found: this test would prove nothing", len(payloads))
	}
	joined := strings.ToLower(strings.Join(payloads, "\n") + text)
	for _, want := range []string{"add_tags", "overdue", "reply", "webhook", id} {
		if want != "overdue" && !strings.Contains(joined, want) {
			t.Errorf("the histories do not say %q: ops would not see what was done", want)
		}
	}
	for _, word := range planted {
		if i := strings.Index(joined, word); i >= 0 {
			t.Errorf("Temporal holds the customer's word %q: …%s…", word, joined[max(0, i-80):min(len(joined), i+80)])
		}
	}
}

// everything returns all that Temporal holds of all its runs: every payload,
// decoded, and the rest as text.
func (p *product) everything() (payloads []string, text string) {
	p.t.Helper()
	var all strings.Builder
	list, err := p.client.ListWorkflow(p.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: p.temporal.Namespace})
	must(p.t, err)
	for _, execution := range list.Executions {
		collect(&payloads, &all, p.t, execution)
		events := p.client.GetWorkflowHistory(p.t.Context(), execution.Execution.WorkflowId, execution.Execution.RunId, false,
			enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			e, err := events.Next()
			must(p.t, err)
			collect(&payloads, &all, p.t, e)
		}
	}
	return payloads, all.String()
}

var (
	_ proto.Message = (*historypb.HistoryEvent)(nil)
	_ proto.Message = (*workflowpb.WorkflowExecutionInfo)(nil)
)

func collect(payloads *[]string, text *strings.Builder, t testing.TB, m proto.Message) {
	raw, err := protojson.Marshal(m)
	must(t, err)
	text.Write(raw)
	walk(m.ProtoReflect(), func(found *commonpb.Payload) { *payloads = append(*payloads, string(found.Data)) })
}

// walk visits every payload within a message.
func walk(m protoreflect.Message, visit func(*commonpb.Payload)) {
	if found, ok := m.Interface().(*commonpb.Payload); ok {
		visit(found)
		return
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap():
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
				if field.MapValue().Message() != nil {
					walk(v.Message(), visit)
				}
				return true
			})
		case field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				walk(value.List().Get(i).Message(), visit)
			}
		default:
			walk(value.Message(), visit)
		}
		return true
	})
}

func TestTemporalListsOneRunningWorkflowPerOpenConversation(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	p.workflow(p.support, object{
		"name": "close", "conditions": []any{any1("subject", "contains", "done")},
		"actions": []any{object{"do": "set_status", "status": "closed"}},
	})
	waiting := p.workflow(p.support, object{
		"name": "overdue", "conditions": []any{any1("waiting_since", "longer_than", "48h")},
		"actions": []any{object{"do": "add_tags", "tags": []any{"overdue"}}},
	})
	p.send("ann@example.com", "support@smarticks.test", "open@example.com", "Hello", "Hello")
	p.send("ann@example.com", "support@smarticks.test", "done@example.com", "All done", "Thanks")
	open, done := p.conversationOf("open@example.com"), p.conversationOf("done@example.com")
	var running []*workflowpb.WorkflowExecutionInfo
	p.eventually("one workflow is left running, with its search attributes", func() bool {
		list, err := p.client.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: p.temporal.Namespace, Query: `ExecutionStatus="Running" AND WorkflowType="ConversationWorkflow" AND SmarticksStatus="active"`,
		})
		must(t, err)
		running = list.Executions
		return len(running) == 1 && running[0].SearchAttributes.IndexedFields["SmarticksNextDue"] != nil
	})
	if got := running[0].Execution.WorkflowId; got != "conversation/"+open {
		t.Errorf("running: %s", got)
	}
	fields := running[0].SearchAttributes.IndexedFields
	if got := string(fields["SmarticksMailbox"].GetData()); got != `"`+p.support+`"` {
		t.Errorf("mailbox %s", got)
	}
	if got := string(fields["SmarticksWorkflows"].GetData()); got != `["`+waiting+`"]` {
		t.Errorf("workflows %s", got)
	}
	described, err := p.client.DescribeWorkflowExecution(t.Context(), "conversation/"+open, "")
	must(t, err)
	if summary := string(described.GetExecutionConfig().GetUserMetadata().GetSummary().GetData()); !strings.Contains(summary,
		"onversation #") {
		t.Errorf("summary %s", summary)
	}
	// The next message wakes what has completed.
	p.send("ann@example.com", "support@smarticks.test", "again@example.com", "Re: All done", "one more thing",
		"In-Reply-To: <done@example.com>")
	p.eventually("the closed conversation is open again and has a running workflow", func() bool {
		d, err := p.client.DescribeWorkflowExecution(t.Context(), "conversation/"+done, "")
		return err == nil && d.WorkflowExecutionInfo.Status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING &&
			p.count(`SELECT count(*) FROM conversations WHERE id = $1 AND status = 'active' AND handled_seq = last_seq`, done) == 1
	})
}
