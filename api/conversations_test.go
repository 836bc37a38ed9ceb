package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestOpenConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.want(201, w.asAgent, "POST", "/v1/conversations", `{"mailbox":"support@smarticks.test",
		"customer":{"email":"ann@example.com","name":"Ann Smith"},"subject":"Refund","body":"Where is my\nmoney? 💶"}`)
	for path, want := range map[string]any{
		"subject": "Refund", "status": "active", "state": "published", "type": "api", "number": 1.0, "messages": 1.0, "last_seq": 1.0,
		"handled_seq": 0.0,
		"assignee_id": nil, "mailbox_id": string(w.support.ID),
	} {
		if got := r.field(t, path); got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	if r.text(t, "customer", "name") != "Ann Smith" || r.field(t, "waiting_since") == nil {
		t.Errorf("opened %s", r.body)
	}
	id := r.text(t, "id")
	if got := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil); string(got.body) != string(r.body) {
		t.Errorf("got %s, opened %s", got.body, r.body)
	}
	m := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/messages", nil)
	if m.text(t, "items", 0, "text") != "Where is my\nmoney? 💶" || m.text(t, "items", 0, "from") != "ann@example.com" ||
		m.text(t, "items", 0, "author", "kind") != "customer" {
		t.Errorf("the message is %s", m.body)
	}
	if n := w.Number(`SELECT count(*) FROM events WHERE conversation_id = $1 AND kind = 'customer_message' AND (data->>'first')::boolean AND
		seq = 1`, id); n != 1 {
		t.Errorf("%d first events, want 1", n)
	}
	if n := w.Number(`SELECT count(*) FROM outbox WHERE conversation_id = $1 AND seq = 1 AND NOT manual`, id); n != 1 {
		t.Errorf("%d outbox rows, want 1", n)
	}
}

func TestAConversationKeepsWhereItCameFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	open := func(code int, more string) reply {
		return w.want(code, w.asAgent, "POST", "/v1/conversations",
			`{"mailbox":"support@smarticks.test","customer":{"email":"ann@example.com"},"body":"x"`+more+`}`)
	}
	for _, c := range []struct{ more, channel, startedBy string }{
		{"", "api", "api"},
		{`,"type":"phone","started_by":"user"`, "phone", "user"},
		{`,"type":"email","channel":"portal","started_by":"customer","imported":true`, "portal", "customer"},
	} {
		id := open(201, c.more).text(t, "id")
		r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id, nil)
		if r.text(t, "channel") != c.channel || r.text(t, "started_by") != c.startedBy || r.field(t, "imported") != (c.channel == "portal") {
			t.Errorf("opened with %s: %s", c.more, r.body)
		}
	}
	open(422, `,"channel":"pigeon"`)
	open(422, `,"started_by":"workflow"`)
}

