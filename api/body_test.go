package api_test

import (
	"strings"
	"testing"
)

func TestJSONThatCannotBeReadInOneWayIs400WithItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.Counts()
	for name, c := range map[string]struct{ body, location, message string }{
		"empty":                {"", "", ""},
		"spaces":               {"  \n", "body", "the text ends before the value does, at byte"},
		"cut off":              {`{"name":"X"`, "body", "the text ends before the value does, at byte 11"},
		"trailing comma":       {`{"name":"X",}`, "body", "this is not JSON, at byte"},
		"single quotes":        {`{'name':'X'}`, "body", "this is not JSON, at byte 1"},
		"comment":              {`{"name":"X" /* no */}`, "body", "this is not JSON, at byte 12"},
		"two values":           {`{"name":"X"} {"name":"Y"}`, "body", "there is something after the value, at byte"},
		"after the value":      {`{"name":"X"}x`, "body", "there is something after the value, at byte"},
		"repeated key":         {`{"name":"X","email":"a@b.c","name":"Y"}`, "body.name", "this key stands twice in its object, at byte 28"},
		"repeated below":       {`{"customer":{"email":"a","email":"b"}}`, "body.customer.email", "this key stands twice in its object, at byte"},
		"repeated in list":     {`{"a":[1,{"b":1,"b":2}]}`, "body.a[1].b", "this key stands twice in its object, at byte"},
		"escaped repeated":     {`{"name":"X","n\u0061me":"Y"}`, "body.name", "this key stands twice in its object, at byte"},
		"broken UTF-8":         {"{\"name\":\"a\xffb\"}", "body.name", "this is not UTF-8, at byte"},
		"overlong UTF-8":       {"{\"name\":\"\xc0\xaf\"}", "body.name", "this is not UTF-8, at byte"},
		"lone surrogate":       {`{"name":"\ud800"}`, "body.name", "this is not JSON, at byte"},
		"NaN":                  {`{"name":NaN}`, "body.name", "this is not JSON, at byte 8"},
		"bare word":            {`name`, "body", "this is not JSON, at byte"},
		"byte order mark":      {"\xef\xbb\xbf{}", "body", "this is not JSON, at byte 0"},
		"leading zero":         {`{"name":01}`, "body", "this is not JSON, at byte"},
		"control in string":    {"{\"name\":\"a\nb\"}", "body.name", "this is not JSON, at byte"},
		"deep":                 {strings.Repeat("[", 20000), "", ""},
		"deep, closed":         {strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "", ""},
		"unclosed string":      {`{"name":"X`, "body.name", "the text ends before the value does, at byte"},
		"not even text at all": {"\x00\x01\x02", "body", "this is not JSON, at byte 0"},
	} {
		r := w.want(400, w.asAdmin, "POST", "/v1/mailboxes", c.body)
		if c.location == "" {
			continue
		}
		if got := r.text(t, "errors", 0, "location"); got != c.location {
			t.Errorf("%s: location %q, want %q: %s", name, got, c.location, r.body)
		}
		if got := r.text(t, "errors", 0, "message"); !strings.HasPrefix(got, c.message) {
			t.Errorf("%s: message %q, want %q…", name, got, c.message)
		}
	}
	if after := w.Counts(); after != before {
		t.Errorf("something was stored: %s, then %s", before, after)
	}
}

