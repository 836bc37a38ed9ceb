package automation

import (
	"slices"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// Limits of a definition's tests.
const (
	MaxTests         = 50
	MaxTestSteps     = 100                      // of one test, with the messages that are given
	MaxTestName      = 100                      // characters
	MaxTestElapsed   = 5 * 366 * 24 * time.Hour // of one test
	MaxTestText      = 64 << 10                 // bytes of one message
	MaxTestsSize     = 256 << 10                // bytes of all tests, as JSON
	MaxTestFiles     = 20                       // of one message
	DefaultTestStart = "2026-01-05 10:00"       // a Monday, in the mailbox's time zone
)

// Test is an example that its workflow must live up to: it is done when the
// workflow is published, by the code that runs workflows, on a conversation in
// memory. What it names (users, mailboxes, fields) stays as it is written: it is
// looked up when the test is done. A test is never changed.
type Test struct {
	Name   string
	Given  Given
	When   []TestStep
	Expect Expectation
}

// Given is the conversation before the first step. What is left out is as it is
// for a new conversation.
type Given struct {
	// Now is when the first step happens: an instant of RFC 3339, or 2026-01-05
	// 10:00 in the mailbox's time zone. Empty means DefaultTestStart.
	Now       string
	Customer  GivenCustomer
	Subject   string
	Status    string
	Assignee  string // a user's id or address, or Unassigned
	Tags      []string
	Fields    map[string]string // values of custom fields by name
	Type      string
	Channel   string
	StartedBy string
	// TimeZone and Hours stand in for the mailbox's; empty and nil: as it has them.
	TimeZone string
	Hours    *conversation.BusinessHours
	// Messages are there already: no workflow looked at them. Without any, the
	// conversation begins with the first message of the steps.
	Messages []TestStep
}

// GivenCustomer is who the conversation is with.
type GivenCustomer struct {
	Name    string
	Emails  []string // none: DefaultTestCustomer
	Company string
	Phone   string
}

// DefaultTestCustomer is the address of a customer of whom a test says nothing.
const DefaultTestCustomer = "customer@example.com"

// Kinds of step.
const (
	StepCustomerWrites = "customer_writes"
	StepAgentReplies   = "agent_replies"
	StepNote           = "note"
	StepSet            = "set"
	StepCustomerRates  = "customer_rates"
	StepCustomerViews  = "customer_views"
	StepRun            = "run"
	StepAfter          = "after"
)

// TestStep is one thing that happens, or time that passes.
type TestStep struct {
	Do string
	// Ago is how long before the first step a given message was written.
	Ago     string
	Body    string
	Subject string
	Headers map[string]string // of a customer's mail
	Files   []string          // names
	// By is the user who does it, by id or address; empty: the assignee, or an
	// agent of whom nothing is known.
	By      string
	Set     TestChange
	Rating  string
	Comment string
	After   string // how much time passes
}

// TestChange is what somebody changes of the conversation; what is empty stays.
type TestChange struct {
	Status     string
	State      string
	Subject    string
	Assignee   string
	Mailbox    string   // by id or address
	Tags       []string // all of them; nil: they stay
	AddTags    []string
	RemoveTags []string
	Fields     map[string]string // an empty value takes one away
}

// Expectation is what must have come of it. What is nil or empty is not compared.
type Expectation struct {
	Runs *int          // how many
	Each []ExpectedRun // or each of them, in their order
	// Because is the field of the condition that kept the workflow from running.
	Because string
	// Actions are those done by all runs, in their order.
	Actions []ExpectedAction

	Status   string
	State    string
	Subject  string
	Assignee string
	Mailbox  string
	Tags     []string          // all of them, in any order
	Fields   map[string]string // these of them; an empty value is none
}

// ExpectedRun is one run that is expected. What is zero is not compared.
type ExpectedRun struct {
	AfterStep int    // the step that leads to it, from 1
	At        string // how long after the first step, or a moment as that of Given.Now
	// Outcome is the run's state; empty means done.
	Outcome RunState
}

// ExpectedAction is one action that is expected. What its Action leaves empty is
// not compared; texts are compared as they are when the variables are filled in.
type ExpectedAction struct {
	Action
	// Contains are texts that must stand in the body.
	Contains []string
	// Outcome is the action's state; empty means that it is done, or queued.
	Outcome ActionState
}

// message reports whether the step is a message.
func (s TestStep) message() bool {
	return slices.Contains([]string{StepCustomerWrites, StepAgentReplies, StepNote}, s.Do)
}
