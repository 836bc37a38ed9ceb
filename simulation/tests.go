package simulation

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/expect"
	"github.com/smarticks/smarticks/automation/match"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
)

// The bounds of the work on a definition's tests, for all of them together. They are
// counts: a test passes on every machine or on none.
const (
	// MaxAdvances is how often Advance may look at their conversations.
	MaxAdvances = 3000
	// MaxPatternWork is what patterns may cost then, as automation.MaxPatternWork
	// counts it for one event.
	MaxPatternWork = match.MaxPatternWork / 4
)

// work is what was done so far for the tests of one definition.
type work struct{ advances, patterns int }

// Tester does the tests of definitions, see RunTests; what fails there is logged.
func Tester(logger *slog.Logger) func(context.Context, expect.World, automation.Definition) ([]expect.Result, error) {
	return func(ctx context.Context, w expect.World, d automation.Definition) ([]expect.Result, error) {
		return RunTests(ctx, logger, w, d)
	}
}

// RunTests does the tests of a definition that compiles, each on a conversation of
// its own in memory, and returns what came of each, in their order. It writes
// nothing.
//
// Errors: errs.Unavailable (ctx ended), errs.Internal.
func RunTests(ctx context.Context, logger *slog.Logger, w expect.World, d automation.Definition) ([]expect.Result, error) {
	const op = "simulation.RunTests"
	program, wrong := automation.Compile(d)
	if len(wrong) > 0 {
		return nil, errs.Bad(op, "the workflow has problems", wrong)
	}
	d.Tests = nil // nobody looks at them while the workflow runs
	done, simulator := &work{}, New(logger)
	out := make([]expect.Result, 0, len(program.Definition().Tests))
	for i, t := range program.Definition().Tests {
		p := &performance{Simulator: simulator, world: given(w, t.Given), definition: d, program: program, test: t, work: done}
		if err := p.perform(ctx); err != nil {
			return nil, err
		}
		r := expect.Result{Name: t.Name, Passed: len(p.wrong) == 0, Steps: p.observed.Steps}
		for _, problem := range p.wrong {
			r.Why = append(r.Why, errs.Problem{Path: fmt.Sprintf("tests[%d].%s", i, problem.Path), Message: problem.Message})
		}
		out = append(out, r)
	}
	return out, nil
}

// given is the world with the calendar that a test gives to the mailbox.
func given(w expect.World, g automation.Given) expect.World {
	w.Mailboxes = slices.Clone(w.Mailboxes)
	set := func(m *conversation.Mailbox) {
		m.TimeZone = cmp.Or(g.TimeZone, m.TimeZone)
		if g.Hours != nil {
			m.Hours = *g.Hours
		}
	}
	set(&w.Around.Mailbox)
	for i := range w.Mailboxes {
		if w.Mailboxes[i].ID == w.Around.Mailbox.ID {
			set(&w.Mailboxes[i])
		}
	}
	return w
}

// performance is one test on its way.
type performance struct {
	*Simulator
	*Simulation
	world      expect.World
	definition automation.Definition
	program    *automation.Program
	test       automation.Test
	work       *work
	cost       int // of the patterns, each time that they look at the messages
	stage      *stage
	observed   expect.Observed
	runs       []expect.ObservedRun // of the step under way
	wrong      []errs.Problem       // paths are relative to the test
}

// fail says what is wrong with the test; it ends it.
func (p *performance) fail(path, message string) {
	p.wrong = append(p.wrong, errs.Problem{Path: path, Message: message})
}

func (p *performance) perform(ctx context.Context) error {
	zone := p.world.Around.Mailbox.Calendar().Zone
	start, _ := automation.ReadMoment(cmp.Or(p.test.Given.Now, automation.DefaultTestStart), zone)
	if p.set(start); len(p.wrong) > 0 {
		return nil
	}
	p.observed = expect.Observed{Start: start, Zone: zone, Program: p.program, ID: p.world.ID, Address: p.address, Names: p.names}
	for i, step := range p.test.When {
		if err := ctx.Err(); err != nil {
			return errs.Wrap("simulation.RunTests", errs.Unavailable, "", err)
		}
		p.runs = nil
		if err := p.step(ctx, fmt.Sprintf("when[%d].%s", i, step.Do), step); err != nil {
			return err
		}
		if len(p.wrong) > 0 {
			return nil
		}
		p.work.patterns += p.cost
		explanation, err := p.explain(ctx)
		if err != nil {
			return err
		}
		p.observed.Explanation = explanation
		seen := expect.ObservedStep{Do: step.Do, Sentence: step.Sentence(), At: p.Now(), Since: p.Now().Sub(start), Runs: p.runs,
			Why: explanation.Answer}
		p.observed.Steps = append(p.observed.Steps, seen)
	}
	p.observed.Conversation = p.conv.row
	if m, err := p.stage.Mailbox(ctx, p.conv.row.MailboxID); err == nil {
		p.observed.Fields = m.Fields
	}
	p.wrong = expect.Judge(p.test, p.observed)
	return nil
}

// advance has the conversation looked at, and takes note of what ran.
func (p *performance) advance(ctx context.Context, at time.Time, spread time.Duration) error {
	p.work.advances++
	p.work.patterns += p.cost
	switch {
	case p.work.advances > MaxAdvances:
		p.fail("when", fmt.Sprintf("the tests are too much work: all together they may look at conversations %d times; let less time pass, "+
			"or make fewer of them", MaxAdvances))
		return nil
	case p.work.patterns > MaxPatternWork:
		p.fail("when", "the tests are too much work: the workflow's patterns look too often at too much text; make the messages of the "+
			"tests shorter, or the patterns simpler")
		return nil
	}
	runs, err := p.Advance(ctx, at)
	if err != nil {
		return err
	}
	for _, r := range runs {
		p.runs = append(p.runs, expect.ObservedRun{Run: r, Spread: spread, Done: p.done(r)})
	}
	return nil
}

// pass lets time pass: what comes due within it fires at its instant.
func (p *performance) pass(ctx context.Context, until time.Time) error {
	if err := p.advance(ctx, p.Now(), 0); err != nil {
		return err
	}
	for len(p.wrong) == 0 {
		due, ok := p.Next()
		if !ok || due.At.After(until) {
			break
		}
		at := due.At
		if at.Before(p.Now()) {
			at = p.Now()
		}
		if err := p.advance(ctx, at, due.Spread); err != nil {
			return err
		}
	}
	p.conv.at(until)
	return nil
}

// names are those of users and mailboxes that the test may have to do with.
func (p *performance) names(kind, id string) string {
	if id == string(stageAgent) {
		return "an agent"
	}
	if m, ok := p.world.Mailbox(conversation.MailboxID(id)); ok && kind == automation.RefMailbox {
		return m.Name
	}
	for _, u := range p.world.Users {
		if kind == automation.RefUser && string(u.ID) == id {
			return u.Name
		}
	}
	return ""
}

func (p *performance) address(kind, id string) string {
	if id == string(stageAgent) {
		return "an agent"
	}
	return p.world.Address(kind, id)
}
