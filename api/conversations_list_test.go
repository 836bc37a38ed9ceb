package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// escaped writes a query that is written plainly.
var escaped = strings.NewReplacer(" ", "%20", "[", "%5B", "]", "%5D", "#", "%23", "ü", url.QueryEscape("ü"), "'", "%27")

// subjects lists what the query finds, over all pages of two.
func (w *world) subjects(token, query string) (found []string) {
	w.Helper()
	cursor := ""
	for range 20 {
		r := w.want(200, token, "GET", "/v1/conversations?limit=2&"+query+cursor, nil)
		items, _ := r.field(w, "items").([]any)
		for i := range items {
			found = append(found, r.text(w, "items", i, "subject"))
		}
		next := r.text(w, "next_cursor")
		if next == "" {
			return found
		}
		cursor = "&cursor=" + next
	}
	w.Fatalf("%s has no end", query)
	return nil
}

// wrote opens a conversation with the customer's words.
func (w *world) wrote(mailbox conversation.MailboxID, email, name, subject, body string) string {
	w.Helper()
	return w.want(201, w.asAdmin, "POST", "/v1/conversations", map[string]any{
		"mailbox_id": mailbox, "customer": map[string]string{"email": email, "name": name}, "subject": subject, "body": body,
	}).text(w, "id")
}

func TestConversationsAreFoundByWordsAndFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one := w.wrote(w.support.ID, "ann@example.com", "Ann Müller", "one", "My PARCEL is broken.")
	two := w.wrote(w.support.ID, "bo.lund@example.org", "Bo Lund", "two refund", "Where is it?")
	three := w.wrote(w.support.ID, "ann@example.com", "Ann Müller", "three", "Thank you")
	foreign := w.wrote(w.billing.ID, "cy@example.com", "Cy", "foreign", "A parcel again")
	gone := w.wrote(w.support.ID, "ann@example.com", "Ann Müller", "gone", "A parcel too")
	w.want(204, w.asAdmin, "DELETE", "/v1/conversations/"+gone, nil)
	w.want(201, w.asAdmin, "POST", "/v1/conversations/"+three+"/messages", `{"kind":"note","body":"see the giraffe, order A-77"}`)
	w.want(201, w.asAdmin, "POST", "/v1/fields", map[string]any{"mailbox_id": w.support.ID, "name": "Order", "type": "text"})
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+one,
		map[string]any{"fields": map[string]any{"Order": "A-77"}, "tags": []string{"vip"}, "assignee_id": w.agent.ID})
	w.want(200, w.asAdmin, "PATCH", "/v1/conversations/"+two, `{"status":"closed"}`)
	w.Exec(`UPDATE conversations SET attention = 'advance_failed' WHERE id = $1`, three)
	// A day apart, each touched in the reverse order; the third waits the longest.
	for i, id := range []string{one, two, three, foreign} {
		w.Exec(`UPDATE conversations SET created_at = '2026-03-01T12:00:00Z'::timestamptz + $2 * interval '1 day', updated_at =
			'2026-05-01T12:00:00Z'::timestamptz - $2 * interval '1 day',
			waiting_since = CASE $2 WHEN 1 THEN NULL ELSE '2026-02-09T12:00:00Z'::timestamptz - $2 * interval '1 day' END WHERE id = $1`, id, i)
	}
	box := "mailbox_id=" + string(w.support.ID)
	var number string
	w.Value(&number, `SELECT number::text FROM conversations WHERE id = $1`, two)
	customer := w.want(200, w.asAdmin, "GET", "/v1/conversations/"+two, nil).text(t, "customer", "id")
	for query, want := range map[string]string{
		"":                                    "three,two refund,one",
		"sort=created":                        "three,two refund,one",
		"sort=updated":                        "one,two refund,three",
		"sort=waiting":                        "three,one",
		"q=parcel":                            "one",
		"q=Parcel broken":                     "one",
		"q=parcel giraffe":                    "",
		"q=giraffe a-77":                      "three",
		"q=müller parcel":                     "one", // the customer's name and the text
		"q=parc brok":                         "one", // the beginnings of words
		"q=pa":                                "",    // of three letters at least
		"q=ann@example.co":                    "",    // but an address is an address
		"q=REFUND":                            "two refund",
		"q=müller":                            "three,one",
		"q=ann@example.com":                   "three,one",
		"q=lund":                              "two refund",
		"q=#" + number:                        "two refund",
		"q=" + number:                         "two refund",
		"q=!":                                 "",
		"q=' OR 1=1 --":                       "",
		"q=parcel AND !broken":                "", // no operators: and is a word that nobody wrote
		"q=müller&sort=waiting":               "three,one",
		"assignee_id=unassigned":              "three,two refund",
		"assignee_id=none":                    "three,two refund",
		"assignee_id=me":                      "one",
		"tag=VIP":                             "one",
		"status=closed":                       "two refund",
		"customer=BO.LUND@example.org":        "two refund",
		"customer_id=" + customer:             "two refund",
		"has_attention=true":                  "three",
		"has_attention=false":                 "two refund,one",
		box + "&field[order]=A-77":            "one",
		box + "&field[Order]=A-78":            "",
		"created_after=2026-03-02T12:00:00Z":  "three,two refund",
		"created_before=2026-03-02T12:00:00Z": "one",
		"updated_after=2026-04-30T12:00:00Z&updated_before=2026-05-01T12:00:00Z": "two refund",
		"mailbox_id=" + string(w.billing.ID):                                     "",
		"mailbox_id=" + string(w.billing.ID) + "&q=parcel":                       "",
	} {
		if got := strings.Join(w.subjects(w.asAgent, escaped.Replace(query)), ","); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := w.subjects(w.asAdmin, "q=parcel&sort=updated"); !slices.Equal(got, []string{"one", "foreign"}) {
		t.Errorf("the admin finds %q", got)
	}
	if got := w.subjects(w.asAdmin, "sort=created"); !slices.Equal(got, []string{"foreign", "three", "two refund", "one"}) {
		t.Errorf("of several mailboxes the order is %q", got)
	}
	if got := w.subjects(w.asAdmin, "state=deleted&q=parcel"); !slices.Equal(got, []string{"gone"}) {
		t.Errorf("deleted ones: %q", got)
	}
	byUpdate := w.want(200, w.asAgent, "GET", "/v1/conversations?limit=1&sort=updated", nil).text(t, "next_cursor")
	for _, bad := range []string{"cursor=" + byUpdate, "cursor=x", "sort=rank", "field%5BOrder%5D=x", box + "&field%5BNone%5D=x",
		"assignee_id=somebody", "customer_id=x", "created_after=yesterday", "has_attention=perhaps"} {
		w.want(422, w.asAgent, "GET", "/v1/conversations?"+bad, nil)
	}
}

// A word that thousands of messages have is looked for in another way.
func TestACommonWordFindsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.wrote(w.support.ID, "ann@example.com", "Ann", "first", "x")
	w.wrote(w.support.ID, "bo@example.com", "Bo", "second, without", "x")
	w.wrote(w.support.ID, "common@example.com", "Cy", "by the name", "x")
	w.wrote(w.support.ID, "bo@example.com", "Bo", "Common", "x")
	w.wrote(w.billing.ID, "bo@example.com", "Bo", "common, foreign", "x")
	w.Exec(`INSERT INTO messages (id, conversation_id, mailbox_id, kind, author_kind, body_text, created_at)
		SELECT gen_random_uuid(), $1, $2, 'note', 'user', 'a common word', $3 FROM generate_series(1, 2500)`, first, w.support.ID, time.Now())
	if got := w.subjects(w.asAgent, "q=COMMON"); !slices.Equal(got, []string{"Common", "by the name", "first"}) {
		t.Errorf("%q", got)
	}
	if got := w.subjects(w.asAdmin, "q=common&sort=updated"); len(got) != 4 {
		t.Errorf("%q", got)
	}
}
