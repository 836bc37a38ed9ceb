package store_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

const (
	adasPassword = "correct horse battery"
	bobsPassword = "wrong donkey accumulator"
	home         = "203.0.113.5"
)

// door is a store whose clock can be moved on, with two admins who have passwords
// and an agent who has none.
type door struct {
	*shop
	ada, bob, eve conversation.User
	statements    *testhouse.Statements
}

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{statements: &testhouse.Statements{}}
	h := testhouse.New(t, testhouse.Traced(d.statements))
	d.shop = &shop{Store: h.Store, t: t, house: h}
	user := func(name string, role conversation.Role, password string) conversation.User {
		u, err := d.CreateUser(t.Context(), access.System(), conversation.User{Name: name, Email: name + "@smarticks.test", Role: role})
		check(t, err)
		if password != "" {
			check(t, d.SetPassword(t.Context(), access.System(), u.ID, access.PasswordChange{New: password}))
		}
		return u
	}
	d.ada = user("Ada", conversation.RoleAdmin, adasPassword)
	d.bob = user("Bob", conversation.RoleAdmin, bobsPassword)
	d.eve = user("Eve", conversation.RoleAgent, "")
	return d
}

// work returns what was asked of the database since the last call.
func (d *door) work() string {
	var texts strings.Builder
	for _, asked := range d.statements.Take() {
		texts.WriteString(asked.SQL + "\n")
	}
	return texts.String()
}

// prolong makes the waits that are under way end ten minutes later, so that no
// machine is too slow to see them.
func (d *door) prolong() {
	d.t.Helper()
	d.house.Exec(`UPDATE login_failures SET at = at + interval '10 minutes'`)
}

func (d *door) try(email, password, address string) (string, error) {
	_, secret, err := d.Login(d.t.Context(), access.Caller{Address: address}, access.Attempt{Email: email, Password: password})
	return secret, err
}

// enter logs in and must get in.
func (d *door) enter(email, password string) (secret string, who access.Caller) {
	d.t.Helper()
	secret, err := d.try(email, password, home)
	check(d.t, err)
	who, err = d.SessionUser(d.t.Context(), secret, false)
	check(d.t, err)
	return secret, who
}

// in reports whether the session's secret is still good for something.
func (d *door) in(secret string) bool {
	d.t.Helper()
	_, err := d.SessionUser(d.t.Context(), secret, false)
	if err != nil && !errs.Is(err, errs.NotFound) {
		d.t.Fatal(err)
	}
	return err == nil
}

// wait is how long an answer says to wait.
func wait(err error) time.Duration {
	var many *access.TooManyError
	if errors.As(err, &many) {
		return many.Wait
	}
	return 0
}

func TestWrongLoginsAreAnsweredAlikeAfterTheSameWork(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	cases := map[string][2]string{
		"wrong password": {"ada@smarticks.test", "not the password"},
		"no password":    {"eve@smarticks.test", "not the password"},
		"no such user":   {"nobody@smarticks.test", "not the password"},
		"no address":     {"\x01", ""},
	}
	d.work()
	var first, work string
	for name, c := range cases {
		_, err := d.try(c[0], c[1], home)
		if !errs.Is(err, errs.Forbidden) {
			t.Fatalf("%s: %v", name, err)
		}
		if first == "" {
			first, work = err.Error(), d.work()
		}
		if got := d.work(); err.Error() != first || got != "" && got != work {
			t.Errorf("%s is told from the others: %v after %s", name, err, got)
		}
	}
	// What takes long is computing the hash: it is done for all of them.
	defer store.HoldHashes(d.Store)()
	var group sync.WaitGroup
	for name, c := range cases {
		group.Go(func() {
			if _, err := d.try(c[0], c[1], "203.0.113.6"); !errs.Is(err, errs.Unavailable) || wait(err) != 0 {
				t.Errorf("%s with no turn left to compute a hash: %v", name, err)
			}
		})
	}
	group.Wait()
	// What was not looked at is no failure.
	if n := d.house.Number(`SELECT count(*) FROM login_failures WHERE address = '203.0.113.6'`); n != 0 {
		t.Errorf("%d tries that were not looked at count", n)
	}
}

