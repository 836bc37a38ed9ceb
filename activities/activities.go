package activities

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// Conversation is a locked conversation inside one transaction: Advance reads
// everything through it and writes everything with Save.
type Conversation interface {
	Now() time.Time
	Row() conversation.Conversation
	Dues() []automation.Due
	// Events are those to handle, in seq order without a gap; more says that
	// others follow.
	Events() (events []conversation.Happened, more bool)

	Surroundings(ctx context.Context) (conversation.Surroundings, []delivery.Delivery, error)
	Mailbox(ctx context.Context, id conversation.MailboxID) (conversation.Mailbox, error)
	Versions(ctx context.Context, id conversation.MailboxID) ([]automation.Version, error)
	History(ctx context.Context, origins int64) (runs.Usage, error)
	Recent(ctx context.Context) ([]conversation.Message, error)
	Notes(ctx context.Context) ([]conversation.Message, error)
	// Last is the newest message that is no note, nil when there is none.
	Last(ctx context.Context) (*conversation.Message, error)
	// Details fills in header fields and files.
	Details(ctx context.Context, messages []*conversation.Message, headers, files bool) error
	Thread(ctx context.Context) ([]conversation.Message, error)
	Users(ctx context.Context) ([]conversation.User, error)
	Names(ctx context.Context, d automation.Definition) (automation.Names, error)
	// OwnAddresses returns the keys of those of the addresses that are ours
	// (conversation.AddressKey).
	OwnAddresses(ctx context.Context, addresses []string) ([]string, error)
	// Turn returns who got the workflow's last conversation by round robin, and
	// holds the turn to the end of the transaction; SetTurn says who gets this one.
	Turn(ctx context.Context, id automation.DefinitionID) (conversation.UserID, error)
	SetTurn(ctx context.Context, id automation.DefinitionID, user conversation.UserID) error
	AskedRun(ctx context.Context, id automation.RunID) (runs.Run, automation.Version, error)
	// AskedUndo returns an undo that was asked for, and what automation.PlanUndo looks
	// at, as far as it is saved.
	AskedUndo(ctx context.Context, id automation.RunID) (runs.Run, undo.Inquiry, error)
	// Cancel cancels the deliveries that are waiting and under way nowhere, and returns
	// which.
	Cancel(ctx context.Context, ids []string, reason string) ([]string, error)

	// Recipients returns the automatic mail that the recipients got within a day, and
	// holds them to the end of the transaction. Each is named once.
	Recipients(ctx context.Context, keys []string) ([]conversation.AutomaticMail, error)
	// TellLimit lets admins know that automatic mail reached a limit, once per window.
	TellLimit(ctx context.Context, l conversation.MailLimit) error
	// TellFailing lets admins know that a workflow fails, once a day for one reason.
	TellFailing(ctx context.Context, run runs.Run) error

	// TellUndelivered returns whom to tell that a mail of theirs did not arrive, nil for
	// nobody, and keeps that they were told.
	TellUndelivered(ctx context.Context, id delivery.ID) (*delivery.Undelivered, error)

	// Save writes the step; it may be called several times.
	Save(ctx context.Context, step runs.Step, out []delivery.Delivery) error
	Pause(ctx context.Context, p runs.Pause) error
	// SwitchOff is for a workflow that names what is gone.
	SwitchOff(ctx context.Context, id automation.DefinitionID, ref automation.Reference) error
	// Try undoes what do wrote when do fails.
	Try(ctx context.Context, do func() error) error
}

// Opener runs do in a transaction that holds the conversation, and keeps what
// was saved if do returns nil.
type Opener func(ctx context.Context, id conversation.ID, do func(context.Context, Conversation) error) error

// Deliveries keeps deliveries and their attempts.
type Deliveries interface {
	Take(ctx context.Context, id delivery.ID, hold time.Duration) (delivery.Taken, error)
	// Begun reads deliveries whose first attempt began with them; it leaves out those
	// that are no longer held.
	Begun(ctx context.Context, ids []delivery.ID) ([]delivery.Taken, error)
	Hold(ctx context.Context, id delivery.ID, attempt int, hold time.Duration) error
	DataSent(ctx context.Context, id delivery.ID, attempt int) error
	Finish(ctx context.Context, ended ...delivery.Ended) error
	HandOver(ctx context.Context, id delivery.ID) (delivery.Delivery, error)
}

