package explain

import (
	"fmt"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
)

// Inquiry is what Explain looks at: one workflow and one conversation.
type Inquiry struct {
	Record automation.Workflow
	// Version is what is published, Program what it compiles to; nil when nothing
	// is published.
	Version *automation.Published
	Program *automation.Program
	// Facts are those of now. Event is the newest one that came from outside.
	Facts conversation.Facts
	// AsOf is the event that is asked about, with all as of when it was handled and the
	// workflow had its turn; 0: all is as of now.
	AsOf int64
	// Turn is the newest event that it saw then. Unhandled says that it had no turn yet.
	Turn      int64
	Unhandled bool
	// PausedSince is a pause that began after the event: in its turn, or later.
	PausedSince runs.Pause
	// PassedOver is what became of the event if it was passed over in a pause.
	PassedOver runs.PassedOver
	// Held are its due times that wait until their mail may go.
	Held []automation.Due
	// Unknown names what is as of now all the same.
	Unknown []string
	// Runs are the workflow's newest runs on the conversation, newest first; as of an
	// event those for it.
	Runs []runs.Run
	Used automation.Used
	// Earlier are the runs that workflows before it in the order made for the event,
	// the first one first.
	Earlier []EarlierRun
	// History is what all workflows did on the conversation, Limits what they may do.
	History runs.Usage
	Limits  conversation.Limits
}

// EarlierRun is a run of a workflow that saw the event before, with what that meant
// for those after it.
type EarlierRun struct {
	Name    string
	Stopped bool
	Moved   bool // to another mailbox
	Deleted bool
	Changed bool // anything
}

// Obstacle says what keeps a workflow from running.
type Obstacle string

// The obstacles.
const (
	ObstacleUnpublished  Obstacle = "unpublished"
	ObstacleOff          Obstacle = "off"
	ObstacleManual       Obstacle = "manual"
	ObstacleOtherMailbox Obstacle = "other_mailbox"
	ObstacleState        Obstacle = "state"   // the conversation is deleted or a draft
	ObstacleEarlier      Obstacle = "earlier" // it is older than the workflow's being on
	ObstaclePaused       Obstacle = "paused"
	ObstacleMaxRuns      Obstacle = "max_runs"
	ObstacleEpisode      Obstacle = "episode" // its date conditions are used up
	ObstacleMachineMail  Obstacle = "machine_mail"
	ObstacleBudget       Obstacle = "budget"  // one more run would break a limit of the conversation
	ObstacleReplies      Obstacle = "replies" // automatic mail to the customer reached a limit
	ObstacleDraft        Obstacle = "draft"   // what is in force is not its draft
)

// Finding is an obstacle with a sentence. One that does not block lets the
// workflow run, without its mail actions.
type Finding struct {
	Obstacle Obstacle
	Sentence string
	Blocks   bool
}

// Explanation says why a workflow ran on a conversation, or why it did not.
type Explanation struct {
	// Answer is the whole in one plain sentence.
	Answer string
	// Findings are the obstacles that there are, in the order of their weight.
	Findings []Finding
	// Listens says that the event makes the workflow a candidate.
	Listens bool
	// Verdict is what the conditions say now, condition by condition.
	Verdict automation.Verdict
	// Next is when it is due if nothing else happens; zero: at no time.
	Next time.Time
	// Spread is by how much Next was moved later: see MaxSpread.
	Spread time.Duration
	// Held says why it waits until then although its time has come, DueAt when that was.
	Held  string
	DueAt time.Time
}

// Explain answers why, or why not. It is the same code that decides: the
// verdict is Evaluate's, candidates are those of Listens.
func Explain(q Inquiry) Explanation {
	x := Explanation{Findings: findings(q)}
	blocked := slices.ContainsFunc(x.Findings, func(f Finding) bool { return f.Blocks })
	if q.Program != nil {
		x.Verdict = q.Program.Evaluate(q.Facts).Named(q.Version.Body, q.Version.Names)
		x.Listens = q.listens()
		if due, ok := q.nextDue(); ok && !blocked {
			x.Next, x.Spread, x.Held, x.DueAt = due.At, due.Spread, due.Held, due.DueAt
		}
	}
	x.Answer = answer(q, x)
	return x
}

// listens reports whether the event makes the workflow a candidate: one of its conditions
// listens, or the event asks for this workflow to be considered.
func (q Inquiry) listens() bool {
	switch e := q.Facts.Event; {
	case e == nil:
		return false
	case e.Kind == conversation.KindConsider:
		return e.Definition == string(q.Record.ID)
	default:
		return q.Program.Listens(*e)
	}
}

