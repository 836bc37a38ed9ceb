package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store"
)

// keep sets how long everything is kept, in days.
func (s *shop) keep(days, audit int) {
	s.t.Helper()
	_, err := s.ChangeSettings(s.t.Context(), access.System(), conversation.SettingsChange{
		KeepExplanations: &days, KeepAttempts: &days, KeepRawMails: &days, KeepAudit: &audit,
	})
	check(s.t, err)
}

// lines answers a query of one text column.
func (s *shop) lines(sql string) string {
	s.t.Helper()
	var out string
	check(s.t, s.house.Pool.QueryRow(s.t.Context(), `SELECT coalesce(string_agg(line, E'\n'), '') FROM (`+sql+`) x (line)`).Scan(&out))
	return out
}

// history makes n runs, deliveries and mails of each age, in days, the oldest first.
func (s *shop) history(n int, ages ...int) {
	s.t.Helper()
	d, err := s.CreateDefinition(s.t.Context(), access.System(), s.mailbox, definition("a", urgent), automation.ModeOn)
	check(s.t, err)
	c := s.conversation(s.mailbox, conversation.StatusActive, conversation.StatePublished)
	message := store.NewID()
	_, err = s.house.Pool.Exec(s.t.Context(), `INSERT INTO messages (id, conversation_id, mailbox_id, kind, author_kind, created_at)
		VALUES ($1, $2, $3, 'customer', 'customer', now())`, message, c, s.mailbox)
	check(s.t, err)
	origin := 0
	for _, age := range ages {
		for range n {
			origin++
			at := fmt.Sprintf("%d days", age)
			_, err := s.house.Pool.Exec(s.t.Context(),
				`INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode, trigger,
					state, seq, origin, episodes, verdict, created_at, finished_at)
				SELECT $1, $2, f.mailbox_id, f.id, f.version_id, 1, f.name, 'on', 'time', 'done', $3, $3, ARRAY['e' || $3::bigint],
					'{"holds": "true", "groups": [{"holds": "true", "rows": []}]}', now() - $4::interval, now() FROM definitions f WHERE f.id = $5`,
				store.NewID(), c, origin, at, d.ID)
			check(s.t, err)
			_, err = s.house.Pool.Exec(s.t.Context(), `WITH made AS (INSERT INTO deliveries (id, conversation_id, kind, state, attempts, next_at,
				payload, created_at)
					VALUES ($1, $2, 'email', CASE WHEN $3 % 2 = 0 THEN 'waiting' ELSE 'sent' END, 1, now(), '{}', now() - $4::interval) RETURNING id)
				INSERT INTO attempts (delivery_id, n, state, started_at) SELECT id, 1, 'sent', now() - $4::interval FROM made`, store.NewID(), c,
				origin, at)
			check(s.t, err)
			_, err = s.house.Pool.Exec(s.t.Context(), `INSERT INTO raw_mails (id, mailbox_id, message_id, message_id_header, sha256,
				envelope_from, recipients, raw, created_at)
				VALUES ($1::uuid, $2, $3, $1::uuid::text, '\x01', 'ann@example.com', '{x@example.com}', 'Subject: secret', now() - $4::interval)`,
				store.NewID(), s.mailbox, message, at)
			check(s.t, err)
			_, err = s.house.Pool.Exec(s.t.Context(), `INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id) VALUES (now() -
				$1::interval, 'system', '', 'counted', 'test', '')`, at)
			check(s.t, err)
		}
	}
}

// counted is what limits, origins and episodes are counted over.
const counted = `SELECT concat_ws(' ', id, definition_id, mode, trigger, state, origin, episodes, created_at) FROM runs ORDER BY id`

