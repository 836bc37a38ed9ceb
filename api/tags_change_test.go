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
	folder := "/v1/folders/" + w.want(201, w.asAdmin, "POST", "/v1/folders", fmt.Sprintf(`{"mailbox_id":%q,"name":"R","tags":["refnd","vip"]}`, w.support.ID)).text(t, "id")
	workflow := "/v1/workflows/" + w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		`{"name":"W","type":"manual","mode":"on","actions":[{"do":"add_tags","tags":["refnd"]}]}`).text(t, "id")

	w.want(403, w.asAgent, "POST", "/v1/tags/refnd/rename", `{"name":"x"}`)
	w.want(404, w.asAdmin, "POST", "/v1/tags/never/rename", `{"name":"x"}`)
	w.want(422, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refnd"}`)
	w.want(409, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refund"}`)
	if n := w.number(`SELECT count(*) FROM tags WHERE name IN ('x', 'never')`); n != 0 {
		t.Error("what is refused makes a tag known")
	}
	if got := w.want(200, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"Refund","merge":true}`); got.text(t, "name") != "refund" {
		t.Errorf("%s", got.body)
	}
	carries(one, "[refund]")
	carries(both, "[refund]")
	carries(other, "[vip]")
	if timeline := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+one+"/timeline", nil); !strings.Contains(string(timeline.body), "refund") {
		t.Errorf("the timeline has %s", timeline.body)
	}
	if got := w.want(200, w.asAdmin, "GET", folder, nil); fmt.Sprint(got.field(t, "tags")) != "[refund vip]" || got.field(t, "conversations") != 3.0 {
		t.Errorf("the folder is %s", got.body)
	}
	if got := w.want(200, w.asAdmin, "GET", workflow, nil); got.text(t, "mode") != "off" || !strings.Contains(got.text(t, "off_reason"), "refnd") {
		t.Errorf("the workflow that named it is %s", got.body)
	}
	w.want(404, w.asAdmin, "POST", "/v1/tags/refnd/rename", `{"name":"x"}`)

	w.want(409, w.asAdmin, "DELETE", "/v1/tags/refund", nil)
	w.want(204, w.asAdmin, "DELETE", "/v1/tags/refund?take_off=true", nil)
	carries(one, "[]")
	carries(other, "[vip]")
	w.want(404, w.asAdmin, "DELETE", "/v1/tags/refund?take_off=true", nil)
	got := w.want(200, w.asAdmin, "GET", "/v1/audit?object_kind=tag", nil)
	if got.text(t, "items", 0, "verb") != "deleted" || got.text(t, "items", 1, "verb") != "renamed" || got.text(t, "items", 1, "after", "name") != "refund" {
		t.Errorf("the audit has %s", got.body)
	}
}
