package automation

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/conversation"
)

// promised is the catalogue of conditions as it was agreed on: each field with all
// its operators ("-": an event condition has none). It is written by hand and not taken
// from the code, so that a condition that gets lost is missed.
var promised = map[string]string{
	"customer_name":    t7 + " set not_set",
	"customer_email":   t7,
	"customer_company": t7 + " set not_set",
	"customer_phone":   t7 + " set not_set",

	"subject":           t7 + " set not_set",
	"body":              "contains does_not_contain matches",
	"body_with_history": "contains does_not_contain matches",
	"sender":            t7,
	"reply_to":          t7,
	"authentication":    "is is_not",
	"sender_is_claimed": "is",
	"note_body":         "contains does_not_contain matches",
	"headers":           "contains does_not_contain matches",
	"header.X-Spam":     t7 + " set not_set",
	"to":                t7,
	"cc":                t7,
	"channel":           "is is_not",
	"attachment":        "has has_not",
	"attachment_name":   t7,
	"attachment_count":  numbers,
	"imported":          "is",
	"type":              "is is_not",
	"status":            "is is_not",
	"state":             "is is_not",
	"assignee":          "is is_not",
	"tags":              "has_any has_all has_none matches",
	"folder":            "in not_in",
	"rating":            "is is_not rated not_rated",
	"customer_viewed":   "is",
	"is_bounce":         "is",
	"is_auto_reply":     "is",
	"started_by":        "is is_not",

	"new_conversation":    "-",
	"customer_replied":    "-",
	"customer_reopened":   "- value",
	"third_party_replied": "-",
	"agent_replied":       "-",
	"note_added":          "-",
	"moved_here":          "- from",
	"user_action":         "- value",
	"status_changed":      "- from to",
	"assignee_changed":    "- from to",
	"tag_added":           "- value",
	"tag_removed":         "- value",
	"field_changed":       "- value from to",

	"waiting_since":       "longer_than not_longer_than",
	"last_agent_reply":    "in_the_last not_in_the_last",
	"last_customer_reply": "in_the_last not_in_the_last",
	"last_status_change":  "in_the_last not_in_the_last",
	"closed":              "in_the_last not_in_the_last",
	"created":             "in_the_last not_in_the_last before after",

	"business_hours": "is",
	"day_of_week":    "is is_not",
	"time_of_day":    "between not_between",
}

const (
	t7      = "is is_not contains does_not_contain starts_with ends_with matches"
	numbers = "is is_not greater_than less_than at_least at_most"
)

// making makes the facts something else than those of facts.
type making = func(*conversation.Facts)

// catalogueCase is a condition with facts for which it is true and facts for which it
// is not.
type catalogueCase struct {
	row     Condition
	yes, no making
}

// as is a condition's case.
func as(field, op string, value any, yes, no making) catalogueCase {
	return catalogueCase{Condition{Field: field, Op: op, Value: value}, yes, no}
}

// when is an event condition's case.
func when(row Condition, yes, no making) catalogueCase { return catalogueCase{row, yes, no} }

// both makes two of them.
func both(a, b making) making { return func(f *conversation.Facts) { a(f); b(f) } }

func same(*conversation.Facts) {}

// t7Cases are those of the seven operators of a text. set makes it one text.
func t7Cases(field string, set func(string) making) []catalogueCase {
	return []catalogueCase{
		as(field, "is", "refund STRASSE", set("Refund  Straße"), set("Refund Straße 7")),
		as(field, "is_not", "refund", set("invoice"), set("ReFund")),
		as(field, "contains", "fund", set("the REFUNDS"), set("invoice")),
		as(field, "does_not_contain", "fund", set("invoice"), set("a Refund")),
		as(field, "starts_with", "re", set("Refund"), set("a refund")),
		as(field, "ends_with", "ND", set("refund"), set("refunds")),
		as(field, "matches", `/^re(fund|turn)\d*$/`, set("RETURN12"), set("return twelve")),
	}
}

// presenceCases are those of set and not set.
func presenceCases(field string, set func(string) making) []catalogueCase {
	return []catalogueCase{
		as(field, "set", nil, set("x"), set(" \u200B")),
		as(field, "not_set", nil, set("\t"), set("x")),
	}
}

// numberCases are those of the six operators of a number.
func numberCases(field string, set func(int) making) []catalogueCase {
	return []catalogueCase{
		as(field, "is", 3.0, set(3), set(4)),
		as(field, "is_not", 3.0, set(4), set(3)),
		as(field, "greater_than", 3.0, set(4), set(3)),
		as(field, "less_than", 3.0, set(2), set(3)),
		as(field, "at_least", 3.0, set(3), set(2)),
		as(field, "at_most", 3.0, set(3), set(4)),
	}
}

