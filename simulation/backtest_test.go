package simulation_test

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/simulation"
	"github.com/smarticks/smarticks/store"
)

func (h *house) waited(name, longerThan string) automation.Definition {
	return automation.Definition{Name: name, Type: automation.TypeAutomatic, MaxRuns: 5, Conditions: []automation.Group{
		{Any: []automation.Condition{{Field: "waiting_since", Op: "longer_than", Value: longerThan}}},
	}, Actions: []automation.Action{{Do: "add_tags", Tags: []string{"late"}}}}
}

// week makes a history: conversations whose customer waits so long for the first
// answer. All that comes due meanwhile comes at its time.
func (h *house) week(m conversation.Mailbox, waits ...time.Duration) (ids []conversation.ID) {
	h.Helper()
	for _, wait := range waits {
		id := h.mail(m)
		h.goTo(id, h.Now())
		h.pass(id, h.Now().Add(wait))
		_, err := h.Store.PostMessage(h.Context(), access.System(), id, conversation.Post{Kind: conversation.MessageReply, Body: "Here it is"})
		testhouse.Must(h, err)
		h.goTo(id, h.Now())
		ids = append(ids, id)
	}
	return ids
}

// backtest runs it to its end, and returns what each comparison found: outcome and
// conversation.
func (h *house) backtest(id automation.DefinitionID, version *int) (b runs.Backtest, found map[runs.With][]string) {
	h.Helper()
	b, err := h.Store.CreateBacktest(h.Context(), access.System(), id, 30, version, nil)
	testhouse.Must(h, err)
	for pages := 0; !b.State.Final(); pages++ {
		if pages > 100 {
			h.Fatal("the backtest never ends")
		}
		b, err = h.Store.RunBacktest(h.Context(), b.ID, h.ask)
		testhouse.Must(h, err)
	}
	made, err := h.Store.BacktestRuns(h.Context(), access.System(), b.ID, "", "", conversation.Page{Limit: 1000})
	testhouse.Must(h, err)
	found = map[runs.With][]string{}
	for _, r := range made {
		if r.SawLater {
			h.Errorf("%+v: nobody was quicker than the workflow", r)
		}
		found[r.With] = append(found[r.With], string(r.Outcome)+" "+string(r.ConversationID))
	}
	return b, found
}

func (h *house) ask(ctx context.Context, p store.Past, q runs.BacktestQuestion) ([]runs.BacktestRun, error) {
	return simulation.New(slog.New(slog.NewTextHandler(io.Discard, nil))).Backtest(ctx, p, q)
}

func TestABacktestComparesADraftWithWhatHappened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	support, other := h.Mailbox("support"), h.Mailbox("other")
	d, err := h.Store.CreateDefinition(t.Context(), access.System(), support.ID, h.waited("late", "2h"), automation.ModeOn)
	testhouse.Must(h, err)
	ids := h.week(support, 30*time.Minute, 90*time.Minute, 150*time.Minute, 4*time.Hour)
	_, err = h.Store.ChangeConversation(t.Context(), access.System(), ids[3], conversation.Change{MailboxID: &other.ID})
	testhouse.Must(h, err)
	h.goTo(ids[3], h.Now()) // moved away since: what it did here is history
	before := h.Counts("backtests", "backtest_runs", "audit")

	one := 1
	b, found := h.backtest(d.ID, &one)
	want := []string{"same " + string(ids[2]), "same " + string(ids[3])}
	if b.Total != 4 || b.Looked != 4 || b.Runs != 2 || !slices.Equal(found[runs.WithLive], want) || found[runs.WithVersion] != nil {
		t.Errorf("the version in force: %+v, %v; want exactly its runs %v", b, found, want)
	}
	for draft, want := range map[string][]string{
		"1h":  {"more " + string(ids[1]), "earlier " + string(ids[2]), "earlier " + string(ids[3])},
		"3h":  {"fewer " + string(ids[2]), "later " + string(ids[3])},
		"10m": {"more " + string(ids[0]), "more " + string(ids[1]), "earlier " + string(ids[2]), "earlier " + string(ids[3])},
		"2h":  {"same " + string(ids[2]), "same " + string(ids[3])},
	} {
		_, err := h.Store.PutDraft(t.Context(), access.System(), d.ID, h.waited("late", draft))
		testhouse.Must(h, err)
		_, found := h.backtest(d.ID, nil)
		for with, got := range found {
			if !slices.Equal(got, want) {
				t.Errorf("%s, compared with %s:\ngot  %v\nwant %v", draft, with, got, want)
			}
		}
		if len(found) != 2 {
			t.Errorf("%s: compared with %v only", draft, found)
		}
	}
	if after := h.Counts("backtests", "backtest_runs", "audit"); after != before {
		t.Errorf("the backtests wrote: %s, before %s", after, before)
	}
}

