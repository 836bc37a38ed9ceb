package simulation_test

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/store"
)

// house is a helpdesk on a real Postgres whose clock the test moves.
type house struct {
	*testhouse.House
	acts *activities.Activities
	sim  *simulation.Simulator
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{House: testhouse.New(t)}
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.acts = activities.New(activities.Config{
		Open: func(ctx context.Context, id conversation.ID, do func(context.Context, activities.Conversation) error) error {
			return h.Store.WithConversation(ctx, id, func(ctx context.Context, c *store.Conversation) error { return do(ctx, c) })
		},
		Deliveries: h.Store, NewID: store.NewID, Logger: logger,
	})
	h.sim = simulation.New(logger)
	return h
}

// mail receives a mail from somebody who never wrote before.
func (h *house) mail(to conversation.Mailbox) conversation.ID {
	h.Helper()
	return h.Mail(to, "Hello", "Hello", func(in *conversation.Incoming) {
		in.EnvelopeFrom, in.FromAddress, in.FromName = in.MessageIDHeader, in.MessageIDHeader, ""
	})
}

func (h *house) forecast(id conversation.ID, limit int) runs.Forecast {
	h.Helper()
	var f runs.Forecast
	testhouse.Must(h, h.Store.Rehearse(h.Context(), access.System(), id, func(ctx context.Context, r store.Rehearsal) (err error) {
		f, err = h.sim.Forecast(ctx, r, 30*24*time.Hour, limit)
		return err
	}))
	return f
}

// runs are those on the conversation, in the order in which they were made, as a forecast tells them.
func (h *house) runs(id conversation.ID) []string {
	h.Helper()
	rows, err := h.Pool.Query(h.Context(), `SELECT r.name || ' ' || r.trigger || ' ' || r.state || ' ' || r.reason || coalesce((SELECT
		string_agg(' ' || a.do_kind || '=' || a.state, '' ORDER BY a.index)
		FROM run_actions a WHERE a.run_id = r.id), '') FROM runs r WHERE r.conversation_id = $1 ORDER BY r.id`, id)
	testhouse.Must(h, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		testhouse.Must(h, rows.Scan(&s))
		out = append(out, alike(s))
	}
	testhouse.Must(h, rows.Err())
	return out
}

func told(runs []runs.Run) []string {
	var out []string
	for _, r := range runs {
		var actions strings.Builder
		for _, a := range r.Actions {
			actions.WriteString(" " + a.Do + "=" + string(a.State))
		}
		out = append(out, alike(r.Name+" "+string(r.Trigger)+" "+string(r.State)+" "+r.Reason+actions.String()))
	}
	return out
}

// alike passes over what a moment between two snoozes makes of the second.
func alike(run string) string { return strings.ReplaceAll(run, "snooze=unchanged", "snooze=done") }

// goTo sets the database's clock to the instant and has everything handled.
func (h *house) goTo(id conversation.ID, at time.Time) {
	h.Helper()
	h.SetClock(at)
	for range 20 {
		answer, err := h.acts.Advance(h.Context(), activities.AdvanceInput{ConversationID: string(id)})
		testhouse.Must(h, err)
		if !answer.More {
			return
		}
	}
	h.Fatal("Advance never ends")
}

// draw makes a random workflow by time, or one that follows what others do.
func draw(r *rand.Rand, name string, other conversation.Mailbox) automation.Definition {
	row := func(field, op string, value any) automation.Group {
		return automation.Group{Any: []automation.Condition{{Field: field, Op: op, Value: value}}}
	}
	pick := func(groups ...automation.Group) automation.Group { return groups[r.IntN(len(groups))] }
	// Rows that count from other moments come due at least seconds apart: of two that
	// are due within one look, the second may be skipped for what the first did.
	span := func(more int) string {
		return fmt.Sprintf("%dm", []int{5, 20, 60, 180, 540, 2880, 8640}[r.IntN(7)]+more)
	}
	when := pick(
		row("waiting_since", "longer_than", span(0)), row("created", "not_in_the_last", span(1)),
		row("last_customer_reply", "not_in_the_last", span(0)),
		row("last_status_change", "not_in_the_last", span(3)), row("waiting_since", "longer_than", span(0)),
		automation.Group{Any: []automation.Condition{{Field: "tag_added"}, {Field: "status_changed"}}},
	)
	d := automation.Definition{Name: name, Type: automation.TypeAutomatic, MaxRuns: 1 + r.IntN(3), RepliesPerHour: 2,
		Conditions: []automation.Group{when}}
	if r.IntN(2) == 0 {
		d.Conditions = append(d.Conditions, pick(
			row("status", "is", "active"), row("tags", "has_none", []any{"one"}), row("tags", "has_any", []any{"one", "two"}),
			row("time_of_day", "between", "09:00-17:00"), row("day_of_week", "is", []any{"monday", "tuesday", "saturday"})))
	}
	actions := []automation.Action{
		{Do: "add_tags", Tags: []string{"one"}}, {Do: "add_tags", Tags: []string{"two"}}, {Do: "remove_tags", Tags: []string{"one"}},
		{Do: "set_status", Status: "pending"}, {Do: "set_status", Status: "active"}, {Do: "set_status", Status: "closed"},
		{Do: "reply", Body: "We are at it"}, {Do: "note", Body: "Look here"}, {Do: "snooze", Until: "2h"},
		{Do: "email", Subject: "Hello", Body: "Still there?"},
		{Do: "move", Mailbox: string(other.ID)},
	}
	for range 1 + r.IntN(3) {
		d.Actions = append(d.Actions, actions[r.IntN(len(actions))])
	}
	return d
}

