package conversation

import "time"

// Retention says for how many days what is not needed to go on is kept. Zero, the
// default, is permanently.
type Retention struct {
	// Explanations are the reasons of runs, row by row. The runs themselves stay: what
	// was used up, and how often a workflow ran, is counted over them.
	Explanations int
	// Attempts are those of deliveries at their end; the deliveries stay.
	Attempts int
	// RawMails are mails as they came; that one came, and its message, stays.
	RawMails int
	// Audit is who changed what.
	Audit int
}

// The least that is kept of anything, and of the audit, and the most, in days. What
// is younger than the least may be under way.
const (
	MinRetention      = 7
	MinAuditRetention = 30
	MaxRetention      = 36_500
)

// Retained is one kind of what is kept for some time only.
type Retained struct {
	Kind string // explanations, attempts, raw_mails, audit
	// Days is how long it is kept, 0 permanently.
	Days int
	// Removed counts all that was ever removed, RemovedAt is when something last was;
	// zero: never.
	Removed   int64
	RemovedAt time.Time
}

// Forgotten is what one batch removed.
type Forgotten struct {
	Explanations, Attempts, RawMails, Audit int
	// More says that there is more to be removed.
	More bool
}