// lastCases are those of a date condition. at makes a moment so long ago.
func lastCases(field string, at func(time.Duration) making) []catalogueCase {
	return []catalogueCase{
		as(field, "in_the_last", "30m", at(29*time.Minute), at(30*time.Minute)),
		as(field, "not_in_the_last", "2h", at(2*time.Hour), at(2*time.Hour-time.Second)),
	}
}

func catalogueCases() []catalogueCase {
	name := func(s string) making {
		return func(f *conversation.Facts) { f.Customer.FirstName, f.Customer.LastName = s, "" }
	}
	company := func(s string) making { return func(f *conversation.Facts) { f.Customer.Company = s } }
	phone := func(s string) making { return func(f *conversation.Facts) { f.Customer.Phone = s } }
	address := func(s string) making { return emails("other@example.com", s) }
	kind := func(k conversation.Type) making { return func(f *conversation.Facts) { f.Conversation.Type = k } }
	starter := func(k conversation.ActorKind) making {
		return func(f *conversation.Facts) { f.Conversation.StartedBy = k }
	}
	machine := func(m conversation.Machine) making {
		return func(f *conversation.Facts) { f.Conversation.LastCustomerMachine = m }
	}
	channel := func(c conversation.Channel) making { return func(f *conversation.Facts) { f.Conversation.Channel = c } }
	imports := func(yes bool) making { return func(f *conversation.Facts) { f.Conversation.Imported = yes } }
	rated := func(r conversation.Rating) making { return func(f *conversation.Facts) { f.Conversation.Rating = r } }
	viewed := func(at time.Time) making {
		return func(f *conversation.Facts) {
			f.Conversation.LastReplyID, f.Conversation.LastReplyViewedAt, f.Mailbox.TrackViews = "r1", at, true
		}
	}
	by := func(kind conversation.ActorKind, id string) func(*conversation.Event) {
		return func(e *conversation.Event) { e.Actor = conversation.Actor{Kind: kind, ID: id} }
	}
	fromTo := func(from, to string) func(*conversation.Event) {
		return func(e *conversation.Event) { e.From, e.To = from, to }
	}
	tagged := func(added, removed string) making {
		return event(conversation.KindTagsChanged, func(e *conversation.Event) {
			e.Added, e.Removed = strings.Fields(added), strings.Fields(removed)
		})
	}
	fieldChanged := func(name, from, to string) making {
		return event(conversation.KindFieldChanged, fromTo(from, to), func(e *conversation.Event) { e.Field = name })
	}
	ago := func(set func(*conversation.Conversation, time.Time)) func(time.Duration) making {
		return func(d time.Duration) making { return func(f *conversation.Facts) { set(&f.Conversation, t0.Add(-d)) } }
	}
	createdAt := func(at time.Time) making { return func(f *conversation.Facts) { f.Conversation.CreatedAt = at } }
	waiting := ago(func(c *conversation.Conversation, at time.Time) { c.WaitingSince = at })
	replied := event(conversation.KindCustomerMessage)
	const u1, u2 = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
	const m1, m2 = "01900000-0000-7000-8000-00000000000a", "01900000-0000-7000-8000-00000000000b"

	return slices.Concat(
		t7Cases("customer_name", name), presenceCases("customer_name", name),
		t7Cases("customer_email", address),
		t7Cases("customer_company", company), presenceCases("customer_company", company),
		t7Cases("customer_phone", phone), presenceCases("customer_phone", phone),
		t7Cases("subject", subject), presenceCases("subject", subject),
		[]catalogueCase{
			as("body", "contains", "Money", message("my money"), both(recent("my money"), message("nothing"))),
			as("body", "does_not_contain", "money", recent("a", "b"), recent("a", "my money")),
			as("body", "matches", `money\s+back`, message("my MONEY\n back"), message("money, back")),

			as("body_with_history", "contains", "money", mail(quoting("My money?", "> my money")), mail(quoting("Thanks", "> hello"))),
			as("body_with_history", "does_not_contain", "money", mail(quoting("Thanks", "> hello")), mail(quoting("Thanks", "> my money"))),
			as("body_with_history", "matches", `> my\s+money`, mail(quoting("Thanks", "> my money")), mail(quoting("my money", ""))),
			as("authentication", "is", "pass", mail(authenticated("pass")), mail(authenticated("fail"))),
			as("authentication", "is_not", "pass", mail(authenticated("none")), mail(authenticated(""))),
			as("sender_is_claimed", "is", "yes", mail(claimed), mail()),
			as("sender_is_claimed", "is", "no", mail(), mail(claimed)),
			as("note_body", "contains", "Money", mail(note("the money")), mail(note("nothing"))),
			as("note_body", "does_not_contain", "money", mail(note("nothing")), mail(note("his money"))),
			as("note_body", "matches", `^erp \d+`, mail(note("ERP 12")), mail(note("in ERP 12"))),
			as("headers", "contains", "x-spam: YES", mail(header("X-Spam", "yes")), mail(header("X-Spam", "no"))),
			as("headers", "does_not_contain", "x-spam", mail(header("X-Ham", "yes")), mail(header("X-Ham", "yes"), header("X-Spam", "no"))),
			as("headers", "matches", `^x-score: \d$`, mail(header("X-Score", "5")), mail(header("X-Score", "55"))),
			as("channel", "is", string(conversation.ChannelAPI), channel(conversation.ChannelAPI), channel(conversation.ChannelEmail)),
			as("channel", "is_not", string(conversation.ChannelAPI), channel(conversation.ChannelEmail), channel(conversation.ChannelAPI)),
			as("attachment", "has", nil, mail(file("a.pdf")), mail()),
			as("attachment", "has_not", nil, mail(), mail(file("a.pdf"))),
			as("imported", "is", "yes", imports(true), imports(false)),
			as("imported", "is", "no", imports(false), imports(true)),
			as("type", "is", "phone", kind(conversation.TypePhone), kind(conversation.TypeEmail)),
			as("type", "is_not", "phone", kind(conversation.TypeEmail), kind(conversation.TypePhone)),
			as("status", "is", "pending", status(conversation.StatusPending), status(conversation.StatusActive)),
			as("status", "is_not", "pending", status(conversation.StatusClosed), status(conversation.StatusPending)),
			as("state", "is", "deleted", state(conversation.StateDeleted), state(conversation.StatePublished)),
			as("state", "is_not", "draft", state(conversation.StatePublished), state(conversation.StateDraft)),
			as("assignee", "is", u1, assignee(u1), assignee(u2)),
			as("assignee", "is", "unassigned", assignee(""), assignee(u1)),
			as("assignee", "is_not", u1, assignee(""), assignee(u1)),
			as("assignee", "is_not", "unassigned", assignee(u1), assignee("")),
			as("tags", "has_any", []any{"VIP", "press"}, tags("vip", "late"), tags("late")),
			as("tags", "has_all", []any{"vip", "press"}, tags("Press", "vip"), tags("vip", "late")),
			as("tags", "has_none", []any{"vip", "press"}, tags("late"), tags("late", "vip")),
			as("tags", "matches", "^vip-", tags("late", "VIP-gold"), tags("not vip-gold")),
			as("folder", "in", "Open", inFolders("active"), inFolders("closed")),
			as("folder", "not_in", "Open", inFolders("spam"), inFolders("pending")),
			as("rating", "is", string(conversation.RatingNotGood), rated(conversation.RatingNotGood), rated(conversation.RatingGreat)),
			as("rating", "is_not", string(conversation.RatingNotGood), rated(conversation.RatingGreat), rated(conversation.RatingNotGood)),
			as("rating", "rated", nil, rated(conversation.RatingGreat), rated("")),
			as("rating", "not_rated", nil, rated(""), rated(conversation.RatingGreat)),
			as("customer_viewed", "is", "yes", viewed(t0), viewed(time.Time{})),
			as("customer_viewed", "is", "no", viewed(time.Time{}), viewed(t0)),
			as("is_bounce", "is", "yes", machine(conversation.MachineBounce), machine(conversation.MachineAutoReply)),
			as("is_bounce", "is", "no", machine(""), machine(conversation.MachineBounce)),
			as("is_auto_reply", "is", "yes", machine(conversation.MachineAutoReply), machine("")),
			as("is_auto_reply", "is", "no", machine(conversation.MachineBounce), machine(conversation.MachineAutoReply)),
			as("started_by", "is", "workflow", starter(conversation.ActorWorkflow), starter(conversation.ActorCustomer)),
			as("started_by", "is_not", "customer", starter(conversation.ActorAPI), starter(conversation.ActorCustomer)),

			when(Condition{Field: "new_conversation"}, event(conversation.KindCustomerMessage, first), replied),
			when(Condition{Field: "customer_replied"}, replied, event(conversation.KindCustomerMessage, first)),
			when(Condition{Field: "customer_reopened"}, reopening(time.Hour), replied),
			when(Condition{Field: "customer_reopened", Value: "3d"}, reopening(72*time.Hour), reopening(72*time.Hour-time.Second)),
			when(Condition{Field: "third_party_replied"}, event(conversation.KindThirdParty), replied),
			when(Condition{Field: "agent_replied"}, event(conversation.KindAgentReply), event(conversation.KindWorkflowMessage)),
			when(Condition{Field: "note_added"}, event(conversation.KindNoteAdded), same),
			when(Condition{Field: "moved_here"}, event(conversation.KindMoved, from(m1)), event(conversation.KindAssigneeChanged)),
			when(Condition{Field: "moved_here", From: m2}, event(conversation.KindMoved, from(m2)), event(conversation.KindMoved, from(m1))),
			when(Condition{Field: "user_action"}, event(conversation.KindNoteAdded, by(conversation.ActorUser, u1)),
				event(conversation.KindNoteAdded, by(conversation.ActorWorkflow, u1))),
			when(Condition{Field: "user_action", Value: u1}, event(conversation.KindStatusChanged, by(conversation.ActorUser, u1)),
				event(conversation.KindStatusChanged, by(conversation.ActorUser, u2))),
			when(Condition{Field: "status_changed"}, event(conversation.KindStatusChanged, fromTo("active", "spam")), replied),
			when(Condition{Field: "status_changed", From: "active"}, event(conversation.KindStatusChanged, fromTo("active", "spam")),
				event(conversation.KindStatusChanged, fromTo("closed", "spam"))),
			when(Condition{Field: "status_changed", To: "closed"}, event(conversation.KindStatusChanged, fromTo("active", "closed")),
				event(conversation.KindStatusChanged, fromTo("closed", "active"))),
			when(Condition{Field: "assignee_changed"}, event(conversation.KindAssigneeChanged, fromTo("", u1)), replied),
			when(Condition{Field: "assignee_changed", From: u1}, event(conversation.KindAssigneeChanged, fromTo(u1, "")),
				event(conversation.KindAssigneeChanged, fromTo(u2, u1))),
			when(Condition{Field: "assignee_changed", To: "unassigned"}, event(conversation.KindAssigneeChanged, fromTo(u1, "")),
				event(conversation.KindAssigneeChanged, fromTo("", u1))),
			when(Condition{Field: "tag_added"}, tagged("vip", ""), tagged("", "vip")),
			when(Condition{Field: "tag_added", Value: "VIP"}, tagged("late vip", ""), tagged("late", "vip")),
			when(Condition{Field: "tag_removed"}, tagged("", "vip"), tagged("vip", "")),
			when(Condition{Field: "tag_removed", Value: "VIP"}, tagged("", "late vip"), tagged("vip", "late")),
			when(Condition{Field: "field_changed"}, fieldChanged("plan", "", "gold"), replied),
			when(Condition{Field: "field_changed", Value: "Plan"}, fieldChanged("plan", "", "gold"), fieldChanged("size", "", "gold")),
			when(Condition{Field: "field_changed", Value: "plan", From: "gold"}, fieldChanged("plan", "Gold", "tin"),
				fieldChanged("plan", "tin", "gold")),
			when(Condition{Field: "field_changed", Value: "plan", To: "gold"}, fieldChanged("plan", "tin", "Gold"),
				fieldChanged("plan", "gold", "tin")),

			as("waiting_since", "longer_than", "24h", waiting(24*time.Hour), waiting(24*time.Hour-time.Second)),
			as("waiting_since", "longer_than", "1h", waiting(2*time.Hour), both(waiting(2*time.Hour), status(conversation.StatusClosed))),
			as("waiting_since", "not_longer_than", "24h", waiting(time.Hour), waiting(25*time.Hour)),
			as("waiting_since", "longer_than", "4bh", both(office("UTC"), now(t0.Add(4*time.Hour))), both(office("UTC"), now(t0.Add(3*time.Hour)))),
			as("waiting_since", "not_longer_than", "1bd", both(office("UTC"), now(t0.Add(time.Hour))),
				both(office("UTC"), now(t0.Add(48*time.Hour)))),
			as("created", "before", "2026-11-24", same, createdAt(t0.Add(15*time.Hour))),
			as("created", "after", "2026-11-23T08:00:00Z", createdAt(t0), same),

			as("business_hours", "is", "inside", office("UTC"), office("America/New_York")),
			as("business_hours", "is", "outside", both(office("UTC"), now(t0.Add(8*time.Hour))), office("UTC")),
			as("day_of_week", "is", []any{"sunday", "monday"}, same, now(t0.Add(24*time.Hour))),
			as("day_of_week", "is_not", "monday", now(t0.Add(24*time.Hour)), same),
			as("time_of_day", "between", "22:00-06:00", now(t0.Add(-8*time.Hour)), same),
			as("time_of_day", "not_between", "09:00-09:01", now(t0.Add(time.Minute)), same),
		},
		t7Cases("header.X-Spam", func(s string) making { return mail(header("x-spam", s)) }),
		presenceCases("header.X-Spam", func(s string) making { return mail(header("X-SPAM", s)) }),
		t7Cases("sender", func(s string) making { return mail(sentBy(s)) }),
		t7Cases("reply_to", func(s string) making { return mail(answerTo("other@example.com", s)) }),
		t7Cases("to", func(s string) making { return mail(sentTo("other@example.com", s)) }),
		t7Cases("cc", func(s string) making { return mail(copied("other@example.com", s)) }),
		t7Cases("attachment_name", func(s string) making { return mail(file("other.txt", s)) }),
		numberCases("attachment_count", func(n int) making { return mail(file(make([]string, n)...)) }),
		lastCases("last_agent_reply", ago(func(c *conversation.Conversation, at time.Time) { c.LastAgentReplyAt = at })),
		lastCases("last_customer_reply", ago(func(c *conversation.Conversation, at time.Time) { c.LastCustomerReplyAt = at })),
		lastCases("last_status_change", ago(func(c *conversation.Conversation, at time.Time) { c.StatusChangedAt = at })),
		lastCases("closed", ago(func(c *conversation.Conversation, at time.Time) { c.ClosedAt = at })),
		lastCases("created", ago(func(c *conversation.Conversation, at time.Time) { c.CreatedAt = at })),
	)
}

