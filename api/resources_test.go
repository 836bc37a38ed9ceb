package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

func TestMailboxes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/mailboxes",
		`{"name":" Sales ","email":"Sales@Smarticks.test","time_zone":"Europe/Berlin","workflow_user_name":"Robot"}`)
	if got := made.text(t, "name") + " " + made.text(t, "email") + " " +
		made.text(t, "time_zone"); got != "Sales Sales@Smarticks.test Europe/Berlin" {
		t.Errorf("made %s", made.body)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(made.text(t, "secret"), "whsec_"))
	if err != nil || len(key) != 32 {
		t.Errorf("the secret is %d bytes (%v): %s", len(key), err, made.body)
	}
	path := "/v1/mailboxes/" + made.text(t, "id")
	if got := w.want(200, w.asAdmin, "GET", path, nil); string(got.body) != string(made.body) {
		t.Errorf("got %s, made %s", got.body, made.body)
	}
	hours := w.want(200, w.asAdmin, "PATCH", path, `{"business_hours":{"monday":["09:00-12:00","13:00-24:00"],"holidays":["2026-12-25"]}}`)
	if got := hours.text(t, "business_hours", "monday", 1); got != "13:00-24:00" {
		t.Errorf("hours: %s", hours.body)
	}
	for _, bad := range []string{`{"monday":["9-12"]}`, `{"monday":["13:00-17:00","09:00-12:00"]}`, `{"holidays":["25.12.2026"]}`,
		`{"monday":["12:00-09:00"]}`, `{"monday":["00:00-24:30"]}`} {
		w.want(422, w.asAdmin, "PATCH", path, `{"business_hours":`+bad+`}`)
	}
	w.want(409, w.asAdmin, "POST", "/v1/mailboxes", `{"name":"Again","email":"sales@smarticks.TEST"}`)
	changed := w.want(200, w.asAdmin, "PATCH", path, `{"name":"Shop"}`)
	if changed.text(t, "name") != "Shop" || changed.text(t, "email") != "Sales@Smarticks.test" ||
		changed.text(t, "secret") != made.text(t, "secret") {
		t.Errorf("changed to %s", changed.body)
	}
	w.want(409, w.asAdmin, "PATCH", path, `{"email":"BILLING@smarticks.test"}`)
	w.want(404, w.asAdmin, "PATCH", "/v1/mailboxes/"+nobodysID, `{"name":"Shop"}`)

	all := w.want(200, w.asAdmin, "GET", "/v1/mailboxes", nil)
	if list, _ := all.field(t, "items").([]any); len(list) != 3 || all.field(t, "next_cursor") != nil {
		t.Errorf("the admin sees %s", all.body)
	}
	own := w.want(200, w.asAgent, "GET", "/v1/mailboxes", nil)
	if list, _ := own.field(t, "items").([]any); len(list) != 1 || own.text(t, "items", 0, "name") != "Support" ||
		strings.Contains(string(own.body), "whsec_") {
		t.Errorf("the agent sees %s", own.body)
	}
	if strings.Contains(w.logs.String(), made.text(t, "secret")) ||
		w.Number(`SELECT count(*) FROM audit WHERE coalesce(before::text, '') || after::text LIKE '%whsec_%'`) != 0 {
		t.Error("the secret stands in the log or the audit")
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/users", map[string]any{
		"name": "Carol", "email": "Carol@smarticks.test", "role": "agent", "mailbox_ids": []any{w.billing.ID, w.support.ID, w.billing.ID},
	})
	if ids, _ := made.field(t, "mailbox_ids").([]any); len(ids) != 2 || made.field(t, "available") != true {
		t.Errorf("made %s", made.body)
	}
	w.want(409, w.asAdmin, "POST", "/v1/users", `{"name":"Carol","email":"CAROL@smarticks.test","role":"agent"}`)
	path := "/v1/users/" + made.text(t, "id")
	carol := w.token(conversation.UserID(made.text(t, "id")))
	w.open(w.billing.ID, "Invoice")
	if list, _ := w.want(200, carol, "GET", "/v1/conversations", nil).field(t, "items").([]any); len(list) != 1 {
		t.Errorf("she sees %d conversations, want 1", len(list))
	}
	changed := w.want(200, w.asAdmin, "PATCH", path, map[string]any{"available": false, "mailbox_ids": []any{w.support.ID}})
	if ids, _ := changed.field(t, "mailbox_ids").([]any); len(ids) != 1 || changed.field(t, "available") != false ||
		changed.text(t, "name") != "Carol" {
		t.Errorf("changed to %s", changed.body)
	}
	// A membership that ends, ends with the next request.
	if list, _ := w.want(200, carol, "GET", "/v1/conversations", nil).field(t, "items").([]any); len(list) != 0 {
		t.Errorf("she still sees %d conversations", len(list))
	}
	w.want(422, w.asAdmin, "PATCH", path, map[string]any{"name": "X", "mailbox_ids": []any{nobodysID}})
	if got := w.want(200, w.asAgent, "GET", path, nil); string(got.body) != string(changed.body) {
		t.Errorf("got %s, want %s", got.body, changed.body)
	}
	if list, _ := w.want(200, w.asAgent, "GET", "/v1/users", nil).field(t, "items").([]any); len(list) != 3 {
		t.Errorf("%d users, want 3", len(list))
	}
}

