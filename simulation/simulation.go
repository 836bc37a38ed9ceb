package simulation

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// Simulator runs simulations; what it compiled is kept for the next one. It is
// safe for concurrent use.
type Simulator struct {
	acts *activities.Activities
	ids  atomic.Uint64
}

// New returns a simulator that logs what fails.
func New(logger *slog.Logger) *Simulator {
	s := &Simulator{}
	s.acts = activities.New(activities.Config{
		Open: func(ctx context.Context, _ conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return do(ctx, ctx.Value(rehearsedKey{}).(*rehearsed))
		},
		NewID:  s.newID,
		Logger: logger,
	})
	return s
}

// newID returns an id that nothing keeps: it only has to differ from the others.
func (s *Simulator) newID() string { return fmt.Sprintf("00000000-0000-7000-8000-%012x", s.ids.Add(1)) }

// rehearsedKey is the key of the conversation that a call of Advance is for.
type rehearsedKey struct{}

// Simulation is one conversation whose time continues in memory. It must not be used
// after its base.
type Simulation struct {
	simulator *Simulator
	conv      *rehearsed
}

// Begin begins a simulation with the base as it is.
func (s *Simulator) Begin(base Base) *Simulation { return &Simulation{s, newRehearsed(base)} }

// Now is the simulation's time.
func (s *Simulation) Now() time.Time { return s.conv.now }

// Pending is how many events are not handled yet.
func (s *Simulation) Pending() int {
	events, _ := s.conv.Events()
	return len(events)
}

// maxCalls bounds the calls of Advance for one instant: each handles something.
const maxCalls = 50

// Advance moves time to the instant and does what Advance does then, until nothing
// is left to handle. It returns the runs that it made.
func (s *Simulation) Advance(ctx context.Context, at time.Time) ([]runs.Run, error) {
	s.conv.at(at)
	before := len(s.conv.runs)
	ctx = context.WithValue(ctx, rehearsedKey{}, s.conv)
	for range maxCalls {
		answer, err := s.simulator.acts.Advance(ctx, activities.AdvanceInput{ConversationID: string(s.conv.row.ID)})
		if err != nil {
			return nil, err
		}
		if !answer.More {
			return s.conv.runs[before:], nil
		}
	}
	return nil, errs.New("simulation.Advance", errs.Internal, "the simulation of one instant does not end")
}

// Next returns what is due next, if anything ever is.
func (s *Simulation) Next() (automation.Due, bool) {
	if len(s.conv.dues) == 0 || s.conv.erased {
		return automation.Due{}, false
	}
	return s.conv.dues[0], true
}

// Happen lets somebody do something to the conversation, now. The messages that do
// returns are those that it added.
func (s *Simulation) Happen(actor conversation.Actor, do func(*conversation.Editor) []conversation.Message) {
	ed := conversation.Edit(&s.conv.row, actor, conversation.Cause{}, s.conv.now)
	messages := do(ed)
	s.conv.happened(ed.Events(), messages)
}
