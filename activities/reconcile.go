package activities

import "context"

// Reconcile makes one pass over what is overdue, unhandled and undelivered: it
// wakes what nobody saw to, and says so. It is safe to repeat.
//
// Errors: only those that waiting can heal.
func (a *Activities) Reconcile(ctx context.Context) (Reconciled, error) {
	p, err := a.cfg.Reconciler.Reconcile(ctx)
	if err != nil {
		return Reconciled{}, verdict(err)
	}
	a.cfg.Reconciled(p)
	if p.Found() > 0 {
		a.cfg.Logger.WarnContext(ctx, "the reconciler found what was left lying",
			"overdue", p.Overdue, "unhandled", p.Unhandled, "undelivered", p.Undelivered, "rung", p.Rung, "waiting", p.Waiting)
	}
	return Reconciled{Overdue: p.Overdue, Unhandled: p.Unhandled, Undelivered: p.Undelivered, Rung: p.Rung, Waiting: p.Waiting}, nil
}
