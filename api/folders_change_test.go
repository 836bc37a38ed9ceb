package api_test

import (
	"fmt"
	"testing"
)

func TestAFolderIsChangedByWhoManagesItsMailbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Hello")
	body := fmt.Sprintf(`{"mailbox_id":%q,"name":"Waiting","status":["pending"]}`, w.support.ID)
	w.want(403, w.asAgent, "POST", "/v1/folders", body)
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), map[string]any{"manage_workflows_in": []any{w.support.ID}})
	path := "/v1/folders/" + w.want(201, w.asAgent, "POST", "/v1/folders", body).text(t, "id")
	w.want(404, w.asAgent, "POST", "/v1/folders", fmt.Sprintf(`{"mailbox_id":%q,"name":"Waiting","status":["pending"]}`, w.billing.ID))
	w.want(404, w.asAgent, "PATCH", "/v1/folders/"+w.folderIn(w.billing), `{"status":["closed"]}`)

	if got := w.want(200, w.asAgent, "PATCH", path, `{"status":["active"]}`); got.field(t, "conversations") != 1.0 {
		t.Errorf("with %s in it: %s", id, got.body)
	}
	if got := w.want(200, w.asAgent, "PATCH", path, `{"status":[],"tags":["Late"]}`); got.field(t, "conversations") != 0.0 ||
		got.text(t, "tags", 0) != "late" {
		t.Errorf("by tag: %s", got.body)
	}
	w.want(422, w.asAgent, "PATCH", path, `{"tags":[]}`)
	w.want(422, w.asAgent, "PATCH", path, `{"status":["lost"]}`)

	// A workflow has its name, and a time to be made again.
	workflow := w.want(201, w.asAgent, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		`{"name":"W","type":"automatic","mode":"on","conditions":[
		{"any":[{"field":"folder","op":"in","value":"waiting"}]},{"any":[{"field":"waiting_since","op":"longer_than","value":"1h"}]}],
			"actions":[{"do":"stop"}]}`).text(t, "id")
	rollouts := w.Number(`SELECT count(*) FROM rollouts`)
	w.want(409, w.asAgent, "PATCH", path, `{"name":"Other"}`)
	w.want(200, w.asAgent, "PATCH", path, `{"name":"WAITING"}`)
	if w.Number(`SELECT count(*) FROM rollouts`) != rollouts {
		t.Error("a name in other letters goes through the conversations")
	}
	w.want(200, w.asAgent, "PATCH", path, `{"status":["active"],"tags":[]}`)
	if w.Number(`SELECT count(*) FROM rollouts WHERE reason = 'clock'`) != 1 {
		t.Error("another view does not go through the conversations that wait")
	}
	w.want(204, w.asAgent, "DELETE", "/v1/workflows/"+workflow, nil)
	if got := w.want(200, w.asAgent, "PATCH", path, `{"name":"Other"}`); got.text(t, "name") != "Other" {
		t.Errorf("%s", got.body)
	}
	w.folderIn(w.support)
	w.want(204, w.asAgent, "DELETE", path, nil)
}
