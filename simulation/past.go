package simulation

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// Past is a conversation in its past: what it reads is as of the instant that SetNow
// says.
type Past interface {
	Base
	// Told is all that happened to it.
	Told() runs.History
	// Message reads one message with its text; nil when it is gone.
	Message(ctx context.Context, id conversation.MessageID) (*conversation.Message, error)
}

// alone is a conversation in its past on which there is but one workflow, watching:
// what happened is what all others did about it.
type alone struct {
	Past
	version automation.Version
	from    time.Time
	told    runs.History
	// origins are more events for which the workflow ran already.
	origins []int64

	around *conversation.Surroundings // does not change: it is that of today
}

// Surroundings are those of today, without what would answer by itself.
func (a *alone) Surroundings(ctx context.Context) (conversation.Surroundings, []delivery.Delivery, error) {
	if a.around == nil {
		s, _, err := a.Past.Surroundings(ctx)
		if err != nil {
			return s, nil, err
		}
		s.Endpoints, s.Mailbox.AutoReply.Enabled = nil, false
		a.around = &s
	}
	return *a.around, nil, nil
}

// Versions is the one.
func (a *alone) Versions(_ context.Context, mailbox conversation.MailboxID) ([]automation.Version, error) {
	if mailbox != a.version.MailboxID {
		return nil, nil
	}
	return []automation.Version{a.version}, nil
}

// History is what the workflow used up before the replay began.
func (a *alone) History(context.Context, int64) (runs.Usage, error) {
	h := runs.NewUsage()
	used := a.told.Used(a.version.DefinitionID, automation.ModeOn, func(r runs.Past) bool { return r.CreatedAt.Before(a.from) })
	origins := slices.Clone(a.origins)
	for o := range used.Origins {
		origins = append(origins, spaced(o))
	}
	h.Add(a.version.DefinitionID, a.version.Mode, used.Runs, origins, slices.Collect(maps.Keys(used.Episodes)))
	return h, nil
}

// AskedRun says that there is none: agents' own runs are part of what happened.
func (a *alone) AskedRun(context.Context, automation.RunID) (runs.Run, automation.Version, error) {
	return runs.Run{}, automation.Version{}, errs.New("simulation.AskedRun", errs.NotFound, "there is no such run")
}

// spaced makes room between the events that happened for those of the replay's own:
// due times that come.
func spaced(seq int64) int64 { return seq << 20 }

// unspaced is the seq of the event that happened, or of the last before one of the
// replay's own.
func unspaced(seq int64) int64 { return seq >> 20 }
