package api_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/conversation"
)

func TestARatingIsTheCustomersAndTheSameAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	path := "/v1/conversations/" + id + "/rating"
	if got := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil); got.field(t, "rating") != nil {
		t.Errorf("not rated: %v", got.field(t, "rating"))
	}
	rated := w.want(200, w.asAgent, "POST", path, map[string]any{"rating": "not_good", "comment": " too slow "})
	if rated.text(t, "rating") != "not_good" || rated.text(t, "rating_comment") != "too slow" || rated.text(t, "rated_at") == "" {
		t.Errorf("rated: %s", rated.body)
	}
	w.want(200, w.asAgent, "POST", path, map[string]any{"rating": "not_good", "comment": "too slow"})
	w.want(200, w.asAgent, "POST", path, map[string]any{"rating": "great"})
	if n := w.Number(`SELECT count(*) FROM events WHERE kind = 'rated' AND actor_kind = 'customer'`); n != 2 {
		t.Errorf("%d events, want two: the same rating again is none", n)
	}
	timeline := string(w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/timeline", nil).body)
	for _, want := range []string{"Ann Smith rated it not good: “too slow”", "Ann Smith rated it great instead of not good"} {
		if !strings.Contains(timeline, want) {
			t.Errorf("the timeline lacks %q: %s", want, timeline)
		}
	}
	for _, bad := range []string{`{"rating":"bad"}`, `{}`, `{"rating":"great","stars":5}`,
		`{"rating":"great","comment":"` + strings.Repeat("x", 2001) + `"}`} {
		w.want(422, w.asAgent, "POST", path, bad)
	}
	foreign := w.open(w.billing.ID, "Invoice")
	w.want(404, w.asAgent, "POST", "/v1/conversations/"+foreign+"/rating", map[string]any{"rating": "great"})
	w.want(404, w.asAgent, "POST", "/v1/conversations/"+nobodysID+"/rating", map[string]any{"rating": "great"})
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+id, nil)
	w.want(409, w.asAgent, "POST", path, map[string]any{"rating": "okay"})
}

func TestAViewCountsOnceAndAStrangersMarkNever(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	first := w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", map[string]any{"kind": "reply", "body": "one"}).text(t, "id")
	second := w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", map[string]any{"kind": "reply", "body": "two"}).text(t, "id")
	key := w.word(`SELECT value #>> '{}' FROM settings WHERE key = 'view_key'`)
	if len(key) != 64 {
		t.Fatalf("the key is %d characters long", len(key))
	}
	mark := func(key, message string) string { return conversation.ViewMark(key, conversation.MessageID(message)) }
	view := func(mark string) {
		t.Helper()
		r := w.want(200, "", "GET", "/v1/viewed/"+mark, nil)
		if r.header.Get("Content-Type") != "image/gif" || !strings.HasPrefix(string(r.body), "GIF89a") ||
			r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v %q", mark, r.header, r.body)
		}
	}
	views := func() int {
		return w.Number(`SELECT count(*) FROM events WHERE kind = 'viewed' AND actor_kind = 'customer'`)
	}
	for _, wrong := range []string{
		"x.gif", "x", mark(key, first), mark("another key", first) + ".gif", mark(key, first)[1:] + ".gif", mark(key, nobodysID) + ".gif",
	} {
		view(wrong)
	}
	if views() != 0 {
		t.Fatal("a mark that is none counts")
	}
	var at sync.WaitGroup
	for range 5 {
		at.Go(func() { view(mark(key, first) + ".gif") })
	}
	at.Wait()
	shown := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil)
	if n := views(); n != 1 || shown.field(t, "last_reply_viewed_at") != nil {
		t.Errorf("the earlier reply was viewed: %d views, last reply viewed %v", n, shown.field(t, "last_reply_viewed_at"))
	}
	view(mark(key, second) + ".gif")
	view(mark(key, second) + ".gif")
	if n := views(); n != 2 || w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil).text(t, "last_reply_viewed_at") == "" {
		t.Errorf("the last reply was viewed: %d views", n)
	}
	third := w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", map[string]any{"kind": "reply", "body": "three"}).text(t,
		"id")
	if w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil).field(t, "last_reply_viewed_at") != nil {
		t.Error("a reply that nobody has seen yet counts as seen")
	}
	w.want(204, w.asAgent, "DELETE", "/v1/conversations/"+id, nil)
	view(mark(key, third) + ".gif")
	if views() != 2 {
		t.Error("a deleted conversation goes on")
	}
	if strings.Contains(string(w.want(200, w.asAdmin, "GET", "/v1/settings", nil).body), key) {
		t.Error("the settings show the key")
	}
}

