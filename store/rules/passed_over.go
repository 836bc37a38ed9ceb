package rules

import (
	"context"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/store/engine"
)

// passedOver reports whether there is anything that the workflow passed over and that was
// not made up for.
func (e *DefinitionEdit) passedOver(ctx context.Context, id automation.DefinitionID) (left bool, err error) {
	err = e.Tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM passed_over p WHERE `+engine.PassedOverLeft+`)`, id, e.Now).Scan(&left)
	return left, err
}
