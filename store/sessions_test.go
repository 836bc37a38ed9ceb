package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/store"
)

func TestSessionsEndUnusedAndInTheEnd(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	idle, _ := d.enter("ada@smarticks.test", adasPassword)
	used, _ := d.enter("ada@smarticks.test", adasPassword)
	d.house.Later(8*time.Hour - 10*time.Minute)
	if !d.in(used) {
		t.Error("a session ends before 8 hours without use")
	}
	d.house.Later(11 * time.Minute)
	if d.in(idle) || !d.in(used) {
		t.Errorf("after 8 hours: unused %v, used %v", d.in(idle), d.in(used))
	}
	for range 30*24/7 + 1 {
		if d.house.Later(7 * time.Hour); !d.in(used) {
			break
		}
	}
	if d.in(used) {
		t.Error("a session that is used lives for longer than 30 days")
	}
	d.enter("ada@smarticks.test", adasPassword)
	if n := d.house.Number(`SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions are kept, want the last one only", n)
	}
}

func TestWhoOnlyFollowsWhatIsNewUsesNoSession(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, _ := d.enter("ada@smarticks.test", adasPassword)
	for range 8 {
		d.house.Later(59 * time.Minute)
		if _, err := d.SessionUser(t.Context(), secret, true); err != nil {
			t.Fatalf("refused before 8 hours are over: %v", err)
		}
	}
	if d.house.Later(9 * time.Minute); d.in(secret) {
		t.Error("a session that nobody used for 8 hours is still good")
	}
}

func TestSessionsAreEnded(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	one, who := d.enter("ada@smarticks.test", adasPassword)
	two, _ := d.enter("ada@smarticks.test", adasPassword)
	bobs, bob := d.enter("bob@smarticks.test", bobsPassword)
	if who.User.ID != d.ada.ID || who.Scopes != nil || who.TokenID != "" {
		t.Errorf("the session is %+v", who)
	}
	check(t, d.Logout(t.Context(), who))
	check(t, d.Logout(t.Context(), who)) // nothing left to do
	if d.in(one) || !d.in(two) {
		t.Errorf("after a logout: %v, the other %v", d.in(one), d.in(two))
	}
	check(t, d.EndSessions(t.Context(), bob, d.ada.ID))
	if d.in(two) || !d.in(bobs) {
		t.Errorf("after all of Ada's were ended: hers %v, Bob's %v", d.in(two), d.in(bobs))
	}
	if err := d.EndSessions(t.Context(), access.Caller{User: d.eve}, d.ada.ID); !errs.Is(err, errs.Forbidden) {
		t.Errorf("an agent ends another's: %v", err)
	}
	if err := d.EndSessions(t.Context(), bob, conversation.UserID("01900000-0000-7000-8000-000000000000")); !errs.Is(err, errs.NotFound) {
		t.Errorf("of nobody: %v", err)
	}
	if err := d.Logout(t.Context(), access.Caller{User: d.ada, TokenID: "t"}); !errs.Is(err, errs.Conflict) {
		t.Errorf("a token logs out: %v", err)
	}
	// A user who is removed has none.
	adas, _ := d.enter("ada@smarticks.test", adasPassword)
	check(t, d.DeleteUser(t.Context(), bob, d.ada.ID))
	if d.in(adas) {
		t.Error("a removed user has a session")
	}
	if _, err := d.try("ada@smarticks.test", adasPassword, home); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a removed user logs in: %v", err)
	}
}

func TestANewPasswordEndsTheOtherSessions(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	own, who := d.enter("ada@smarticks.test", adasPassword)
	other, _ := d.enter("ada@smarticks.test", adasPassword)
	set := func(as access.Caller, user conversation.User, current, next string) error {
		return d.SetPassword(t.Context(), as, user.ID, access.PasswordChange{New: next, Current: current})
	}
	const next = "another horse battery"
	for name, c := range map[string]struct {
		current, next, path string
	}{
		"too short": {adasPassword, "short", "password"}, "no current one": {"", next, "current_password"},
		"a wrong one": {"not the password", next, "current_password"},
	} {
		if err := set(who, d.ada, c.current, c.next); !errs.Is(err, errs.Invalid) || errs.Problems(err)[0].Path != c.path {
			t.Errorf("%s: %v", name, err)
		}
	}
	check(t, set(who, d.ada, adasPassword, next))
	if !d.in(own) || d.in(other) {
		t.Errorf("after a change: own %v, other %v", d.in(own), d.in(other))
	}
	if _, err := d.try("ada@smarticks.test", adasPassword, home); !errs.Is(err, errs.Forbidden) {
		t.Errorf("the old password: %v", err)
	}
	d.enter("ada@smarticks.test", next)

	// An admin for others, without the current one; an agent for himself only, and not the first one.
	check(t, set(who, d.bob, "", next))
	agent := access.Caller{User: d.eve}
	for name, err := range map[string]error{"another's": set(agent, d.ada, next, next), "his first": set(agent, d.eve, "", next)} {
		if !errs.Is(err, errs.Forbidden) {
			t.Errorf("an agent sets %s: %v", name, err)
		}
	}
	check(t, set(who, d.eve, "", next))
	check(t, set(agent, d.eve, next, "third horse battery"))
	if err := set(who, conversation.User{ID: "01900000-0000-7000-8000-000000000000"}, "", next); !errs.Is(err, errs.NotFound) {
		t.Errorf("of nobody: %v", err)
	}
}

func TestGuessingTheCurrentPasswordWaitsToo(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, who := d.enter("ada@smarticks.test", adasPassword)
	change := func(current string) error {
		return d.SetPassword(t.Context(), who, d.ada.ID, access.PasswordChange{New: "another horse battery", Current: current})
	}
	for range 5 {
		if err := change("not the password"); !errs.Is(err, errs.Invalid) {
			t.Fatal(err)
		}
	}
	d.prolong()
	if err := change(adasPassword); wait(err) == 0 {
		t.Errorf("after five failures: %v", err)
	}
	// An admin's new password lets him in at once, from elsewhere.
	d.house.Later(time.Hour)
	_, bob := d.enter("bob@smarticks.test", bobsPassword)
	for range 5 {
		_, _ = d.try("ada@smarticks.test", "not the password", "198.51.100.7")
	}
	d.prolong()
	check(t, d.SetPassword(t.Context(), bob, d.ada.ID, access.PasswordChange{New: adasPassword}))
	d.enter("ada@smarticks.test", adasPassword)
}

// A password that is changed after a login with the old one was looked at.
func TestALoginWithAPasswordThatWasJustChangedFails(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	hash := d.house.Text(`SELECT password_hash FROM users WHERE id = $1`, d.ada.ID)
	check(t, store.StartSession(t.Context(), d.Store, d.ada.ID, hash))
	check(t, d.SetPassword(t.Context(), access.System(), d.ada.ID, access.PasswordChange{New: "another horse battery"}))
	if err := store.StartSession(t.Context(), d.Store, d.ada.ID, hash); !errs.Is(err, errs.Forbidden) {
		t.Errorf("the login: %v", err)
	}
	if n := d.house.Number(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

func TestOnlyHashesAreKept(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	secret, _ := d.enter("ada@smarticks.test", adasPassword)
	_, _ = d.try("ada@smarticks.test", "typed by mistake", home)
	_, _ = d.try("typed by mistake", "x", home)
	for _, table := range []string{"users", "sessions", "login_failures", "audit"} {
		for _, word := range []string{adasPassword, secret, access.CSRFToken(secret), "typed by mistake"} {
			if n := d.house.Number(fmt.Sprintf(`SELECT count(*) FROM %s t WHERE position($1 in t::text) > 0`, table), word); n != 0 {
				t.Errorf("%q stands in %s", word, table)
			}
		}
	}
	if got := d.house.Text(`SELECT left(password_hash, 31) FROM users WHERE id = $1`, d.ada.ID); got != "$argon2id$v=19$m=19456,t=2,p=1$" {
		t.Errorf("the hash begins with %s", got)
	}
}

func TestAnIdempotencyKeyBelongsToItsSession(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	_, ada := d.enter("ada@smarticks.test", adasPassword)
	_, bob := d.enter("bob@smarticks.test", bobsPassword)
	create := func(who access.Caller, name string) (string, error) {
		who.Key, who.RequestHash = "k", []byte(name)
		u, err := d.CreateUser(t.Context(), who, conversation.User{Name: name, Email: name + "@smarticks.test", Role: conversation.RoleAgent})
		return string(u.ID), err
	}
	first, err := create(ada, "one")
	check(t, err)
	if again, err := create(ada, "one"); err != nil || again != first {
		t.Errorf("the repeat made %s, %v, want %s", again, err, first)
	}
	if _, err := create(ada, "two"); !errs.Is(err, errs.Conflict) {
		t.Errorf("the key for another request: %v", err)
	}
	if other, err := create(bob, "three"); err != nil || other == first {
		t.Errorf("another session's key: %s, %v", other, err)
	}
	check(t, d.Logout(t.Context(), ada))
	if n := d.house.Number(`SELECT count(*) FROM idempotency_keys`); n != 1 {
		t.Errorf("%d keys are left, want Bob's", n)
	}
}
