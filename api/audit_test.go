package api_test

import (
	"testing"

	"github.com/smarticks/smarticks/store"
)

func TestTheAuditIsListedByObjectAndActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.want(201, w.asAdmin, "POST", "/v1/users",
		map[string]any{"name": "Tom", "email": "tom@smarticks.test", "role": "agent"}).text(t, "id")
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+user, map[string]any{"name": "Tim"})
	list := "/v1/audit?object_kind=user&object_id=" + user
	first := w.want(200, w.asAdmin, "GET", list+"&limit=1", nil)
	if first.text(t, "items", 0, "verb") != "changed" || first.text(t, "items", 0, "before", "name") != "Tom" ||
		first.text(t, "items", 0, "after", "name") != "Tim" {
		t.Errorf("the newest is %s", first.body)
	}
	rest := w.want(200, w.asAdmin, "GET", list+"&cursor="+first.text(t, "next_cursor"), nil)
	if rest.text(t, "items", 0, "verb") != "created" || rest.object(t)["next_cursor"] != nil {
		t.Errorf("the rest is %s", rest.body)
	}
	if by := w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=user&actor_id="+string(w.admin.ID),
		nil); len(by.object(t)["items"].([]any)) < 2 {
		t.Errorf("by the admin %s", by.body)
	}
	if by := w.want(200, w.asAdmin, "GET", "/v1/audit?actor_id="+store.NewID(), nil); len(by.object(t)["items"].([]any)) != 0 {
		t.Errorf("by nobody %s", by.body)
	}
	w.want(403, w.asAgent, "GET", "/v1/audit", nil)
	w.want(422, w.asAdmin, "GET", "/v1/audit?cursor=eHg", nil)
}

func TestUsersTagsAndMailboxesAreDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Hello")
	agent := "/v1/users/" + string(w.agent.ID)
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+id, map[string]any{"assignee_id": w.agent.ID, "tags": []string{"x"}})
	w.want(403, w.asAgent, "DELETE", agent, nil)
	w.want(204, w.asAdmin, "DELETE", agent, nil)
	w.want(404, w.asAdmin, "DELETE", agent, nil)
	w.want(401, w.asAgent, "GET", "/v1/me", nil)
	if got := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+id, nil).object(t); got["assignee_id"] != nil {
		t.Errorf("assigned to %v", got["assignee_id"])
	}
	w.want(409, w.asAdmin, "DELETE", "/v1/users/"+string(w.admin.ID), nil)
	w.want(409, w.asAdmin, "DELETE", "/v1/tags/x", nil)
	w.want(404, w.asAdmin, "DELETE", "/v1/tags/never", nil)
	w.want(409, w.asAdmin, "DELETE", "/v1/mailboxes/"+string(w.support.ID), nil)
	workflow := w.workflowIn(w.billing)
	w.want(204, w.asAdmin, "DELETE", "/v1/mailboxes/"+string(w.billing.ID), nil)
	if got := w.want(200, w.asAdmin, "GET", "/v1/audit?object_id="+workflow+"&limit=1", nil); got.text(t, "items", 0,
		"verb") != "deleted" || got.text(t, "items", 0, "before", "mode") != "on" {
		t.Errorf("of a workflow that went with its mailbox: %s", got.body)
	}
	w.want(404, w.asAdmin, "GET", "/v1/mailboxes/"+string(w.billing.ID), nil)
}
