package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// replayed makes the replay of the workflow's published version over the whole
// history of the conversation.
func (h *house) replayed(id conversation.ID, d automation.Workflow) (told runs.History, runs []runs.Run) {
	h.Helper()
	v, err := h.Store.PublishedVersion(h.Context(), access.System(), d.ID, d.Version)
	testhouse.Must(h, err)
	tested := automation.Version{ID: v.ID, DefinitionID: d.ID, Number: v.Number, MailboxID: d.MailboxID, Definition: v.Body,
		SwitchedOnAt: d.SwitchedOnAt}
	testhouse.Must(h, h.Store.LookBack(h.Context(), access.System(), id, d.ID, func(ctx context.Context, p store.Past) (err error) {
		told = p.Told()
		runs, err = h.sim.Replay(ctx, p, tested, told.Now.CreatedAt.Add(-time.Hour), h.Now())
		return err
	}))
	return told, runs
}

// happen does something to the conversation as people do.
func (h *house) happen(r *rand.Rand, id conversation.ID) {
	h.Helper()
	var ch conversation.Change
	switch r.IntN(6) {
	case 0:
		status := []conversation.Status{conversation.StatusActive, conversation.StatusPending, conversation.StatusClosed}[r.IntN(3)]
		ch.Status = &status
	case 1, 2:
		ch.Tags = &[]string{[]string{"one", "two", "three"}[r.IntN(3)]}
	default:
		kind := []conversation.MessageKind{conversation.MessageCustomer, conversation.MessageReply, conversation.MessageNote}[r.IntN(3)]
		_, err := h.Store.PostMessage(h.Context(), access.System(), id, conversation.Post{Kind: kind, Body: "words"})
		testhouse.Must(h, err)
		return
	}
	_, err := h.Store.ChangeConversation(h.Context(), access.System(), id, ch)
	testhouse.Must(h, err)
}

// cause names what led to a run, and whether it counts.
func cause(r runs.Run) string {
	if r.Trigger == automation.TriggerTime {
		return fmt.Sprintf("time %v %v", r.Episodes, r.DueAt.UTC().Truncate(time.Millisecond))
	}
	return fmt.Sprintf("%s %d", r.Trigger, r.Seq)
}

// What a workflow did is what its replay does: the same runs for the same events, and
// the same due times.
func TestTheReplayOfWhatHappenedIsWhatHappened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	// A replay sends nothing, and so knows no limits of mail.
	_, err := h.Store.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{
		Limits: conversation.Limits{Recipient: 1000, RecipientSubject: 1000, RecipientDay: 1000},
	})
	testhouse.Must(h, err)
	seed := rand.Uint64()
	if *seeded != 0 {
		seed = *seeded
	}
	r := rand.New(rand.NewPCG(seed, 1))
	cases, compared := 60, 0
	if testing.Short() {
		cases = 15
	}
	for n := range cases {
		here, there := h.Mailbox(fmt.Sprintf("here%d", n)), h.Mailbox(fmt.Sprintf("there%d", n))
		var made []automation.Workflow
		for i := range 2 + r.IntN(4) {
			d := draw(r, fmt.Sprintf("w%d", i), there)
			d.RepliesPerHour = 60
			if r.IntN(4) == 0 {
				d.Actions = append(d.Actions, automation.Action{Do: "stop"})
			}
			record, err := h.Store.CreateDefinition(t.Context(), access.System(), here.ID, d, automation.ModeOn)
			if err == nil {
				made = append(made, record)
			}
		}
		id := h.mail(here)
		h.goTo(id, h.Now())
		for range 4 + r.IntN(8) {
			until := h.Now().Add(time.Duration(1+r.IntN(600)) * time.Minute)
			h.pass(id, until)
			h.happen(r, id)
			h.goTo(id, h.Now())
		}
		before := h.Counts()
		for _, d := range made {
			told, runs := h.replayed(id, d)
			var want, got []string
			for _, run := range told.Runs {
				if run.DefinitionID == d.ID && run.Happened() {
					want = append(want, cause(run.Run))
				}
			}
			for _, run := range runs {
				if run.State == automation.RunDone {
					got = append(got, cause(run))
				}
			}
			compared += len(want)
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d case %d: %s\n%s\nran      %q\nreplayed %q\n%s", seed, n, d.Draft.Name,
					d.Draft.Sentences(func(string, string) string { return "" }), want, got, history(told))
			}
		}
		if after := h.Counts(); after != before {
			t.Fatalf("seed %d case %d: the replay wrote: %s, before %s", seed, n, after, before)
		}
	}
	if compared < cases {
		t.Errorf("seed %d: %d runs in %d cases: the test proves little", seed, compared, cases)
	}
}

// pass lets the time pass: everything that comes due meanwhile comes at its time,
// what is overdue when it comes to be due at once.
func (h *house) pass(id conversation.ID, until time.Time) {
	h.Helper()
	for at := h.nextDue(id); !at.IsZero() && !at.After(until); at = h.nextDue(id) {
		if now := h.Now(); at.Before(now) {
			at = now
		}
		h.goTo(id, at.Add(time.Millisecond))
	}
	h.SetClock(until)
}

// nextDue is the first of the due list that the conversation keeps.
func (h *house) nextDue(id conversation.ID) (at time.Time) {
	h.Helper()
	var due *time.Time
	testhouse.Must(h, h.Pool.QueryRow(h.Context(), `SELECT next_due FROM conversations WHERE id = $1`, id).Scan(&due))
	if due != nil {
		at = *due
	}
	return at
}

// history writes what happened for a failure.
func history(told runs.History) string {
	var s strings.Builder
	for _, ev := range told.Events {
		fmt.Fprintf(&s, "%3d %v %s %s>%s +%v -%v cause %+v due %v\n", ev.Seq, ev.At.UTC(), ev.Kind, ev.From, ev.To, ev.Added, ev.Removed,
			ev.Cause, ev.Due.UTC())
	}
	for _, r := range told.Runs {
		fmt.Fprintf(&s, "    run %s of %s %s %s seq %d due %v made %v stopped %v\n", r.ID, r.DefinitionID, r.Trigger, r.State, r.Seq,
			r.DueAt.UTC(), r.CreatedAt.UTC(), r.Stopped)
	}
	return s.String()
}
