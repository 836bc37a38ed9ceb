package store_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/pgtest"
	"github.com/smarticks/smarticks/store"
)

// refused reports whether the database refused for want of a right.
func refused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

// tampering is every way to change what stands in the audit.
var tampering = []string{
	`UPDATE audit SET actor_id = 'somebody else'`,
	`UPDATE audit SET at = now() WHERE id = 1`,
	`DELETE FROM audit`,
	`TRUNCATE audit`,
	`SET LOCAL smarticks.audit_retention = 'on'; DELETE FROM audit`,
	`ALTER TABLE audit DISABLE TRIGGER ALL`,
	`ALTER TABLE audit DISABLE TRIGGER audit_rows_stay`,
	`DROP TRIGGER audit_rows_stay ON audit`,
	`CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$`,
	`ALTER TABLE audit ALTER COLUMN actor_id TYPE varchar(1)`,
	`DROP TABLE audit`,
	`SET LOCAL session_replication_role = replica`,
	`INSERT INTO audit (id, at, actor_kind, actor_id, verb, object_kind, object_id) OVERRIDING SYSTEM VALUE
		SELECT id, now(), 'user', 'x', 'x', 'x', 'x' FROM audit LIMIT 1 ON CONFLICT (id) DO UPDATE SET actor_id = 'x'`,
}

func TestTheProductMayReadTheAuditAndAddToItAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if kept, err := s.AuditIsKept(t.Context()); err != nil || !kept {
		t.Errorf("the store may change the audit: %v, %v", kept, err)
	}
	_, err := s.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "Ada", Email: "ada@smarticks.test", Role: conversation.RoleAdmin})
	check(t, err)
	before := s.house.Number(`SELECT count(*) FROM audit`)
	if before == 0 {
		t.Fatal("the audit is empty: this test would prove nothing")
	}
	s.trying(`SET LOCAL ROLE smarticks_app`, tampering, func(sql string, err error) {
		if !refused(err) && !strings.Contains(err.Error(), "must be owner") {
			t.Errorf("%s: %v", sql, err)
		}
	})
	if after := s.house.Number(`SELECT count(*) FROM audit`); after != before {
		t.Errorf("%d entries, there were %d", after, before)
	}
}

func TestNobodyChangesTheAuditByMistake(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	// The owner, with the first five: whoever may do more takes the trigger away first.
	s.trying(`SELECT 1`, tampering[:5], func(sql string, err error) {
		if !refused(err) || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", sql, err)
		}
	})
}

// trying runs each statement in a transaction of its own that is rolled back.
func (s *shop) trying(begin string, statements []string, saw func(sql string, err error)) {
	s.t.Helper()
	for _, sql := range statements {
		tx, err := s.house.Pool.Begin(s.t.Context())
		check(s.t, err)
		_, err = tx.Exec(s.t.Context(), begin)
		check(s.t, err)
		_, err = tx.Exec(s.t.Context(), sql, pgx.QueryExecModeSimpleProtocol)
		if err == nil {
			err = errors.New("it was done")
		}
		saw(sql, err)
		check(s.t, tx.Rollback(s.t.Context()))
	}
}

// login makes a user of the database server and returns the DSN with which he
// comes, and drops him with the test.
func login(t *testing.T, dsn, name string, grants ...string) string {
	t.Helper()
	name += "_" + strings.ReplaceAll(store.NewID(), "-", "")
	ctx := context.WithoutCancel(t.Context())
	admin, err := pgx.Connect(ctx, dsn)
	check(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec(ctx, `DROP OWNED BY `+name+`; DROP ROLE `+name)
		check(t, err)
		check(t, admin.Close(ctx))
	})
	_, err = admin.Exec(ctx, `CREATE ROLE `+name+` LOGIN PASSWORD 'x'`)
	check(t, err)
	for _, grant := range grants {
		_, err = admin.Exec(ctx, grant+` TO `+name)
		check(t, err)
	}
	u, err := url.Parse(dsn)
	check(t, err)
	if u.User != nil {
		u.User = url.UserPassword(name, "x")
	}
	if q := u.Query(); q.Has("user") {
		q.Set("user", name)
		u.RawQuery = q.Encode()
	}
	return u.String()
}

func TestAUserOfTheRoleWorksAndOneOfAnotherKindIsToldApart(t *testing.T) {
	t.Parallel()
	dsn := pgtest.New(t)
	for name, c := range map[string]struct {
		grants []string
		kept   bool
	}{
		"member": {[]string{`GRANT smarticks_app`}, true},
		"solo":   {[]string{`GRANT ALL ON ALL TABLES IN SCHEMA public`}, false},
	} {
		s, err := store.Open(t.Context(), store.Config{DSN: login(t, dsn, name, c.grants...)})
		check(t, err)
		t.Cleanup(s.Close)
		if kept, err := s.AuditIsKept(t.Context()); err != nil || kept != c.kept {
			t.Errorf("%s: kept %v, %v", name, kept, err)
		}
		if _, err := s.CreateMailbox(t.Context(), access.System(),
			conversation.Mailbox{Name: name, Email: name + "@smarticks.test"}); err != nil {
			t.Errorf("%s cannot work: %v", name, err)
		}
	}
}