var seeded = flag.Uint64("seed", 0, "of the random cases; 0: a new one each time")

// say writes a forecast for a failure.
func say(f runs.Forecast) string {
	var s strings.Builder
	fmt.Fprintf(&s, "\nforecast at %v", f.Now)
	for _, c := range f.Coming {
		fmt.Fprintf(&s, "\n  %v wakes %v, due %+v: %q", c.At, c.Wakes, c.Due, told(c.Runs))
	}
	return s.String()
}

// Each forecast is compared with what then happens.
func TestWhatAForecastSaysComesTrue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seed := rand.Uint64()
	if *seeded != 0 {
		seed = *seeded
	}
	r := rand.New(rand.NewPCG(seed, 0))
	cases, came := 60, 0
	if testing.Short() {
		cases = 15
	}
	for n := range cases {
		here, there := h.Mailbox(fmt.Sprintf("here%d", n)), h.Mailbox(fmt.Sprintf("there%d", n))
		for i := range 1 + r.IntN(5) {
			mailbox, other := here, there
			if i == 4 {
				mailbox, other = there, here
			}
			d := draw(r, fmt.Sprintf("w%d", i), other)
			if _, err := h.Store.CreateDefinition(t.Context(), access.System(), mailbox.ID, d, automation.ModeOn); err != nil {
				continue // the checks refuse what can never hold
			}
		}
		id := h.mail(here)
		if r.IntN(2) == 0 {
			h.goTo(id, h.Now())
		}
		before := h.Counts()
		f := h.forecast(id, 12)
		if after := h.Counts(); after != before {
			t.Fatalf("seed %d case %d: the forecast wrote: %s, before %s", seed, n, after, before)
		}
		have := h.runs(id)
		if len(f.Coming) == 0 || f.Coming[0].At.After(f.Now) {
			h.goTo(id, f.Now.Add(time.Second/20)) // what is pending leads to nothing
		}
		over := false // on a slow machine it came while the one before was looked at
		for i, c := range f.Coming {
			apart := i == 0 || c.At.Sub(f.Coming[i-1].At) > 4*time.Second
			if c.At.After(f.Now) && apart && !over {
				h.goTo(id, c.At.Add(-2*time.Second))
				if got := h.runs(id); h.Now().Before(c.At) && !slices.Equal(got, have) {
					t.Fatalf("seed %d case %d: before %v, the next that was forecast, there ran %q%s", seed, n, c.At, got[len(have):], say(f))
				}
			}
			have = append(have, told(c.Runs)...)
			// What is done at an instant is done a moment later than that, and what
			// counts from it is a moment later too: a slow machine's moments are long.
			late := 2 * time.Second
			if i+1 == len(f.Coming) && !f.More || i+1 < len(f.Coming) && f.Coming[i+1].At.Sub(c.At) > time.Minute {
				late = 20 * time.Second
			}
			h.goTo(id, c.At.Add(time.Second/50))
			h.pass(id, c.At.Add(late))
			got := h.runs(id)
			over = i+1 < len(f.Coming) && !h.Now().Before(f.Coming[i+1].At)
			if over || i+1 < len(f.Coming) && f.Coming[i+1].At.Sub(c.At) <= 4*time.Second {
				continue // the next instant is over by then as well
			}
			if !slices.Equal(got, have) {
				t.Fatalf("seed %d case %d: at %v (%d of %d)\nran  %q\nwant %q%s", seed, n, c.At, i+1, len(f.Coming), got, have, say(f))
			}
			came += len(c.Runs)
		}
		if !f.More {
			h.goTo(id, f.Until.Add(-time.Minute))
			if got := h.runs(id); !slices.Equal(got, have) {
				t.Fatalf("seed %d case %d: after all that was forecast there ran %q%s", seed, n, got[len(have):], say(f))
			}
		}
	}
	if came < cases {
		t.Errorf("seed %d: %d runs in %d cases: the test proves little", seed, came, cases)
	}
}