func TestPatchIsOneTransactionWithAnEventForEachChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	path := "/v1/conversations/" + id
	stranger := w.want(422, w.asAdmin, "PATCH", path, map[string]any{"assignee_id": w.agent.ID, "mailbox_id": w.billing.ID})
	if stranger.text(t, "errors", 0, "location") != "body.assignee_id" {
		t.Errorf("an assignee who may not see the mailbox: %s", stranger.body)
	}
	w.want(200, w.asAdmin, "PATCH", "/v1/users/"+string(w.agent.ID), map[string]any{"mailbox_ids": []any{w.support.ID, w.billing.ID}})
	r := w.want(200, w.asAdmin, "PATCH", path, map[string]any{
		"status": "pending", "assignee_id": w.agent.ID, "mailbox_id": w.billing.ID, "subject": "Refund of May",
		"tags": []string{" VIP ", "refund", "vip"},
	})
	if r.text(t, "status") != "pending" || r.text(t, "assignee_id") != string(w.agent.ID) || r.text(t, "mailbox_id") != string(w.billing.ID) ||
		r.text(t, "subject") != "Refund of May" || r.text(t, "tags", 0) != "refund" || r.text(t, "tags", 1) != "vip" {
		t.Errorf("patched to %s", r.body)
	}
	if r.field(t, "last_seq") != 6.0 {
		t.Errorf("last_seq = %v, want 6", r.field(t, "last_seq"))
	}
	// The move comes first: the new mailbox's workflows see the rest.
	if n := w.Number(`SELECT count(*) FROM events WHERE conversation_id = $1 AND seq > 1 AND mailbox_id = $2`, id, w.billing.ID); n != 5 {
		t.Errorf("%d events belong to the new mailbox, want 5", n)
	}
	// The same again changes nothing.
	again := w.want(200, w.asAdmin, "PATCH", path,
		map[string]any{"status": "pending", "assignee_id": w.agent.ID, "tags": []string{"vip", "refund"}})
	if again.field(t, "last_seq") != 6.0 {
		t.Errorf("last_seq = %v after nothing changed, want 6", again.field(t, "last_seq"))
	}
	// Null, empty and missing.
	if r := w.want(200, w.asAdmin, "PATCH", path, `{}`); r.field(t, "assignee_id") == nil {
		t.Error("an empty patch unassigned it")
	}
	if r := w.want(200, w.asAdmin, "PATCH", path, `{"assignee_id":null,"tags":[]}`); r.field(t, "assignee_id") != nil ||
		fmt.Sprint(r.field(t, "tags")) != "[]" {
		t.Errorf("unassigned: %s", r.body)
	}
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"assignee_id": w.agent.ID})
	if r := w.want(200, w.asAdmin, "PATCH", path, `{"assignee_id":""}`); r.field(t, "assignee_id") != nil {
		t.Errorf("unassigned: %s", r.body)
	}
	if r := w.want(200, w.asAdmin, "PATCH", path, `{"status":"closed"}`); r.field(t, "closed_at") == nil {
		t.Errorf("closed: %s", r.body)
	}
}

func TestDeletedConversationsAreNotListedAndNotChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	path := "/v1/conversations/" + id
	w.want(204, w.asAgent, "DELETE", path, nil)
	w.want(204, w.asAgent, "DELETE", path, nil)
	if r := w.want(200, w.asAgent, "GET", path, nil); r.text(t, "state") != "deleted" || r.field(t, "last_seq") != 2.0 {
		t.Errorf("it is %s", r.body)
	}
	w.want(409, w.asAgent, "PATCH", path, `{"status":"closed"}`)
	w.want(409, w.asAgent, "POST", path+"/messages", `{"kind":"note","body":"x"}`)
	if list, _ := w.want(200, w.asAgent, "GET", "/v1/conversations", nil).field(t, "items").([]any); len(list) != 0 {
		t.Error("it is still listed")
	}
	if list, _ := w.want(200, w.asAgent, "GET", "/v1/conversations?state=deleted", nil).field(t, "items").([]any); len(list) != 1 {
		t.Error("it is not listed where it is asked for")
	}
}

func TestConversationFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.open(w.support.ID, "A"), w.open(w.billing.ID, "B")
	c := w.want(201, w.asAdmin, "POST", "/v1/conversations",
		`{"mailbox":"support@smarticks.test","customer":{"email":"ben@example.com"},"subject":"C","body":"x"}`).text(t, "id")
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+a, map[string]any{"tags": []string{"refund"}, "assignee_id": w.agent.ID})
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+b, `{"status":"closed"}`)
	for query, want := range map[string][]string{
		"":                                   {c, b, a},
		"mailbox_id=" + string(w.support.ID): {c, a},
		"mailbox_id=" + nobodysID:            {},
		"status=closed":                      {b},
		"status=active&tag=%20REFUND":        {a},
		"assignee_id=" + string(w.agent.ID):  {a},
		"assignee_id=none":                   {c, b},
		"customer=Ann@example.com":           {b, a},
		"customer=nobody@example.com":        {},
		"number=2":                           {b},
		"tag=none":                           {},
		"mailbox_id=" + string(w.billing.ID) + "&status=active": {},
	} {
		r := w.want(200, w.asAdmin, "GET", "/v1/conversations?"+query, nil)
		got := []string{}
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			got = append(got, r.text(t, "items", i, "id"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	tags := w.want(200, w.asAdmin, "GET", "/v1/tags", nil)
	if string(tags.body) != `{"items":[{"name":"refund","conversations":1}],"next_cursor":null}`+"\n" {
		t.Errorf("tags: %s", tags.body)
	}
}

func TestMessagesOfEachKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	path := "/v1/conversations/" + id
	post := func(kind string) reply {
		return w.want(201, w.asAgent, "POST", path+"/messages", map[string]string{"kind": kind, "body": "hello"})
	}
	note := post("note")
	if note.text(t, "author", "id") != string(w.agent.ID) || note.field(t, "to") != nil {
		t.Errorf("the note is %s", note.body)
	}
	answer := post("reply")
	if answer.text(t, "from") != "Support@smarticks.test" || answer.text(t, "to", 0) != "ann@example.com" ||
		answer.text(t, "subject") != "Refund" {
		t.Errorf("the reply is %s", answer.body)
	}
	if n := w.Number(`SELECT count(*) FROM messages WHERE kind = 'reply' AND message_id_header = ''`); n != 1 {
		t.Errorf("%d replies without a Message-ID, want 1: whoever sends it gives it one", n)
	}
	c := w.want(200, w.asAgent, "GET", path, nil)
	if c.field(t, "waiting_since") != nil || c.field(t, "last_agent_reply_at") == nil {
		t.Errorf("after the reply it is %s", c.body)
	}
	w.want(200, w.asAgent, "PATCH", path, `{"status":"closed"}`)
	if said := post("customer"); said.text(t, "author", "kind") != "customer" || said.text(t, "from") != "ann@example.com" {
		t.Errorf("the customer's message is %s", said.body)
	}
	if n := w.Number(`SELECT count(*) FROM events WHERE conversation_id = $1 AND actor_kind = 'customer'`, id); n != 3 {
		t.Errorf("%d events are the customer's, want 3: two messages and the reopening", n)
	}
	c = w.want(200, w.asAgent, "GET", path, nil)
	if c.text(t, "status") != "active" || c.field(t, "waiting_since") == nil || c.field(t, "messages") != 4.0 {
		t.Errorf("after the customer's message it is %s", c.body)
	}
	first := w.want(200, w.asAgent, "GET", path+"/messages?limit=3", nil)
	rest := w.want(200, w.asAgent, "GET", path+"/messages?limit=3&cursor="+first.text(t, "next_cursor"), nil)
	got := ""
	for _, r := range []reply{first, rest} {
		items, _ := r.field(t, "items").([]any)
		for i := range items {
			got += r.text(t, "items", i, "kind") + " "
		}
	}
	if got != "customer note reply customer " {
		t.Errorf("messages in order: %s", got)
	}
}

func TestLongMessagesMakeShortPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/conversations/" + w.open(w.support.ID, "Refund")
	long := strings.Repeat("x", 1_000_000)
	for range 6 {
		w.want(201, w.asAgent, "POST", path+"/messages", map[string]string{"kind": "note", "body": long})
	}
	var pages []int
	for next := path + "/messages"; next != ""; {
		r := w.want(200, w.asAgent, "GET", next, nil)
		items, _ := r.field(t, "items").([]any)
		pages = append(pages, len(items))
		if next = r.text(t, "next_cursor"); next != "" {
			next = path + "/messages?cursor=" + next
		}
	}
	if fmt.Sprint(pages) != "[5 2]" {
		t.Errorf("pages of %v messages, want [5 2]", pages)
	}
	r := w.want(200, w.asAgent, "GET", path+"/timeline", nil)
	if text := r.text(t, "items", 1, "message", "text"); len(text) != 20000 || r.field(t, "items", 1, "message", "shortened") != true {
		t.Errorf("the timeline shows %d characters", len(text))
	}
}