func TestABacktestIsRefusedCancelledAndRepeated(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	support := h.Mailbox("support")
	d, err := h.Store.CreateDefinition(t.Context(), access.System(), support.ID, h.waited("late", "2h"), automation.ModeOff)
	testhouse.Must(h, err)
	manual := automation.Definition{Name: "by hand", Type: automation.TypeManual, MaxRuns: 1,
		Actions: []automation.Action{{Do: "note", Body: "x"}}}
	m, err := h.Store.CreateDefinition(t.Context(), access.System(), support.ID, manual, automation.ModeOff)
	testhouse.Must(h, err)
	if _, err := h.Store.CreateBacktest(t.Context(), access.System(), m.ID, 30, nil, nil); !errs.Is(err, errs.Invalid) {
		t.Errorf("of a manual workflow: %v", err)
	}
	nine := 9
	if _, err := h.Store.CreateBacktest(t.Context(), access.System(), d.ID, 30, &nine, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("of a version that is not there: %v", err)
	}
	h.week(support, 3*time.Hour, 3*time.Hour)
	b, err := h.Store.CreateBacktest(t.Context(), access.System(), d.ID, 30, nil, nil)
	testhouse.Must(h, err)
	if _, err := h.Store.CreateBacktest(t.Context(), access.System(), d.ID, 30, nil, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("a second one meanwhile: %v", err)
	}
	// Two workers look at the same page: it counts once.
	both := 0
	b, err = h.Store.RunBacktest(t.Context(), b.ID,
		func(ctx context.Context, p store.Past, q runs.BacktestQuestion) ([]runs.BacktestRun, error) {
			if both++; both == 1 {
				if _, err := h.Store.RunBacktest(t.Context(), b.ID, h.ask); err != nil {
					return nil, err
				}
			}
			return h.ask(ctx, p, q)
		})
	testhouse.Must(h, err)
	if b, err = h.Store.Backtest(t.Context(), access.System(), b.ID); err != nil || b.Looked != 2 || b.Runs != 2 ||
		b.State != runs.BacktestDone {
		t.Errorf("after a page that two looked at: %+v, %v; want 2 conversations, 2 runs", b, err)
	}
	b, err = h.Store.CreateBacktest(t.Context(), access.System(), d.ID, 30, nil, nil)
	testhouse.Must(h, err)
	b, err = h.Store.CancelBacktest(t.Context(), access.System(), b.ID)
	testhouse.Must(h, err)
	if b, err = h.Store.RunBacktest(t.Context(), b.ID, h.ask); err != nil || b.State != runs.BacktestCancelled || b.Looked != 0 {
		t.Errorf("cancelled: %+v, %v", b, err)
	}
	var wakes int
	testhouse.Must(h, h.Pool.QueryRow(t.Context(), `SELECT count(*) FROM outbox WHERE job_id IS NOT NULL`).Scan(&wakes))
	if wakes != 0 {
		t.Errorf("%d jobs are rung for, want none", wakes)
	}
	for range 25 {
		b, err := h.Store.CreateBacktest(t.Context(), access.System(), d.ID, 1, nil, nil)
		testhouse.Must(h, err)
		_, err = h.Store.CancelBacktest(t.Context(), access.System(), b.ID)
		testhouse.Must(h, err)
	}
	if list, err := h.Store.Backtests(t.Context(), access.System(), d.ID, conversation.Page{Limit: 100}); err != nil || len(list) > 21 {
		t.Errorf("%d backtests are kept, %v: want the newest 20", len(list), err)
	}
}
