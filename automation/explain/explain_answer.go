package explain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/automation/runs"
)

// answer puts the explanation into one sentence or two.
func answer(q Inquiry, x Explanation) string {
	if run, ok := answeringRun(q); ok {
		text := ranSentence(run)
		if run.UndoneBy != "" {
			text += " Somebody undid it since."
		}
		return text
	}
	text := automation.DidNotRun + whyNot(q, x) + "."
	for _, f := range x.Findings {
		if f.Obstacle == ObstacleDraft {
			text += " What is said is of what is in force: " + f.Sentence + "."
		}
	}
	if !x.Next.IsZero() && q.AsOf == 0 {
		switch {
		case x.Held != "" && x.Next.After(q.Facts.Now):
			text += " Its time came at " + automation.Stamp(x.DueAt) + ", and it waits until " + automation.Stamp(x.Next) +
				", since its mail may not go before: " + strings.TrimSuffix(x.Held, ".") + "."
		case x.Next.After(q.Facts.Now):
			text += " It will at " + automation.Stamp(x.Next) + spreadWords(x.Spread) + " if nothing else happens."
		case q.Version.Body.TooLate(x.Next, q.Facts.Now):
			text += " Its time was " + automation.Stamp(x.Next) + ", too long ago for it to run (too_late_after)."
		default:
			text += " It is due since " + automation.Stamp(x.Next) + " and is about to run."
		}
	}
	return text
}

// spreadWords says that a time was moved, empty when it was not.
func spreadWords(by time.Duration) string {
	if by == 0 {
		return ""
	}
	return " (moved by " + by.String() + ", since many conversations share that time)"
}

// answeringRun is the newest run since the event, the one that the question is
// about. Runs that agents asked for, and due times that led to none, are not.
func answeringRun(q Inquiry) (runs.Run, bool) {
	for _, r := range q.Runs {
		manual := r.Trigger == automation.TriggerManual && !q.manual()
		if manual || r.State == automation.RunSkipped {
			continue
		}
		if q.Facts.Event == nil || r.Cause.Origin >= q.Facts.Event.OriginSeq() {
			return r, true
		}
	}
	return runs.Run{}, false
}

func (q Inquiry) manual() bool {
	return q.Version != nil && q.Version.Body.Type == automation.TypeManual
}

func ranSentence(r runs.Run) string {
	why := map[automation.Trigger]string{
		automation.TriggerEvent:    fmt.Sprintf("for event %d", r.Seq),
		automation.TriggerTime:     "because its time had come",
		automation.TriggerManual:   "because an agent asked for it",
		automation.TriggerConsider: "because it was to be considered",
	}[r.Trigger]
	switch {
	case r.State == automation.RunAsked:
		return "It was asked for at " + automation.Stamp(r.CreatedAt) + " and is about to run."
	case r.State == automation.RunRefused:
		return "It was asked for at " + automation.Stamp(r.CreatedAt) + " and refused: " + strings.TrimSuffix(r.Reason, ".") + "."
	case r.State == automation.RunLimited:
		return fmt.Sprintf(automation.DidNotRun+"at %s, version %d, %s, its mail might not go, and so none of its actions was done: %s.",
			automation.Stamp(r.CreatedAt), r.VersionNumber, why, r.Reason)
	case r.State == automation.RunFailed:
		return fmt.Sprintf("It ran at %s, version %d, %s, and failed: %s.", automation.Stamp(r.CreatedAt), r.VersionNumber, why,
			strings.TrimSuffix(r.Reason, "."))
	case r.Mode == automation.ModeWatch:
		return fmt.Sprintf("It decided to run at %s, version %d, %s, and did nothing: its mode is watch.", automation.Stamp(r.CreatedAt),
			r.VersionNumber, why)
	default:
		return fmt.Sprintf("It ran at %s, version %d, %s.", automation.Stamp(r.CreatedAt), r.VersionNumber, why)
	}
}

// whyNot names the weightiest reason.
func whyNot(q Inquiry, x Explanation) string {
	if r, ok := q.skipped(); ok {
		return "its time came at " + automation.Stamp(r.DueAt) + " and was passed over: " + r.Reason
	}
	for _, f := range x.Findings {
		gone := f.Obstacle == ObstacleOtherMailbox || f.Obstacle == ObstacleState
		switch {
		case gone && x.Listens && q.kept() != "":
			return q.kept()
		case f.Blocks:
			return f.Sentence
		}
	}
	event := q.Facts.Event
	switch {
	case q.AsOf > 0:
		return whyNotThen(q, x)
	case event == nil:
		return "nothing has happened yet"
	case event.Seq > q.Facts.Conversation.HandledSeq:
		return fmt.Sprintf("event %d waits to be handled", event.Seq)
	case x.Listens && q.kept() != "":
		return q.kept()
	case x.Verdict.Holds != automation.True:
		return failingGroup(q.Version.Body, x.Verdict)
	case event.MailboxID != q.Record.MailboxID:
		return "the newest event happened while the conversation was in another mailbox"
	case !x.Listens:
		return "its conditions hold now, but none of them listens to what happened last: " + automation.EventWords(*event)
	case q.Used.Origins[event.OriginSeq()]:
		return "it ran already for what happened last: " + automation.EventWords(*event)
	case event.At.Before(q.inForceSince()):
		return "its conditions hold now, but it is in force only since " + automation.Stamp(q.inForceSince()) +
			", after the newest event: it looks at what happens from then on"
	default:
		return "its conditions hold now, but they did not when the newest event was handled" + q.changedBefore()
	}
}