// shown says which parts of a condition a case shows.
func shown(c Condition) []string {
	if c.Op != "" {
		return []string{c.Op}
	}
	list := []string{"-"}
	if c.Value != nil {
		list = append(list, "value")
	}
	if c.From != "" {
		list = append(list, "from")
	}
	if c.To != "" {
		list = append(list, "to")
	}
	return list
}

func TestEveryPromisedConditionIsTrueAndFalse(t *testing.T) {
	t.Parallel()
	promisedAreCovered(t, promised, trueAndFalse(t, catalogueCases()))
	for i := range fields {
		agreed := promised[fields[i].name]
		if one := tested(fields[i].name); one != nil {
			agreed = one.promised
		}
		for _, op := range operatorNames(&fields[i]) {
			if op == "" {
				op = "-"
			}
			if !slices.Contains(strings.Fields(agreed), op) {
				t.Errorf("%s %s is in the code and not in the catalogue: give the condition an entry in conditions_test.go", fields[i].name, op)
			}
		}
	}
}

// trueAndFalse checks the cases, and returns which operators of which field they
// show.
func trueAndFalse(t *testing.T, cases []catalogueCase) map[string][]string {
	t.Helper()
	covered := map[string][]string{}
	for _, c := range cases {
		name := c.row.Sentence(nil)
		covered[c.row.Field] = append(covered[c.row.Field], shown(c.row)...)
		p, bad := Compile(definition(c.row))
		if len(bad) > 0 {
			t.Errorf("%s: %v", name, bad)
			continue
		}
		if v := p.Evaluate(facts(c.yes)); v.Holds != True {
			t.Errorf("%s: is not true: %+v", name, v.Groups[0].Rows[0])
		}
		if v := p.Evaluate(facts(c.no)); v.Holds == True {
			t.Errorf("%s: is true where it should not be: %+v", name, v.Groups[0].Rows[0])
		}
	}
	return covered
}

func promisedAreCovered(t *testing.T, promised map[string]string, covered map[string][]string) {
	t.Helper()
	for _, field := range SortedKeys(promised) {
		for _, op := range strings.Fields(promised[field]) {
			if !slices.Contains(covered[field], op) {
				t.Errorf("%s %s is promised and has no case", field, op)
			}
		}
	}
}

// inFolders is a conversation with the status in a mailbox with folders.
func inFolders(s conversation.Status) func(*conversation.Facts) {
	return func(f *conversation.Facts) {
		folders(f)
		f.Conversation.Status = s
	}
}