func TestTokensAreShownOnceAndKeptAsAHash(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.agent.ID, "name": "ERP"}, "Idempotency-Key", "k")
	secret := made.text(t, "token")
	if !access.WellFormed(secret) || !strings.HasPrefix(secret, made.text(t, "prefix")) {
		t.Errorf("made %s", made.body)
	}
	// The answer cannot be given twice, and no second token is made.
	w.want(409, w.asAdmin, "POST", "/v1/tokens", map[string]any{"user_id": w.agent.ID, "name": "ERP"}, "Idempotency-Key", "k")
	list := w.want(200, w.asAdmin, "GET", "/v1/tokens", nil)
	if items, _ := list.field(t, "items").([]any); len(items) != 3 || strings.Contains(string(list.body), `"token"`) {
		t.Errorf("listed %s", list.body)
	}
	random := strings.TrimPrefix(secret, made.text(t, "prefix"))
	if n := w.Number(`SELECT count(*) FROM tokens t WHERE t::text LIKE '%' || $1 || '%'`, random); n != 0 {
		t.Error("the token stands in its table")
	}
	if n := w.Number(`SELECT count(*) FROM idempotency_keys t WHERE t::text LIKE '%' || $1 || '%'`, random); n != 0 {
		t.Error("the token stands in idempotency_keys")
	}
	if strings.Contains(w.logs.String(), random) {
		t.Error("the token stands in the log")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if r := w.want(200, w.asAdmin, "GET", "/v1/settings", nil); r.text(t, "workflow_user_name") != "Workflow" || r.text(t, "base_url") != "" {
		t.Errorf("the defaults are %s", r.body)
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/settings", `{"workflow_user_name":"Robot"}`)
	w.want(200, w.asAdmin, "PATCH", "/v1/settings", `{"base_url":"https://help.example.com"}`)
	if r := w.want(200, w.asAdmin, "GET", "/v1/settings", nil); r.text(t, "workflow_user_name") != "Robot" ||
		r.text(t, "base_url") != "https://help.example.com" {
		t.Errorf("they are %s", r.body)
	}
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", `{"workflow_user_name":"123456789012345678901"}`)
}

func TestCustomersAreMadeOncePerAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	post := func(email, name string) string {
		return w.want(201, w.asAdmin, "POST", "/v1/conversations", map[string]any{
			"mailbox": "SUPPORT@smarticks.test", "customer": map[string]string{"email": email, "name": name}, "body": "x",
		}).text(t, "customer", "id")
	}
	ann := post("ann@example.com", "")
	if other := post("ANN@Example.com", "Ann van Smith"); other != ann {
		t.Errorf("two customers, %s and %s", ann, other)
	}
	post("ann@example.com", "Somebody Else")
	got := w.want(200, w.asAgent, "GET", "/v1/customers/"+ann, nil)
	if got.text(t, "first_name") != "Ann" || got.text(t, "last_name") != "van Smith" || got.text(t, "emails", 0) != "ann@example.com" {
		t.Errorf("she is %s", got.body)
	}
	post("ben@example.com", "Ben")
	if list, _ := w.want(200, w.asAgent, "GET", "/v1/customers", nil).field(t, "items").([]any); len(list) != 2 {
		t.Errorf("%d customers, want 2", len(list))
	}
	one := w.want(200, w.asAgent, "GET", "/v1/customers?email=Ben@example.com", nil)
	if list, _ := one.field(t, "items").([]any); len(list) != 1 || one.text(t, "items", 0, "first_name") != "Ben" {
		t.Errorf("found %s", one.body)
	}
}

func TestListsArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var want []string
	for i := range 5 {
		want = append([]string{w.open(w.support.ID, fmt.Sprint("No ", i))}, want...)
	}
	var got []string
	path := "/v1/conversations?limit=2"
	for pages := 1; ; pages++ {
		r := w.want(200, w.asAgent, "GET", path, nil)
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			got = append(got, r.text(t, "items", i, "id"))
		}
		next := r.text(t, "next_cursor")
		if next == "" {
			if pages != 3 {
				t.Errorf("%d pages, want 3", pages)
			}
			break
		}
		path = "/v1/conversations?limit=2&cursor=" + next
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, want %v", got, want)
	}
	first := w.want(200, w.asAdmin, "GET", "/v1/mailboxes?limit=1", nil)
	second := w.want(200, w.asAdmin, "GET", "/v1/mailboxes?limit=1&cursor="+first.text(t, "next_cursor"), nil)
	if first.text(t, "items", 0, "name") != "Support" || second.text(t, "items", 0, "name") != "Billing" ||
		second.field(t, "next_cursor") != nil {
		t.Errorf("mailboxes: %s then %s", first.body, second.body)
	}
}
