package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// manager makes an agent who is a member of both mailboxes and manages the
// workflows of support.
func (w *world) manager() string {
	w.Helper()
	id := w.want(201, w.asAdmin, "POST", "/v1/users", map[string]any{
		"name": "Mia", "email": "mia@smarticks.test", "role": "agent", "mailbox_ids": []any{w.support.ID, w.billing.ID},
		"manage_workflows_in": []any{w.support.ID},
	}).text(w, "id")
	return w.token(conversation.UserID(id))
}

func moving(mailbox string) map[string]any {
	return map[string]any{"name": "Move to " + mailbox, "type": "manual", "actions": []any{map[string]any{"do": "move", "mailbox": mailbox}}}
}

func TestManagersManageTheirMailboxesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mia := w.manager()
	note := map[string]any{"name": "Note", "type": "manual", "actions": []any{map[string]any{"do": "note", "body": "x"}}}
	of := func(m conversation.Mailbox) string { return "/v1/mailboxes/" + string(m.ID) + "/workflows" }
	w.want(201, mia, "POST", of(w.support), note)
	w.want(403, mia, "POST", of(w.billing), note)
	w.want(403, w.asAgent, "POST", of(w.support), note)

	// For all his mailboxes at once, and taken back.
	bob := "/v1/users/" + string(w.agent.ID)
	w.want(200, w.asAdmin, "PATCH", bob, map[string]any{"manage_workflows": true})
	note["name"] = "Note of Bob"
	w.want(201, w.asAgent, "POST", of(w.support), note)
	w.want(404, w.asAgent, "POST", of(w.billing), note)
	w.want(200, w.asAdmin, "PATCH", bob, map[string]any{"manage_workflows": false})
	note["name"] = "Another note"
	w.want(403, w.asAgent, "POST", of(w.support), note)

	r := w.want(422, w.asAdmin, "PATCH", bob, map[string]any{"manage_workflows_in": []any{w.billing.ID}})
	if !strings.Contains(string(r.body), "manage_workflows_in[0]") {
		t.Errorf("the path is not named: %s", r.body)
	}
}

// A workflow acts on the mailboxes that it names with its author's rights.
func TestAWorkflowNamesOnlyWhatItsAuthorManages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mia := w.manager()
	path := "/v1/mailboxes/" + string(w.support.ID) + "/workflows"
	r := w.want(422, mia, "POST", path, moving(string(w.billing.ID)))
	if !strings.Contains(string(r.body), "you may not manage workflows of this mailbox") {
		t.Errorf("answer: %s", r.body)
	}
	byAdmin := moving(string(w.billing.ID))
	byAdmin["name"] = "By the admin"
	w.want(201, w.asAdmin, "POST", path, byAdmin)

	// A mailbox that he does not see is answered like one that does not exist, by id and by address.
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), map[string]any{"manage_workflows_in": []any{w.support.ID}})
	for _, path := range []string{path, path + "/check"} {
		for foreign, missing := range map[string]string{string(w.billing.ID): nobodysID, w.billing.Email: "nobody@smarticks.test"} {
			a := w.call(w.asAgent, "POST", path, moving(foreign))
			b := w.call(w.asAgent, "POST", path, moving(missing))
			if got := strings.ReplaceAll(string(a.body), foreign, missing); a.status != b.status || got != string(b.body) || a.status == 201 {
				t.Errorf("POST %s: foreign %d %s, missing %d %s", path, a.status, got, b.status, b.body)
			}
		}
	}
}

func TestScopesBoundAToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	make := func(as string, status int, scopes ...any) reply {
		return w.want(status, as, "POST", "/v1/tokens", map[string]any{"user_id": w.admin.ID, "name": "ERP", "scopes": scopes})
	}
	read, write := make(w.asAdmin, 201, "read").text(t, "token"), make(w.asAdmin, 201, "write").text(t, "token")
	manage := make(w.asAdmin, 201, "manage").text(t, "token")
	w.want(200, read, "GET", "/v1/conversations/"+id, nil)
	r := w.want(403, read, "PATCH", "/v1/conversations/"+id, map[string]any{"status": "closed"})
	if !strings.Contains(string(r.body), "lacks the scope write") {
		t.Errorf("answer: %s", r.body)
	}
	w.want(403, read, "GET", "/v1/settings", nil)
	w.want(200, write, "PATCH", "/v1/conversations/"+id, map[string]any{"status": "closed"})
	w.want(403, write, "GET", "/v1/conversations/"+id, nil)
	w.want(200, manage, "GET", "/v1/settings", nil)
	w.want(403, manage, "GET", "/v1/conversations/"+id, nil)
	// Nobody gives away more than he has.
	make(manage, 422, "manage", "read")
	make(manage, 201, "manage")
}

func TestTokenIsRotatedWithOverlap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.agent.ID, "name": "ERP", "scopes": []any{"read"}})
	old, path := made.text(t, "token"), "/v1/tokens/"+made.text(t, "id")
	next := w.want(201, w.asAdmin, "POST", path+"/rotate", nil)
	if next.text(t, "scopes", 0) != "read" || next.text(t, "user_id") != string(w.agent.ID) {
		t.Errorf("the successor differs: %s", next.body)
	}
	w.want(200, old, "GET", "/v1/me", nil)
	w.want(200, next.text(t, "token"), "GET", "/v1/me", nil)
	var left time.Duration
	w.Value(&left, `SELECT expires_at - now() FROM tokens WHERE id = $1`, made.text(t, "id"))
	if left > 24*time.Hour || left < 23*time.Hour {
		t.Errorf("the old token is valid for %v more, want a day", left)
	}
	// At once.
	last := w.want(201, w.asAdmin, "POST", "/v1/tokens/"+next.text(t, "id")+"/rotate", map[string]any{"overlap_seconds": 0})
	w.want(401, next.text(t, "token"), "GET", "/v1/me", nil)
	w.want(200, last.text(t, "token"), "GET", "/v1/me", nil)
	w.want(409, w.asAdmin, "POST", "/v1/tokens/"+next.text(t, "id")+"/rotate", nil)
	w.want(404, w.asAdmin, "POST", "/v1/tokens/"+nobodysID+"/rotate", nil)
}

func TestLastUseIsWrittenAtMostOnceAMinute(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.token(w.agent.ID)
	const used = `SELECT last_used_at FROM tokens WHERE prefix = $1`
	use := func() (at time.Time) {
		w.want(200, secret, "GET", "/v1/me", nil)
		w.Value(&at, used, secret[:10])
		return at
	}
	w.Exec(`UPDATE tokens SET last_used_at = now() - interval '30 seconds' WHERE prefix = $1`, secret[:10])
	var before time.Time
	w.Value(&before, used, secret[:10])
	if at := use(); !at.Equal(before) {
		t.Error("it was written again within a minute")
	}
	w.Exec(`UPDATE tokens SET last_used_at = now() - interval '61 seconds' WHERE prefix = $1`, secret[:10])
	if at := use(); time.Since(at) > 30*time.Second {
		t.Errorf("it was not written after a minute: %v", at)
	}
}
