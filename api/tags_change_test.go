package api_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestATagIsRenamedMergedAndTakenOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tagged := func(tags string) string {
		id := w.open(w.support.ID, "Hello")
		w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+id, `{"tags":`+tags+`}`)
		return id
	}
	carries := func(id, want string) {
		t.Helper()
		if got := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+id, nil); fmt.Sprint(got.field(t, "tags")) != want {
			t.Errorf("it carries %v, want %s", got.field(t, "tags"), want)
		}
	}
	one, both, other := tagged(`["refnd"]`), tagged(`["refnd","refund"]`), tagged(`["vip"]`)
	folder := "/v1/folders/" + w.want(201, w.asAdmin, "POST", "/v1/folders",
		fmt.Sprintf(`{"mailbox_id":%q,"name":"R","tags":["refnd","vip"]}`, w.support.ID)).text(t, "id")
	workflow := "/v1/workflows/" + w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		`{"name":"W","type":"manual","mode":"on","actions":[{"do":"add_tags","tags":["refnd"]}]}`).text(t, "id")

	made := func(body string) string {
		return "/v1/workflows/" + w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows", body).text(t, "id")
	}
	drafted := made(`{"name":"Late","type":"automatic","mode":"on","conditions":[{"any":[{"field":"tags","op":"has_none","value":["refnd",
		"vip"]}]},
		{"any":[{"field":"waiting_since","op":"longer_than","value":"1h"}]}],"actions":[{"do":"note","body":"late"}]}`)
	w.want(200, w.asAdmin, "PUT", drafted, `{"name":"Another draft","type":"automatic","conditions":[{"any":[{"field":"tag_added",
		"value":"Refnd"}]}],"actions":[{"do":"note","body":"late"}]}`)
	other2 := made(`{"name":"Other","type":"manual","mode":"on","actions":[{"do":"add_tags","tags":["vip"]}]}`)
	w.want(403, w.asAgent, "POST", "/v1/tags/refnd/rename", `{"name":"x"}`)
	w.want(404, w.asAdmin, "POST", "/v1/tags/never/rename", `{"name":"x"}`)
	w.want(422, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refnd"}`)
	w.want(409, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refund"}`)
	if n := w.Number(`SELECT count(*) FROM tags WHERE name IN ('x', 'never')`); n != 0 {
		t.Error("what is refused makes a tag known")
	}
	if got := w.want(200, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refund","merge":true}`); got.text(t, "name") != "refund" {
		t.Errorf("%s", got.body)
	}
	carries(one, "[refund]")
	carries(both, "[refund]")
	carries(other, "[vip]")
	if timeline := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+one+"/timeline", nil); !strings.Contains(string(timeline.body),
		"refund") {
		t.Errorf("the timeline has %s", timeline.body)
	}
	if got := w.want(200, w.asAdmin, "GET", folder, nil); fmt.Sprint(got.field(t, "tags")) != "[refund vip]" ||
		got.field(t, "conversations") != 3.0 {
		t.Errorf("the folder is %s", got.body)
	}
	follows(w, workflow, 1)
	follows(w, drafted, 1)
	if got := w.want(200, w.asAdmin, "GET", drafted, nil); got.text(t, "name") != "Another draft" ||
		!strings.Contains(string(got.body), `"refund"`) {
		t.Errorf("the draft that differs is %s", got.body)
	}
	w.want(200, w.asAdmin, "POST", other2+"/publish", nil)
	if got := w.want(200, w.asAdmin, "GET", other2, nil); got.field(t, "version") != 1.0 {
		t.Errorf("a workflow that does not name it has another version: %s", got.body)
	}
	w.want(404, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"x"}`)

	w.want(409, w.asAdmin, "DELETE", "/v1/tags/refund", nil)
	w.want(204, w.asAdmin, "DELETE", "/v1/tags/refund?take_off=true", nil)
	carries(one, "[]")
	carries(other, "[vip]")
	w.want(404, w.asAdmin, "DELETE", "/v1/tags/refund?take_off=true", nil)
	got := w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=tag", nil)
	if got.text(t, "items", 0, "verb") != "deleted" || got.text(t, "items", 1, "verb") != "renamed" ||
		got.text(t, "items", 1, "after", "name") != "refund" {
		t.Errorf("the audit has %s", got.body)
	}
}

// follows fails unless what is in force names the tag by its new name, in a version of
// its own that the audit reports, and is on as before.
func follows(w *world, workflow string, before int) {
	w.Helper()
	got := w.want(200, w.asAdmin, "GET", workflow, nil)
	if got.text(w, "mode") != "on" || got.field(w, "version") != float64(before+1) {
		w.Errorf("the workflow that named it is %s", got.body)
	}
	version := w.want(200, w.asAdmin, "GET", fmt.Sprintf("%s/versions/%d", workflow, before+1), nil)
	if strings.Contains(string(version.body), "refnd") || !strings.Contains(string(version.body), `"refund"`) {
		w.Errorf("in force is %s", version.body)
	}
	audit := w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=workflow&object_id="+strings.TrimPrefix(workflow, "/v1/workflows/"), nil)
	if audit.text(w, "items", 0, "verb") != "published" || !strings.Contains(string(audit.body), "is called") {
		w.Errorf("the audit has %s", audit.body)
	}
}
