package engine

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
	"github.com/smarticks/smarticks/store/internal/tables"
)

// countShards is over how many rows the runs of one workflow and minute are spread.
const countShards = 8

// shardOf is the shard that a conversation counts in.
func shardOf(id conversation.ID) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return int(h.Sum32() % countShards)
}

var runCounts = pg.Piece(files, "run_counts.sql", map[string]string{"counted_run": countedRun})

// addRuns adds runs to the statement. Those that may run away are counted, and the part
// reached lists the workflows that have come to their limit of runs within an hour on
// all conversations. The count is of what was committed, so that runs on other
// conversations under way may pass it. It is as exact as a count of the runs: of the
// minute that is only partly within the hour they are looked at where they decide.
func addRuns(c *pg.Compound, runs []runs.Run) (reached bool) {
	if len(runs) == 0 {
		return false
	}
	rows := make([]map[string]any, len(runs))
	counted := []string{}
	for i, r := range runs {
		rows[i] = tables.RunRow(r)
		if r.MayRunAway {
			counted = append(counted, string(r.ID))
		}
	}
	c.With("runs_in", pg.Insertion("runs", rows, tables.EndingRun, c.Rows(rows), "ended_xid")+`
		RETURNING id, definition_id, mode, trigger, state, created_at`)
	if len(counted) == 0 {
		return false
	}
	c.WithParts(runCounts, pgx.NamedArgs{
		"ago":     runs[0].CreatedAt.Add(-conversation.BudgetWindow),
		"counted": counted,
		"shard":   shardOf(runs[0].ConversationID),
		"allowed": conversation.DefaultLimits.Workflow,
	})
	return true
}

// pauseReached pauses the workflows that came to their limit by these runs.
func pauseReached(ctx context.Context, tx pgx.Tx, made []runs.Run, reached map[automation.DefinitionID]int) error {
	for _, id := range slices.Sorted(maps.Keys(reached)) {
		p := runs.Pause{
			DefinitionID: id, Kind: runs.PauseWorkflow, At: made[0].CreatedAt, Path: pathOf(made, id),
			Reason: fmt.Sprintf("it ran %d times within an hour, which is the limit (runs_per_workflow)", reached[id]),
		}
		if err := pauseEverywhere(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

// pathOf is the chain that led to the last of the workflow's runs.
func pathOf(runs []runs.Run, id automation.DefinitionID) []string {
	var path []string
	for _, r := range runs {
		if r.DefinitionID == id {
			path = r.Cause.Path
		}
	}
	return path
}

// countedRun says which runs count against the limits; the table's alias is r.
const countedRun = `r.mode = 'on' AND r.trigger NOT IN ('manual', 'undo') AND r.state IN ('done', 'failed')`