func TestJSONThatIsReadAndWrongIs422WithItsPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	before := w.Counts()
	mailbox := func(more string) string { return `{"name":"X","email":"x@smarticks.test"` + more + `}` }
	conversation := func(more string) string {
		return `{"mailbox":"support@smarticks.test","customer":{"email":"x@example.com"},"body":"x"` + more + `}`
	}
	for _, c := range []struct{ name, method, path, body, location string }{
		{"unknown key", "POST", "/v1/mailboxes", mailbox(`,"secret":"mine"`), "body.secret"},
		{"key in another case", "POST", "/v1/mailboxes", `{"name":"X","email":"x@smarticks.test","Time_Zone":"UTC"}`, "body.Time_Zone"},
		{"no object", "POST", "/v1/mailboxes", `[]`, "body"},
		{"null", "POST", "/v1/mailboxes", `null`, "body"},
		{"missing key", "POST", "/v1/mailboxes", `{"name":"X"}`, "body"},
		{"wrong type", "POST", "/v1/mailboxes", `{"name":7,"email":"x@smarticks.test"}`, "body.name"},
		{"empty name", "POST", "/v1/mailboxes", `{"name":"","email":"x@smarticks.test"}`, "body.name"},
		{"blank name", "POST", "/v1/mailboxes", `{"name":"   ","email":"x@smarticks.test"}`, "body.name"},
		{"long name", "POST", "/v1/mailboxes", `{"name":"` + strings.Repeat("x", 101) + `","email":"x@smarticks.test"}`, "body.name"},
		{"name with line break", "POST", "/v1/mailboxes", `{"name":"X\nBcc: y","email":"x@smarticks.test"}`, "body.name"},
		{"no address", "POST", "/v1/mailboxes", `{"name":"X","email":"nobody"}`, "body.email"},
		{"address with a name", "POST", "/v1/mailboxes", `{"name":"X","email":"A <a@smarticks.test>"}`, "body.email"},
		{"address with a line break", "POST", "/v1/mailboxes", `{"name":"X","email":"a@smarticks.test\r\nTo: b"}`, "body.email"},
		{"time zone", "POST", "/v1/mailboxes", mailbox(`,"time_zone":"Mars/Olympus"`), "body.time_zone"},
		{"time zone as a path", "POST", "/v1/mailboxes", mailbox(`,"time_zone":"../../etc/passwd"`), "body.time_zone"},
		{"long Workflow user", "POST", "/v1/mailboxes", mailbox(`,"workflow_user_name":"123456789012345678901"`), "body.workflow_user_name"},
		{"NUL", "POST", "/v1/mailboxes", `{"name":"a\u0000b","email":"x@smarticks.test"}`, "body.name"},
		{"NUL in a key", "POST", "/v1/mailboxes", `{"a\u0000b":1}`, "body.a\x00b"},
		{"role", "POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"owner"}`, "body.role"},
		{"mass assignment", "POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"agent","id":"` + nobodysID + `"}`, "body.id"},
		{"no such mailbox", "POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"agent","mailbox_ids":["` + nobodysID + `"]}`,
			"body.mailbox_ids[0]"},
		{"no mailbox id", "POST", "/v1/users", `{"name":"X","email":"x@smarticks.test","role":"agent","mailbox_ids":["x"]}`,
			"body.mailbox_ids[0]"},
		{"last admin", "PATCH", "/v1/users/" + string(w.admin.ID), `{"role":"agent"}`, "body.role"},
		{"token for nobody", "POST", "/v1/tokens", `{"user_id":"` + nobodysID + `","name":"X"}`, "body.user_id"},
		{"token in the past", "POST", "/v1/tokens", `{"user_id":"` + string(w.admin.ID) + `","name":"X","expires_at":"2001-01-01T00:00:00Z"}`,
			"body.expires_at"},
		{"token with a bad time", "POST", "/v1/tokens", `{"user_id":"` + string(w.admin.ID) + `","name":"X","expires_at":"soon"}`,
			"body.expires_at"},
		{"base URL", "PATCH", "/v1/settings", `{"base_url":"javascript:alert(1)"}`, "body.base_url"},
		{"no mailbox", "POST", "/v1/conversations", `{"customer":{"email":"x@example.com"},"body":"x"}`, "body.mailbox_id"},
		{"two mailboxes", "POST", "/v1/conversations", conversation(`,"mailbox_id":"` + string(w.support.ID) + `"`), "body.mailbox_id"},
		{"unknown mailbox", "POST", "/v1/conversations", `{"mailbox":"none@smarticks.test","customer":{"email":"x@example.com"},"body":"x"}`,
			"body.mailbox"},
		{"customer's address", "POST", "/v1/conversations", `{"mailbox":"support@smarticks.test","customer":{"email":"xyz"},"body":"x"}`,
			"body.customer.email"},
		{"unknown key below", "POST", "/v1/conversations",
			`{"mailbox":"support@smarticks.test","customer":{"email":"x@example.com","vip":true},"body":"x"}`, "body.customer.vip"},
		{"blank body", "POST", "/v1/conversations", `{"mailbox":"support@smarticks.test","customer":{"email":"x@example.com"},"body":" \n"}`,
			"body.body"},
		{"type", "POST", "/v1/conversations", conversation(`,"type":"fax"`), "body.type"},
		{"state is not yours", "POST", "/v1/conversations", conversation(`,"state":"deleted"`), "body.state"},
		{"subject", "POST", "/v1/conversations", conversation(`,"subject":"a\r\nBcc: b@example.com"`), "body.subject"},
		{"status", "PATCH", "/v1/conversations/" + id, `{"status":"open"}`, "body.status"},
		{"nobody's mailbox", "PATCH", "/v1/conversations/" + id, `{"status":"closed","mailbox_id":"` + nobodysID + `"}`, "body.mailbox_id"},
		{"assignee", "PATCH", "/v1/conversations/" + id, `{"status":"closed","assignee_id":"` + nobodysID + `"}`, "body.assignee_id"},
		{"assignee no id", "PATCH", "/v1/conversations/" + id, `{"status":"closed","assignee_id":"bob"}`, "body.assignee_id"},
		{"assignee a number", "PATCH", "/v1/conversations/" + id, `{"status":"closed","assignee_id":7}`, "body.assignee_id"},
		{"empty tag", "PATCH", "/v1/conversations/" + id, `{"status":"closed","tags":["a"," "]}`, "body.tags[1]"},
		{"long tag", "PATCH", "/v1/conversations/" + id, `{"tags":["` + strings.Repeat("x", 101) + `"]}`, "body.tags[0]"},
		{"seq is not yours", "PATCH", "/v1/conversations/" + id, `{"last_seq":7}`, "body.last_seq"},
		{"kind", "POST", "/v1/conversations/" + id + "/messages", `{"kind":"email","body":"x"}`, "body.kind"},
		{"blank message", "POST", "/v1/conversations/" + id + "/messages", `{"kind":"reply","body":"\t"}`, "body.body"},
		{"limit", "GET", "/v1/conversations?limit=101", "", "query.limit"},
		{"limit no number", "GET", "/v1/conversations?limit=all", "", "query.limit"},
		{"cursor", "GET", "/v1/conversations?cursor=x", "", "query.cursor"},
		{"cursor of something else", "GET", "/v1/conversations?cursor=" + "J28gT1I", "", "query.cursor"},
		{"unknown parameter", "GET", "/v1/conversations?state_is=x", "", "query.state_is"},
		{"filter status", "GET", "/v1/conversations?status=open", "", "query.status"},
		{"filter mailbox", "GET", "/v1/conversations?mailbox_id=x", "", "query.mailbox_id"},
		{"filter assignee", "GET", "/v1/conversations?assignee_id=bob", "", "query.assignee_id"},
		{"NUL in a parameter", "GET", "/v1/conversations?tag=a%00b", "", "query.tag"},
		{"broken UTF-8 in a parameter", "GET", "/v1/customers?email=%ff", "", "query.email"},
		{"parameter twice", "GET", "/v1/conversations?status=active&status=closed", "", "query.status"},
		{"timeline cursor", "GET", "/v1/conversations/" + id + "/timeline?cursor=eA", "", "query.cursor"},
	} {
		var body any
		if c.body != "" {
			body = c.body
		}
		r := w.want(422, w.asAdmin, c.method, c.path, body)
		if got := r.text(t, "errors", 0, "location"); got != c.location {
			t.Errorf("%s: location %q, want %q: %s", c.name, got, c.location, r.body)
		}
		if r.text(t, "errors", 0, "message") == "" {
			t.Errorf("%s: no message: %s", c.name, r.body)
		}
	}
	if after := w.Counts(); after != before {
		t.Errorf("something was stored: %s, then %s", before, after)
	}
}

func TestAllMistakesAreListedAndNoValueIsSentBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.want(422, w.asAdmin, "POST", "/v1/users",
		`{"name":"","email":"canary-one","role":"canary-two","mailbox_ids":7,"pass":"canary-three"}`)
	list, _ := r.field(t, "errors").([]any)
	if len(list) != 4 {
		t.Errorf("%d mistakes, want 4: %s", len(list), r.body)
	}
	if strings.Contains(string(r.body), "canary") {
		t.Errorf("a value is sent back: %s", r.body)
	}
}

