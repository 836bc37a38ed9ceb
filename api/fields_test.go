package api_test

import (
	"strings"
	"testing"
)

func TestCustomFieldsOfAMailboxAndItsConversations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	make := func(body map[string]any) reply {
		body["mailbox_id"] = w.support.ID
		return w.call(w.asAdmin, "POST", "/v1/fields", body)
	}
	plan := make(map[string]any{"name": "Plan", "type": "dropdown", "options": []string{"free", "paid"}})
	if plan.status != 201 || plan.text(t, "name") != "Plan" {
		t.Fatalf("%d %s", plan.status, plan.body)
	}
	seats := make(map[string]any{"name": "Seats", "type": "number"})
	for _, wrong := range []struct {
		status int
		body   map[string]any
	}{
		{409, map[string]any{"name": "PLAN", "type": "text"}},
		{422, map[string]any{"name": "a,b", "type": "text"}},
		{422, map[string]any{"name": "Colour", "type": "dropdown"}},
		{422, map[string]any{"name": "Colour", "type": "text", "options": []string{"red"}}},
		{422, map[string]any{"name": "Colour", "type": "dropdown", "options": []string{"red", "RED"}}},
		{422, map[string]any{"name": "Colour", "type": "colour"}},
	} {
		if got := make(wrong.body); got.status != wrong.status {
			t.Errorf("%v: %d, want %d: %s", wrong.body, got.status, wrong.status, got.body)
		}
	}
	list := w.want(200, w.asAgent, "GET", "/v1/fields?mailbox_id="+string(w.support.ID), nil)
	if list.text(t, "items", 0, "name") != "Plan" || list.text(t, "items", 1, "name") != "Seats" {
		t.Errorf("list %s", list.body)
	}
	w.want(404, w.asAgent, "GET", "/v1/fields?mailbox_id="+string(w.billing.ID), nil)
	w.want(403, w.asAgent, "POST", "/v1/fields", map[string]any{"mailbox_id": w.support.ID, "name": "X", "type": "text"})
	w.want(403, w.asAgent, "DELETE", "/v1/fields/"+plan.text(t, "id"), nil)

	// An option may come, none may go.
	path := "/v1/fields/" + plan.text(t, "id")
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"label": "The plan", "options": []string{"free", "paid", "gold"}})
	w.want(422, w.asAdmin, "PATCH", path, map[string]any{"options": []string{"free"}})
	if got := w.want(200, w.asAgent, "GET", path, nil); got.text(t, "label") != "The plan" || got.text(t, "options", 2) != "gold" {
		t.Errorf("field %s", got.body)
	}

	id := w.open(w.support.ID, "Hello")
	at := "/v1/conversations/" + id
	got := w.want(200, w.asAgent, "PATCH", at, map[string]any{"fields": map[string]any{"plan": "GOLD", "Seats": 7}})
	if got.text(t, "fields", "Plan") != "gold" || got.text(t, "fields", "Seats") != "7" {
		t.Errorf("fields %s", got.body)
	}
	if line := string(w.want(200, w.asAgent, "GET", at+"/timeline", nil).body); !strings.Contains(line, "changed the field “Plan”") {
		t.Errorf("timeline %s", line)
	}
	events := w.Number(`SELECT count(*) FROM events WHERE conversation_id = $1`, id)
	w.want(200, w.asAgent, "PATCH", at, map[string]any{"fields": map[string]any{"Plan": "gold"}})
	if again := w.Number(`SELECT count(*) FROM events WHERE conversation_id = $1`, id); again != events {
		t.Errorf("the same value again made %d events", again-events)
	}
	for _, wrong := range []map[string]any{{"Plan": "silver"}, {"Seats": "many"}, {"Colour": "red"}, {"Seats": []int{1}}} {
		w.want(422, w.asAgent, "PATCH", at, map[string]any{"fields": wrong})
	}

	// Where the field is not, its value is kept and out of sight.
	if moved := w.want(200, w.asAdmin, "PATCH", at, map[string]any{"mailbox_id": w.billing.ID}); strings.Contains(string(moved.body), "gold") {
		t.Errorf("another mailbox shows it: %s", moved.body)
	}
	if back := w.want(200, w.asAdmin, "PATCH", at, map[string]any{"mailbox_id": w.support.ID}); back.text(t, "fields", "Plan") != "gold" {
		t.Errorf("the value did not come back: %s", back.body)
	}
	if gone := w.want(200, w.asAgent, "PATCH", at, map[string]any{"fields": map[string]any{"Seats": nil}}); gone.field(t, "fields",
		"Seats") != nil {
		t.Errorf("the value is still there: %s", gone.body)
	}

	// A workflow that names a field keeps it; one that does not know it is refused.
	workflow := func(row map[string]any) map[string]any {
		return map[string]any{
			"name": "Paid", "type": "automatic", "conditions": []any{map[string]any{"any": []any{row}}},
			"actions": []any{map[string]any{"do": "set_field", "field": "Plan", "value": "free"}},
		}
	}
	bad := w.want(422, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		workflow(map[string]any{"field": "field.Seat", "op": "at_least", "value": 3}))
	if !strings.Contains(string(bad.body), `did you mean \"Seats\"?`) {
		t.Errorf("refused with %s", bad.body)
	}
	made := w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		workflow(map[string]any{"field": "field.seats", "op": "at_least", "value": 3}))
	for _, field := range []string{plan.text(t, "id"), seats.text(t, "id")} {
		if kept := w.want(409, w.asAdmin, "DELETE", "/v1/fields/"+field, nil); !strings.Contains(string(kept.body), "Paid") {
			t.Errorf("refused with %s", kept.body)
		}
	}
	w.want(204, w.asAdmin, "DELETE", "/v1/workflows/"+made.text(t, "id"), nil)
	w.want(204, w.asAdmin, "DELETE", path, nil)
	w.want(404, w.asAdmin, "GET", path, nil)
}
