package workflows_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/smarticks/smarticks/worker"
)

// The histories were recorded from a real server (record_test.go). What is
// recorded must replay permanently: never replace a file, add one.
const histories = "testdata/histories"

func historyFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(histories, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no histories: this test would prove nothing")
	}
	return files
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func replay(t *testing.T, h *historypb.History, change interceptor.WorkerInterceptor) error {
	t.Helper()
	options := sdkworker.WorkflowReplayerOptions{DisableRegistrationAliasing: true, DisableDeadlockDetection: true}
	if change != nil {
		options.Interceptors = []interceptor.WorkerInterceptor{change}
	}
	r, err := sdkworker.NewWorkflowReplayerWithOptions(options)
	if err != nil {
		t.Fatal(err)
	}
	worker.RegisterWorkflows(r)
	return r.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.NewTextHandler(io.Discard, nil))), h)
}

// recorded are the histories that must be there: a glob over an emptied folder
// would pass. What was recorded by an older code has an older prefix; its
// timers, signals, deliveries and what continue-as-new carries over must replay
// with all code to come. Add to it what is recorded; take nothing away.
var recorded = []string{
	"v1-alone", "v1-cancelled", "v1-delivered", "v1-hopeless", "v1-many", "v1-outage", "v1-renewed", "v1-renewed-2", "v1-timers",
	"v2-backtest", "v2-cancelled", "v2-carried", "v2-carried-2", "v2-delivered", "v2-outage", "v2-reconcile", "v2-renewed", "v2-renewed-2",
	"v2-retention", "v2-rollout", "v2-timers",
	"v3-attempted", "v3-cancelled", "v3-carried", "v3-carried-2", "v3-delivered", "v3-many", "v3-outage", "v3-renewed", "v3-renewed-2",
	"v3-timers",
}

func TestNoRecordedHistoryIsMissing(t *testing.T) {
	t.Parallel()
	var found []string
	for _, file := range historyFiles(t) {
		found = append(found, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	slices.Sort(found) // as the list is; Glob sorts with the extension
	if diff := cmp.Diff(recorded, found); diff != "" {
		t.Errorf("the folder has other histories than the list (-list +folder); none may go, and a new one belongs into the list:\n%s", diff)
	}
}

func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	for _, file := range historyFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if err := replay(t, readHistory(t, file), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// A history proves something about what is in it only.
func TestRecordedHistoriesAreRich(t *testing.T) {
	t.Parallel()
	seen := map[enumspb.EventType]int{}
	retried := false
	for _, file := range historyFiles(t) {
		for _, e := range readHistory(t, file).Events {
			seen[e.EventType]++
			retried = retried || e.GetActivityTaskStartedEventAttributes().GetAttempt() > 2
		}
	}
	for _, want := range []enumspb.EventType{
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
		enumspb.EVENT_TYPE_MARKER_RECORDED,
		enumspb.EVENT_TYPE_TIMER_STARTED,
		enumspb.EVENT_TYPE_TIMER_FIRED,
		enumspb.EVENT_TYPE_TIMER_CANCELED,
		enumspb.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
		enumspb.EVENT_TYPE_ACTIVITY_TASK_FAILED,
		enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED,
		enumspb.EVENT_TYPE_ACTIVITY_TASK_CANCELED,
		enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED,
		enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_FAILED,
		enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
		enumspb.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED,
		enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
		enumspb.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
	} {
		if seen[want] == 0 {
			t.Errorf("no history has the event %v", want)
		}
	}
	if !retried {
		t.Error("no history has an activity that needed more than two attempts")
	}
}

// Whoever changes the order of commands must see the replay fail. Each planted
// change is one that a careless edit could make.
func TestAPlantedChangeFailsTheReplay(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]interceptor.WorkerInterceptor{
		"a timer at the start": &planted{begin: func(ctx workflow.Context) {
			workflow.NewTimer(ctx, time.Hour)
		}},
		"a regular activity instead of a local one": &planted{change: func(o *changed) { o.noLocal = true }},
		"no timers":            &planted{change: func(o *changed) { o.noTimer = true }},
		"no search attributes": &planted{change: func(o *changed) { o.noUpsert = true }},
		"another child id":     &planted{change: func(o *changed) { o.childID = "elsewhere" }},
		"another activity":     &planted{change: func(o *changed) { o.activity = "Redeliver" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var red, green []string
			for _, file := range historyFiles(t) {
				base := strings.TrimSuffix(filepath.Base(file), ".json")
				if replay(t, readHistory(t, file), change) != nil {
					red = append(red, base)
				} else {
					green = append(green, base)
				}
			}
			if len(red) == 0 {
				t.Error("all histories replay with it")
			}
			t.Logf("red: %v, green: %v", red, green)
		})
	}
}

// planted makes the workflows do something else than they did.
type planted struct {
	interceptor.WorkerInterceptorBase
	begin  func(workflow.Context)
	change func(*changed)
}

func (p *planted) InterceptWorkflow(_ workflow.Context,
	next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &plantedInbound{planted: p}
	in.Next = next
	return in
}

type plantedInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	planted *planted
}

func (p *plantedInbound) Init(out interceptor.WorkflowOutboundInterceptor) error {
	c := &changed{}
	c.Next = out
	if p.planted.change != nil {
		p.planted.change(c)
	}
	return p.Next.Init(c)
}

func (p *plantedInbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if p.planted.begin != nil {
		p.planted.begin(ctx)
	}
	return p.Next.ExecuteWorkflow(ctx, in)
}

type changed struct {
	interceptor.WorkflowOutboundInterceptorBase
	noLocal, noTimer, noUpsert bool
	childID, activity          string
}

func (c *changed) ExecuteLocalActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	if c.noLocal {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		return c.Next.ExecuteActivity(ctx, name, args...)
	}
	return c.Next.ExecuteLocalActivity(ctx, name, args...)
}

func (c *changed) ExecuteActivity(ctx workflow.Context, name string, args ...any) workflow.Future {
	if c.activity != "" {
		name = c.activity
	}
	return c.Next.ExecuteActivity(ctx, name, args...)
}

func (c *changed) ExecuteChildWorkflow(ctx workflow.Context, name string, args ...any) workflow.ChildWorkflowFuture {
	if c.childID != "" {
		o := workflow.GetChildWorkflowOptions(ctx)
		o.WorkflowID = c.childID
		ctx = workflow.WithChildOptions(ctx, o)
	}
	return c.Next.ExecuteChildWorkflow(ctx, name, args...)
}

func (c *changed) NewTimerWithOptions(ctx workflow.Context, d time.Duration, o workflow.TimerOptions) workflow.Future {
	if c.noTimer {
		f, _ := workflow.NewFuture(ctx)
		return f
	}
	return c.Next.NewTimerWithOptions(ctx, d, o)
}

func (c *changed) UpsertTypedSearchAttributes(ctx workflow.Context, updates ...temporal.SearchAttributeUpdate) error {
	if c.noUpsert {
		return nil
	}
	return c.Next.UpsertTypedSearchAttributes(ctx, updates...)
}
