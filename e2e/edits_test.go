package e2e_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// The edit-while-armed matrix: every edit of a workflow × every state in which the
// timer of a conversation may be. What must be true afterwards: it has fired so
// often, and this is when it will fire if nobody acts.

// will says what is to come of a conversation's wait: nothing, or so long after it
// began.
type will string

const (
	never  will = "never"
	anHour will = "1h0m0s"
	twoHrs will = "2h0m0s"
)

// edit is a change of a workflow, which is at version 2; version 1 waits for a
// second.
type edit struct {
	name string
	do   func(c *cell)
	// armed is when it is due then, for one that waited an hour before; fires says
	// that it is due at once.
	armed will
	fires bool
	// again is whether one whose time passes unseen fires once, after the edit.
	again bool
	mode  string // of the runs then
}

var edits = []edit{
	{"publish shorter", func(c *cell) { c.publish("1s") }, never, true, true, "on"},
	{"publish longer", func(c *cell) { c.publish("2h") }, twoHrs, false, false, "on"},
	{"publish the same", func(c *cell) { c.publish(c.span) }, anHour, false, true, "on"},
	{"publish without the date row", func(c *cell) { c.publish("") }, never, false, false, "on"},
	{"switch off", func(c *cell) { c.mode("off") }, never, false, false, "on"},
	{"switch off and on", func(c *cell) { c.mode("off"); c.mode("on") }, anHour, false, true, "on"},
	{"watch", func(c *cell) { c.mode("watch") }, anHour, false, true, "watch"},
	{"delete", func(c *cell) { c.p.call("DELETE", "/v1/workflows/"+c.workflow, nil) }, never, false, false, "on"},
	{"restore the first version", func(c *cell) { c.p.call("POST", "/v1/workflows/"+c.workflow+"/versions/1/restore", nil) }, never, true,
		true, "on"},
}

// cell is one mailbox with one workflow and one conversation.
type cell struct {
	p                       *product
	edit                    edit
	address                 string
	mailbox, workflow, conv string
	span                    string // of the version in force
}

func (c *cell) definition(span string) object {
	conditions := []any{any1("status", "is", "active")}
	if span == "" {
		conditions = append(conditions, any1("customer_replied", "", nil))
	} else {
		conditions = append(conditions, any1("waiting_since", "longer_than", span))
	}
	return object{"name": "Waits", "type": "automatic", "max_runs": 5, "conditions": conditions,
		"actions": []any{object{"do": "note", "body": "It waits."}}}
}

func (c *cell) publish(span string) {
	c.p.call("PUT", "/v1/workflows/"+c.workflow, c.definition(span))
	c.p.call("POST", "/v1/workflows/"+c.workflow+"/publish", nil)
}

func (c *cell) mode(mode string) {
	c.p.call("PATCH", "/v1/workflows/"+c.workflow, object{"mode": mode})
}

// begin makes the workflow, with the span in force, and the conversation that waits.
func (c *cell) begin(n int, span string) {
	c.span = span
	c.address = fmt.Sprintf("cell%d@smarticks.test", n)
	c.mailbox = c.p.mailbox(c.address)
	first := c.definition("1s")
	first["mode"] = "off"
	c.workflow = c.p.call("POST", "/v1/mailboxes/"+c.mailbox+"/workflows", first)["id"].(string)
	c.p.call("POST", "/v1/workflows/"+c.workflow+"/publish", nil)
	c.publish(span)
	c.mode("watch") // else watching would leave this conversation alone, which began before
	c.mode("on")
	id := fmt.Sprintf("cell%d.%s@example.com", n, strings.ReplaceAll(c.edit.name, " ", "-"))
	c.p.send("ann@example.com", c.address, id, "Hello", "A question")
	c.conv = c.p.conversationOf(id)
	c.p.handled(c.conv)
}

// fired counts what it did. A busy machine may look at the mail later than its time
// comes: then it fires with that event, and uses its episode as well as by time.
func (c *cell) fired(mode string) int {
	return c.p.count(`SELECT count(*) FROM runs WHERE definition_id = $1 AND state = 'done' AND mode = $2`, c.workflow, mode)
}

// settled waits until the change has gone through and nothing is left to handle.
func (c *cell) settled() {
	c.p.eventually("the change goes through", func() bool {
		return c.p.count(`SELECT count(*) FROM rollouts WHERE mailbox_id = $1 AND state = 'running'`, c.mailbox)+
			c.p.count(`SELECT count(*) FROM outbox WHERE conversation_id = $1`, c.conv) == 0
	})
}

// coming is when the workflow fires if nobody acts, from the beginning of the wait.
func (c *cell) coming() will {
	f := c.p.call("GET", "/v1/conversations/"+c.conv+"/forecast?horizon=1d", nil)
	for _, item := range f["items"].([]any) {
		item := item.(object)
		if item["workflow_id"] != c.workflow || item["what"] != "run" {
			continue
		}
		due, err := time.Parse(time.RFC3339, item["due_at"].(string))
		must(c.p.t, err)
		began, err := time.Parse(time.RFC3339, c.p.call("GET", "/v1/conversations/"+c.conv, nil)["waiting_since"].(string))
		must(c.p.t, err)
		return will(due.Sub(began).String())
	}
	return never
}

