package rules

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// testPlan does the tests of what the plan brings into force: one that fails keeps
// all of it from being applied. What stays or becomes a draft may have tests that
// fail.
func (s *Store) testPlan(ctx context.Context, tx pgx.Tx, op string, who access.Caller, mailbox conversation.MailboxID, p planning) error {
	var bad []errs.Problem
	for _, step := range p.plan.Steps {
		if step.Want < 0 || step.To == automation.ModeOff && !step.Publish {
			continue
		}
		results, err := s.test(ctx, tx, who, mailbox, p.want.Workflows[step.Want].Definition)
		if err != nil {
			return err
		}
		for _, r := range results {
			for _, why := range r.Why {
				bad = append(bad, errs.Problem{Path: inside(fmt.Sprintf("workflows[%d]", step.Want), why.Path), Message: why.Message})
			}
		}
	}
	if len(bad) > 0 {
		return errs.Bad(op, "tests of the workflows fail", bad)
	}
	return nil
}