// Mailer sends a mail and calls beforeDot when everything but the end of the
// data is out; when that fails the mail is not sent.
type Mailer interface {
	Send(ctx context.Context, m delivery.Mail, beforeDot func(context.Context) error) delivery.Result
}

// Poster makes one request to a webhook's endpoint.
type Poster interface {
	Post(ctx context.Context, id delivery.ID, at time.Time, w delivery.Webhook) delivery.Result
}

// Reconciler looks for what was left lying and wakes it.
type Reconciler interface {
	Reconcile(ctx context.Context) (conversation.ReconcilePass, error)
}

// Forgetter removes what was kept long enough.
type Forgetter interface {
	Forget(ctx context.Context) (conversation.Forgotten, error)
}

// Program is a compiled version.
type Program interface {
	Definition() automation.Definition
	Listens(e conversation.Event) bool
	LooksAtDeleted() bool
	Needs() automation.Needs
	HasDates() bool
	Holds(f *automation.Prepared) automation.Truth
	EvaluatePrepared(f *automation.Prepared) automation.Verdict
	Dues(f conversation.Facts, used automation.Used) []automation.Due
	EpisodesAt(f conversation.Facts) []string
	EpisodeUsed(f conversation.Facts, used automation.Used) bool
}

// Config is what the activities need.
type Config struct {
	Open       Opener
	Deliveries Deliveries
	Mailer     Mailer
	Poster     Poster
	Reconciler Reconciler
	Rollouts   Rollouts
	Forgetter  Forgetter
	Backtests  Backtests
	// Reconciled is told what each pass of the reconciler found, for metrics; nil
	// tells nobody.
	Reconciled func(conversation.ReconcilePass)
	// Forgotten is told what each batch removed, for metrics; nil tells nobody.
	Forgotten func(conversation.Forgotten)
	// Failed is told of each run that failed, once it is kept, for logs; nil tells nobody.
	Failed func(runs.Run)
	// Limited is told of each limit that kept automatic mail back, for metrics; nil
	// tells nobody.
	Limited func(conversation.MailLimitKind)
	// Compile makes a program of a version; nil means automation.Compile.
	Compile func(automation.Definition) (Program, []errs.Problem)
	// FirstAttempts is how many mails, and how many webhooks, are attempted at once beside
	// workflow tasks; 0: none, each goes the regular way.
	FirstAttempts int
	// FirstBudget is how long a workflow task waits for them; 0 means 1.5 s.
	FirstBudget time.Duration
	// NewID returns a fresh UUIDv7.
	NewID  func() string
	Logger *slog.Logger
	// Crash is called at named points, for tests that kill the process there; nil
	// in production.
	Crash func(point string)
}

// Activities are Temporal's activities. They are safe for concurrent use.
type Activities struct {
	cfg      Config
	programs *programs
	sets     sync.Map // conversation.MailboxID -> indexed: the newest list of versions
	first    *firstAttempts
}

// New returns activities.
func New(cfg Config) *Activities {
	if cfg.Compile == nil {
		cfg.Compile = func(d automation.Definition) (Program, []errs.Problem) { return automation.Compile(d) }
	}
	if cfg.FirstBudget == 0 {
		cfg.FirstBudget = firstBudget
	}
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	if cfg.Reconciled == nil {
		cfg.Reconciled = func(conversation.ReconcilePass) {}
	}
	if cfg.Forgotten == nil {
		cfg.Forgotten = func(conversation.Forgotten) {}
	}
	if cfg.Failed == nil {
		cfg.Failed = func(runs.Run) {}
	}
	if cfg.Limited == nil {
		cfg.Limited = func(conversation.MailLimitKind) {}
	}
	return &Activities{cfg: cfg, programs: newPrograms(programsKept), first: newFirstAttempts(cfg.FirstAttempts)}
}

// program compiles a version, once for as long as it is in use.
func (a *Activities) program(v automation.Version) (Program, error) {
	if p, ok := a.programs.get(v.ID); ok {
		return p, nil
	}
	p, problems := a.cfg.Compile(v.Definition)
	if len(problems) > 0 {
		return nil, errs.Bad("activities.program", "the published version can no longer be compiled: "+problems[0].Path+": "+
			problems[0].Message, problems)
	}
	a.programs.add(v.ID, p)
	return p, nil
}
