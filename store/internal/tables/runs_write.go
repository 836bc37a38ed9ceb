package tables

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// VerdictRow is a verdict as it is kept.
type VerdictRow struct {
	Holds  string     `json:"holds"`
	Groups []groupRow `json:"groups,omitzero"`
}

type groupRow struct {
	Holds string   `json:"holds"`
	Rows  []rowRow `json:"rows"`
}

type rowRow struct {
	Holds    string `json:"holds"`
	Sentence string `json:"sentence"`
	Actual   string `json:"actual,omitzero"`
	Why      string `json:"why,omitzero"`
}

// EncodeVerdict is a verdict as it is stored.
func EncodeVerdict(v automation.Verdict) VerdictRow {
	out := VerdictRow{Holds: v.Holds.String()}
	for _, g := range v.Groups {
		gr := groupRow{Holds: g.Holds.String(), Rows: []rowRow{}}
		for _, r := range g.Rows {
			gr.Rows = append(gr.Rows, rowRow{r.Holds.String(), r.Sentence, r.Actual, r.Why})
		}
		out.Groups = append(out.Groups, gr)
	}
	return out
}

// DecodeVerdict reads a stored verdict.
func DecodeVerdict(raw []byte) (automation.Verdict, error) {
	var in VerdictRow
	if err := json.Unmarshal(raw, &in); err != nil {
		return automation.Verdict{}, err
	}
	v := automation.Verdict{Holds: truth(in.Holds)}
	for _, g := range in.Groups {
		out := automation.GroupOutcome{Holds: truth(g.Holds)}
		for _, r := range g.Rows {
			out.Rows = append(out.Rows, automation.ConditionOutcome{Holds: truth(r.Holds), Sentence: r.Sentence, Actual: r.Actual, Why: r.Why})
		}
		v.Groups = append(v.Groups, out)
	}
	return v, nil
}

func truth(s string) automation.Truth {
	switch s {
	case automation.True.String():
		return automation.True
	case automation.False.String():
		return automation.False
	default:
		return automation.Unknown
	}
}

// RunColumns is the order that scanRun expects; the table's alias is r. The
// actions are gathered by a sub-select.
const RunColumns = `r.id, r.conversation_id, r.mailbox_id, r.definition_id, r.version_id,
	coalesce(nullif(r.version_number, 0), (SELECT v.number FROM versions v WHERE v.id = r.version_id)),
	coalesce(nullif(r.name, ''), (SELECT f.name FROM definitions f WHERE f.id = r.definition_id)), r.mode,
	r.trigger, r.state, r.reason, r.actor_kind, r.actor_id, r.confirmed, r.seq, r.origin, r.depth, r.path, r.episodes, r.due_at, r.verdict,
	r.created_at, r.finished_at, r.undoes, (SELECT u.id FROM runs u WHERE u.undoes = r.id AND u.state IN ('asked', 'done')),
	(SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY a.index), '[]') FROM run_actions a WHERE a.run_id = r.id)`

type actionRow struct {
	RunID      automation.RunID       `json:"run_id"`
	Index      int                    `json:"index"`
	Do         string                 `json:"do_kind"`
	State      automation.ActionState `json:"state"`
	Reason     string                 `json:"reason"`
	Sentence   string                 `json:"sentence"`
	Deliveries []string               `json:"deliveries"`
}

// ScanRun reads the columns of RunColumns, and more behind them.
func ScanRun(row pgx.Row, more ...any) (runs.Run, error) {
	var (
		r                runs.Run
		due, finished    *time.Time
		verdict, actions []byte
		undoes, undoneBy *automation.RunID
	)
	err := row.Scan(append([]any{&r.ID, &r.ConversationID, &r.MailboxID, &r.DefinitionID, &r.VersionID, &r.VersionNumber, &r.Name, &r.Mode,
		&r.Trigger, &r.State, &r.Reason, &r.Actor.Kind, &r.Actor.ID, &r.Confirmed, &r.Seq, &r.Cause.Origin, &r.Cause.Depth, &r.Cause.Path,
		&r.Episodes, &due, &verdict, &r.CreatedAt, &finished, &undoes, &undoneBy, &actions}, more...)...)
	if err != nil {
		return r, err
	}
	r.DueAt, r.FinishedAt, r.Undoes, r.UndoneBy = pg.OrZero(due), pg.OrZero(finished), pg.OrZero(undoes), pg.OrZero(undoneBy)
	if r.Verdict, err = DecodeVerdict(verdict); err != nil {
		return r, err
	}
	var rows []actionRow
	if err := json.Unmarshal(actions, &rows); err != nil {
		return r, err
	}
	for _, a := range rows {
		r.Actions = append(r.Actions, runs.ActionOutcome{
			Index: a.Index, Do: a.Do, State: a.State, Reason: a.Reason, Sentence: a.Sentence, Delivery: a.Deliveries,
		})
	}
	return r, nil
}