func TestFailuresMakeTheNextTryWait(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	fail := func(email, address string) time.Duration {
		_, err := d.try(email, "not the password", address)
		return wait(err)
	}
	for i := range 5 {
		if w := fail("ada@smarticks.test", home); w != 0 {
			t.Fatalf("try %d waits %v", i+1, w)
		}
	}
	d.prolong()
	// The account, from elsewhere and with the right password too; and the address.
	for name, c := range map[string][3]string{
		"the account": {"ADA@smarticks.test", adasPassword, "198.51.100.7"}, "the address": {"bob@smarticks.test", bobsPassword, home},
	} {
		_, err := d.try(c[0], c[1], c[2])
		if w := wait(err); w <= 0 || w > 10*time.Minute+15*time.Second {
			t.Errorf("%s waits %v, want 15s after the last failure: %v", name, w, err)
		}
	}
	// A try that had to wait is no failure.
	if n := d.house.Number(`SELECT count(*) FROM login_failures`); n != 5 {
		t.Errorf("%d failures, want 5", n)
	}
	d.house.Later(10*time.Minute + 15*time.Second)
	if w := fail("ada@smarticks.test", home); w != 0 {
		t.Errorf("after the wait: %v", w)
	}
	d.prolong()
	if w := fail("ada@smarticks.test", home); w == 0 {
		t.Error("after the sixth failure nobody waits")
	}
	// Forgotten on success.
	d.house.Later(20*time.Minute + 30*time.Second)
	d.enter("ada@smarticks.test", adasPassword)
	if w := fail("ada@smarticks.test", home); w != 0 {
		t.Errorf("after a success: %v", w)
	}
	// Nobody but who knew what to type is in the audit, and no word of it.
	if n := d.house.Number(`SELECT count(*) FROM audit WHERE verb = 'login failed' AND object_id = $1 AND address = $2`, d.ada.ID,
		home); n != 7 {
		t.Errorf("the audit notes %d failures, want 7", n)
	}
	if n := d.house.Number(`SELECT count(*) FROM audit WHERE verb = 'logged in' AND object_id = $1 AND actor_id = $1`, d.ada.ID); n != 1 {
		t.Errorf("the audit notes %d logins, want 1", n)
	}
	if n := d.house.Number(`SELECT count(*) FROM audit a WHERE a::text LIKE '%' || $1 || '%' OR a::text LIKE '%not the password%'`,
		adasPassword); n != 0 {
		t.Error("a password stands in the audit")
	}
}

// Who has an account of his own cannot use it to go on trying at others.
func TestASuccessForgetsNoFailuresOfOtherAccounts(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	for _, email := range []string{"one", "two", "three", "four"} {
		_, _ = d.try(email+"@smarticks.test", "not the password", home)
	}
	d.enter("ada@smarticks.test", adasPassword)
	_, _ = d.try("five@smarticks.test", "not the password", home)
	d.prolong()
	if _, err := d.try("six@smarticks.test", "not the password", home); wait(err) == 0 {
		t.Errorf("the sixth is let through: %v", err)
	}
	// One's own slips, which a success forgets, do not add up for the office.
	d.house.Later(time.Hour)
	for range 3 {
		for range 3 {
			_, _ = d.try("ada@smarticks.test", "not the password", home)
		}
		d.enter("ada@smarticks.test", adasPassword)
	}
}

func TestTriesAtOnceAreAsManyFailures(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	var looked atomic.Int64
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			switch _, err := d.try("ada@smarticks.test", "not the password", home); errs.KindOf(err) {
			case errs.Forbidden:
				looked.Add(1)
			case errs.Unavailable: // it has to wait
			default:
				t.Errorf("unexpected: %v", err)
			}
		})
	}
	group.Wait()
	if n := looked.Load(); n == 0 || n > 5 {
		t.Errorf("%d were looked at, want at most 5", n)
	}
}
