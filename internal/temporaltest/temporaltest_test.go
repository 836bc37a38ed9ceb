package temporaltest_test

import (
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/smarticks/smarticks/internal/devstack"
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

func TestAFileThatWasMadeWithoutWALIsBroughtOver(t *testing.T) {
	t.Parallel()
	program, real := filepath.Join(t.TempDir(), "temporal"), ""
	runs := func(script string) {
		if err := os.WriteFile(program, []byte("#!/bin/bash\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := temporaltest.NewWithDB(t, func(o *devstack.TemporalOptions) {
		real, o.Bin = o.Bin, program
		// As an earlier version started it, without the pragmas.
		runs(`args=()
while (($#)); do
  if [ "$1" = --sqlite-pragma ]; then shift; else args+=("$1"); fi
  shift
done
exec ` + real + ` "${args[@]}"`)
	})
	if wal(t, s.DBFile()) {
		t.Fatal("the file of an earlier version is in WAL mode already")
	}
	c := s.Client(t)
	run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "Any")
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	runs("exec " + real + ` "$@"`)
	s.Start(t)
	if !wal(t, s.DBFile()) {
		t.Error("the file is not in WAL mode")
	}
	if _, err := c.DescribeWorkflowExecution(t.Context(), "kept", run.GetRunID()); err != nil {
		t.Errorf("what the file held: %v", err)
	}
}

// wal says whether a SQLite file is in WAL mode, by the format version in its header.
func wal(t *testing.T, file string) bool {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b[18] == 2 && b[19] == 2
}