// SplitRuns parts the runs that are new from those that were asked for by hand, which
// are there already and get their outcome.
func SplitRuns(runs []runs.Run) (fresh, asked []runs.Run) {
	for _, r := range runs {
		if r.Trigger.ByHand() && r.State != automation.RunAsked {
			asked = append(asked, r)
		} else {
			fresh = append(fresh, r)
		}
	}
	return fresh, asked
}

// ActionRows are the actions of runs.
func ActionRows(runs []runs.Run) []map[string]any {
	var rows []map[string]any
	for _, r := range runs {
		for _, a := range r.Actions {
			rows = append(rows, map[string]any{
				"run_id": r.ID, "index": a.Index, "do_kind": a.Do, "state": a.State, "reason": a.Reason,
				"sentence": a.Sentence, "deliveries": pg.List(a.Delivery),
			})
		}
	}
	return rows
}

// RunRow is a run to be written, without its actions.
func RunRow(r runs.Run) map[string]any {
	return map[string]any{
		"id": r.ID, "conversation_id": r.ConversationID, "mailbox_id": r.MailboxID, "definition_id": r.DefinitionID,
		"version_id": r.VersionID, "version_number": r.VersionNumber, "name": r.Name, "mode": r.Mode, "trigger": r.Trigger,
		"state": r.State, "reason": r.Reason, "actor_kind": r.Actor.Kind, "actor_id": r.Actor.ID, "confirmed": r.Confirmed, "seq": r.Seq,
		"origin": r.Cause.Origin, "depth": r.Cause.Depth, "path": pg.List(r.Cause.Path), "episodes": pg.List(r.Episodes),
		"due_at": pg.NullTime(r.DueAt), "verdict": EncodeVerdict(r.Verdict), "created_at": r.CreatedAt, "finished_at": pg.NullTime(r.FinishedAt),
		"undoes": pg.NullID(r.Undoes),
	}
}

// FinishAsked writes what came of a run that was asked for by hand.
func FinishAsked(ctx context.Context, tx pgx.Tx, r runs.Run) error {
	verdict, err := json.Marshal(EncodeVerdict(r.Verdict))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE runs SET state = @state, reason = @reason, version_id = @version_id,
		version_number = @version_number, verdict = @verdict, finished_at = @finished_at, episodes = @episodes,
		ended_xid = pg_current_xact_id()
		WHERE id = @id AND state = 'asked'`, pgx.NamedArgs{
		"id":             r.ID,
		"state":          r.State,
		"reason":         r.Reason,
		"version_id":     r.VersionID,
		"version_number": r.VersionNumber,
		"verdict":        verdict,
		"finished_at":    pg.NullTime(r.FinishedAt),
		"episodes":       pg.List(r.Episodes),
	})
	return err
}

// InsertAskedRun writes a run that somebody asked for by hand; Advance gives it
// its outcome.
func InsertAskedRun(ctx context.Context, tx pgx.Tx, c conversation.Conversation, r runs.Run) error {
	r.ConversationID, r.MailboxID = c.ID, c.MailboxID
	return pg.InsertRows(ctx, tx, "runs", []map[string]any{RunRow(r)})
}

// EndingRun is a row of runs that ends in this transaction: what is not named of a run
// comes from it.
const EndingRun = `jsonb_populate_record(NULL::runs, jsonb_build_object('ended_xid', pg_current_xact_id()::text))`