func TestWhoSignsAndWhetherViewsAreTracked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/mailboxes/" + string(w.support.ID)
	if got := w.want(200, w.asAgent, "GET", path, nil); got.field(t, "track_views") != false {
		t.Errorf("tracking is not off by default: %s", got.body)
	}
	set := w.want(200, w.asAdmin, "PATCH", path, map[string]any{"track_views": true, "workflow_user_email": " robot@smarticks.test "})
	if set.field(t, "track_views") != true || set.text(t, "workflow_user_email") != "robot@smarticks.test" {
		t.Errorf("set: %s", set.body)
	}
	w.want(422, w.asAdmin, "PATCH", path, map[string]any{"workflow_user_email": "robot"})
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"workflow_user_email": "robot"})
	w.want(422, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"automatic_sender": "<>"})
	for _, sender := range []string{"bounces@smarticks.test", ""} {
		w.want(200, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"automatic_sender": sender})
		if got := w.want(200, w.asAdmin, "GET", "/v1/settings", nil); got.text(t, "automatic_sender") != sender {
			t.Errorf("automatic_sender is %q, want %q", got.text(t, "automatic_sender"), sender)
		}
	}
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"workflow_user_email": ""})
	if got := w.want(200, w.asAdmin, "PATCH", "/v1/settings", map[string]any{"workflow_user_email": "all@smarticks.test"}); got.text(t,
		"workflow_user_email") != "all@smarticks.test" {
		t.Errorf("settings: %s", got.body)
	}
}

// word runs a query that answers one text.
func (w *world) word(sql string, args ...any) (out string) {
	w.Helper()
	w.Value(&out, sql, args...)
	return out
}

