package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// plan is what this file reads of EXPLAIN (ANALYZE, FORMAT JSON).
type plan struct {
	Type     string  `json:"Node Type"`
	Table    string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Recheck  float64 `json:"Rows Removed by Index Recheck"`
	Plans    []plan  `json:"Plans"`
}

// touched counts the rows that were read of big tables, and names what read them.
func (p plan) touched(into *[]string) (rows float64) {
	for _, sub := range p.Plans {
		rows += sub.touched(into)
	}
	if slices.Contains([]string{"conversations", "messages", "customers", "runs", "events", "deliveries", "outbox", "conversation_words"},
		p.Table) || p.Type == "Bitmap Index Scan" {
		n := (p.Rows + p.Filtered + p.Recheck) * p.Loops
		*into = append(*into, fmt.Sprintf("%s %s %s: %.0f", p.Type, p.Table, p.Index, n))
		return rows + n
	}
	return rows
}

// many is a store with 100,000 conversations in three mailboxes, each with a
// message, and 100,000 runs. Ten of everything are rare.
type many struct {
	*shop
	asked          *testhouse.Statements
	small, billing conversation.MailboxID
	common, rare   conversation.UserID
	folder         conversation.FolderID
	customer       conversation.CustomerID
	definition     automation.DefinitionID
}

func newMany(t *testing.T) *many {
	asked := &testhouse.Statements{}
	h := testhouse.New(t, testhouse.Traced(asked))
	s, conn := h.Store, h.Pool
	m := &many{shop: &shop{Store: s, t: t, house: h}, asked: asked}
	for name, id := range map[string]*conversation.MailboxID{"support": &m.mailbox, "billing": &m.billing, "small": &m.small} {
		made, err := s.CreateMailbox(t.Context(), access.System(), conversation.Mailbox{Name: name, Email: name + "@smarticks.test"})
		check(t, err)
		*id = made.ID
	}
	for name, id := range map[string]*conversation.UserID{"common": &m.common, "rare": &m.rare} {
		made, err := s.CreateUser(t.Context(), access.System(),
			conversation.User{Name: name, Email: name + "@smarticks.test", Role: conversation.RoleAgent})
		check(t, err)
		*id = made.ID
	}
	_, err := s.CreateField(t.Context(), access.System(),
		conversation.Field{MailboxID: m.mailbox, Name: "Order", Type: conversation.FieldText})
	check(t, err)
	folder, err := s.CreateFolder(t.Context(), access.System(),
		conversation.Folder{MailboxID: m.mailbox, Name: "Rare", Statuses: []conversation.Status{"active"}, Tags: []string{"rare"}})
	check(t, err)
	m.folder = folder.ID
	d, err := s.CreateDefinition(t.Context(), access.System(), m.mailbox, definition("d", urgent), automation.ModeOn)
	check(t, err)
	m.definition = d.ID
	for _, sql := range []string{
		`ALTER TABLE conversations DISABLE TRIGGER USER`, `ALTER TABLE messages DISABLE TRIGGER USER`,
		`INSERT INTO customers (id, first_name, last_name, emails, created_at)
			SELECT md5('cu' || i)::uuid, 'Ann', CASE i WHEN 7 THEN 'Quagga' ELSE 'Smith' || i END, ARRAY['c' || i || '@example.com'], now() FROM
			generate_series(0, 9999) i`,
		`INSERT INTO customer_emails SELECT lower(emails[1]), id FROM customers`,
		fmt.Sprintf(`INSERT INTO conversations (id, mailbox_id, customer_id, type, status, state, subject, tags, fields, attention,
			assignee_id, started_by, last_seq, handled_seq,
				created_at, updated_at, status_changed_at, waiting_since)
			SELECT md5('c' || i)::uuid, (CASE WHEN i %% 1000 = 0 THEN '%s' WHEN i %% 5 < 3 THEN '%s' ELSE '%s' END)::uuid, md5('cu' || i %%
			10000)::uuid, 'email',
				CASE WHEN i %% 10000 = 1 THEN 'spam' WHEN i %% 10 < 7 THEN 'closed' ELSE 'active' END, CASE WHEN i %% 10000 = 2 THEN 'deleted' ELSE
				'published' END,
				CASE WHEN i %% 10000 = 5 THEN 'An okapi' ELSE 'A question about order ' || i END,
				CASE WHEN i %% 10000 = 8 THEN ARRAY['rare'] WHEN i %% 2 = 0 THEN ARRAY['common'] ELSE '{}' END,
				CASE WHEN i %% 10000 = 11 THEN '{"Order":"A1"}'::jsonb WHEN i %% 3 = 0 THEN jsonb_build_object('Order', 'B' || i) ELSE '{}' END,
				CASE WHEN i %% 10000 = 6 THEN 'failed' ELSE '' END, (CASE WHEN i %% 10000 = 10 THEN '%s' WHEN i %% 2 = 0 THEN '%s' END)::uuid,
				'customer', 1, 1,
				now() - i * interval '1 minute', now() - ((i * 7919) %% 100000) * interval '1 minute', now(), CASE WHEN i %% 3 = 0 THEN now() - ((i *
				31) %% 100000) * interval '1 minute' END
			FROM generate_series(0, 99999) i`, m.small, m.mailbox, m.billing, m.rare, m.common),
		`INSERT INTO messages (id, conversation_id, mailbox_id, kind, author_kind, from_address, body_text, created_at)
			SELECT md5('m' || c.number)::uuid, c.id, c.mailbox_id, 'customer', 'customer', 'ann@example.com', 'Hello, where is my parcel? ' ||
			CASE WHEN c.number % 10000 = 9 THEN 'A zebra.' ELSE '' END || CASE WHEN c.number > 50000 THEN ' Antique' ELSE '' END, c.created_at
			FROM conversations c`,
		fmt.Sprintf(`INSERT INTO runs (id, conversation_id, mailbox_id, definition_id, version_id, version_number, name, mode, trigger, state,
			seq, origin, created_at)
			SELECT md5('r' || c.number)::uuid, c.id, c.mailbox_id, f.id, f.version_id, 1, 'd', 'on', 'event', CASE WHEN c.number %% 10000 = 9 THEN
			'failed' ELSE 'done' END, 1, 1, c.created_at
			FROM conversations c, definitions f WHERE f.id = '%s'`, m.definition),
		`DROP INDEX conversation_words_search`, `CALL fill_words()`,
		`CREATE INDEX conversation_words_search ON conversation_words USING gin (words)`,
		`ALTER TABLE conversations ENABLE TRIGGER USER`, `ALTER TABLE messages ENABLE TRIGGER USER`,
		`VACUUM ANALYZE`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err, sql)
		}
	}
	check(t, conn.QueryRow(t.Context(), `SELECT id FROM customers WHERE last_name = 'Quagga'`).Scan(&m.customer))
	asked.Take()
	return m
}

