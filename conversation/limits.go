package conversation

import "time"

// BudgetWindow is the time over which runs are counted against a limit.
const BudgetWindow = time.Hour

// Limits bound what automatic runs may do within BudgetWindow.
type Limits struct {
	// WorkflowHere is for one workflow on one conversation, Here for all workflows
	// on one conversation, Workflow for one workflow on all conversations.
	WorkflowHere int
	Here         int
	Workflow     int
}

// DefaultLimits hold where no setting says otherwise.
var DefaultLimits = Limits{WorkflowHere: 20, Here: 50, Workflow: 1000}

// MaxLimit is the most that a limit may be set to.
const MaxLimit = 1_000_000

// OrDefault fills in what is not set.
func (l Limits) OrDefault() Limits {
	if l.WorkflowHere <= 0 {
		l.WorkflowHere = DefaultLimits.WorkflowHere
	}
	if l.Here <= 0 {
		l.Here = DefaultLimits.Here
	}
	if l.Workflow <= 0 {
		l.Workflow = DefaultLimits.Workflow
	}
	return l
}

// How many conversations a rollout looks at in a second, where no setting says
// otherwise, and the most that one may say.
const (
	DefaultRolloutRate = 100
	MaxRolloutRate     = 10_000
)

// MailWindow says how many automatic mails a customer may get about one
// conversation within a time.
type MailWindow struct {
	In    time.Duration
	Mails int
}

// MailWindows all hold. They are never changed.
var MailWindows = []MailWindow{
	{10 * time.Minute, 10}, {30 * time.Minute, 15}, {time.Hour, 25}, {3 * time.Hour, 50}, {10 * time.Hour, 100},
}
