package activities_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/activities"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
	"github.com/smarticks/smarticks/errs"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// endpoint makes a webhook endpoint; an empty mailbox means the installation.
func (h *house) endpoint(name string, mailbox conversation.MailboxID, events ...string) conversation.Endpoint {
	h.Helper()
	e, err := h.Store.CreateEndpoint(h.Context(), access.System(), conversation.Endpoint{
		Name: name, MailboxID: mailbox, URL: "https://" + name + ".example/hook", Events: events, Enabled: true,
	})
	testhouse.Must(h, err)
	return e
}

// toldOut are the events that were told, with the endpoint, in their order.
func (h *house) toldOut() []string {
	h.Helper()
	return h.Column(`SELECT (payload -> 'webhook' ->> 'endpoint_name') || ' ' || (payload -> 'webhook' ->> 'event') FROM deliveries WHERE
		kind = 'webhook' ORDER BY id`)
}

func (h *house) body(event string) delivery.OutgoingData {
	h.Helper()
	var raw []byte
	testhouse.Must(h, h.Pool.QueryRow(h.Context(), `SELECT decode(payload -> 'webhook' ->> 'body', 'base64') FROM deliveries
		WHERE payload -> 'webhook' ->> 'event' = $1 ORDER BY id LIMIT 1`, event).Scan(&raw))
	var out delivery.Outgoing
	testhouse.Must(h, json.Unmarshal(raw, &out))
	if out.Type != event || out.Timestamp.IsZero() {
		h.Errorf("%s: %s", event, raw)
	}
	return out.Data
}

func TestEveryEventIsToldToWhoAskedForIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	agent := h.User("bob", h.support.ID)
	billing := h.Mailbox("billing@smarticks.test")
	h.endpoint("all", "", delivery.OutgoingEvents...)
	h.endpoint("old", h.support.ID, delivery.ToldMoved, delivery.ToldNoteCreated)
	h.endpoint("new", billing.ID, delivery.ToldMoved, delivery.ToldNoteCreated)
	h.endpoint("deaf", "")
	off := h.endpoint("off", "", delivery.OutgoingEvents...)
	no := false
	_, err := h.Store.ChangeEndpoint(t.Context(), access.System(), off.ID, conversation.EndpointChange{Enabled: &no})
	testhouse.Must(t, err)
	h.workflow(automation.Definition{Name: "fine", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{tag("seen")}})
	h.Workflow(h.support.ID, automation.ModeWatch,
		automation.Definition{Name: "trial", Type: automation.TypeAutomatic, MaxRuns: 1, Conditions: rows(row("new_conversation", "", nil)),
			Actions: []automation.Action{tag("never")}})

	id := h.mail("Hello", "first")
	h.advance(id)
	who := access.Caller{User: agent}
	admin := access.System()
	post := func(kind conversation.MessageKind, body string) {
		t.Helper()
		_, err := h.Store.PostMessage(t.Context(), who, id, conversation.Post{Kind: kind, Body: body})
		testhouse.Must(t, err)
	}
	change := func(ch conversation.Change) {
		t.Helper()
		_, err := h.Store.ChangeConversation(t.Context(), admin, id, ch)
		testhouse.Must(t, err)
	}
	post(conversation.MessageReply, "reply")
	post(conversation.MessageNote, "note")
	closed := conversation.StatusClosed
	change(conversation.Change{AssigneeID: &agent.ID})
	change(conversation.Change{Status: &closed})
	post(conversation.MessageCustomer, "and?")
	change(conversation.Change{MailboxID: &billing.ID})
	testhouse.Must(t, h.Store.DeleteConversation(t.Context(), admin, id))
	h.advance(id)

	want := []string{
		"all customer.created",
		"all conversation.created", "all workflow.run_finished", "all conversation.tagged",
		"all conversation.agent_replied", "all conversation.note_created", "old conversation.note_created",
		"all conversation.assigned", "all conversation.status_changed",
		"all conversation.customer_replied", "all conversation.status_changed", // it is open again
		"all conversation.moved", "old conversation.moved", "new conversation.moved",
		"all conversation.assigned", // taken off who does not see the new mailbox
		"all conversation.deleted",
	}
	if diff := cmp.Diff(want, h.toldOut()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if got := h.body(delivery.ToldCreated); got.Message == nil || got.Message.Text != "first" || got.Conversation.ID != id ||
		got.Customer.Emails[0] != "ann@example.com" || got.Seq != 1 {
		t.Errorf("created: %+v", got)
	}
	if got := h.body(delivery.ToldAssigned); *got.Change.From != "" || *got.Change.To != string(agent.ID) ||
		got.Actor.Kind != conversation.ActorSystem {
		t.Errorf("assigned: %+v", got.Change)
	}
	if got := h.body(delivery.ToldTagged); !slices.Equal(got.Change.Added, []string{"seen"}) || got.Actor.Kind != conversation.ActorWorkflow {
		t.Errorf("tagged: %+v", got.Change)
	}
	if got := h.body(delivery.ToldRunFinished); got.Run.State != "done" || got.Workflow.Name != "fine" || len(got.Run.Actions) != 1 ||
		got.Run.Actions[0].Do != "add_tags" {
		t.Errorf("run finished: %+v", got.Run)
	}
	if got := h.body(delivery.ToldCustomerCreated); got.Customer.FirstName != "Ann" || got.Conversation != nil {
		t.Errorf("customer created: %+v", got)
	}
}

