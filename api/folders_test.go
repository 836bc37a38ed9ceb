package api_test

import "testing"

func TestFolders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mailbox := w.want(201, w.asAdmin, "POST", "/v1/mailboxes", `{"name":"Sales","email":"sales@smarticks.test"}`).text(t, "id")
	body := `{"mailbox_id":"` + mailbox + `","name":"Refunds","status":["active","pending"],"tags":["Refund"]}`
	made := w.want(201, w.asAdmin, "POST", "/v1/folders", body)
	path := "/v1/folders/" + made.text(t, "id")
	w.want(409, w.asAdmin, "POST", "/v1/folders", body)
	w.want(422, w.asAdmin, "POST", "/v1/folders", `{"mailbox_id":"`+mailbox+`","name":"All"}`)
	w.want(422, w.asAdmin, "POST", "/v1/folders", `{"mailbox_id":"`+mailbox+`","name":"All","assignee":"me"}`)
	w.want(403, w.asAgent, "POST", "/v1/folders", `{"mailbox_id":"`+mailbox+`","name":"Mine","assignee":"unassigned"}`)

	in := w.want(201, w.asAdmin, "POST", "/v1/conversations",
		`{"mailbox_id":"`+mailbox+`","customer":{"email":"ann@example.com"},"body":"x"}`).text(t, "id")
	w.want(201, w.asAdmin, "POST", "/v1/conversations", `{"mailbox_id":"`+mailbox+`","customer":{"email":"bob@example.com"},"body":"x"}`)
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+in, `{"tags":["refund"]}`)
	if got := w.want(200, w.asAdmin, "GET", path, nil); got.field(t, "conversations") != 1.0 {
		t.Errorf("it counts %s", got.body)
	}
	found := w.want(200, w.asAdmin, "GET", "/v1/conversations?folder_id="+made.text(t, "id"), nil)
	if found.text(t, "items", 0, "id") != in || len(found.field(t, "items").([]any)) != 1 {
		t.Errorf("in the folder: %s", found.body)
	}
	w.want(404, w.asAgent, "GET", path, nil)
	w.want(404, w.asAdmin, "GET", "/v1/folders/"+nobodysID, nil)
	w.want(422, w.asAdmin, "GET", "/v1/conversations?folder_id=x", nil)

	workflow := w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+mailbox+"/workflows",
		`{"name":"W","type":"automatic","conditions":[{"any":[{"field":"folder","op":"in","value":"refunds"}]}],"actions":[{"do":"stop"}]}`)
	w.want(422, w.asAdmin, "POST", "/v1/mailboxes/"+mailbox+"/workflows",
		`{"name":"V","type":"automatic","conditions":[{"any":[{"field":"folder","op":"in","value":"Refnds"}]}],"actions":[{"do":"stop"}]}`)
	w.want(409, w.asAdmin, "DELETE", path, nil)
	w.want(204, w.asAdmin, "DELETE", "/v1/workflows/"+workflow.text(t, "id"), nil)
	w.want(204, w.asAdmin, "DELETE", path, nil)
	w.want(404, w.asAdmin, "DELETE", path, nil)
}
