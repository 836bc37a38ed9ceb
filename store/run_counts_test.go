package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// counting is a workflow whose runs count, and a conversation on which it runs.
type counting struct {
	*shop
	workflow automation.Workflow
	id       conversation.ID
}

func newCounting(t *testing.T) counting {
	s := newShop(t)
	w, err := s.CreateDefinition(t.Context(), access.System(), s.mailbox, definition("busy", urgent), automation.ModeOn)
	check(t, err)
	s.rollOut(t)
	return counting{s, w, s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)}
}

func (c counting) limit(runs int) {
	c.t.Helper()
	_, err := c.ChangeSettings(c.t.Context(), access.System(), conversation.SettingsChange{Limits: conversation.Limits{Workflow: runs}})
	check(c.t, err)
}

// run writes one run of that instant, and returns how many counts and how many runs were
// read for it.
func (c counting) run(at time.Time) (counts, made int64) {
	c.t.Helper()
	version := automation.VersionID(c.house.Text(`SELECT version_id::text FROM definitions WHERE id = $1`, c.workflow.ID))
	origin := int64(1 + c.house.Number(`SELECT count(*) FROM runs`))
	check(c.t, c.WithConversation(c.t.Context(), c.id, func(ctx context.Context, conv *store.Conversation) error {
		err := conv.Save(ctx, runs.Step{Conversation: conv.Row(), Runs: []runs.Run{{
			ID: automation.RunID(store.NewID()), ConversationID: c.id, MailboxID: c.mailbox, DefinitionID: c.workflow.ID,
			VersionID: version, Name: "busy", Mode: automation.ModeOn,
			MayRunAway: true, Trigger: automation.TriggerEvent, State: automation.RunDone, Seq: 1, CreatedAt: at, FinishedAt: at,
			Cause: conversation.Cause{Origin: origin},
		}}}, nil)
		if err != nil {
			return err
		}
		if counts, err = store.Touched(ctx, conv, "run_counts"); err != nil {
			return err
		}
		made, err = store.Touched(ctx, conv, "runs")
		return err
	}))
	return counts, made
}

func (c counting) paused() bool {
	c.t.Helper()
	return c.house.Number(`SELECT count(*) FROM definitions WHERE id = $1 AND paused_at IS NOT NULL`, c.workflow.ID) > 0
}

// An hour with 100,000 runs of a workflow costs the next one what an hour with few costs,
// and the limit holds as exactly.
func TestARunCostsTheSameHoweverManyThereWere(t *testing.T) {
	t.Parallel()
	c := newCounting(t)
	c.limit(1_000_000)
	now := time.Date(2026, 3, 4, 10, 30, 30, 0, time.UTC)
	// 59 whole minutes before this one, each with every shard.
	add := func(each int) {
		t.Helper()
		tx, err := c.house.Pool.Begin(t.Context())
		check(t, err)
		for _, sql := range []string{
			`SET LOCAL session_replication_role = replica`, // foreign keys are not checked: that takes long
			`INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode,
					trigger, state, seq, origin, verdict, created_at, finished_at)
				SELECT gen_random_uuid(), $1, f.mailbox_id, f.id, f.version_id, 1, f.name, 'on',
					'event', 'done', 1, -$5::int - row_number() OVER (), '{"holds": "true"}', at, at
				FROM definitions f, generate_series(1, 59) minute, generate_series(0, 7) shard, generate_series(1, $4::int) n,
					LATERAL (SELECT date_trunc('minute', $3::timestamptz) - make_interval(mins => minute) AS at) t WHERE f.id = $2`,
			`INSERT INTO run_counts (definition_id, minute, shard, runs)
				SELECT $2, date_trunc('minute', $3::timestamptz) - make_interval(mins => minute), shard, $4::int
				FROM generate_series(1, 59) minute, generate_series(0, 7) shard WHERE ($1::uuid, $5::int) IS NOT NULL
				ON CONFLICT (definition_id, minute, shard) DO UPDATE SET runs = run_counts.runs + excluded.runs`,
		} {
			args := []any{c.id, c.workflow.ID, now, each, c.house.Number(`SELECT count(*) FROM runs`)}
			if strings.HasPrefix(sql, "SET") {
				args = nil
			}
			_, err := tx.Exec(t.Context(), sql, args...)
			check(t, err)
		}
		check(t, tx.Commit(t.Context()))
		_, err = c.house.Pool.Exec(t.Context(), `ANALYZE runs, run_counts`)
		check(t, err)
	}
	add(1)
	c.run(now)
	few, fewRuns := c.run(now)
	add(212)
	many, manyRuns := c.run(now)
	if n := c.house.Number(`SELECT count(*) FROM runs`); n < 100_000 {
		t.Fatalf("%d runs: this test would prove nothing", n)
	}
	if few < 472 || many > few || fewRuns > 0 || manyRuns > 0 {
		t.Errorf("a run reads %d counts and %d runs in a full hour, %d and %d in one with few", many, manyRuns, few, fewRuns)
	}
	limit := c.house.Number(`SELECT count(*) FROM runs`) + 2
	c.limit(limit)
	if c.run(now); c.paused() {
		t.Error("paused before the limit")
	}
	if c.run(now); !c.paused() {
		t.Error("not paused at the limit")
	}
	reason := c.house.Text(`SELECT paused_reason FROM definitions WHERE id = $1`, c.workflow.ID)
	if reason != fmt.Sprintf("it ran %d times within an hour, which is the limit (runs_per_workflow)", limit) {
		t.Errorf("reason %q", reason)
	}
}

// The counts say exactly what a count of the runs would say, whenever the workflow ran
// and was resumed.
func TestCountedRunsAreThoseWithinAnHour(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	r := rand.New(rand.NewPCG(seed, 0))
	c := newCounting(t)
	now, resumed := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC), time.Time{}
	var ran []time.Time
	pauses := 0
	for n := range 150 {
		now = now.Add(time.Duration(r.IntN(90_000)) * time.Millisecond)
		if r.IntN(20) == 0 {
			now = now.Truncate(time.Minute).Add(time.Minute)
		}
		limit := 12 + r.IntN(60)
		c.limit(limit)
		c.run(now)
		ran = append(ran, now)
		within := 0
		for _, at := range ran {
			if at.After(now.Add(-time.Hour)) && (resumed.IsZero() || at.After(resumed)) {
				within++
			}
		}
		if got, want := c.paused(), within >= limit; got != want {
			t.Fatalf("seed %d: run %d at %v is number %d within the hour, the limit is %d: paused %v", seed, n, now, within, limit, got)
		}
		if within < limit {
			continue
		}
		pauses++
		now = now.Add(time.Duration(r.IntN(20_000)) * time.Millisecond)
		resumed = now
		_, err := c.house.Pool.Exec(t.Context(), `WITH ended AS (UPDATE pauses SET resumed_at = $2 WHERE definition_id = $1)
			UPDATE definitions SET paused_at = NULL, paused_reason = '', resumed_at = $2 WHERE id = $1`, c.workflow.ID, resumed)
		check(t, err)
	}
	if pauses < 3 {
		t.Errorf("seed %d: %d pauses: this test would prove little", seed, pauses)
	}
}
