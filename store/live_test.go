package store_test

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store"
)

// ends makes what a run needs, and returns how a transaction writes one that ended.
func (s *shop) ends() func(tx pgx.Tx) automation.RunID {
	s.t.Helper()
	c, err := s.OpenConversation(s.t.Context(), access.System(), conversation.Opening{
		MailboxID: s.mailbox, CustomerEmail: "ada@example.test", Type: conversation.TypeEmail, Subject: "s", Body: "hello",
	})
	if err != nil {
		s.t.Fatal(err)
	}
	d, err := s.CreateDefinition(s.t.Context(), access.System(), s.mailbox, automation.Definition{
		Name: "w", Type: automation.TypeManual, MaxRuns: 1, Actions: []automation.Action{{Do: automation.DoNote, Body: "x"}},
	}, automation.ModeOn)
	if err != nil {
		s.t.Fatal(err)
	}
	return func(tx pgx.Tx) automation.RunID {
		id := automation.RunID(store.NewID())
		_, err := tx.Exec(s.t.Context(), `INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name,
			mode, trigger, state, seq, origin,
				created_at, finished_at, ended_xid)
			VALUES ($1, $2, $3, $4, $5, 1, 'w', 'on', 'manual', 'done', 1, 1, now(), now(), pg_current_xact_id())`, id, c.ID, s.mailbox, d.ID,
			d.VersionID)
		if err != nil {
			s.t.Error(err)
		}
		return id
	}
}

// read reads on from a position, page by page.
func (s *shop) read(at *runs.Position) []automation.RunID {
	s.t.Helper()
	var got []automation.RunID
	for {
		page, err := s.RunsEnded(s.t.Context(), s.mailbox, *at, 3)
		if err != nil {
			s.t.Error(err)
			return got
		}
		for _, e := range page {
			got = append(got, e.ID)
			*at = e.Position()
		}
		if len(page) < 3 {
			return got
		}
	}
}

// A run of a transaction that began earlier and commits later comes first: until then
// nothing after it is told.
func TestRunsThatEndAreToldInAnOrderThatNoLaterCommitBreaks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	end := s.ends()
	at, err := s.RunsNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	begin := func() pgx.Tx {
		tx, err := s.house.Pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	slow, quick := begin(), begin()
	first := end(slow)
	second := end(quick)
	if err := quick.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.read(&at); len(got) != 0 {
		t.Errorf("%v was told while an earlier transaction was under way", got)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A transaction of anybody in the cluster that began earlier puts it off: other
	// tests have some.
	var got []automation.RunID
	for len(got) < 2 {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
		got = append(got, s.read(&at)...)
	}
	if !slices.Equal(got, []automation.RunID{first, second}) {
		t.Errorf("got %v, want %v and %v", got, first, second)
	}
	newest, err := s.NewestRuns(t.Context(), []conversation.MailboxID{s.mailbox})
	if err != nil || newest[s.mailbox] != at {
		t.Errorf("the newest is %v, want %v (%v)", newest, at, err)
	}
}

// Many write at once, with transactions of any length and some that fail; a reader who
// continues from his last position gets each run that was kept, once.
func TestAReaderOfEndedRunsMissesNoneAndGetsNoneTwice(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	end := s.ends()
	at, err := s.RunsNow(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var kept []automation.RunID
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 7))
			for range 25 {
				tx, err := s.house.Pool.Begin(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				var mine []automation.RunID
				for range 1 + random.IntN(3) {
					mine = append(mine, end(tx))
					if _, err := tx.Exec(t.Context(), `SELECT pg_sleep($1)`, random.Float64()/200); err != nil {
						t.Error(err)
					}
				}
				if random.IntN(5) == 0 {
					err = tx.Rollback(t.Context())
					mine = nil
				} else {
					err = tx.Commit(t.Context())
				}
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				kept = append(kept, mine...)
				mu.Unlock()
			}
		})
	}
	over := make(chan struct{})
	go func() { writers.Wait(); close(over) }()
	var got []automation.RunID
	for done := false; !done; {
		select {
		case <-over:
			done = true
		default:
		}
		got = append(got, s.read(&at)...)
	}
	// Other databases of this server may have transactions under way that hold it up.
	for s.house.Number(`SELECT count(*) FROM runs WHERE ended_xid >= pg_snapshot_xmin(pg_current_snapshot())`) > 0 {
	}
	got = append(got, s.read(&at)...)
	slices.Sort(got)
	slices.Sort(kept)
	if !slices.Equal(got, kept) {
		t.Errorf("%d runs were told, %d kept: some are missing, or were told twice", len(got), len(kept))
	}
}
