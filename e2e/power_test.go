package e2e_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/smarticks/smarticks/workflows"
)

// A power cut may take the last transactions of the dev server's file, which is written
// with synchronous=NORMAL. Postgres, which waits for the disk, then knows more than
// Temporal: here it is put back to an earlier copy of its file.
func TestATemporalThatForgotItsLastTransactionsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	p := start(t, options{keepTemporal: true, noStarter: true, noWorker: true,
		offset: func() time.Duration { return time.Duration(ahead.Load()) }})
	c := powerCut{p, startMoody(t)}
	p.worker.WebhookAllow = "127.0.0.1/32:" + port(t, c.endpoint.Listener.Addr().String())
	c.furnish()
	stopStarter, stopWorker := p.startStarter(nil), p.startWorker(nil)

	// What Temporal will remember: one that waits for its time, one whose webhook
	// fails, and one that was signalled and never handled.
	c.endpoint.fail("/failing", "1")
	c.mail("old", "")
	c.mail("failing", "")
	c.handled(c.of("old"))
	p.eventually("an attempt fails", func() bool { return c.endpoint.failed("/failing") > 0 })
	stopWorker()
	c.mail("signalled", "")
	p.eventually("the signal is in Temporal", func() bool { return c.known("signalled") })
	stopStarter()
	c.kill()
	copied := c.copyFile()
	p.temporal.Start(t)

	// What it will forget: all that now follows. The webhooks of two new conversations
	// fail, one for so long that it is handed over.
	c.endpoint.fail("/later", "300")
	c.endpoint.fail("/long", "1200")
	c.endpoint.mend("/failing")
	stopStarter, stopWorker = p.startStarter(nil), p.startWorker(nil)
	c.mail("old", "Re: ")
	c.mail("later", "")
	c.mail("long", "")
	p.eventually("all is done but two webhooks", func() bool {
		return p.count(`SELECT count(*) FROM outbox`) == 0 && p.count(`SELECT count(*) FROM deliveries WHERE state = 'sent'`) == 12 &&
			p.count(`SELECT count(*) FROM deliveries WHERE state = 'waiting'`) == 1 &&
			p.count(`SELECT count(*) FROM deliveries WHERE state = 'handed_over'`) == 1
	})
	attempts := p.count(`SELECT count(*) FROM attempts`)

	// The power goes, and comes back.
	stopStarter()
	stopWorker()
	c.kill()
	c.mail("unseen", "")
	c.putBack(copied)
	p.temporal.Start(t)
	if c.known("later") || c.known("long") || !c.known("signalled") {
		t.Fatal("Temporal does not remember what it should")
	}
	p.startStarter(nil)
	p.startWorker(nil)
	// It does again what it forgot to have done.
	p.eventually("what Temporal remembers, and what is new, is at rest",
		func() bool { return c.atRest("signalled") && c.atRest("failing") && c.atRest("unseen") })
	if more := p.count(`SELECT count(*) FROM attempts`) - attempts; more != 2 {
		t.Errorf("%d more attempts after the power cut, want the two of the mail that came meanwhile", more)
	}

	c.endpoint.mend("/later", "/long")
	ahead.Store(int64(2 * time.Hour))
	overdue{product: p}.reconcile()
	p.eventually("all is done", func() bool {
		return p.count(`SELECT count(*) FROM outbox`) == 0 && p.count(`SELECT count(*) FROM deliveries WHERE state <> 'sent'`) == 0 &&
			p.count(`SELECT count(*) FROM runs WHERE name = 'Late' AND state = 'done'`) >= len(c.names())
	})
	c.judge()
	overdue{product: p}.reconcile()
	if left := p.count(`SELECT overdue + unhandled + undelivered FROM reconcile_passes ORDER BY id DESC LIMIT 1`); left != 0 {
		t.Errorf("another pass of the reconciler found %d left lying", left)
	}
}

// powerCut is a product whose Temporal is put back to an earlier time.
type powerCut struct {
	*product
	endpoint *moody
}

func (powerCut) names() []string {
	return []string{"old", "failing", "signalled", "later", "long", "unseen"}
}

func (c powerCut) furnish() {
	hook := func(path string) object { return object{"do": "webhook", "url": c.endpoint.URL + path} }
	for _, w := range []object{
		{
			"name": "Answer", "conditions": []any{any1("new_conversation", "", nil)},
			"actions": []any{object{"do": "reply", "body": "We have it."}, hook("/always")},
		},
		{"name": "Again", "max_runs": 10, "conditions": []any{any1("customer_replied", "", nil)}, "actions": []any{hook("/always")}},
		{
			"name": "Late", "conditions": []any{any1("waiting_since", "longer_than", "1h")},
			"actions": []any{object{"do": "add_tags", "tags": []any{"late"}}, object{"do": "reply", "body": "We are late."}},
		},
	} {
		c.workflow(c.support, w)
	}
	for _, name := range []string{"failing", "later", "long"} {
		c.workflow(c.support, object{
			"name": name, "conditions": []any{any1("new_conversation", "", nil), any1("subject", "contains", name)},
			"actions": []any{hook("/" + name)},
		})
	}
}

