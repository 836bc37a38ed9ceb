package activities

// What crosses Temporal. Histories outlive releases: tags are explicit, fields
// are only ever added, and nothing in here is a customer's word: ids, kinds,
// outcomes and durations only.

// AdvanceInput names the conversation.
type AdvanceInput struct {
	ConversationID string `json:"conversation_id"`
}

// Advanced is what one call of Advance answers.
type Advanced struct {
	// HandledSeq is the newest event that is handled.
	HandledSeq int64 `json:"handled_seq"`
	// More says that events are left: call again at once.
	More bool `json:"more,omitzero"`
	// Gone says that there is no such conversation any longer.
	Gone bool `json:"gone,omitzero"`
	// Open says that somebody may still have to act: the Temporal workflow stays.
	Open bool `json:"open,omitzero"`
	// HasDue and DueInMicros tell how long to wait for the earliest due time; 0 or
	// less is due now.
	HasDue      bool  `json:"has_due,omitzero"`
	DueInMicros int64 `json:"due_in_us,omitzero"`

	// For search attributes and details.
	Number    int64    `json:"number,omitzero"`
	MailboxID string   `json:"mailbox_id,omitzero"`
	Status    string   `json:"status,omitzero"`
	Attention string   `json:"attention,omitzero"`
	Workflows []string `json:"workflows,omitzero"` // ids of the definitions on the due list

	// Runs are those made by this call.
	Runs []RunMade `json:"runs,omitzero"`
	// Deliveries are all of the conversation that are waiting, not merely those
	// that this call wrote: a repeat after a commit without a marker finds them, and
	// so does a Temporal workflow that was terminated or reset while an attempt was
	// under way.
	Deliveries []DeliveryWaiting `json:"deliveries,omitzero"`
	// Rules are those by which the Temporal run is to be kept short from now on: 0 or 1,
	// as its code knew them when it gave the answer.
	Rules int `json:"rules,omitzero"`
}

// RunMade is a run as ops see it.
type RunMade struct {
	RunID      string       `json:"run_id"`
	WorkflowID string       `json:"workflow_id"` // the definition's
	Version    int          `json:"version"`
	Trigger    string       `json:"trigger"`
	State      string       `json:"state"`
	Reason     string       `json:"reason,omitzero"`
	Actions    []ActionMade `json:"actions,omitzero"`
}

// ActionMade is an action's kind and outcome.
type ActionMade struct {
	Do    string `json:"do"`
	State string `json:"state"`
}

// DeliveryWaiting is a delivery that somebody must attempt.
type DeliveryWaiting struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // reply, email, forward, notify, webhook
	// Begun says that the worker that gave this answer is about to make the first
	// attempt: Attempt is to be called at once.
	Begun bool `json:"begun,omitzero"`
}

// AttemptInput names the deliveries that were begun, in their order.
type AttemptInput struct {
	Deliveries []DeliveryWaiting `json:"deliveries"`
}

// Attempted is what became of them, in the same order. One that is waiting is to be
// delivered like any other.
type Attempted struct {
	Deliveries []Delivered `json:"deliveries"`
}

// DeliverInput names the delivery. HandedOver says that the caller is a
// DeliveryWorkflow, to which the delivery is never handed over again.
type DeliverInput struct {
	DeliveryID string `json:"delivery_id"`
	Kind       string `json:"kind"`
	HandedOver bool   `json:"handed_over,omitzero"`
}

// Delivered is what became of a delivery for now: sent, failed, cancelled,
// gone, or handed_over when the next attempt is more than ten minutes away from
// the first, and a DeliveryWorkflow must go on.
type Delivered struct {
	DeliveryID string `json:"delivery_id"`
	Kind       string `json:"kind"`
	State      string `json:"state"`
	Attempts   int    `json:"attempts,omitzero"`
	Code       int    `json:"code,omitzero"`
}

// Reconciled is what one pass of the reconciler found: all zero unless something
// was left lying.
type Reconciled struct {
	Overdue     int `json:"overdue"`
	Unhandled   int `json:"unhandled"`
	Undelivered int `json:"undelivered"`
	Rung        int `json:"rung"`
	Waiting     int `json:"waiting"` // of those that earlier passes woke
}

// Forgotten is what a call of Forget removed.
type Forgotten struct {
	Explanations int  `json:"explanations"`
	Attempts     int  `json:"attempts"`
	RawMails     int  `json:"raw_mails"`
	Audit        int  `json:"audit"`
	More         bool `json:"more"` // there is more to be removed
}

// RollOutInput names the rollout.
type RollOutInput struct {
	RolloutID string `json:"rollout_id"`
}

// RolledOut is how far a rollout is after a page.
type RolledOut struct {
	WorkflowID    string `json:"workflow_id,omitzero"` // the definition's
	State         string `json:"state"`                // running: there are more pages
	Looked        int    `json:"looked"`
	Total         int    `json:"total"`
	PauseInMicros int64  `json:"pause_in_us"` // before the next page
}

// BacktestInput names the backtest.
type BacktestInput struct {
	BacktestID string `json:"backtest_id"`
}

// Backtested is how far a backtest is after a page.
type Backtested struct {
	WorkflowID string `json:"workflow_id,omitzero"` // the definition's
	State      string `json:"state"`                // running: there are more pages
	Looked     int    `json:"looked"`
	Total      int    `json:"total"`
	Runs       int    `json:"runs"`
}

// Names of the activities, as they stand in histories.
const (
	AdvanceName   = "Advance"
	AttemptName   = "Attempt"
	DeliverName   = "Deliver"
	HandOverName  = "HandOver"
	ReconcileName = "Reconcile"
	RollOutName   = "RollOut"
	ForgetName    = "Forget"
	BacktestName  = "Backtest"
)