// whyNotThen says it of one event.
func whyNotThen(q Inquiry, x Explanation) string {
	event := q.Facts.Event
	switch {
	case q.Unhandled:
		return fmt.Sprintf("event %d waits to be handled", event.Seq)
	case x.Listens && x.Verdict.Holds == automation.True && q.kept() != "":
		return q.kept()
	case x.Verdict.Holds != automation.True && !x.Listens:
		return failingGroup(q.Version.Body, x.Verdict) + "; and none of its conditions listens to what happened: " + automation.EventWords(*event)
	case x.Verdict.Holds != automation.True:
		return failingGroup(q.Version.Body, x.Verdict) + q.byThen()
	case event.MailboxID != q.Record.MailboxID:
		return "the event happened in another mailbox"
	case !x.Listens:
		return "its conditions held, but none of them listens to what happened: " + automation.EventWords(*event)
	case q.Used.Origins[event.OriginSeq()]:
		return "it had run already for what that event comes from, and runs once for each"
	case q.PausedSince.Reason != "":
		return "it was paused when it had its turn, at " + automation.Stamp(q.PausedSince.At) + ": " +
			strings.TrimSuffix(q.PausedSince.Reason, ".")
	default:
		return "its conditions held right after the event, but not when it had its turn" + q.changedBefore()
	}
}

// byThen says that more had happened when the workflow had its turn.
func (q Inquiry) byThen() string {
	if q.Turn <= q.AsOf {
		return ""
	}
	return fmt.Sprintf("; that was so when it had its turn, after event %d", q.Turn) + q.changedBefore()
}

// skipped returns the due time that the event is, where it was passed over.
func (q Inquiry) skipped() (runs.Run, bool) {
	i := slices.IndexFunc(q.Runs, func(r runs.Run) bool { return q.AsOf > 0 && r.Seq == q.AsOf && r.State == automation.RunSkipped })
	if i < 0 {
		return runs.Run{}, false
	}
	return q.Runs[i], true
}

// kept says which workflow before kept it from seeing the event; empty when none did.
func (q Inquiry) kept() string {
	for _, r := range q.Earlier {
		switch {
		case r.Stopped:
			return "the workflow " + match.Quote(r.Name) + " stands before it, ran for the event and stopped: no later workflow saw it"
		case r.Moved:
			return "the workflow " + match.Quote(r.Name) + " stands before it, ran for the event and moved the conversation to another mailbox"
		case r.Deleted && !q.Program.LooksAtDeleted():
			return "the workflow " + match.Quote(r.Name) + " stands before it, ran for the event and deleted the conversation"
		}
	}
	return ""
}

// changedBefore names the workflows that changed the conversation before its turn.
func (q Inquiry) changedBefore() string {
	var names []string
	for _, r := range q.Earlier {
		if r.Changed {
			names = append(names, match.Quote(r.Name))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": before it ran " + strings.Join(names, ", ")
}

// inForceSince is since when the published version can have run: when it was
// published, and the mode first switched to.
func (q Inquiry) inForceSince() time.Time {
	if on := q.Record.SwitchedAt(); on.After(q.Version.CreatedAt) {
		return on
	}
	return q.Version.CreatedAt
}

// failingGroup says why the first group that does not hold does not. Conditions are
// counted over the whole definition, from 1.
func failingGroup(d automation.Definition, v automation.Verdict) string {
	row := 0
	for i, g := range v.Groups {
		if g.Holds == automation.True {
			row += len(g.Rows)
			continue
		}
		why := make([]string, len(g.Rows))
		for j, r := range g.Rows {
			row++
			why[j] = fmt.Sprintf("condition %d '%s' is %s: %s", row, r.Sentence, r.Holds, automation.ActualWords(d.Conditions[i].Any[j], r))
		}
		if len(why) == 1 {
			return why[0]
		}
		return "none of the conditions of one group holds: " + strings.Join(why, "; ")
	}
	return "its conditions do not hold"
}
