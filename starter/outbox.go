package starter

import (
	"context"
	"time"
)

// Outbox holds the wakes that are to be made.
type Outbox interface {
	// Claim takes up to limit wakes that are due and sets when each is due again
	// if nothing comes of it, in one short transaction that is over when Claim
	// returns. It never gives two wakes of one conversation within 200 ms.
	//
	// next is how long it is until the earliest wake that is not due yet; zero or
	// less when there is none.
	Claim(ctx context.Context, limit int) (wakes []Wake, next time.Duration, err error)

	// WakeAgain makes due at once what was claimed within the time given and is not
	// done yet: something was away meanwhile, and it was woken in vain.
	WakeAgain(ctx context.Context, within time.Duration) error

	// Listen calls wake whenever there may be something new to claim, until ctx is
	// done or listening fails. It only shortens the wait: wakes may be missing, and
	// there may be too many.
	Listen(ctx context.Context, wake func()) error
}

// Wake names what to wake: a conversation; or, when DeliveryID is set, a
// delivery that needs a Temporal workflow of its own; or, when RolloutID or BacktestID
// is set, one of those.
type Wake struct {
	ConversationID string
	Seq            int64 // the newest event
	Manual         bool  // a manual run is among what it wakes
	Number         int64

	DeliveryID   string
	DeliveryKind string

	RolloutID  string
	BacktestID string

	// MailboxID and Status are search attributes of a workflow that is started;
	// empty ones are left out.
	MailboxID string
	Status    string
}
