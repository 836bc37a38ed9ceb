package activities

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
)

// setField gives a custom field of the mailbox its value, or takes it away. A
// field that is gone, and a value that it does not take, are the outcome.
func setField(ctx context.Context, s *acting, a automation.Action, _ int) (runs.ActionOutcome, error) {
	f, ok := s.around.Mailbox.Field(a.Field)
	if !ok {
		return failed("the mailbox has no field " + a.Field), nil
	}
	value, err := s.render(ctx, a.Value, automation.Text)
	if err != nil {
		return runs.ActionOutcome{}, err
	}
	clean, problem := f.CleanValue(value)
	if problem != "" {
		return failed("the field " + f.Name + " does not take the value: " + problem), nil
	}
	return changed(s.editor.SetField(f, clean)), nil
}
