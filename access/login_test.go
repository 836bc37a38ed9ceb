package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

func TestPasswordsHaveTwelveToTwoHundredCharacters(t *testing.T) {
	t.Parallel()
	for password, good := range map[string]bool{
		"":                            false,
		strings.Repeat("x", 11):       false,
		strings.Repeat("x", 12):       true,
		strings.Repeat("é", 12):       true,
		strings.Repeat("x", 200):      true,
		strings.Repeat("é", 200):      true,
		strings.Repeat("x", 201):      false,
		strings.Repeat("e\u0301", 11): false, // eleven letters, however they are written
	} {
		if got := access.CheckPassword(password) == ""; got != good {
			t.Errorf("%d bytes: %v, want %v", len(password), got, good)
		}
	}
	if access.NormalPassword("caf\u00e9") != access.NormalPassword("cafe\u0301") {
		t.Error("the same letter, written in two ways, makes two passwords")
	}
}

func TestPasswordHashIsWrittenAndRead(t *testing.T) {
	t.Parallel()
	h := access.PasswordHash{MemoryKiB: 19456, Passes: 2, Lanes: 1, Salt: []byte("0123456789abcdef"),
		Sum: []byte("0123456789abcdef0123456789abcdef")}
	const want = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
	if h.String() != want {
		t.Errorf("written as %s", h)
	}
	if got, err := access.ParsePasswordHash(want); err != nil || got.String() != want {
		t.Errorf("read as %v, %v", got, err)
	}
	for _, bad := range []string{
		"", "x", "$argon2i$" + want[10:], strings.Replace(want, "v=19", "v=16", 1), strings.Replace(want, "t=2", "t=0", 1),
		strings.Replace(want, "p=1", "p=256", 1), strings.Replace(want, "m=19456", "m=x", 1), want + "$", want[:len(want)-1], want[:40],
		want + "=",
	} {
		if got, err := access.ParsePasswordHash(bad); err == nil {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}

func TestSessionSecretsAndTheirCSRFTokens(t *testing.T) {
	t.Parallel()
	one, two := access.SessionSecret([32]byte{1}), access.SessionSecret([32]byte{2})
	if !access.SessionWellFormed(one) || access.SessionWellFormed(one+"A") || access.SessionWellFormed(one[:42]) ||
		access.SessionWellFormed("") || access.SessionWellFormed(one[:42]+"\n") {
		t.Error("well formed is something else")
	}
	if !access.CSRFMatches(one, access.CSRFToken(one)) {
		t.Error("its own token does not match")
	}
	for _, token := range []string{"", access.CSRFToken(two), one, access.CSRFToken(one) + "x"} {
		if access.CSRFMatches(one, token) {
			t.Errorf("%q matches", token)
		}
	}
}

func TestTriesWaitLongerAndLonger(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	// Somebody who tries as soon as he may.
	var failures []time.Time
	now := start
	var waits []time.Duration
	for range 14 {
		failures = append(failures, now)
		wait := access.LoginWait(failures, now)
		waits = append(waits, wait)
		now = now.Add(wait)
		if left := access.LoginWait(failures, now); left != 0 {
			t.Fatalf("after the wait of %v there are %v left", wait, left)
		}
		now = now.Add(time.Second)
	}
	s := time.Second
	want := []time.Duration{0, 0, 0, 0, 15 * s, 30 * s, 60 * s, 120 * s, 240 * s, 480 * s, 900 * s, 900 * s, 900 * s, 900 * s}
	for i := range want {
		if waits[i] != want[i] {
			t.Fatalf("waits = %v, want %v", waits, want)
		}
	}
	last := failures[len(failures)-1].Add(15 * time.Minute)
	if wait := access.LoginWait(failures, last.Add(-time.Second)); wait != time.Second {
		t.Errorf("a second before its end the wait is %v", wait)
	}
	// Forgotten a quarter of an hour after the wait, not before.
	for after, forgotten := range map[time.Duration]bool{15 * time.Minute: false, 15*time.Minute + s: true} {
		at := last.Add(after)
		if wait := access.LoginWait(append(failures[:len(failures):len(failures)], at), at); (wait == 0) != forgotten {
			t.Errorf("a failure %v after the wait: the next waits %v", after, wait)
		}
	}
	// Four at once are free; slow ones never add up.
	slow := []time.Time{}
	for i := range 20 {
		slow = append(slow, start.Add(time.Duration(i)*(15*time.Minute+time.Second)))
	}
	if wait := access.LoginWait(slow, slow[19]); wait != 0 {
		t.Errorf("slow failures wait %v", wait)
	}
	// Nor does a clock that was set back make anybody wait for nothing.
	if wait := access.LoginWait(failures[:4], start.Add(-time.Hour)); wait != 0 {
		t.Errorf("four failures in the future wait %v", wait)
	}
	if access.LoginWait(nil, start) != 0 {
		t.Error("nobody failed, and it waits")
	}
}

func TestAddressesAreCountedByWhoHasThem(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"203.0.113.5":          "203.0.113.5",
		"::ffff:203.0.113.5":   "203.0.113.5",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2:ffff::":  "2001:db8:1:2::/64",
		"fe80::1%eth0":         "fe80::/64",
		"":                     "",
	} {
		if got := access.AddressKey(address); got != want {
			t.Errorf("%q is counted as %q, want %q", address, got, want)
		}
	}
}

func TestALoginIsItsUsersAndTheAdmins(t *testing.T) {
	t.Parallel()
	admin := access.Caller{User: conversation.User{ID: "a", Role: conversation.RoleAdmin}}
	agent := access.Caller{User: conversation.User{ID: "b", Role: conversation.RoleAgent}}
	reader := agent
	reader.Scopes = []access.Scope{access.ScopeRead}
	for name, c := range map[string]struct {
		who  access.Caller
		user conversation.UserID
		good bool
	}{
		"admin, his own": {admin, "a", true}, "admin, another's": {admin, "b", true},
		"agent, his own": {agent, "b", true}, "agent, another's": {agent, "a", false}, "agent, nobody's": {agent, "", false},
		"token without the scope": {reader, "b", false}, "nobody": {access.Caller{}, "", false},
	} {
		if got := c.who.Of(access.ManageLogin, c.user) == nil; got != c.good {
			t.Errorf("%s: %v, want %v", name, got, c.good)
		}
	}
	if agent.Of(access.ReadPeople, "a") != nil {
		t.Error("a verb that is of no user asks whose it is")
	}
}
