package workflows

import "go.temporal.io/sdk/temporal"

// Types of Temporal workflows.
const (
	ConversationWorkflowName = "ConversationWorkflow"
	DeliveryWorkflowName     = "DeliveryWorkflow"
	ReconcileWorkflowName    = "ReconcileWorkflow"
	RolloutWorkflowName      = "RolloutWorkflow"
	RetentionWorkflowName    = "RetentionWorkflow"
	BacktestWorkflowName     = "BacktestWorkflow"
)

// Task queues. Workflows of all types run on QueueConversations. Activities have
// queues of their own: mail and webhooks, so that a dead endpoint delays nothing
// else, and bulk for what looks at many conversations.
const (
	QueueConversations = "conversations"
	QueueMail          = "mail"
	QueueWebhooks      = "webhooks"
	QueueBulk          = "bulk"
)

// ReconcileScheduleID is the id of the schedule that starts ReconcileWorkflow;
// the ids of what it starts begin with it.
const ReconcileScheduleID = "reconcile"

// RetentionScheduleID is the id of the schedule that starts RetentionWorkflow; the
// ids of what it starts begin with it.
const RetentionScheduleID = "retention"

// Signals of a ConversationWorkflow. Both carry a Wake and mean the same to it;
// there are two so that ops can tell them apart.
const (
	SignalChanged   = "conversation-changed"
	SignalManualRun = "manual-run"
)

// QueryState answers a State.
const QueryState = "state"

// Keys of the memo. The memo survives continue-as-new, the static summary does
// not.
const (
	MemoNumber  = "number"
	MemoMailbox = "mailbox"
)

// ConversationWorkflowID is the workflow id of a conversation.
func ConversationWorkflowID(conversationID string) string { return "conversation/" + conversationID }

// DeliveryWorkflowID is the workflow id of a delivery.
func DeliveryWorkflowID(deliveryID string) string { return "delivery/" + deliveryID }

// RolloutWorkflowID is the workflow id of a rollout.
func RolloutWorkflowID(rolloutID string) string { return "rollout/" + rolloutID }

// BacktestWorkflowID is the workflow id of a backtest.
func BacktestWorkflowID(backtestID string) string { return "backtest/" + backtestID }

// Names of the search attributes.
const (
	mailboxAttribute   = "SmarticksMailbox"
	statusAttribute    = "SmarticksStatus"
	attentionAttribute = "SmarticksAttention"
	nextDueAttribute   = "SmarticksNextDue"
	workflowsAttribute = "SmarticksWorkflows"
)

// MailboxKey is the id of the conversation's mailbox.
func MailboxKey() temporal.SearchAttributeKeyKeyword {
	return temporal.NewSearchAttributeKeyKeyword(mailboxAttribute)
}

// StatusKey is the conversation's status.
func StatusKey() temporal.SearchAttributeKeyKeyword {
	return temporal.NewSearchAttributeKeyKeyword(statusAttribute)
}

// AttentionKey says in one word why somebody should look at it; unset when
// nobody has to.
func AttentionKey() temporal.SearchAttributeKeyKeyword {
	return temporal.NewSearchAttributeKeyKeyword(attentionAttribute)
}

// NextDueKey is when the armed timer fires. The timer may be earlier than the
// earliest due time, never later.
func NextDueKey() temporal.SearchAttributeKeyTime {
	return temporal.NewSearchAttributeKeyTime(nextDueAttribute)
}

// WorkflowsKey holds the ids of the definitions on the due list.
func WorkflowsKey() temporal.SearchAttributeKeyKeywordList {
	return temporal.NewSearchAttributeKeyKeywordList(workflowsAttribute)
}

// SearchAttributeKeys are all that a namespace must know, with their types.
func SearchAttributeKeys() []temporal.SearchAttributeKey {
	return []temporal.SearchAttributeKey{MailboxKey(), StatusKey(), AttentionKey(), NextDueKey(), WorkflowsKey()}
}