// Twenty requests at once with one key make one conversation and one customer.
func TestRepeatedPostWithAKeyMakesOneConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := `{"mailbox":"support@smarticks.test","customer":{"email":"new@example.com"},"subject":"Refund","body":"x"}`
	answers := make([]reply, 20)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			answers[i] = w.call(w.asAgent, "POST", "/v1/conversations", body, "Idempotency-Key", "order-7")
		})
	}
	group.Wait()
	for _, a := range answers {
		if a.status != 201 || string(a.body) != string(answers[0].body) {
			t.Errorf("%d %s, want 201 %s", a.status, a.body, answers[0].body)
		}
	}
	if n := w.Number(`SELECT count(*) FROM conversations`); n != 1 {
		t.Errorf("%d conversations, want 1", n)
	}
	w.want(409, w.asAgent, "POST", "/v1/conversations", strings.Replace(body, "Refund", "Other", 1), "Idempotency-Key", "order-7")
	// Another token's key is another key.
	w.want(201, w.asAdmin, "POST", "/v1/conversations", body, "Idempotency-Key", "order-7")
	if n := w.Number(`SELECT count(*) FROM conversations`); n != 2 {
		t.Errorf("%d conversations, want 2", n)
	}
	id := answers[0].text(t, "id")
	for range 2 {
		w.want(201, w.asAgent, "POST", "/v1/conversations/"+id+"/messages", `{"kind":"reply","body":"hello"}`, "Idempotency-Key", "reply-7")
	}
	if n := w.Number(`SELECT count(*) FROM messages WHERE kind = 'reply'`); n != 1 {
		t.Errorf("%d replies, want 1", n)
	}
	w.want(422, w.asAgent, "POST", "/v1/conversations", body, "Idempotency-Key", strings.Repeat("x", 201))
	// What is refused uses no key up.
	w.want(422, w.asAgent, "POST", "/v1/conversations", `{"mailbox":"none@smarticks.test","customer":{"email":"a@example.com"},"body":"x"}`,
		"Idempotency-Key", "fresh")
	w.want(201, w.asAgent, "POST", "/v1/conversations", body, "Idempotency-Key", "fresh")
}

// Many new conversations of one unknown address at once: one customer.
func TestConcurrentConversationsOfANewAddressMakeOneCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			body, _ := json.Marshal(map[string]any{"mailbox_id": w.support.ID, "customer": map[string]string{"email": "New@example.com"},
				"subject": fmt.Sprint(i), "body": "x"})
			if r := w.call(w.asAgent, "POST", "/v1/conversations", string(body)); r.status != 201 {
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	group.Wait()
	if n := w.Number(`SELECT count(DISTINCT customer_id) FROM conversations`); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
	if n := w.Number(`SELECT count(*) FROM customers`); n != 1 {
		t.Errorf("%d rows of customers, want 1", n)
	}
}

func TestTextsRoundTripExactly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, text := range []string{
		"'; DROP TABLE messages; --", `\u0000 as text`, "\u202eright to left", "Zalgo ̴̡", "\u2028line", "=cmd|' /C calc'!A0",
		"<script>alert(1)</script>",
		"{%customer.firstName%}", "\tindented\r\n", "\x1b[31mred", "e\u0301 é", "🏴‍☠️", "\ufeffmark", "\u007f", `{"json":"inside"}`, "$1 ? %s",
	} {
		id := w.want(201, w.asAgent, "POST", "/v1/conversations", map[string]any{
			"mailbox_id": w.support.ID, "customer": map[string]string{"email": "ann@example.com"}, "body": text,
		}).text(t, "id")
		r := w.want(200, w.asAgent, "GET", "/v1/conversations/"+id+"/messages", nil)
		if got := r.text(t, "items", 0, "text"); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
	if strings.Contains(w.logs.String(), "Zalgo") {
		t.Error("a customer's words stand in the log")
	}
}

func TestAConversationBeginsWithAllThatItIsGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(201, w.asAdmin, "POST", "/v1/fields",
		map[string]any{"mailbox_id": w.support.ID, "name": "Seats", "label": "Seats", "type": "number"})
	r := w.want(201, w.asAgent, "POST", "/v1/conversations",
		`{"mailbox":"support@smarticks.test","type":"phone","started_by":"user","body":"They called.",
		"customer":{"name":"Ann Smith","phone":"+49 30 1"},"tags":["VIP"],"fields":{"Seats":7},"status":"pending",
			"assignee_id":"bob@smarticks.test"}`)
	if r.text(t, "tags", 0) != "vip" || r.text(t, "fields", "Seats") != "7" || r.text(t, "status") != "pending" ||
		r.text(t, "assignee_id") != string(w.agent.ID) ||
		r.text(t, "customer", "name") != "Ann Smith" || r.text(t, "customer", "email") != "" || r.field(t, "waiting_since") != nil {
		t.Errorf("it is %s", r.body)
	}
	again := w.want(201, w.asAgent, "POST", "/v1/conversations",
		`{"mailbox":"support@smarticks.test","body":"x","customer":{"id":"`+r.text(t, "customer", "id")+`"}}`)
	if again.text(t, "customer", "id") != r.text(t, "customer", "id") {
		t.Errorf("it is somebody else's: %s", again.body)
	}
	const old = `{"mailbox":"support@smarticks.test","imported":true,"status":"closed","customer":{"email":"kim@example.com"},"messages":[
		{"kind":"customer","body":"a","created_at":"2024-03-01T09:00:00Z"},{"kind":"reply","author":"bob@smarticks.test","body":"b",
			"created_at":"2024-03-01T10:00:00Z"}]}`
	first := w.want(201, w.asAgent, "POST", "/v1/conversations", old, "Idempotency-Key", "old-1")
	same := w.want(201, w.asAgent, "POST", "/v1/conversations", old, "Idempotency-Key", "old-1")
	if first.text(t, "id") != same.text(t, "id") || first.text(t, "created_at") != "2024-03-01T09:00:00Z" ||
		first.text(t, "closed_at") != "2024-03-01T10:00:00Z" {
		t.Errorf("it is %s, then %s", first.body, same.body)
	}
	m := w.want(200, w.asAgent, "GET", "/v1/conversations/"+first.text(t, "id")+"/messages", nil)
	if m.text(t, "items", 1, "author", "id") != string(w.agent.ID) || m.text(t, "items", 1, "created_at") != "2024-03-01T10:00:00Z" {
		t.Errorf("its messages are %s", m.body)
	}
	stranger := w.want(201, w.asAdmin, "POST", "/v1/conversations",
		`{"mailbox":"billing@smarticks.test","body":"x","customer":{"email":"zoe@example.com"}}`).text(t, "customer", "id")
	for body, location := range map[string]string{
		`"body":"x","customer":{}`:                                                    "body.customer",
		`"body":"x","type":"email","customer":{"name":"Ann"}`:                         "body.customer.email",
		`"body":"x","customer":{"id":"` + stranger + `"}`:                             "body.customer.id",
		`"body":"x","customer":{"email":"a@b.c"},"created_at":"2024-01-01T00:00:00Z"`: "body.imported",
		`"body":"x","customer":{"email":"a@b.c"},"fields":{"Gone":1}`:                 "body.fields.Gone",
		`"body":"x","customer":{"email":"a@b.c"},"assignee_id":"nobody@x.y"`:          "body.assignee_id",
		`"customer":{"email":"a@b.c"}`:                                                "body.body",
	} {
		if r := w.want(422, w.asAgent, "POST", "/v1/conversations", `{"mailbox":"support@smarticks.test",`+body+`}`); r.text(t, "errors", 0,
			"location") != location {
			t.Errorf("%s: %s", body, r.body)
		}
	}
}
