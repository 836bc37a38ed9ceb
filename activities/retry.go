package activities

import (
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/smarticks/smarticks/errs"
)

// verdict tells Temporal whether trying again can help. What it says is safe to
// keep in a history: the cause, which may quote rows or addresses, stays here.
func verdict(err error) error {
	kind := errs.KindOf(err)
	switch kind {
	case errs.Unavailable:
		return temporal.NewApplicationError(errs.Message(err), kind.String())
	default:
		return temporal.NewNonRetryableApplicationError(errs.Message(err), kind.String(), nil)
	}
}

// later asks Temporal to try again after the pause. It is no failure: quiet in
// logs and metrics.
func later(pause time.Duration, reason string) error {
	return temporal.NewApplicationErrorWithOptions(reason, "later", temporal.ApplicationErrorOptions{
		NextRetryDelay: pause, Category: temporal.ApplicationErrorCategoryBenign,
	})
}