// expect compares the cell with what must be true.
func (c *cell) expect(state string, fired int, next will) {
	t := c.p.t
	t.Helper()
	if fired > 0 {
		c.p.eventually(c.edit.name+", "+state+": it fires", func() bool { return c.fired(c.edit.mode) >= fired })
	}
	c.settled()
	if got := c.coming(); got != next {
		t.Errorf("%s, %s: it comes %s, want %s", c.edit.name, state, got, next)
	}
	if got := c.fired("on") + c.fired("watch"); got != fired {
		t.Errorf("%s, %s: it fired %d times, want %d", c.edit.name, state, got, fired)
	}
}

// armedState is a state in which an edit may find the timer.
type armedState struct {
	name  string
	span  string // of the version in force
	ready func(c *cell)
	judge func(c *cell, state string)
}

func judgeArmed(c *cell, state string) {
	fired := 0
	if c.edit.fires {
		fired = 1
	}
	c.expect(state, fired, c.edit.armed)
}

var armedStates = []armedState{
	{"armed", "1h", func(*cell) {}, judgeArmed},
	{"armed earlier by another workflow", "1h", func(c *cell) {
		d := c.definition("3s")
		d["name"], d["mode"] = "Earlier", "on"
		c.p.call("POST", "/v1/mailboxes/"+c.mailbox+"/workflows", d)
		c.settled()
	}, judgeArmed},
	{"snoozed", "1h", func(c *cell) {
		until := time.Now().Add(30 * time.Minute).UTC().Format(time.RFC3339)
		c.p.call("PATCH", "/v1/conversations/"+c.conv, object{"snoozed_until": until})
		c.p.call("PATCH", "/v1/conversations/"+c.conv, object{"status": "active"})
		c.settled()
	}, judgeArmed},
	{"not armed: nobody waits", "1h", func(c *cell) {
		c.p.call("POST", "/v1/conversations/"+c.conv+"/messages", object{"kind": "reply", "body": "Here you are"})
		c.settled()
	}, func(c *cell, state string) { c.expect(state, 0, never) }},
	{"used: it has fired", "2s", func(c *cell) {
		c.p.eventually("it fires before the edit", func() bool { return c.fired("on") == 1 })
		c.settled()
	}, func(c *cell, state string) {
		// Runs in watch mode are counted apart, and so are their episodes.
		fired := 1
		if c.edit.mode == "watch" {
			c.p.eventually(c.edit.name+", "+state+": it is watched", func() bool { return c.fired("watch") == 1 })
			fired = 2
		}
		c.settled()
		if got := c.fired("on") + c.fired("watch"); got != fired {
			c.p.t.Errorf("%s, %s: it fired %d times, want %d", c.edit.name, state, got, fired)
		}
		if got := c.coming(); got != never {
			c.p.t.Errorf("%s, %s: it comes again, after %s", c.edit.name, state, got)
		}
	}},
	{"firing at that moment", "2s", func(c *cell) {
		c.p.eventually("its time has come", func() bool {
			return c.p.count(`SELECT count(*) FROM conversations WHERE id = $1 AND clock_timestamp() >= waiting_since + interval
				'1990 milliseconds'`, c.conv) == 1
		})
	}, func(c *cell, state string) {
		if c.edit.again && c.edit.mode == "on" {
			c.p.eventually(c.edit.name+", "+state+": it fires", func() bool { return c.fired("on") > 0 })
		}
		c.settled()
		if got := c.fired("on"); got > 1 {
			c.p.t.Errorf("%s, %s: it fired %d times", c.edit.name, state, got)
		}
	}},
}

func TestEveryEditOfAWorkflowInEveryStateOfATimer(t *testing.T) {
	t.Parallel()
	p := start(t, options{})
	for i, state := range armedStates {
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			forEachEdit(p.in(t), i*len(edits), func(c *cell, n int) {
				c.begin(n, state.span)
				state.ready(c)
				c.edit.do(c)
				state.judge(c, state.name)
			})
		})
	}
}

// forEachEdit makes a cell for each edit, all at once.
func forEachEdit(p *product, first int, do func(c *cell, n int)) {
	var all sync.WaitGroup
	for i, e := range edits {
		all.Go(func() { do(&cell{p: p, edit: e}, first+i) })
	}
	all.Wait()
}

// The workers are away while the workflow is edited and its time passes.
func TestEveryEditOfAWorkflowWhoseTimePassesUnseen(t *testing.T) {
	t.Parallel()
	p := start(t, options{noWorker: true})
	cells := make([]*cell, len(edits))
	// Not one may fire before the workers are stopped: on a slow machine it takes
	// longer until all of them wait.
	for seconds, tries := 6, 0; ; seconds, tries = 4*seconds, tries+1 {
		stop := p.startWorker(nil)
		forEachEdit(p, tries*len(edits), func(c *cell, n int) {
			c.begin(n, fmt.Sprintf("%ds", seconds))
			cells[n%len(edits)] = c
		})
		stop()
		if p.count(`SELECT count(*) FROM runs WHERE definition_id = ANY($1)`, ids(cells)) == 0 {
			break
		}
	}
	for _, c := range cells {
		c.edit.do(c)
	}
	p.eventually("the times pass", func() bool {
		return p.count(`SELECT count(*) FROM conversations WHERE clock_timestamp() < next_due + interval '100 milliseconds'`) == 0
	})
	p.startWorker(nil)
	for _, c := range cells {
		fired, next := 0, will(never)
		if c.edit.again {
			fired = 1
		}
		if c.edit.armed == twoHrs {
			next = twoHrs
		}
		c.expect("due while nobody worked", fired, next)
	}
}

func ids(cells []*cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = c.workflow
	}
	return out
}
