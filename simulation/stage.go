package simulation

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/automation/undo"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
)

// The ids of what is on a stage only.
const (
	stageConversation conversation.ID         = "00000000-0000-7000-8000-00000000c0de"
	stageCustomer     conversation.CustomerID = "00000000-0000-7000-8000-0000000000cc"
	stageAgent        conversation.UserID     = "00000000-0000-7000-8000-0000000000aa"
	stageDefinition   automation.DefinitionID = "00000000-0000-7000-8000-0000000000dd"
	stageVersion      automation.VersionID    = "00000000-0000-7000-8000-0000000000ee"
)

// stage is the Base of a conversation that no database has: one that is given, in a
// mailbox as it is, where one workflow is on.
type stage struct {
	world    expect.World
	version  automation.Version
	customer conversation.Customer
	now      time.Time
	row      conversation.Conversation
}

func (s *stage) SetNow(now time.Time)                    { s.now = now }
func (s *stage) Now() time.Time                          { return s.now }
func (s *stage) Row() conversation.Conversation          { return s.row }
func (s *stage) Dues() []automation.Due                  { return nil }
func (s *stage) Events() ([]conversation.Happened, bool) { return nil, false }

func (s *stage) Surroundings(context.Context) (conversation.Surroundings, []delivery.Delivery, error) {
	around := s.world.Around
	around.Customer = s.customer
	return around, nil, nil
}

func (s *stage) Mailbox(_ context.Context, id conversation.MailboxID) (conversation.Mailbox, error) {
	m, ok := s.world.Mailbox(id)
	if !ok {
		return m, errs.New("simulation.Mailbox", errs.NotFound, "there is no such mailbox")
	}
	return m, nil
}

// Versions is the workflow under test alone: what others do is no part of it.
func (s *stage) Versions(_ context.Context, id conversation.MailboxID) ([]automation.Version, error) {
	if id != s.version.MailboxID {
		return nil, nil
	}
	return []automation.Version{s.version}, nil
}

func (s *stage) History(context.Context, int64) (runs.Usage, error) {
	return runs.NewUsage(), nil
}

// What was written is kept by the simulation.
func (s *stage) Recent(context.Context) ([]conversation.Message, error) { return nil, nil }
func (s *stage) Notes(context.Context) ([]conversation.Message, error)  { return nil, nil }
func (s *stage) Last(context.Context) (*conversation.Message, error)    { return nil, nil } //nolint:nilnil // there is none
func (s *stage) Thread(context.Context) ([]conversation.Message, error) { return nil, nil }

// Details are with the messages already.
func (s *stage) Details(context.Context, []*conversation.Message, bool, bool) error { return nil }

// Users are those that there are, and an agent of whom nothing is known.
func (s *stage) Users(context.Context) ([]conversation.User, error) {
	agent := conversation.User{ID: stageAgent, Name: "An agent", Role: conversation.RoleAgent}
	return append(slices.Clone(s.world.Users), agent), nil
}

func (s *stage) Names(context.Context, automation.Definition) (automation.Names, error) {
	return s.world.Names, nil
}

func (s *stage) OwnAddresses(_ context.Context, addresses []string) ([]string, error) {
	var own []string
	for _, a := range addresses {
		if slices.ContainsFunc(conversation.AddressKeys(a), func(key string) bool { return slices.Contains(s.world.Own, key) }) {
			own = append(own, conversation.AddressKey(a))
		}
	}
	return own, nil
}

// Turn is nobody's yet: the first in the list is next.
func (s *stage) Turn(context.Context, automation.DefinitionID) (conversation.UserID, error) {
	return "", nil
}

func (s *stage) AskedRun(context.Context, automation.RunID) (runs.Run, automation.Version, error) {
	return runs.Run{}, automation.Version{}, errs.New("simulation.AskedRun", errs.NotFound, "there is no such run")
}

func (s *stage) AskedUndo(context.Context, automation.RunID) (runs.Run, undo.Inquiry, error) {
	return runs.Run{}, undo.Inquiry{}, errs.New("simulation.AskedUndo", errs.NotFound, "there is no such run")
}

// Recipients got nothing before.
func (s *stage) Recipients(context.Context, []string) ([]conversation.AutomaticMail, error) {
	return nil, nil
}

func (s *stage) TellFailing(context.Context, runs.Run) error { return nil }

func (s *stage) TellLimit(context.Context, conversation.MailLimit) error { return nil }

func (s *stage) TellUndelivered(context.Context, delivery.ID) (*delivery.Undelivered, error) {
	return nil, nil //nolint:nilnil // nobody is to be told
}

func (s *stage) Cancel(context.Context, []string, string) ([]string, error) { return nil, nil }

// The simulation does what follows by itself.
func (s *stage) SetTurn(context.Context, automation.DefinitionID, conversation.UserID) error {
	return nil
}
func (s *stage) Pause(context.Context, runs.Pause) error                    { return nil }
func (s *stage) Try(_ context.Context, do func() error) error               { return do() }
func (s *stage) Save(context.Context, runs.Step, []delivery.Delivery) error { return nil }
func (s *stage) SwitchOff(context.Context, automation.DefinitionID, automation.Reference) error {
	return nil
}

// newStage sets the stage for a test of the workflow. now is when it begins.
func newStage(w expect.World, d automation.Definition, g automation.Given, now, created time.Time) *stage {
	s := &stage{world: w, now: now}
	s.version = automation.Version{
		ID: stageVersion, DefinitionID: stageDefinition, Number: 1, MailboxID: w.Around.Mailbox.ID, Position: 1, Mode: automation.ModeOn,
		Definition: d,
	}
	s.customer = conversation.Customer{ID: stageCustomer, Emails: g.Customer.Emails, Company: g.Customer.Company, Phone: g.Customer.Phone,
		CreatedAt: created}
	s.customer.FirstName, s.customer.LastName = conversation.SplitName(g.Customer.Name)
	if s.customer.Emails == nil {
		s.customer.Emails = []string{automation.DefaultTestCustomer}
	}
	kind := cmp.Or(conversation.Type(g.Type), conversation.TypeEmail)
	s.row = conversation.Conversation{
		ID: stageConversation, Number: 1, MailboxID: w.Around.Mailbox.ID, CustomerID: stageCustomer,
		Type: kind, Channel: cmp.Or(conversation.Channel(g.Channel), conversation.Channel(kind)),
		StartedBy: cmp.Or(conversation.ActorKind(g.StartedBy), conversation.ActorCustomer),
		Status:    conversation.StatusActive, State: conversation.StatePublished, Subject: g.Subject,
		CreatedAt: created, UpdatedAt: created, StatusChangedAt: created,
	}
	return s
}