func TestARestoredConversationAndAFailedRunAreTold(t *testing.T) {
	t.Parallel()
	happened := func(from, to conversation.State) string {
		event, _ := delivery.EventTold(conversation.Happened{Event: conversation.Event{Kind: conversation.KindStateChanged, From: string(from),
			To: string(to)}})
		return event
	}
	if got := happened(conversation.StateDeleted, conversation.StatePublished); got != delivery.ToldRestored {
		t.Errorf("restored: %q", got)
	}
	if got := happened(conversation.StateDraft, conversation.StatePublished); got != "" {
		t.Errorf("a draft that is sent is no restoration: %q", got)
	}
	h := newHouse(t)
	h.endpoint("ops", "", delivery.ToldRunFailed, delivery.ToldRunFinished)
	agent := h.User("bob", h.support.ID)
	h.workflow(automation.Definition{Name: "bad", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoAssign, To: []string{string(agent.ID)}}}})
	_, err := h.Store.CreateUser(t.Context(), access.System(),
		conversation.User{Name: "ada", Email: "ada@smarticks.test", Role: conversation.RoleAdmin})
	testhouse.Must(t, err)
	none := []conversation.MailboxID{}
	_, err = h.Store.ChangeUser(t.Context(), access.System(), agent.ID, conversation.UserChange{Mailboxes: &none})
	testhouse.Must(t, err)
	h.advance(h.mail("Hello", "text"))
	if diff := cmp.Diff([]string{"ops workflow.run_failed"}, h.toldOut()); diff != "" {
		t.Fatalf("told (-want +got):\n%s", diff)
	}
	if got := h.body(delivery.ToldRunFailed); got.Run.State != "failed" || got.Run.Reason == "" || got.Run.Actions[0].State != "failed" {
		t.Errorf("%+v", got.Run)
	}
}

func TestALongMessageIsToldCut(t *testing.T) {
	t.Parallel()
	text := ""
	for len(text) < 200<<10 {
		text += "ü\x01<&\u2028"
	}
	event, data := delivery.EventTold(conversation.Happened{
		Event: conversation.Event{Kind: conversation.KindNoteAdded}, Message: &conversation.Message{Kind: conversation.MessageNote, Text: text},
	})
	w := delivery.Tell(conversation.Endpoint{}, event, time.Now(), data)
	if len(w.Body) > 1<<20 || !data.Message.Shortened || !json.Valid(w.Body) {
		t.Errorf("%d bytes, shortened %v", len(w.Body), data.Message.Shortened)
	}
}

// poster keeps what it is asked to send.
type poster struct{ posted []delivery.Webhook }

func (p *poster) Post(_ context.Context, _ delivery.ID, _ time.Time, w delivery.Webhook) delivery.Result {
	p.posted = append(p.posted, w)
	return delivery.Result{State: delivery.AttemptSent}
}

