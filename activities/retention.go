package activities

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
)

// forgetFor is how long one call of Forget continues.
const forgetFor = 10 * time.Second

// Forget removes, batch by batch, what was kept long enough, and says whether there
// is more. It is safe to repeat.
//
// Errors: only those that waiting can heal.
func (a *Activities) Forget(ctx context.Context) (Forgotten, error) {
	var out Forgotten
	for began := time.Now(); ; {
		batch, err := a.cfg.Forgetter.Forget(ctx)
		if err != nil {
			return out, verdict(err)
		}
		a.cfg.Forgotten(batch)
		out.Explanations += batch.Explanations
		out.Attempts += batch.Attempts
		out.RawMails += batch.RawMails
		out.Audit += batch.Audit
		if out.More = batch.More; !out.More || time.Since(began) > forgetFor {
			return out, nil
		}
		activity.RecordHeartbeat(ctx)
	}
}
