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

// countedFrom is the expression for the row of run_counts that a run belongs to: its
// minute, or what is left of it since the workflow f was resumed.
const countedFrom = `CASE WHEN r.created_at > f.resumed_at THEN GREATEST(date_trunc('minute', r.created_at), f.resumed_at)
	ELSE date_trunc('minute', r.created_at) END`

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
	ago := c.Arg(runs[0].CreatedAt.Add(-conversation.BudgetWindow)) + "::timestamptz"
	c.With("counted", `
		SELECT r.definition_id AS id, `+countedFrom+` AS minute, count(*) AS runs
		FROM runs_in r
		JOIN definitions f ON f.id = r.definition_id
		WHERE r.id = ANY(`+c.Arg(counted)+`::uuid[]) AND `+countedRun+`
		GROUP BY 1, 2`)
	c.With("run_counts_in", `
		INSERT INTO run_counts (definition_id, minute, shard, runs)
		SELECT id, minute, `+c.Arg(shardOf(runs[0].ConversationID))+`::smallint, runs
		FROM counted
		ORDER BY id, minute -- all lock them in one order
		ON CONFLICT (definition_id, minute, shard) DO UPDATE SET runs = run_counts.runs + excluded.runs`)
	c.With("allowed", `
		SELECT coalesce((SELECT (value ->> 'runs_per_workflow')::int FROM settings WHERE key = 'limits'),
			`+c.Arg(conversation.DefaultLimits.Workflow)+`::int) AS runs`)
	c.With("made", `
		SELECT own.id, f.resumed_at, own.runs + coalesce(sum(m.runs) FILTER (WHERE m.minute >= `+ago+`), 0) AS whole,
			coalesce(sum(m.runs) FILTER (WHERE m.minute < `+ago+`), 0) AS part
		FROM (SELECT id, sum(runs) AS runs FROM counted GROUP BY id) own
		JOIN definitions f ON f.id = own.id AND f.paused_at IS NULL
		LEFT JOIN run_counts m ON m.definition_id = own.id -- as before this statement: its own runs are not among them
			AND m.minute > `+ago+` - interval '1 minute'
			AND m.minute >= coalesce(f.resumed_at, '-infinity')
		GROUP BY own.id, own.runs, f.resumed_at`)
	c.With("reached", `
		SELECT made.id, allowed.runs
		FROM made
		CROSS JOIN allowed
		WHERE made.whole >= allowed.runs
			OR made.whole + made.part >= allowed.runs -- only here the part matters
			AND made.whole + LEAST(made.part, (
				SELECT count(*) FROM runs r
				WHERE r.definition_id = made.id AND `+countedRun+`
					AND r.created_at > GREATEST(`+ago+`, made.resumed_at)
					AND r.created_at < date_trunc('minute', `+ago+`) + interval '1 minute')) >= allowed.runs`)
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