func TestAddressAndSecretAreLookedUpWhenItIsSent(t *testing.T) {
	t.Parallel()
	post := &poster{}
	h := newHouse(t, func(c *activities.Config) { c.Poster = post })
	e := h.endpoint("erp", "", delivery.ToldCreated)
	deliver := func() activities.Delivered {
		t.Helper()
		got := h.advance(h.mail("Hello", "text"))
		out, _ := h.deliver(activities.DeliverInput{DeliveryID: got.Deliveries[0].ID, Kind: got.Deliveries[0].Kind})
		return out
	}
	deliver()
	url := "https://other.example/"
	_, err := h.Store.ChangeEndpoint(t.Context(), access.System(), e.ID, conversation.EndpointChange{URL: &url})
	testhouse.Must(t, err)
	rotated, err := h.Store.RotateEndpoint(t.Context(), access.System(), e.ID)
	testhouse.Must(t, err)
	deliver()
	h.Later(25 * time.Hour)
	deliver()
	got := []string{}
	for _, w := range post.posted {
		got = append(got, w.URL+" "+w.Secret)
	}
	want := []string{
		"https://erp.example/hook " + e.Secret, url + " " + rotated.Secret + " " + e.Secret, url + " " + rotated.Secret,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	if n := h.Column(`SELECT count(*) FROM deliveries WHERE payload::text LIKE '%whsec_%'`)[0]; n != "0" {
		t.Errorf("%s deliveries keep a secret", n)
	}
	id := h.mail("Hello", "text")
	waiting := h.advance(id).Deliveries[0]
	testhouse.Must(t, h.Store.DeleteEndpoint(t.Context(), access.System(), e.ID))
	out, _ := h.deliver(activities.DeliverInput{DeliveryID: waiting.ID, Kind: waiting.Kind})
	if reason := h.Column(`SELECT reason FROM deliveries WHERE id = $1`, waiting.ID)[0]; out.State != "failed" ||
		reason != "the webhook endpoint is switched off or gone" {
		t.Errorf("%+v: %s", out, reason)
	}
	if len(post.posted) != 3 {
		t.Error("something was sent to an endpoint that is gone")
	}
}

// A webhook with an address of its own is signed by the mailbox's secret of the time.
func TestTheMailboxSecretIsLookedUpWhenItIsSent(t *testing.T) {
	t.Parallel()
	post := &poster{}
	h := newHouse(t, func(c *activities.Config) { c.Poster = post })
	h.workflow(automation.Definition{Name: "tell", Conditions: rows(row("new_conversation", "", nil)),
		Actions: []automation.Action{{Do: automation.DoWebhook, URL: "https://erp.example/own"}}})
	make := func() delivery.ID {
		t.Helper()
		return delivery.ID(h.advance(h.mail("Hello", "text")).Deliveries[0].ID)
	}
	send := func(id delivery.ID) {
		h.deliver(activities.DeliverInput{DeliveryID: string(id), Kind: string(delivery.KindWebhook)})
	}
	before, err := h.Store.Mailbox(t.Context(), h.support.ID)
	testhouse.Must(t, err)
	send(make())
	waiting := make()
	rotated, err := h.Store.RotateMailbox(t.Context(), access.System(), h.support.ID)
	testhouse.Must(t, err)
	send(waiting)
	h.Later(25 * time.Hour)
	send(make())
	got := []string{}
	for _, w := range post.posted {
		got = append(got, w.URL+" "+w.Secret)
	}
	const url = "https://erp.example/own "
	if diff := cmp.Diff([]string{url + before.Secret, url + rotated.Secret + " " + before.Secret, url + rotated.Secret}, got); diff != "" {
		t.Errorf("posted (-want +got):\n%s", diff)
	}
	if n := h.Column(`SELECT count(*) FROM deliveries WHERE payload::text LIKE '%whsec_%'`)[0]; n != "0" {
		t.Errorf("%s deliveries keep a secret", n)
	}
}

func TestWhatIsToldOfACustomerHasARingOfItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.mail("Hello", "before anybody asked")
	h.endpoint("crm", "", delivery.ToldCustomerCreated, delivery.ToldCustomerUpdated)
	nameless := func(in *conversation.Incoming) { in.FromName, in.FromAddress = "", "carl@example.com" }
	h.mail("Hello", "text", nameless)
	h.mail("Hello", "text", nameless)
	h.mail("Hello", "text", func(in *conversation.Incoming) { in.FromName, in.FromAddress = "Carl <script>", "carl@example.com" })
	if diff := cmp.Diff([]string{"crm customer.created", "crm customer.updated"}, h.toldOut()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	if n := h.Column(`SELECT count(*) FROM outbox o JOIN deliveries d ON d.id = o.delivery_id WHERE d.conversation_id IS NULL AND
		d.mailbox_id IS NULL`)[0]; n != "2" {
		t.Errorf("%s of them ring", n)
	}
	if got := h.body(delivery.ToldCustomerUpdated); fmt.Sprint(got.Customer.FirstName, "/", got.Customer.LastName) != "Carl/<script>" {
		t.Errorf("%+v", got.Customer)
	}
	// Who sees no mailbox sees none of them; an admin does.
	all, err := h.Store.Deliveries(t.Context(), access.System(), delivery.Filter{}, conversation.Page{Limit: 10})
	testhouse.Must(t, err)
	agent := access.Caller{User: h.User("bob", h.support.ID)}
	seen, err := h.Store.Deliveries(t.Context(), agent, delivery.Filter{}, conversation.Page{Limit: 10})
	testhouse.Must(t, err)
	if len(all) != 2 || len(seen) != 0 {
		t.Errorf("an admin sees %d, an agent %d", len(all), len(seen))
	}
	if _, _, err := h.Store.Delivery(t.Context(), agent, all[0].ID); err == nil {
		t.Error("an agent reads what is told of customers")
	}
}

func TestAWorkflowCallsAnEndpointByItsName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	billing := h.Mailbox("billing@smarticks.test")
	erp := h.endpoint("ERP", h.support.ID)
	h.endpoint("foreign", billing.ID)
	call := func(endpoint string, body any) automation.Definition {
		return automation.Definition{
			Name: "call " + endpoint, Type: automation.TypeAutomatic, MaxRuns: 1, Conditions: rows(row("new_conversation", "", nil)),
			Actions: []automation.Action{{Do: automation.DoWebhook, Endpoint: endpoint, Event: "refund.asked", JSON: body}},
		}
	}
	for _, gone := range []string{"foreign", "nowhere"} {
		_, err := h.Store.CreateDefinition(t.Context(), access.System(), h.support.ID, call(gone, nil), automation.ModeOn)
		problems := errs.Problems(err)
		if len(problems) != 1 || problems[0].Path != "actions[0].endpoint" {
			t.Errorf("%s: %v", gone, err)
		}
	}
	h.workflow(call("erp", nil))
	own := call("Erp ", map[string]any{"from": "{%customer.email%}"})
	own.Name = "with a body"
	h.workflow(own)
	id := h.mail("Hello", "text")
	h.advance(id)
	h.wants(id, "call erp done webhook=queued", "with a body done webhook=queued")
	if diff := cmp.Diff([]string{"ERP refund.asked", "ERP refund.asked"}, h.toldOut()); diff != "" {
		t.Errorf("called (-want +got):\n%s", diff)
	}
	if got := h.body("refund.asked"); got.Workflow.Name != "call erp" || got.Conversation.ID != id || got.Run.Trigger != "event" {
		t.Errorf("%+v", got)
	}
	if last := h.deliveries(id)[1]; string(last.Webhook.Body) != `{"from":"ann@example.com"}` || last.Webhook.Endpoint != erp.ID {
		t.Errorf("%s to %s", last.Webhook.Body, last.Webhook.Endpoint)
	}
	no := false
	_, err := h.Store.ChangeEndpoint(t.Context(), access.System(), erp.ID, conversation.EndpointChange{Enabled: &no})
	testhouse.Must(t, err)
	id = h.mail("Hello", "text")
	h.advance(id)
	h.wants(id, "call erp failed webhook=failed", "with a body failed webhook=failed")

	testhouse.Must(t, h.Store.DeleteEndpoint(t.Context(), access.System(), erp.ID))
	if off := h.Column(`SELECT mode || ': ' || off_reason FROM definitions ORDER BY position LIMIT
		1`)[0]; off != `off: it names the webhook endpoint "ERP", which is gone` {
		t.Error(off)
	}
	id = h.mail("Hello", "text")
	h.advance(id)
	h.wants(id)
}