// explain runs again what was asked, and says what of it read how many rows.
func (m *many) explain(t *testing.T) (rows float64, by []string) {
	for _, d := range m.asked.Take() {
		if !strings.Contains(d.SQL, "conversations") && !strings.Contains(d.SQL, "messages") && !strings.Contains(d.SQL, "runs") {
			continue
		}
		var raw []byte
		if err := m.house.Pool.QueryRow(t.Context(), "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "+d.SQL, d.Args...).Scan(&raw); err != nil {
			t.Fatal(err, d.SQL)
		}
		var plans []struct{ Plan plan }
		check(t, json.Unmarshal(raw, &plans))
		rows += plans[0].Plan.touched(&by)
	}
	m.asked.Take()
	return rows, by
}

// mostRows is what a page may read: some pages' worth for what is common, twice the
// hits for what is rare. A day's statistics read all runs of the day.
const (
	mostRows   = 1000
	mostOfRuns = 8000
)

func TestNoFilterReadsAWholeTable(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("100,000 conversations take their time")
	}
	m := newMany(t)
	yes, no := true, false
	few := access.Caller{User: conversation.User{ID: m.rare, Role: conversation.RoleAgent, Mailboxes: []conversation.MailboxID{m.small}}}
	agent := access.Caller{User: conversation.User{ID: m.common, Role: conversation.RoleAgent,
		Mailboxes: []conversation.MailboxID{m.mailbox, m.small}}}
	long, short := time.Now().Add(-70_000*time.Minute), time.Now().Add(-69_990*time.Minute)
	for name, f := range map[string]conversation.Filter{
		"nothing": {}, "mailbox": {MailboxID: m.mailbox}, "small mailbox": {MailboxID: m.small},
		"status": {Status: "active"}, "rare status": {Status: "spam"}, "state that is rare": {State: "deleted"},
		"assignee": {AssigneeID: m.common}, "rare assignee": {AssigneeID: m.rare}, "unassigned": {Unassigned: true},
		"tag": {Tag: "common"}, "rare tag": {Tag: "rare"}, "tag of nobody": {Tag: "nobody's"}, "folder": {FolderID: m.folder},
		"customer": {Email: "c7@example.com"}, "customer's id": {CustomerID: m.customer}, "number": {Number: 4711},
		"field": {MailboxID: m.mailbox, Fields: map[string]string{"order": "A1"}}, "attention": {Attention: &yes},
		"no attention": {Attention: &no},
		"created":      {CreatedFrom: long, CreatedBefore: short}, "updated": {UpdatedFrom: long, UpdatedBefore: short},
		"rare word": {Words: "zebra"}, "word of a subject": {Words: "okapi"}, "name": {Words: "QUAGGA"}, "word of all": {Words: "parcel"},
		"words of all": {Words: "where parcel ann@example.com"}, "beginning of a word of all": {Words: "parc"},
		"words of which one is rare": {Words: "parcel zebra"}, "nobody's word": {Words: "parcel unicorn"},
		"narrowed words": {Words: "parcel", Status: "spam"}, "words and a tag": {Words: "parcel", Tag: "rare"}, "a number": {Words: "#4711"},
		"no word": {Words: "!?"}, "mailbox and words": {MailboxID: m.small, Words: "parcel"},
	} {
		for _, sort := range []conversation.Sort{conversation.SortCreated, conversation.SortUpdated, conversation.SortWaiting} {
			for who, caller := range map[string]access.Caller{"admin": access.System(), "agent": agent, "agent of the small mailbox": few} {
				f.Sort = sort
				m.asked.Take()
				began := time.Now()
				list, err := m.Conversations(t.Context(), caller, f, conversation.Page{Limit: 51})
				check(t, err)
				took := time.Since(began)
				rows, by := m.explain(t)
				t.Logf("%s by %s, sorted by %s: %.0f rows were read for %d in %v", name, who, sort, rows, len(list), took)
				if rows > mostRows {
					t.Errorf("%s by %s, sorted by %s: %.0f rows were read for %d: %s", name, who, sort, rows, len(list), strings.Join(by, "; "))
				}
			}
		}
	}
	m.wordsOfLongAgo(t)
	// Runs, and what is counted of them, go by the index of their workflow.
	for name, ask := range map[string]func() error{
		"the newest runs": func() error { return m.runs(runs.Filter{}) },
		"failed runs":     func() error { return m.runs(runs.Filter{State: "failed"}) },
		"runs of an hour": func() error { return m.runs(runs.Filter{From: long, Before: short}) },
		"statistics of a day": func() error {
			day := time.Now().AddDate(0, 0, -20).Format(time.DateOnly)
			_, err := m.DefinitionStatistics(t.Context(), access.System(), m.definition, runs.Days{From: day, To: day})
			return err
		},
	} {
		m.asked.Take()
		check(t, ask())
		if rows, by := m.explain(t); rows > mostOfRuns {
			t.Errorf("%s: %.0f rows were read: %s", name, rows, strings.Join(by, "; "))
		}
	}
	m.reconcilerReadsLittle(t)
}