func TestWebhookEndpointsAreTheAdminsAndTheirSecretIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.want(201, w.asAdmin, "POST", "/v1/webhooks", map[string]any{
		"name": " ERP ", "url": "https://erp.example/hook?key=1",
		"events": []string{"customer.created", "conversation.created", "customer.created"},
	}, "Idempotency-Key", "one")
	id, secret := made.text(t, "id"), made.text(t, "secret")
	if !strings.HasPrefix(secret, "whsec_") || made.text(t, "name") != "ERP" || made.field(t, "enabled") != true ||
		made.field(t, "mailbox_id") != nil {
		t.Errorf("made: %s", made.body)
	}
	again := w.want(201, w.asAdmin, "POST", "/v1/webhooks", map[string]any{
		"name": " ERP ", "url": "https://erp.example/hook?key=1",
		"events": []string{"customer.created", "conversation.created", "customer.created"},
	}, "Idempotency-Key", "one")
	if again.text(t, "id") != id || again.text(t, "secret") != secret {
		t.Errorf("the repeat made another: %s", again.body)
	}
	for _, shown := range []reply{
		w.want(200, w.asAdmin, "GET", "/v1/webhooks", nil), w.want(200, w.asAdmin, "GET", "/v1/webhooks/"+id, nil),
		w.want(200, w.asAdmin, "PATCH", "/v1/webhooks/"+id, map[string]any{"enabled": false, "events": []string{}}),
	} {
		if strings.Contains(string(shown.body), "whsec_") || !strings.Contains(string(shown.body), id) {
			t.Errorf("the secret is shown again: %s", shown.body)
		}
	}
	rotated := w.want(200, w.asAdmin, "POST", "/v1/webhooks/"+id+"/rotate", nil).text(t, "secret")
	if rotated == secret || !strings.HasPrefix(rotated, "whsec_") {
		t.Errorf("rotated to %s", rotated)
	}
	own := map[string]any{"name": "own", "url": "https://own.example", "mailbox_id": w.support.ID, "events": []string{"conversation.moved"}}
	w.want(201, w.asAdmin, "POST", "/v1/webhooks", own)
	w.want(409, w.asAdmin, "POST", "/v1/webhooks", map[string]any{"name": "erp", "url": "https://x.example"})
	w.want(409, w.asAdmin, "PATCH", "/v1/webhooks/"+id, map[string]any{"name": "OWN"})
	for path, bad := range map[string]map[string]any{
		"name":       {"name": "a\nb", "url": "https://x.example"},
		"url":        {"name": "x", "url": "ftp://x.example"},
		"events[1]":  {"name": "x", "url": "https://x.example", "events": []string{"conversation.created", "conversation.exploded"}},
		"events[0]":  {"name": "x", "url": "https://x.example", "mailbox_id": w.support.ID, "events": []string{"customer.created"}},
		"mailbox_id": {"name": "x", "url": "https://x.example", "mailbox_id": "nothing"},
	} {
		if got := w.want(422, w.asAdmin, "POST", "/v1/webhooks", bad); !strings.Contains(string(got.body), path) {
			t.Errorf("%s is not named: %s", path, got.body)
		}
	}
	w.want(422, w.asAdmin, "POST", "/v1/webhooks", map[string]any{"name": "x", "url": "https://x.example", "mailbox_id": nobodysID})
	w.want(422, w.asAdmin, "PATCH", "/v1/webhooks/"+id, map[string]any{"secret": "whsec_mine"})
	for _, call := range [][2]string{{"GET", ""}, {"POST", ""}, {"GET", "/" + id}, {"PATCH", "/" + id}, {"DELETE", "/" + id},
		{"POST", "/" + id + "/rotate"}} {
		w.want(403, w.asAgent, call[0], "/v1/webhooks"+call[1], map[string]any{})
	}
	w.want(204, w.asAdmin, "DELETE", "/v1/webhooks/"+id, nil)
	w.want(404, w.asAdmin, "DELETE", "/v1/webhooks/"+id, nil)
	w.want(404, w.asAdmin, "GET", "/v1/webhooks/"+id, nil)
	w.want(404, w.asAdmin, "POST", "/v1/webhooks/"+id+"/rotate", nil)
	if n := w.Number(`SELECT count(*) FROM audit WHERE object_kind = 'webhook' AND (before::text || after::text) LIKE '%whsec_%'`); n != 0 {
		t.Error("the audit keeps a secret")
	}
	if n := w.Number(`SELECT count(*) FROM audit WHERE object_kind = 'webhook'`); n != 5 {
		t.Errorf("%d entries in the audit: created twice, changed, rotated, deleted", n)
	}
}

func TestTheSecretOfAMailboxIsRotatedByWhoManagesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/mailboxes/" + string(w.support.ID)
	before := w.want(200, w.asAdmin, "GET", path, nil)
	rotated := w.want(200, w.asAdmin, "POST", path+"/rotate", nil, "If-Match", before.header.Get("ETag"))
	if secret := rotated.text(t, "secret"); secret == before.text(t, "secret") || !strings.HasPrefix(secret, "whsec_") ||
		secret != w.want(200, w.asAdmin, "GET", path, nil).text(t, "secret") {
		t.Errorf("rotated to %s", secret)
	}
	w.want(412, w.asAdmin, "POST", path+"/rotate", nil, "If-Match", before.header.Get("ETag"))
	w.want(403, w.asAgent, "POST", path+"/rotate", nil)
	w.want(404, w.asAdmin, "POST", "/v1/mailboxes/"+nobodysID+"/rotate", nil)
	if n := w.Number(`SELECT count(*) FROM audit WHERE verb = 'rotated' AND object_id = $1`, w.support.ID); n != 1 {
		t.Errorf("%d entries in the audit", n)
	}
}
