package temporaltest_test

import (
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/internal/temporaltest"
)

func TestServerKnowsItsSearchAttributes(t *testing.T) {
	t.Parallel()
	s := temporaltest.New(t, temporaltest.SearchAttributes(map[string]string{"SmarticksNextDue": "Datetime"}))
	got, err := s.Client(t).OperatorService().ListSearchAttributes(t.Context(),
		&operatorservice.ListSearchAttributesRequest{Namespace: s.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	if got.CustomAttributes["SmarticksNextDue"] != enums.INDEXED_VALUE_TYPE_DATETIME {
		t.Fatalf("attributes = %v", got.CustomAttributes)
	}
}

func TestWorkflowsOutliveStopAndStart(t *testing.T) {
	t.Parallel()
	s := temporaltest.NewWithDB(t)
	c := s.Client(t)
	// Nobody works on the queue: the Temporal workflow just stays there.
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "Any")
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s.Start(t)
	got, err := c.DescribeWorkflowExecution(t.Context(), "kept", run.GetRunID())
	if err != nil || got.WorkflowExecutionInfo.Status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Fatalf("after a restart: %v, %v", got, err)
	}
}
