package conversation

import "time"

// MaxRungByPass is for how many one pass of the reconciler wakes at most: so many that
// are overdue, as many that are unhandled, and as many that are undelivered.
const MaxRungByPass = 500

// DefaultReconcileAfter is how long something must have been left before the
// reconciler takes it up, where no setting says otherwise.
const DefaultReconcileAfter = 60 * time.Second

// What it may be set to.
const (
	MinReconcileAfter = 10 * time.Second
	MaxReconcileAfter = time.Hour
)

// ReconcilePass is what one pass of the reconciler found. Every figure is zero as
// long as all goes well.
type ReconcilePass struct {
	At time.Time
	// Overdue are conversations whose due time has passed, Unhandled those with
	// events that nobody handled, Undelivered deliveries that are due and held by
	// nobody: each for longer than the setting says.
	Overdue     int
	Unhandled   int
	Undelivered int
	// Rung is for how many of them it woke, Waiting for how many an earlier pass has
	// woken that are not handled yet: it does not wake these again.
	Rung    int
	Waiting int
}

// Found is how much was left lying: an alarm unless it is zero.
func (p ReconcilePass) Found() int { return p.Overdue + p.Unhandled + p.Undelivered }