// wordsOfLongAgo searches for what the older half has: more than is sorted at first, and
// nowhere near the beginning.
func (m *many) wordsOfLongAgo(t *testing.T) {
	t.Helper()
	var page conversation.Page
	for _, want := range [][2]int64{{50001, 50011}, {50012, 50021}} { // 50003 is deleted
		page.Limit = 10
		list, err := m.Conversations(t.Context(), access.System(), conversation.Filter{Words: "antique"}, page)
		check(t, err)
		if len(list) != 10 || list[0].Number != want[0] || list[9].Number != want[1] {
			t.Fatalf("from %d to %d: %d found", want[0], want[1], len(list))
		}
		page.After, page.AfterAt = string(list[9].ID), list[9].CreatedAt
	}
}

// reconcilerReadsLittle compares a pass of the reconciler with what it reads: what was
// left lying, not what waits; here 5,000 deliveries for their next try, and 5,000 wakes.
func (m *many) reconcilerReadsLittle(t *testing.T) {
	t.Helper()
	for _, sql := range []string{
		`UPDATE conversations SET next_due = now() + interval '1 day' WHERE number <= 5000`,
		`INSERT INTO deliveries (id, conversation_id, mailbox_id, seq, kind, state, next_at, payload, created_at)
			SELECT md5('d' || number)::uuid, id, mailbox_id, 1, 'webhook', 'handed_over', now() + interval '1 hour', '{}', now() FROM
			conversations WHERE number <= 5000`,
		`INSERT INTO outbox (id, conversation_id, seq, ring_at, reconciled_at)
			SELECT id, id, 1, now() + interval '5 minutes', now() - interval '2 minutes' FROM conversations WHERE number BETWEEN 10001 AND 15000`,
		`UPDATE conversations SET next_due = now() - interval '2 minutes' WHERE number BETWEEN 14991 AND 15010`,
		`ANALYZE conversations, deliveries, outbox`,
	} {
		m.house.Exec(sql)
	}
	m.asked.Take()
	p, err := m.Reconcile(t.Context())
	check(t, err)
	if p.Overdue != 20 || p.Rung != 10 || p.Waiting != 10 {
		t.Errorf("the pass: %+v", p)
	}
	if rows, by := m.explain(t); rows > 500 {
		t.Errorf("a pass of the reconciler: %.0f rows were read: %s", rows, strings.Join(by, "; "))
	}
}

func (m *many) runs(f runs.Filter) error {
	_, err := m.RunsOfDefinition(m.t.Context(), access.System(), m.definition, f, conversation.Page{Limit: 51})
	return err
}
