package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/smarticks/smarticks/api"
	"github.com/smarticks/smarticks/conversation"
)

func (w *world) etag(path string) string {
	w.Helper()
	tag := w.want(200, w.asAdmin, "GET", path, nil).header.Get("ETag")
	if tag == "" {
		w.Fatalf("GET %s has no ETag", path)
	}
	return tag
}

func noteSaying(name, text string) map[string]any {
	return map[string]any{"name": name, "type": "manual", "actions": []any{map[string]any{"do": "note", "body": text}}}
}

func TestOfTwoAdminsWhoEditTheSecondIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	eve := w.Person(conversation.User{Name: "Eve", Role: conversation.RoleAdmin})
	asEve := w.token(eve.ID)
	path := "/v1/workflows/" + w.want(201, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/workflows",
		noteSaying("Greet", "first")).text(t, "id")
	read := w.etag(path) // both have read this

	saved := w.want(200, asEve, "PUT", path, noteSaying("Greet", "Eve's"), "If-Match", read)
	told := w.want(412, w.asAdmin, "PUT", path, noteSaying("Greet", "Ada's"), "If-Match", read)
	if told.text(t, "changed", "name") != "Eve" || told.text(t, "changed", "what") != "changed" ||
		told.text(t, "changed", "user_id") != string(eve.ID) ||
		told.text(t, "changed", "at") == "" || !strings.Contains(told.text(t, "detail"), "by Eve at 20") ||
		told.text(t, "type") != "urn:smarticks:problem:changed-meanwhile" {
		t.Errorf("the second is told %s", told.body)
	}
	now := w.want(200, w.asAdmin, "GET", path, nil)
	if !strings.Contains(string(now.body), "Eve's") || strings.Contains(string(now.body), "Ada's") {
		t.Errorf("the draft is %s", now.body)
	}
	for name, tag := range map[string]string{"the first answer": saved.header.Get("ETag"), "the refusal": told.header.Get("ETag")} {
		if tag != now.header.Get("ETag") {
			t.Errorf("%s has the ETag %s, a GET %s", name, tag, now.header.Get("ETag"))
		}
	}

	// With what the refusal named it goes; without If-Match it always does.
	w.want(200, w.asAdmin, "PUT", path, noteSaying("Greet", "Ada's"), "If-Match", `"0-else", `+told.header.Get("ETag"))
	w.want(200, w.asAdmin, "PUT", path, noteSaying("Greet", "last"))
	w.want(200, w.asAdmin, "PUT", path, noteSaying("Greet", "any"), "If-Match", "*")
	w.want(412, w.asAdmin, "POST", path+"/publish", nil, "If-Match", read)
	w.want(200, w.asAdmin, "POST", path+"/publish", nil, "If-Match", w.etag(path))
	w.want(412, w.asAdmin, "DELETE", path, nil, "If-Match", read)
	w.want(204, w.asAdmin, "DELETE", path, nil, "If-Match", w.etag(path))
	w.want(404, w.asAdmin, "PUT", path, noteSaying("Greet", "x"), "If-Match", read)
}

func TestWhoHasTheAnswerIsToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/users/" + string(w.agent.ID)
	tag := w.etag(path)
	for _, known := range []string{tag, `"x", ` + tag, "W/" + tag, "*"} {
		if r := w.call(w.asAdmin, "GET", path, nil, "If-None-Match", known); r.status != 304 || len(r.body) != 0 || r.header.Get("ETag") != tag {
			t.Errorf("If-None-Match: %s: %d %q with %s", known, r.status, r.body, r.header.Get("ETag"))
		}
	}
	// The same revision, and not the same answer: a folder counts.
	folder := "/v1/folders/" + w.folderIn(w.support)
	empty := w.etag(folder)
	w.open(w.support.ID, "x")
	if full := w.etag(folder); full == empty {
		t.Error("a folder with one conversation more has the same ETag")
	}
	w.want(204, w.asAdmin, "DELETE", folder, nil, "If-Match", empty)
	w.want(200, w.asAdmin, "PATCH", path, map[string]any{"available": false})
	w.want(200, w.asAdmin, "GET", path, nil, "If-None-Match", tag)
	w.want(422, w.asAdmin, "PATCH", "/v1/conversations/"+w.open(w.support.ID, "x"), `{"status":"closed"}`, "If-Match", tag)
}

