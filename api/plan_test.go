package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/conversation"
)

// Three workflows as files write them.
const (
	refunds = `{"name":"Refunds","type":"automatic","conditions":[{"any":[{"field":"subject","op":"contains","value":"refund"}]}],
		"actions":[{"do":"assign","to":"bob@smarticks.test"},{"do":"add_tags","tags":["refund"]}]}`
	invoice = `{"name":"Invoices","type":"automatic","conditions":[{"any":[{"field":"subject","op":"contains","value":"invoice"}]}],
		"actions":[{"do":"move","mailbox":"billing@smarticks.test"}]}`
	taken = `{"name":"I take it","type":"manual","mode":"off","actions":[{"do":"assign","to":"me"}]}`
)

// files is the body of plan and apply.
func files(more string, workflows ...string) string {
	return `{"workflows":[` + strings.Join(workflows, ",") + `]` + more + `}`
}

func with(base string) string { return `,"base":` + base }

// base is the fingerprint in an answer.
func (r reply) base(t *testing.T) string {
	t.Helper()
	text, err := json.Marshal(r.field(t, "base"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// steps are the steps of a plan in short.
func (r reply) steps(t testing.TB) []string {
	t.Helper()
	var p struct {
		Steps []struct {
			Do, Name string
			Publish  bool
			Mode     *struct{ From, To string }
			Changes  []struct{ Path, Before, After string }
		}
		Reorder   *struct{ After []string }
		Unmanaged []string
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range p.Steps {
		line := s.Do + " " + s.Name
		for _, c := range s.Changes {
			line += fmt.Sprintf(", %s %s > %s", c.Path, c.Before, c.After)
		}
		if s.Mode != nil {
			line += ", " + s.Mode.From + " > " + s.Mode.To
		}
		if s.Publish {
			line += ", publish"
		}
		out = append(out, line)
	}
	if p.Reorder != nil {
		out = append(out, "order "+strings.Join(p.Reorder.After, ", "))
	}
	if len(p.Unmanaged) > 0 {
		out = append(out, "unmanaged "+strings.Join(p.Unmanaged, ", "))
	}
	return out
}

func (w *world) planned(path, body string, want ...string) reply {
	w.Helper()
	r := w.want(200, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+path, body)
	if diff := cmp.Diff(want, r.steps(w)); diff != "" {
		w.Errorf("%s (-want +got)\n%s", path, diff)
	}
	return r
}

func TestAMailboxBecomesWhatItsFilesWant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := files("", refunds, invoice, taken)
	created := []string{"create Refunds, off > on, publish", "create Invoices, off > on, publish", "create I take it"}

	before := w.Counts()
	plan := w.planned("/plan", all, created...)
	if w.Counts() != before {
		t.Error("the plan wrote something")
	}
	w.planned("/apply", files(with(plan.base(t)), refunds, invoice, taken), created...)
	after := w.Counts()
	w.planned("/plan", all)
	w.planned("/apply", all)
	// The repeat of a request whose answer got lost: the base is not that any longer.
	w.planned("/apply", files(with(plan.base(t)), refunds, invoice, taken))
	if w.Counts() != after {
		t.Error("what has nothing to do wrote something")
	}
	list := w.want(200, w.asAdmin, "GET", "/v1/mailboxes/"+string(w.support.ID)+"/workflows", nil)
	if to := list.text(t, "items", 0, "actions", 0, "to"); to != string(w.agent.ID) {
		t.Errorf("it assigns to %s, want Bob's id", to)
	}

	exported := w.want(200, w.asAdmin, "GET", "/v1/mailboxes/"+string(w.support.ID)+"/workflows/export", nil)
	var back struct{ Workflows []json.RawMessage }
	if err := json.Unmarshal(exported.body, &back); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{refunds, invoice, taken} {
		var want, got any
		if json.Unmarshal([]byte(text), &want) != nil || json.Unmarshal(back.Workflows[i], &got) != nil {
			t.Fatal("no JSON")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("exported (-written +exported)\n%s", diff)
		}
	}

	changed := strings.ReplaceAll(refunds, "bob@", "ada@")
	w.planned("/plan", files("", taken, changed),
		`change Refunds, actions[0].to "bob@smarticks.test" > "ada@smarticks.test", publish`, "order I take it, Invoices, Refunds",
		"unmanaged Invoices")
	w.planned("/apply", files(`,"prune":true`, taken, changed), "delete Invoices",
		`change Refunds, actions[0].to "bob@smarticks.test" > "ada@smarticks.test", publish`, "order I take it, Refunds")
	w.planned("/plan", files("", taken, changed))
	if n := w.Number(`SELECT count(*) FROM versions`); n != 3 {
		t.Errorf("%d versions, want 3: two at first, one of the change", n)
	}
}

func TestAPlanOfWhatIsNotThereAnyMoreIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/v1/mailboxes/" + string(w.support.ID)
	w.planned("/apply", files("", refunds, taken), "create Refunds, off > on, publish", "create I take it")
	base := w.want(200, w.asAdmin, "POST", path+"/plan", files("", invoice)).base(t)
	list := w.want(200, w.asAdmin, "GET", path+"/workflows", nil)
	w.want(200, w.asAdmin, "PATCH", "/v1/workflows/"+list.text(t, "items", 0, "id"), map[string]any{"mode": "watch"})
	w.want(204, w.asAdmin, "DELETE", "/v1/workflows/"+list.text(t, "items", 1, "id"), nil)
	w.want(201, w.asAdmin, "POST", path+"/workflows",
		map[string]any{"name": "Other", "type": "manual", "actions": []any{map[string]any{"do": "stop"}}})
	before := w.Counts()
	r := w.want(409, w.asAdmin, "POST", path+"/apply", files(with(base), invoice))
	for _, said := range []string{
		`the workflow \"Other\" was made since the plan (created by Ada at `,
		`the workflow \"Refunds\" was changed since the plan (switched watch by Ada at `,
		`the workflow \"I take it\" was deleted since the plan (deleted by Ada at `, "plan again",
	} {
		if !strings.Contains(string(r.body), said) {
			t.Errorf("it does not say %s: %s", said, r.body)
		}
	}
	r = w.want(409, w.asAdmin, "POST", path+"/apply", files(with(`{"x":"y"}`), invoice))
	if w.Counts() != before {
		t.Error("what was refused wrote something")
	}
	w.want(200, w.asAdmin, "POST", path+"/apply", files("", invoice))
}

func TestApplyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tagged := `{"name":"Tagged","type":"automatic","conditions":[{"any":[{"field":"tags","op":"has_any","value":["odd"]}]}],
		"actions":[{"do":"stop"}]}`
	w.Exec(`INSERT INTO tags (name, created_at) VALUES ('odd', now())`)
	w.planned("/apply", files("", tagged), "create Tagged, off > on, publish")
	w.want(204, w.asAdmin, "DELETE", "/v1/tags/odd", nil) // switches it off
	before := w.Counts()
	r := w.want(409, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/apply", files("", refunds, tagged))
	if !strings.Contains(string(r.body), "cannot be switched on") || w.Counts() != before {
		t.Errorf("%s; %s, then %s", r.body, before, w.Counts())
	}
}

func TestAllProblemsOfAllFilesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := files("", strings.ReplaceAll(refunds, "bob@", "nobody@"), strings.ReplaceAll(taken, `"me"`, `"me","too":1`),
		strings.ReplaceAll(invoice, "Invoices", "REFUNDS"), strings.ReplaceAll(invoice, `"on"`, `true`))
	for _, path := range []string{"/plan", "/apply"} {
		r := w.want(422, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+path, bad)
		if !strings.Contains(string(r.body), "body.workflows[1].actions[0].too") {
			t.Errorf("%s: %s", path, r.body)
		}
	}
	r := w.want(422, w.asAdmin, "POST", "/v1/mailboxes/"+string(w.support.ID)+"/plan",
		files("", strings.ReplaceAll(refunds, "bob@", "nobody@"), strings.ReplaceAll(invoice, "Invoices", "REFUNDS")))
	for _, said := range []string{"body.workflows[0].actions[0].to", "there is no user with the address", "body.workflows[1].name",
		"this is the name of workflows[0] too"} {
		if !strings.Contains(string(r.body), said) {
			t.Errorf("it does not say %s: %s", said, r.body)
		}
	}
}

// Who manages workflows of one mailbox plans there, and names no mailbox that he
// does not manage; one that he does not see is not named to him.
func TestAPlanHasTheRightsOfWhoMakesIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	make := func(name string, u conversation.User) string {
		u.Name, u.Email, u.Role = name, name+"@smarticks.test", conversation.RoleAgent
		return w.token(w.Person(u).ID)
	}
	here := []conversation.MailboxID{w.support.ID}
	both := []conversation.MailboxID{w.support.ID, w.billing.ID}
	path := "/v1/mailboxes/" + string(w.support.ID)
	manager := make("here", conversation.User{Mailboxes: here, ManagedMailboxes: here})
	for _, c := range []struct {
		token string
		says  string
	}{
		{manager, "there is no mailbox with the address"},
		{make("both", conversation.User{Mailboxes: both, ManagedMailboxes: here}), "you may not manage workflows of this mailbox"},
	} {
		w.want(200, c.token, "POST", path+"/plan", files("", refunds))
		for _, route := range []string{"/plan", "/apply"} {
			if r := w.want(422, c.token, "POST", path+route, files("", invoice)); !strings.Contains(string(r.body), c.says) {
				t.Errorf("%s: %s, want %s", route, r.body, c.says)
			}
		}
	}
	w.planned("/apply", files("", invoice), "create Invoices, off > on, publish")
	w.want(403, w.asAgent, "GET", path+"/workflows/export", nil)
	r := w.want(200, manager, "GET", path+"/workflows/export", nil)
	if to := r.text(t, "workflows", 0, "actions", 0, "mailbox"); to != string(w.billing.ID) {
		t.Errorf("who does not see the mailbox is told %q", to)
	}
}