func TestWhatWasKeptLongEnoughGoesAndWhatIsCountedStays(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.history(2, 100, 50, 1)
	before := s.lines(counted)
	if out, err := s.Forget(t.Context()); err != nil || out != (conversation.Forgotten{}) {
		t.Errorf("kept for ever, %+v, %v", out, err)
	}
	s.keep(60, 60)
	out, err := s.Forget(t.Context())
	check(t, err)
	if want := (conversation.Forgotten{Explanations: 2, Attempts: 1, RawMails: 2, Audit: 2}); out != want {
		t.Errorf("60 days: %+v, want %+v", out, want)
	}
	s.keep(30, 30)
	out, err = s.Forget(t.Context())
	check(t, err)
	if want := (conversation.Forgotten{Explanations: 2, Attempts: 1, RawMails: 2, Audit: 2}); out != want {
		t.Errorf("30 days: %+v, want %+v", out, want)
	}
	if again, err := s.Forget(t.Context()); err != nil || again != (conversation.Forgotten{}) {
		t.Errorf("again %+v, %v", again, err)
	}
	if after := s.lines(counted); after != before {
		t.Errorf("what is counted was\n%s\nand is\n%s", before, after)
	}
	for sql, want := range map[string]int{
		`SELECT count(*) FROM runs WHERE verdict ? 'groups'`: 2, `SELECT count(*) FROM runs WHERE verdict ->> 'holds' = 'true'`: 6,
		`SELECT count(*) FROM deliveries`: 6, `SELECT count(*) FROM attempts`: 4, `SELECT count(*) FROM raw_mails`: 6,
		`SELECT count(*) FROM raw_mails WHERE raw <> ''`: 2, `SELECT count(*) FROM raw_mails WHERE envelope_from = '' AND recipients = '{}'`: 4,
		`SELECT count(*) FROM audit WHERE verb = 'counted'`:                             2,
		`SELECT sum((before ->> 'rows')::int)::int FROM audit WHERE verb = 'forgotten'`: 4,
	} {
		if got := s.house.Number(sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	kinds, err := s.Retained(t.Context())
	check(t, err)
	for _, k := range kinds {
		want := int64(4)
		if k.Kind == "attempts" {
			want = 2
		}
		if k.Days != 30 || k.Removed != want || k.RemovedAt.IsZero() {
			t.Errorf("%+v, want %d removed", k, want)
		}
	}
}

// What still waited when it was looked at, or was sent again since, goes when it is
// over and old.
func TestAttemptsThatWereLeftGoInTheEnd(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.history(2, 50) // one sent, one waiting
	s.keep(30, 30)
	left := func(forgotten, attempts int) {
		t.Helper()
		out, err := s.Forget(t.Context())
		check(t, err)
		if n := s.house.Number(`SELECT count(*) FROM attempts`); out.Attempts != forgotten || n != attempts {
			t.Errorf("%d attempts were removed, %d are left, want %d and %d", out.Attempts, n, forgotten, attempts)
		}
	}
	left(1, 1)
	left(0, 1)
	again := func(age string) {
		t.Helper()
		_, err := s.house.Pool.Exec(t.Context(), `INSERT INTO attempts (delivery_id, n, state, started_at) SELECT id, 2, 'sent', now() -
			$1::interval FROM deliveries WHERE state = 'sent'`, age)
		check(t, err)
	}
	again("1 day")
	left(0, 2)
	_, err := s.house.Pool.Exec(t.Context(), `UPDATE deliveries SET state = 'failed' WHERE state = 'waiting'`)
	check(t, err)
	left(1, 1)
	_, err = s.house.Pool.Exec(t.Context(), `UPDATE attempts SET started_at = now() - interval '31 days'`)
	check(t, err)
	left(1, 0)
	left(0, 0)
}

func TestRemovalGoesInBatches(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.history(1, 50)
	_, err := s.house.Pool.Exec(t.Context(), `INSERT INTO audit (at, actor_kind, actor_id, verb, object_kind, object_id)
		SELECT now() - interval '50 days', 'system', '', 'counted', 'test', '' FROM generate_series(1, 1100)`)
	check(t, err)
	s.keep(30, 30)
	sum, calls := 0, 0
	for more := true; more; calls++ {
		out, err := s.Forget(t.Context())
		check(t, err)
		more, sum = out.More, sum+out.Audit
	}
	if calls != 3 || sum != 1101 {
		t.Errorf("%d rows in %d batches, want 1101 in 3", sum, calls)
	}
}

func TestTheAuditIsNotForgottenTooEarlyWhoeverAsks(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, days := range []int{1, 29} {
		if _, err := s.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{KeepAudit: &days}); !errs.Is(err, errs.Invalid) {
			t.Errorf("%d days: %v", days, err)
		}
	}
	for _, role := range []string{`SELECT 1`, `SET LOCAL ROLE smarticks_app`} {
		s.trying(role, []string{
			`SELECT audit_forget(clock_timestamp() - interval '29 days', 100)`, `SELECT audit_forget(clock_timestamp() - interval '40 days', 10001)`,
		}, func(sql string, err error) {
			if !refused(err) || !strings.Contains(err.Error(), "30 days") {
				t.Errorf("%s: %v", sql, err)
			}
		})
	}
}

// A run that was still asked for when its reasons would have gone loses them when it
// has ended.
func TestReasonsOfARunThatWasStillAskedForGoInTheEnd(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.history(2, 50)
	s.keep(30, 30)
	set := func(state, where string) {
		t.Helper()
		_, err := s.house.Pool.Exec(t.Context(), `UPDATE runs SET state = $1 WHERE `+where, state)
		check(t, err)
	}
	set("asked", `id = (SELECT min(id::text)::uuid FROM runs)`)
	left := func(forgotten, reasons int) {
		t.Helper()
		out, err := s.Forget(t.Context())
		check(t, err)
		if n := s.house.Number(`SELECT count(*) FROM runs WHERE verdict ? 'groups'`); out.Explanations != forgotten || n != reasons {
			t.Errorf("the reasons of %d runs were removed, %d have theirs, want %d and %d", out.Explanations, n, forgotten, reasons)
		}
	}
	left(1, 1)
	left(0, 1)
	set("done", `state = 'asked'`)
	left(1, 0)
	if n := s.house.Number(`SELECT count(*) FROM runs_left`); n != 0 {
		t.Errorf("%d runs are noted still", n)
	}
}