// What the table says to be compared is, and what shows an ETag is compared.
func TestEveryWriteOfWhatHasAnETagComparesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	matches, shows := api.Matching(api.Config{})
	if len(matches) < 17 {
		t.Fatalf("only %q take If-Match", matches)
	}
	for key := range api.Verbs(api.Config{}) {
		method, path, _ := strings.Cut(key, " ")
		if slices.Contains([]string{"PUT", "PATCH", "DELETE"}, method) && slices.Contains(shows, "GET "+path) && !slices.Contains(matches, key) {
			t.Errorf("%s does not take If-Match, although GET shows an ETag: write matched(...) in routes.go and call match in the store", key)
		}
	}
	w.open(w.support.ID, "x") // so that the mailbox stays
	for _, key := range matches {
		method, _, _ := strings.Cut(key, " ")
		path := w.fill(key, w.support, false)
		body, before := w.fillBody(key, w.support), w.Counts()
		for _, wrong := range []string{`"9999-x"`, `W/"1"`, "nonsense"} {
			w.want(412, w.asAdmin, method, path, body, "If-Match", wrong)
		}
		if after := w.Counts(); after != before {
			t.Errorf("%s stored something: %s, then %s", key, before, after)
		}
		object := strings.Join(strings.Split(path, "/")[:min(4, strings.Count(path, "/")+1)], "/")
		if r := w.call(w.asAdmin, method, path, body, "If-Match", w.etag(object)); r.status == 412 || r.status >= 500 {
			t.Errorf("%s with what there is: %d %s", key, r.status, r.body)
		}
	}
}

// Writers who come at once are one after another under the lock: one of those who
// read the same wins, and the answers' tags are what a GET then shows.
func TestOfWritersAtOnceOneWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, patch := range map[string]string{
		"/v1/settings":                              `{"base_url":"https://%d.example"}`,
		"/v1/mailboxes/" + string(w.support.ID):     `{"name":"N%d"}`,
		"/v1/users/" + string(w.agent.ID):           `{"name":"N%d","mailbox_ids":[]}`,
		"/v1/webhooks/" + w.someEndpoint(w.support): `{"name":"N%d"}`,
		"/v1/fields/" + w.fieldIn(w.support):        `{"label":"N%d"}`,
		"/v1/workflows/" + w.workflowIn(w.support):  `{"mode":"off","position":%d}`,
	} {
		read := w.etag(path)
		var all sync.WaitGroup
		var mu sync.Mutex
		won, tag := []string{}, ""
		for i := range 6 {
			all.Go(func() {
				r := w.call(w.asAdmin, "PATCH", path, fmt.Sprintf(patch, i+1), "If-Match", read)
				mu.Lock()
				defer mu.Unlock()
				if r.status == 200 {
					won, tag = append(won, string(r.body)), r.header.Get("ETag")
				} else if r.status != 412 {
					t.Errorf("PATCH %s: %d %s", path, r.status, r.body)
				}
			})
		}
		all.Wait()
		now := w.want(200, w.asAdmin, "GET", path, nil)
		if len(won) != 1 || tag != now.header.Get("ETag") {
			t.Errorf("%s: %d wrote, the answer had %s, a GET has %s:\n%s\n%s", path, len(won), tag, now.header.Get("ETag"), won, now.body)
		}
		var v map[string]any
		if err := json.Unmarshal(now.body, &v); err != nil || v["revision"] != nil {
			t.Errorf("%s: %s", path, now.body)
		}
	}
}
