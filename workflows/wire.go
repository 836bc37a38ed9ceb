package workflows

import "time"

// What crosses Temporal. Histories outlive releases: tags are explicit, fields
// are only ever added, and nothing in here is a customer's word.

// Wake is what a signal carries: an event of the conversation that exists. It is
// for the reader of the history; Advance handles whatever there is.
type Wake struct {
	Seq int64 `json:"seq"`
}

// ConversationInput is the input of ConversationWorkflow.
type ConversationInput struct {
	ConversationID string `json:"conversation_id"`
	// Carried comes from the Temporal run before this one. Whoever starts a
	// conversation leaves it nil.
	Carried *Carried `json:"carried,omitzero"`
}

// Carried is what a Temporal run leaves to the next one. All of it is for ops,
// but for EarlyFirings and Rules: the work itself is asked for again.
type Carried struct {
	Generation   int      `json:"generation"` // how many Temporal runs came before
	HandledSeq   int64    `json:"handled_seq,omitzero"`
	Rules        int      `json:"rules,omitzero"` // as Advance's answers name them
	EarlyFirings int      `json:"early_firings,omitzero"`
	Recent       []string `json:"recent,omitzero"` // newest last
}

// DeliveryInput is the input of DeliveryWorkflow.
type DeliveryInput struct {
	DeliveryID string `json:"delivery_id"`
	Kind       string `json:"kind"`
}

// RolloutInput is the input of RolloutWorkflow.
type RolloutInput struct {
	RolloutID string `json:"rollout_id"`
}

// BacktestInput is the input of BacktestWorkflow.
type BacktestInput struct {
	BacktestID string `json:"backtest_id"`
}

// State is the answer to the query of that name.
type State struct {
	ConversationID string     `json:"conversation_id"`
	Number         int64      `json:"number,omitzero"`
	Generation     int        `json:"generation,omitzero"`
	HandledSeq     int64      `json:"handled_seq"`
	Open           bool       `json:"open"`
	Draining       bool       `json:"draining,omitzero"`
	Attention      string     `json:"attention,omitzero"`
	TimerAt        *time.Time `json:"timer_at,omitzero"`
	InFlight       []Flight   `json:"in_flight,omitzero"`
	Recent         []string   `json:"recent,omitzero"`
}

// Flight is a delivery under way.
type Flight struct {
	DeliveryID string `json:"delivery_id"`
	Kind       string `json:"kind"`
}
