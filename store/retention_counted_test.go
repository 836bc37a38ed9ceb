package store_test

import (
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// What is too old to count against a limit goes, whatever is kept for how long.
func TestWhatCountsNoMoreIsRemoved(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, sql := range []string{
		`INSERT INTO automatic_mails (recipient, subject, at) SELECT 'k' || n, 's', now() - interval '49 hours' FROM generate_series(1, 700) n`,
		`INSERT INTO automatic_mails (recipient, subject, at) VALUES ('k', 's', now() - interval '23 hours'), ('k', 's', now())`,
		`INSERT INTO notices (about, kind, at) SELECT 'limit ' || n, 'limit', now() - interval '3 days' FROM generate_series(1, 3) n`,
		`INSERT INTO notices (about, kind, at) VALUES ('failing x', 'failing', now() - interval '23 hours')`,
		`INSERT INTO run_counts (definition_id, minute, shard, runs) SELECT gen_random_uuid(), now() - interval '121 minutes', 0, 1 FROM
			generate_series(1, 3)`,
		`INSERT INTO run_counts (definition_id, minute, shard, runs) VALUES (gen_random_uuid(), now() - interval '61 minutes', 0, 1)`,
	} {
		_, err := s.house.Pool.Exec(t.Context(), sql)
		check(t, err)
	}
	maria, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Maria", Email: "maria@smarticks.test", Role: conversation.RoleAgent})
	check(t, err)
	token, _, err := s.CreateToken(t.Context(), access.System(), access.Token{UserID: maria.ID, Name: "t", Scopes: access.AllScopes()})
	check(t, err)
	_, err = s.house.Pool.Exec(t.Context(), `INSERT INTO idempotency_keys (token_id, key, request_hash, status, body, created_at)
		SELECT $1, 'k' || n, '', 200, '', now() - n * interval '10 days' FROM generate_series(1, 4) n`, token.ID)
	check(t, err)
	calls := 0
	for more := true; more; calls++ {
		out, err := s.Forget(t.Context())
		check(t, err)
		more = out.More
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2: the first batch is full", calls)
	}
	if counts := s.house.Number(`SELECT count(*) FROM run_counts`); counts != 1 {
		t.Errorf("%d counts of runs are kept, want 1", counts)
	}
	if keys := s.house.Number(`SELECT count(*) FROM idempotency_keys`); keys != 2 {
		t.Errorf("%d keys of requests are kept, want those of the last 30 days", keys)
	}
	if mails, told := s.house.Number(`SELECT count(*) FROM automatic_mails`), s.house.Number(`SELECT count(*) FROM notices`); mails != 2 ||
		told != 1 {
		t.Errorf("%d mails and %d notices are kept, want 2 and 1", mails, told)
	}
}
