package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/plan"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// drifted refuses a plan that is not of what the mailbox has: it says which
// workflows changed since, and by whom.
func (e *DefinitionEdit) drifted(ctx context.Context, have []automation.Workflow, d plan.Drift) error {
	names := map[automation.DefinitionID]string{}
	for _, r := range have {
		names[r.ID] = r.Draft.Name
	}
	last, err := e.lastChanges(ctx, d)
	if err != nil {
		return err
	}
	var problems []errs.Problem
	tell := func(ids []automation.DefinitionID, what string) {
		for _, id := range ids {
			l := last[id]
			name := names[id]
			if name == "" {
				name = l.name
			}
			problems = append(problems, errs.Problem{Path: "base",
				Message: fmt.Sprintf("the workflow %q %s since the plan%s", name, what, l.words())})
		}
	}
	tell(d.Made, "was made")
	tell(d.Changed, "was changed")
	tell(d.Gone, "was deleted")
	if d.Reordered {
		problems = append(problems, errs.Problem{Path: "base", Message: "the order was changed since the plan"})
	}
	return &errs.Error{Op: e.Op, Kind: errs.Conflict, Message: "the mailbox's workflows are not what the plan was made of: plan again",
		Problems: problems}
}

// lastChange is the newest thing that somebody did to a workflow.
type lastChange struct {
	name, verb, who string
	at              time.Time
}

func (l lastChange) words() string {
	if l.verb == "" {
		return ""
	}
	return fmt.Sprintf(" (%s by %s at %s UTC)", l.verb, l.who, l.at.UTC().Format(time.DateTime))
}

func (e *DefinitionEdit) lastChanges(ctx context.Context, d plan.Drift) (map[automation.DefinitionID]lastChange, error) {
	var ids []string
	for _, list := range [][]automation.DefinitionID{d.Made, d.Changed, d.Gone} {
		for _, id := range list {
			if pg.IsID(id) { // a base comes from outside
				ids = append(ids, string(id))
			}
		}
	}
	rows, err := e.Tx.Query(ctx, `
		SELECT DISTINCT ON (a.object_id) f.id, f.name, a.verb, coalesce(u.name, 'the installation'), a.at
		FROM audit a JOIN definitions f ON f.id::text = a.object_id AND f.mailbox_id = $2 LEFT JOIN users u ON u.id::text = a.actor_id
		WHERE a.object_kind = 'workflow' AND a.object_id = ANY ($1::text[]) ORDER BY a.object_id, a.id DESC`, ids, e.Mailbox)
	if err != nil {
		return nil, err
	}
	out := map[automation.DefinitionID]lastChange{}
	var id automation.DefinitionID
	var l lastChange
	_, err = pgx.ForEachRow(rows, []any{&id, &l.name, &l.verb, &l.who, &l.at}, func() error { out[id] = l; return nil })
	return out, err
}
