package starter_test

import (
	"context"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"

	"github.com/smarticks/smarticks/internal/temporaltest"
	"github.com/smarticks/smarticks/starter"
)

// start runs a starter until the test ends.
func start(t *testing.T, c client.Client, o *fakeOutbox, status *starter.Status) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- starter.Run(ctx, starter.Config{Client: c, Outbox: o, Logger: quiet(), Status: status})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v", err)
		}
	})
}

// patience bounds what hangs; it is no measure of the machine.
const patience = 8 * time.Minute

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !condition() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it never came: %s", what)
		}
	}
}

func TestWhatOpsSeeOfWhatWasStarted(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c := s.Client(t)
	if err := starter.Prepare(t.Context(), c, s.Namespace, quiet()); err != nil {
		t.Fatal(err)
	}
	o := &fakeOutbox{again: time.Hour}
	o.add(starter.Wake{ConversationID: "c1", Seq: 5, Number: 42, MailboxID: "m1", Status: "active"}, 0)
	o.add(starter.Wake{ConversationID: "c1", Seq: 6, Number: 42, MailboxID: "m1", Status: "active", Manual: true}, 0)
	o.add(starter.Wake{DeliveryID: "d1", DeliveryKind: "webhook", MailboxID: "m1"}, 0)
	start(t, c, o, nil)

	signals := map[string]bool{}
	eventually(t, "both signals", func() bool {
		for _, e := range events(t, c, "conversation/c1") {
			if a := e.GetWorkflowExecutionSignaledEventAttributes(); a != nil {
				signals[a.SignalName] = true
			}
		}
		return len(signals) == 2
	})
	if !signals["conversation-changed"] || !signals["manual-run"] {
		t.Errorf("signals %v", signals)
	}
	d, err := c.DescribeWorkflowExecution(t.Context(), "conversation/c1", "")
	if err != nil {
		t.Fatal(err)
	}
	info := d.WorkflowExecutionInfo
	if info.Type.Name != "ConversationWorkflow" || info.TaskQueue != "conversations" {
		t.Errorf("type %v on queue %v", info.Type.Name, info.TaskQueue)
	}
	for key, want := range map[string]string{"SmarticksMailbox": `"m1"`, "SmarticksStatus": `"active"`} {
		if got := string(info.SearchAttributes.IndexedFields[key].GetData()); got != want {
			t.Errorf("%s = %s, want %s", key, got, want)
		}
	}
	if got := string(info.Memo.Fields["number"].GetData()); got != "42" {
		t.Errorf("memo number = %s", got)
	}
	var summary string
	if err := converter.GetDefaultDataConverter().FromPayload(d.ExecutionConfig.UserMetadata.Summary, &summary); err != nil ||
		summary != "Conversation #42" {
		t.Errorf("summary %q, %v", summary, err)
	}
	eventually(t, "the delivery's workflow", func() bool {
		d, err := c.DescribeWorkflowExecution(t.Context(), "delivery/d1", "")
		return err == nil && d.WorkflowExecutionInfo.Type.Name == "DeliveryWorkflow"
	})
}

func events(t *testing.T, c client.Client, id string) []*historypb.HistoryEvent {
	t.Helper()
	var out []*historypb.HistoryEvent
	iterator := c.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for iterator.HasNext() {
		e, err := iterator.Next()
		if err != nil {
			return nil // not started yet
		}
		out = append(out, e)
	}
	return out
}

func TestADeliveryRungForTwiceIsStartedOnce(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c := s.Client(t)
	o := &fakeOutbox{again: 50 * time.Millisecond} // never done: woken again and again
	o.add(starter.Wake{DeliveryID: "d1", DeliveryKind: "webhook"}, 0)
	start(t, c, o, nil)
	eventually(t, "several claims", func() bool { return o.claimed() > 5 })
	d, err := c.DescribeWorkflowExecution(t.Context(), "delivery/d1", "")
	if err != nil {
		t.Fatal(err)
	}
	if first := d.WorkflowExecutionInfo; first.FirstRunId != first.Execution.RunId {
		t.Error("started more than once")
	}
}

func TestTemporalGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	s := temporaltest.NewWithDB(t)
	c := s.Client(t)
	if err := starter.Prepare(t.Context(), c, s.Namespace, quiet()); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	o := &fakeOutbox{again: time.Second}
	o.add(conversationWake("c1"), 0)
	var status starter.Status
	start(t, c, o, &status)
	eventually(t, "a claim", func() bool { return o.claimed() > 0 })
	if status.Ready(time.Hour) == nil {
		t.Error("ready while Temporal is away")
	}
	s.Start(t)
	eventually(t, "the ring", func() bool {
		_, err := c.DescribeWorkflowExecution(t.Context(), "conversation/c1", "")
		return err == nil
	})
	eventually(t, "ready", func() bool { return status.Ready(time.Minute) == nil })
}

// Temporal's database is lost: the same server comes back empty.
func TestATemporalThatComesBackEmptyIsPreparedAgain(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c := s.Client(t)
	prepare := func(ctx context.Context) error { return starter.Prepare(ctx, c, s.Namespace, quiet()) }
	if err := prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := &fakeOutbox{again: time.Hour}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	var status starter.Status
	go func() {
		done <- starter.Run(ctx, starter.Config{Client: c, Outbox: o, Logger: quiet(), Status: &status, Prepare: prepare})
	}()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	s.Stop()
	s.Start(t)
	o.add(starter.Wake{ConversationID: "c1", MailboxID: "m1", Status: "active"}, 0)
	eventually(t, "found by its mailbox", func() bool {
		count, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "SmarticksMailbox = 'm1'"})
		return err == nil && count.Count == 1
	})
	eventually(t, "ready", func() bool { return status.Ready(time.Minute) == nil })
}

func TestPrepareMakesANamespaceThatCanBeUsed(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c, err := client.NewLazyClient(client.Options{HostPort: s.Address, Namespace: "fresh"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 { // the second time it finds everything
		if err := starter.Prepare(t.Context(), c, "fresh", quiet()); err != nil {
			t.Fatal(err)
		}
	}
	o := &fakeOutbox{again: time.Hour}
	o.add(starter.Wake{ConversationID: "c1", MailboxID: "m1", Status: "active"}, 0)
	start(t, c, o, nil)
	eventually(t, "found by its mailbox", func() bool {
		count, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: "SmarticksMailbox = 'm1'"})
		return err == nil && count.Count == 1
	})
}

func TestPrepareSaysWhichSearchAttributeHasAnotherType(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t, temporaltest.SearchAttributes(map[string]string{"SmarticksNextDue": "Keyword"}))
	err := starter.Prepare(t.Context(), s.Client(t), s.Namespace, quiet())
	if err == nil || !strings.Contains(err.Error(), "SmarticksNextDue is registered as Keyword, and must be Datetime") {
		t.Errorf("err = %v", err)
	}
}

// cloud has no operator API.
type cloud struct{ client.Client }

func (c cloud) OperatorService() operatorservice.OperatorServiceClient { return noOperator{} }

type noOperator struct {
	operatorservice.OperatorServiceClient
}

func (noOperator) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest,
	...grpc.CallOption) (*operatorservice.ListSearchAttributesResponse, error) {
	return nil, serviceerror.NewUnimplemented("not here")
}

func TestPrepareWithoutAnOperatorAPI(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t)
	c := s.Client(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	err := starter.Prepare(ctx, cloud{c}, s.Namespace, quiet())
	if err == nil || !strings.Contains(err.Error(), "register them by hand (SmarticksMailbox=Keyword, ") {
		t.Errorf("err = %v", err)
	}
	if err := starter.Prepare(t.Context(), c, s.Namespace, quiet()); err != nil {
		t.Fatal(err)
	}
	if err := starter.Prepare(t.Context(), cloud{c}, s.Namespace, quiet()); err != nil {
		t.Errorf("all are registered, and still: %v", err)
	}
}