// findings lists what stands in the way.
func findings(q Inquiry) []Finding {
	var list []Finding
	add := func(o Obstacle, format string, args ...any) {
		list = append(list, Finding{Obstacle: o, Sentence: fmt.Sprintf(format, args...), Blocks: true})
	}
	c := q.Facts.Conversation
	if q.Version == nil {
		add(ObstacleUnpublished, "nothing of it is published")
	}
	switch {
	case q.Record.Mode == automation.ModeOff && q.Record.OffReason != "":
		add(ObstacleOff, "it was switched off: %s", q.Record.OffReason)
	case q.Record.Mode == automation.ModeOff:
		add(ObstacleOff, "it is switched off")
	}
	if c.MailboxID != q.Record.MailboxID {
		add(ObstacleOtherMailbox, "the conversation is not in its mailbox")
	}
	if q.Program == nil {
		return list
	}
	if q.Version.Body.Type == automation.TypeManual {
		add(ObstacleManual, "it is a manual workflow, which only an agent runs")
	}
	switch {
	case c.State == conversation.StateDraft:
		add(ObstacleState, "the conversation is a draft")
	case !q.Program.LooksAt(c):
		add(ObstacleState, "the conversation is deleted, and no condition asks for the state")
	}
	if since := q.Record.SwitchedAt(); !q.Version.Body.ApplyToEarlier && c.CreatedAt.Before(since) {
		add(ObstacleEarlier, "the conversation was created at %s, before the workflow was first switched to %s (%s)",
			automation.Stamp(c.CreatedAt), q.Record.Mode, automation.Stamp(since))
	}
	q.limited(add)
	if limit := max(q.Version.Body.MaxRuns, 1); q.Used.Runs >= limit {
		add(ObstacleMaxRuns, "it ran %s on this conversation and may run %s (max_runs)", automation.Times(q.Used.Runs), automation.Times(limit))
	} else if q.Program.EpisodeUsed(q.Facts, q.Used) {
		if r, missed := q.missed(); missed {
			add(ObstacleEpisode, "its time was %s, and that had passed for more than %s (too_late_after) when it was looked at, %s",
				automation.Stamp(r.DueAt), automation.FormatDuration(q.Version.Body.TooLateAfter), automation.Stamp(r.CreatedAt))
		} else {
			add(ObstacleEpisode, "it ran already for the time that its date conditions count from")
		}
	}
	if machine := q.machine(); machine != "" {
		list = append(list, Finding{Obstacle: ObstacleMachineMail,
			Sentence: "its mail to the customer would be skipped: " + machineWords(machine)})
	}
	if q.Record.Changed && q.AsOf == 0 {
		list = append(list, Finding{Obstacle: ObstacleDraft,
			Sentence: fmt.Sprintf("its draft was changed and is not published: version %d is in force", q.Record.Version)})
	}
	if why := q.replies(); why != "" {
		list = append(list, Finding{Obstacle: ObstacleReplies, Sentence: "a run would do nothing now, since its mail may not go: " + why})
	}
	return list
}

// missed returns the skip that used up what its date conditions count from, because it
// came too late.
func (q Inquiry) missed() (runs.Run, bool) {
	episodes := q.Program.EpisodesAt(q.Facts)
	i := slices.IndexFunc(q.Runs, func(r runs.Run) bool {
		return r.Reason == runs.SkipTooLate && r.State == automation.RunSkipped &&
			slices.ContainsFunc(r.Episodes, func(e string) bool { return slices.Contains(episodes, e) })
	})
	if i < 0 {
		return runs.Run{}, false
	}
	return q.Runs[i], true
}

// machine returns the mark that keeps the workflow's mails from being sent,
// empty when it sends none or nothing keeps it.
func (q Inquiry) machine() conversation.Machine {
	mails := slices.ContainsFunc(q.Version.Body.Actions, automation.Action.MailsCustomer)
	switch {
	case !mails:
		return ""
	case q.Facts.Message != nil:
		return q.Facts.Message.Machine
	default:
		return q.Facts.Conversation.LastCustomerMachine
	}
}

func machineWords(m conversation.Machine) string {
	switch m {
	case conversation.MachineAutoReply:
		return "the message is an automatic reply"
	case conversation.MachineBounce:
		return "the message is a bounce"
	case conversation.MachineList:
		return "the message came by a mailing list"
	case conversation.MachineGenerated:
		return "a machine made the message of itself"
	case conversation.MachineSuppressed:
		return "the message asks for no automatic answer"
	case conversation.MachineNullSender:
		return "the message has no sender to answer"
	case conversation.MachineOwn:
		return "the message came from one of our own addresses"
	default:
		return "a machine wrote the message"
	}
}

// soughtEvents is how many events SeekTurn looks at.
const soughtEvents = 50

// SeekTurn moves the inquiry to the first event that took the conversation away from the
// workflow, where no run says when the event was handled and its conditions held. It
// stays where it is when there is none.
func (q *Inquiry) SeekTurn(t runs.History, turn runs.Turn) {
	r := conversation.NewReplay(t.Now, t.Events, t.Messages)
	facts := q.Facts
	if q.Program.Evaluate(facts).Holds != automation.True {
		return
	}
	for _, ev := range t.Events {
		if ev.Seq > turn.Seq+soughtEvents || ev.Seq > turn.Seq && !turn.Until.IsZero() && !ev.At.Before(turn.Until) {
			return
		}
		r.Happen(ev)
		if ev.Seq < turn.Seq {
			continue
		}
		facts.Conversation = r.Conversation()
		if facts.Conversation.MailboxID != q.Record.MailboxID || !q.Program.LooksAt(facts.Conversation) {
			q.Facts, q.Turn = facts, ev.Seq
			return
		}
	}
}