// mail is from the customer of the name, and begins their conversation unless it says Re.
func (c powerCut) mail(name, re string) {
	c.t.Helper()
	id, headers := name+"@example.com", []string(nil)
	if re != "" {
		id, headers = "again."+id, []string{"In-Reply-To: <" + id + ">"}
	}
	c.send(name+"@example.com", "support@smarticks.test", id, re+"About "+name, "Hello", headers...)
}

func (c powerCut) of(name string) string { return c.conversationOf(name + "@example.com") }

// known says whether Temporal has the conversation's workflow.
func (c powerCut) known(name string) bool {
	c.t.Helper()
	_, err := c.client.DescribeWorkflowExecution(c.t.Context(), workflows.ConversationWorkflowID(c.of(name)), "")
	var missing *serviceerror.NotFound
	if err != nil && !errors.As(err, &missing) {
		c.t.Fatal(err)
	}
	return err == nil
}

// atRest says whether the conversation's Temporal workflow has nothing under way and
// waits for nothing but one timer, that of its due time.
func (c powerCut) atRest(name string) bool {
	c.t.Helper()
	if c.count(`SELECT count(*) FROM outbox`) > 0 {
		return false
	}
	id := c.of(name)
	described, err := c.client.DescribeWorkflowExecution(c.t.Context(), workflows.ConversationWorkflowID(id), "")
	if err != nil || described.PendingWorkflowTask != nil || len(described.PendingActivities) > 0 {
		return false
	}
	timers := 0
	for _, e := range c.history(id) {
		switch e.EventType {
		case enumspb.EVENT_TYPE_TIMER_STARTED:
			timers++
		case enumspb.EVENT_TYPE_TIMER_FIRED, enumspb.EVENT_TYPE_TIMER_CANCELED:
			timers--
		}
	}
	return timers == 1
}

// kill ends the dev server as a power cut does: SQLite cannot tidy up.
func (c powerCut) kill() {
	c.t.Helper()
	pid, err := os.ReadFile(c.temporal.DBFile() + ".pid")
	must(c.t, err)
	n, err := strconv.Atoi(strings.TrimSpace(string(pid)))
	must(c.t, err)
	must(c.t, syscall.Kill(n, syscall.SIGKILL))
	c.temporal.Stop() // waits for its end
}

// copyFile copies the database: the file and its -wal. SQLite makes -shm again.
func (c powerCut) copyFile() (dir string) {
	c.t.Helper()
	dir = c.t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		copyOf(c.t, filepath.Join(dir, "db"+suffix), c.temporal.DBFile()+suffix)
	}
	return dir
}

func (c powerCut) putBack(dir string) {
	c.t.Helper()
	must(c.t, os.Remove(c.temporal.DBFile()+"-shm"))
	for _, suffix := range []string{"", "-wal"} {
		copyOf(c.t, c.temporal.DBFile()+suffix, filepath.Join(dir, "db"+suffix))
	}
}

func copyOf(t testing.TB, to, from string) {
	t.Helper()
	b, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, b, 0o600))
}

// judge compares what was done with what should have been done, each thing once.
func (c powerCut) judge() {
	c.t.Helper()
	names := len(c.names())
	for what, want := range map[string]int{"Answer": names, "Late": names, "Again": 1, "failing": 1, "later": 1, "long": 1} {
		runs := c.count(`SELECT count(*) FROM runs WHERE name = $1 AND state = 'done'`, what)
		apart := c.count(`SELECT count(DISTINCT conversation_id) FROM runs WHERE name = $1 AND state = 'done'`, what)
		if runs != want || apart != want {
			c.t.Errorf("%s: %d runs on %d conversations, want %d of each", what, runs, apart, want)
		}
	}
	mails := map[string]int{}
	for _, m := range c.sent.Sent() {
		mails[m.ID]++
	}
	hooks := c.endpoint.accepted()
	if len(mails) != 2*names || len(hooks) != names+4 {
		c.t.Errorf("%d mails and %d webhooks, want %d and %d", len(mails), len(hooks), 2*names, names+4)
	}
	for id, n := range mails {
		if n != 1 {
			c.t.Errorf("the mail %s was sent %d times", id, n)
		}
	}
	for id, n := range hooks {
		if n != 1 {
			c.t.Errorf("the webhook %s was taken %d times", id, n)
		}
	}
}

// moody is an endpoint that refuses at the paths that it is told.
type moody struct {
	*httptest.Server
	mu      sync.Mutex
	after   map[string]string // Retry-After of the paths that fail
	refused map[string]int    // by path
	taken   map[string]int    // by webhook-id
}

func startMoody(t testing.TB) *moody {
	m := &moody{after: map[string]string{}, refused: map[string]int{}, taken: map[string]int{}}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func (m *moody) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	m.mu.Lock()
	defer m.mu.Unlock()
	if after := m.after[r.URL.Path]; after != "" {
		m.refused[r.URL.Path]++
		w.Header().Set("Retry-After", after)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	m.taken[r.Header.Get("Webhook-Id")]++
}

func (m *moody) fail(path, retryAfter string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.after[path] = retryAfter
}

func (m *moody) mend(paths ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.after, func(path, _ string) bool { return slices.Contains(paths, path) })
}

func (m *moody) failed(path string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[path]
}

func (m *moody) accepted() map[string]int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.taken)
}