func TestBodyLimitIsOneMiB(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.open(w.support.ID, "Refund")
	path := "/v1/conversations/" + id + "/messages"
	envelope := len(`{"kind":"note","body":""}`)
	fits := `{"kind":"note","body":"` + strings.Repeat("x", 1<<20-envelope) + `"}`
	w.want(201, w.asAdmin, "POST", path, fits)
	w.want(413, w.asAdmin, "POST", path, fits+" ")
	w.want(413, w.asAdmin, "POST", path, strings.Repeat(" ", 3<<20))
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json, text/html",
		"multipart/form-data; boundary=x"} {
		w.want(415, w.asAdmin, "POST", "/v1/mailboxes", `{"name":"X","email":"x@smarticks.test"}`, "Content-Type", media)
	}
	w.want(201, w.asAdmin, "POST", "/v1/mailboxes", `{"name":"X","email":"x@smarticks.test"}`, "Content-Type",
		"application/json; charset=utf-8")
}

func TestRoutesThatDoNotExistAreProblemsToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, method := range map[string]string{"/v1/nothing": "GET", "/": "GET", "/v1/mailboxes/": "GET", "/V1/mailboxes": "GET",
		"/v1//mailboxes": "GET"} {
		w.want(404, w.asAdmin, method, path, nil)
	}
	w.want(405, w.asAdmin, "DELETE", "/v1/mailboxes", nil)
	w.want(405, "", "PUT", "/healthz", nil)
}
