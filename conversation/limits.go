package conversation

import "time"

// BudgetWindow is the time over which runs are counted against a limit.
const BudgetWindow = time.Hour

// Limits bound what happens by itself. Runs count within BudgetWindow.
type Limits struct {
	// WorkflowHere is for one workflow on one conversation, Here for all workflows
	// on one conversation, Workflow for one workflow on all conversations.
	WorkflowHere int
	Here         int
	Workflow     int
	// Automatic mails to one address outside, over the whole installation: within
	// RecipientWindow all of them and those with one subject (SubjectKey), and all of
	// them within RecipientDay.
	Recipient        int
	RecipientSubject int
	RecipientDay     int
	// MachineNotices are notices to one user within BudgetWindow about mail that a
	// machine wrote.
	MachineNotices int
}

// Over these times automatic mail to one recipient is counted.
const (
	RecipientWindow = 3 * time.Hour
	RecipientDay    = 24 * time.Hour
)

// DefaultLimits hold where no setting says otherwise.
var DefaultLimits = Limits{
	WorkflowHere: 20, Here: 50, Workflow: 1000, Recipient: 10, RecipientSubject: 2, RecipientDay: 50, MachineNotices: 10,
}

// MaxLimit is the most that a limit of runs may be set to, MaxMailLimit that of mails.
const (
	MaxLimit     = 1_000_000
	MaxMailLimit = 10_000
)

// OrDefault fills in what is not set.
func (l Limits) OrDefault() Limits {
	fill := func(n *int, with int) {
		if *n <= 0 {
			*n = with
		}
	}
	fill(&l.WorkflowHere, DefaultLimits.WorkflowHere)
	fill(&l.Here, DefaultLimits.Here)
	fill(&l.Workflow, DefaultLimits.Workflow)
	fill(&l.Recipient, DefaultLimits.Recipient)
	fill(&l.RecipientSubject, DefaultLimits.RecipientSubject)
	fill(&l.RecipientDay, DefaultLimits.RecipientDay)
	fill(&l.MachineNotices, DefaultLimits.MachineNotices)
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

// WidestMailWindow is how far back mails count against MailWindows.
var WidestMailWindow = MailWindows[len(MailWindows)-1].In
