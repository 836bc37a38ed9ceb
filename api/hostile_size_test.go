package api_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// manyOf returns n times the text, joined by commas; %d is the number.
func manyOf(n int, text string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strings.ReplaceAll(text, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// TestTheAnswerToABadRequestIsBounded sends what is refused, of nearly a MiB. What is
// answered must not grow with it, nor what is allocated.
func TestTheAnswerToABadRequestIsBounded(t *testing.T) {
	w := newWorld(t)
	mailbox := string(w.support.ID)
	workflow := w.workflowIn(w.support)
	conv := w.open(w.support.ID, "Refund")
	const half = 480_000
	for name, c := range map[string]struct {
		token, method, path, body, first string
		more                             bool
	}{
		"numbers as ids": {w.asAgent, "POST", "/v1/workflows/" + workflow + "/run",
			`{"conversation_ids":[` + manyOf(half, "1") + `]}`, "body.conversation_ids[0]: expected string", true},
		"ids without end": {w.asAgent, "POST", "/v1/workflows/" + workflow + "/run",
			`{"conversation_ids":[` + manyOf(half/3, `"a"`) + `]}`, "body.conversation_ids: expected array length <= 100", false},
		"objects as ids": {w.asAgent, "POST", "/v1/workflows/" + workflow + "/run", `{"conversation_ids":[{}]}`,
			"body.conversation_ids[0]: expected string", false},
		"lists as ids": {w.asAgent, "POST", "/v1/workflows/" + workflow + "/run/preview", `{"conversation_ids":[[],[]]}`,
			"body.conversation_ids[0]: expected string", false},
		"a number and an object": {w.asAgent, "POST", "/v1/workflows/" + workflow + "/run", `{"conversation_ids":["x",{"a":[1]}]}`,
			"body.conversation_ids[1]: expected string", false},
		"keys, without a token": {"", "POST", "/v1/sessions", `{"email":"a@b.c","password":"x",` + manyOf(80_000, `"%d":1`) + `}`,
			"body.0: unexpected property", true},
		"a long key": {"", "POST", "/v1/sessions", `{"` + strings.Repeat("k", 900_000) + `":1}`, "", false},
		"tags of no kind": {w.asAgent, "PATCH", "/v1/conversations/" + conv, `{"tags":[` + manyOf(half, "1") + `]}`,
			"body.tags[0]: expected string", true},
		"followers without end": {w.asAgent, "PATCH", "/v1/conversations/" + conv, `{"follower_ids":[` + manyOf(half/4, `"a"`) + `]}`,
			"body.follower_ids: expected array length <= 100", false},
		"fields of no kind": {w.asAgent, "PATCH", "/v1/conversations/" + conv, `{"fields":{` + manyOf(60_000, `"f%d":[]`) + `}}`, "",
			false},
		"options of no kind": {w.asAdmin, "POST", "/v1/fields", `{"options":[` + manyOf(half, "1") + `]}`,
			"body.options[0]: expected string", true},
		"holidays": {w.asAdmin, "PATCH", "/v1/mailboxes/" + mailbox,
			`{"business_hours":{"holidays":[` + manyOf(half, "1") + `]}}`, "body.business_hours.holidays[0]: expected string", true},
		"actions": {w.asAdmin, "POST", "/v1/mailboxes/" + mailbox + "/workflows",
			`{"actions":[` + manyOf(300_000, "{}") + `]}`, "body.actions: 300000 actions are too many", false},
		"actions to check": {w.asAdmin, "POST", "/v1/mailboxes/" + mailbox + "/workflows/check",
			`{"actions":[` + manyOf(300_000, "{}") + `]}`, "", false},
		"actions of files": {w.asAdmin, "POST", "/v1/mailboxes/" + mailbox + "/plan",
			`{"workflows":[{"actions":[` + manyOf(300_000, "{}") + `]}]}`, "", false},
		"workflows of files": {w.asAdmin, "POST", "/v1/mailboxes/" + mailbox + "/plan", `{"workflows":[` + manyOf(300_000, "{}") + `]}`,
			"body.workflows: expected array length <= 10000", false},
		"bad workflows of files": {w.asAdmin, "POST", "/v1/mailboxes/" + mailbox + "/apply", `{"workflows":[` + manyOf(9_000, "{}") + `]}`,
			"body.workflows[0].name", true},
		"keys of a nested object": {w.asAdmin, "POST", "/v1/conversations", `{"customer":{` + manyOf(80_000, `"%d":1`) + `}}`,
			"body.customer.0: unexpected property", true},
	} {
		before := allocated()
		r := w.call(c.token, c.method, c.path, c.body)
		used := allocated() - before
		if r.status != 422 && !strings.HasSuffix(c.path, "/check") {
			t.Errorf("%s: %d: %.300s", name, r.status, r.body)
			continue
		}
		if len(r.body) > 128<<10 {
			t.Errorf("%s: %d KiB are answered to %d KiB", name, len(r.body)>>10, len(c.body)>>10)
		}
		// The text is held some times over: as it came, as a tree, and by the client.
		if limit := uint64(150 << 20); used > limit {
			t.Errorf("%s: %d MiB were allocated for %d KiB", name, used>>20, len(c.body)>>10)
		}
		if strings.HasSuffix(c.path, "/check") {
			continue
		}
		listed, _ := r.field(t, "errors").([]any)
		if len(listed) > 100 {
			t.Errorf("%s: %d mistakes are listed", name, len(listed))
		}
		if first := r.text(t, "errors", 0, "location") + ": " + r.text(t, "errors", 0, "message"); !strings.HasPrefix(first, c.first) {
			t.Errorf("%s: %s, want %s", name, first, c.first)
		}
		if more, _ := r.field(t, "more_errors").(float64); (more > 0) != c.more {
			t.Errorf("%s: %v more: %.200s", name, more, r.body)
		}
	}
}

// allocated is how many bytes this process has allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
