package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/explain"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
	"github.com/smarticks/smarticks/store"
)

// witness knows of a random history what explain has to find out: how far the
// conversation was each time that it was handled, and what the modes were.
type witness struct {
	*house
	id        conversation.ID
	handled   []handling
	workflows []automation.Workflow
	modes     map[automation.DefinitionID][]modeAt
	said      map[string]int // how often which reason was given and is true
}

type handling struct {
	before, after int64 // the newest event; before is 0 while time passed
	at            time.Time
}

type modeAt struct {
	seq  int64 // for the events after it
	mode automation.Mode
}

// What explain says of each workflow and each event of random histories is what the
// engine did, and why: stops, moves, deletions, limits, pauses, drafts that were never
// published and switches are among them.
func TestExplainSaysWhatTheEngineDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.Store.ChangeSettings(t.Context(), access.System(), conversation.SettingsChange{
		Limits: conversation.Limits{WorkflowHere: 2, Here: 25, Recipient: 4, RecipientSubject: 2},
	})
	testhouse.Must(h, err)
	seed := rand.Uint64()
	if *seeded != 0 {
		seed = *seeded
	}
	r := rand.New(rand.NewPCG(seed, 4))
	cases := 20
	if testing.Short() {
		cases = 6
	}
	said := map[string]int{}
	for n := range cases {
		here, there := h.Mailbox(fmt.Sprintf("here%d", n)), h.Mailbox(fmt.Sprintf("there%d", n))
		w := &witness{house: h, modes: map[automation.DefinitionID][]modeAt{}, said: said}
		for i := range 4 + r.IntN(3) {
			mode := []automation.Mode{automation.ModeOn, automation.ModeOn, automation.ModeOn, automation.ModeOn, automation.ModeOn,
				automation.ModeOn, automation.ModeWatch, automation.ModeOff}[r.IntN(8)]
			d := drawExplained(r, fmt.Sprintf("w%d", i), there)
			if record, err := h.Store.CreateDefinition(t.Context(), access.System(), here.ID, d, mode); err == nil {
				w.workflows = append(w.workflows, record)
				w.modes[record.ID] = []modeAt{{0, record.Mode}}
			}
		}
		w.id = h.mail(here)
		w.handle()
		for range 4 + r.IntN(5) {
			if w.deleted() {
				break
			}
			switch r.IntN(8) {
			case 0:
				h.pass(w.id, h.Now().Add(time.Duration(1+r.IntN(300))*time.Minute))
				w.handled = append(w.handled, handling{0, w.seq(), h.Now()})
				if w.deleted() {
					continue
				}
			case 1:
				w.change(r)
			case 2:
				if len(w.workflows) > 0 {
					testhouse.Must(h, h.Store.ResumeHere(t.Context(), access.System(), w.id, w.workflows[r.IntN(len(w.workflows))].ID, false))
				}
			}
			for range 1 + r.IntN(3) {
				h.happen(r, w.id)
			}
			w.handle()
		}
		if problems := w.look(); len(problems) > 0 {
			told, _ := w.told(w.workflows[0].ID)
			t.Fatalf("seed %d case %d:\n%s\nhandled %v, modes %v\n%s", seed, n, strings.Join(problems, "\n"), w.handled, w.modes, history(told))
		}
	}
	said["kept"] = said["stopped"] + said["moved"] + said["deleted"]
	t.Logf("seed %d: %v", seed, said)
	for _, reason := range []string{"ran", "kept", "limited", "max_runs", "unpublished", "condition"} {
		if said[reason] == 0 && !testing.Short() {
			t.Errorf("seed %d: nothing was explained by %q in %v: the test proves little", seed, reason, said)
		}
	}
}

// drawExplained makes a random workflow that mostly follows what happens.
func drawExplained(r *rand.Rand, name string, there conversation.Mailbox) automation.Definition {
	if r.IntN(4) == 0 {
		return draw(r, name, there)
	}
	group := func(list ...automation.Condition) automation.Group { return automation.Group{Any: list} }
	d := automation.Definition{Name: name, Type: automation.TypeAutomatic, MaxRuns: []int{1, 2, 9, 9}[r.IntN(4)],
		Conditions: []automation.Group{
			[]automation.Group{
				group(automation.Condition{Field: "new_conversation"}, automation.Condition{Field: "customer_replied"}),
				group(automation.Condition{Field: "note_added"}, automation.Condition{Field: "agent_replied"}),
				group(automation.Condition{Field: "customer_replied"}),
				group(automation.Condition{Field: "tag_added"}, automation.Condition{Field: "status_changed"}),
				group(automation.Condition{Field: "subject", Op: "contains", Value: "hello"}),
			}[r.IntN(5)],
		}}
	if r.IntN(2) == 0 {
		d.Conditions = append(d.Conditions, []automation.Group{
			group(automation.Condition{Field: "status", Op: "is", Value: "active"}),
			group(automation.Condition{Field: "tags", Op: "has_none", Value: []any{"one"}}),
			group(automation.Condition{Field: "tags", Op: "has_any", Value: []any{"one", "two"}}),
			group(automation.Condition{Field: "body", Op: "contains", Value: "words"}),
		}[r.IntN(4)])
	}
	actions := []automation.Action{
		{Do: "add_tags", Tags: []string{"one"}}, {Do: "add_tags", Tags: []string{"two"}}, {Do: "remove_tags", Tags: []string{"one"}},
		{Do: "set_status", Status: "pending"},
		{Do: "reply", Body: "We are at it"}, {Do: "note", Body: "Look here"}, {Do: "email", Subject: "Hello", Body: "Still there?"},
	}
	for range 1 + r.IntN(2) {
		d.Actions = append(d.Actions, actions[r.IntN(len(actions))])
	}
	switch r.IntN(14) {
	case 0, 1, 2, 3:
		d.Actions = append(d.Actions, automation.Action{Do: "stop"})
	case 4:
		d.Actions = append(d.Actions, automation.Action{Do: "move", Mailbox: string(there.ID)})
	case 5:
		d.Actions = append(d.Actions, automation.Action{Do: "delete"})
	}
	return d
}

func (w *witness) seq() (n int64) {
	w.Helper()
	testhouse.Must(w, w.Pool.QueryRow(w.Context(), `SELECT last_seq FROM conversations WHERE id = $1`, w.id).Scan(&n))
	return n
}

// deleted reports whether a workflow deleted the conversation: then nobody writes any longer.
func (w *witness) deleted() (yes bool) {
	w.Helper()
	testhouse.Must(w, w.Pool.QueryRow(w.Context(), `SELECT state = 'deleted' FROM conversations WHERE id = $1`, w.id).Scan(&yes))
	return yes
}

func (w *witness) handle() {
	w.Helper()
	before := w.seq()
	w.goTo(w.id, w.Now())
	w.handled = append(w.handled, handling{before, w.seq(), w.Now()})
}

// change switches a workflow on or off.
func (w *witness) change(r *rand.Rand) {
	w.Helper()
	if len(w.workflows) == 0 {
		return
	}
	d, mode := w.workflows[r.IntN(len(w.workflows))], []automation.Mode{automation.ModeOn, automation.ModeOff}[r.IntN(2)]
	if d.Version == 0 || w.modeAt(d.ID, w.seq()+1) == mode {
		return // nothing to switch
	}
	_, err := w.Store.PatchDefinition(w.Context(), access.System(), d.ID, automation.WorkflowPatch{Mode: &mode})
	testhouse.Must(w, err)
	w.modes[d.ID] = append(w.modes[d.ID], modeAt{w.seq(), mode})
}

func (w *witness) modeAt(id automation.DefinitionID, seq int64) (mode automation.Mode) {
	for _, m := range w.modes[id] {
		if m.seq < seq {
			mode = m.mode
		}
	}
	return mode
}

func (w *witness) told(id automation.DefinitionID) (told runs.History, err error) {
	w.Helper()
	testhouse.Must(w, w.Store.LookBack(w.Context(), access.System(), w.id, id,
		func(_ context.Context, p store.Past) error { told = p.Told(); return nil }))
	return told, nil
}

var (
	before  = regexp.MustCompile(`^It did not run: the workflow "(w\d)" stands before it, ran for the event and (stopped|moved|deleted)`)
	oneOf   = regexp.MustCompile(`^It did not run: (condition \d+ '.*' is (false|unknown)|none of the conditions of one group holds): `)
	doKinds = map[string]string{"stopped": "stop", "moved": "move", "deleted": "delete"}
)

// look asks explain about all that happened.
func (w *witness) look() (problems []string) {
	w.Helper()
	for _, d := range w.workflows {
		told, _ := w.told(d.ID)
		for _, ev := range told.Events {
			q, err := w.Store.InquireAsOf(w.Context(), access.System(), w.id, d.ID, ev.Seq)
			testhouse.Must(w, err)
			x := explain.Explain(q)
			if reason, right := w.true(d, ev, q, x, told); !right {
				problems = append(problems, fmt.Sprintf("%s (%s) at event %d %s, turn after %d: %s: %s\n   %s", d.Draft.Name, d.ID, ev.Seq, ev.Kind,
					q.Turn, reason, x.Answer,
					d.Draft.Sentences(func(string, string) string { return "" })))
			} else {
				w.said[reason]++
			}
		}
	}
	return problems
}

// true reports whether an answer is true, and which reason it gives.
func (w *witness) true(d automation.Workflow, ev conversation.Event, q explain.Inquiry, x explain.Explanation,
	told runs.History) (reason string, right bool) {
	for _, r := range told.Runs {
		if r.DefinitionID != d.ID || r.Seq != ev.Seq || r.Trigger.ByHand() {
			continue
		}
		switch r.State {
		case automation.RunSkipped:
			return "skipped", strings.Contains(x.Answer, "and was passed over: ")
		case automation.RunLimited:
			return "limited", strings.HasPrefix(x.Answer, "It did not run: at ") && strings.Contains(x.Answer, "its mail might not go")
		default:
			return "ran", strings.HasPrefix(x.Answer, "It ran at ") || r.Mode == automation.ModeWatch &&
				strings.HasPrefix(x.Answer, "It decided to run at ")
		}
	}
	if !strings.HasPrefix(x.Answer, "It did not run: ") {
		return "no run was made", false
	}
	says := func(part string) bool { return strings.Contains(x.Answer, part) }
	mode := w.modeAt(d.ID, ev.Seq)
	used := 0 // until the event was handled
	for _, r := range told.Runs {
		counts := r.State == automation.RunDone || r.State == automation.RunFailed
		if r.DefinitionID == d.ID && r.Mode == mode && counts && !r.CreatedAt.After(w.handling(ev).at) {
			used++
		}
	}
	switch m := before.FindStringSubmatch(x.Answer); {
	case m != nil:
		n := 0
		testhouse.Must(w, w.Pool.QueryRow(w.Context(),
			`SELECT count(*) FROM runs r JOIN definitions f ON f.id = r.definition_id JOIN run_actions a ON a.run_id = r.id
			WHERE r.conversation_id = $1 AND r.seq = $2 AND f.name = $3 AND a.do_kind = $4 AND a.state = 'done'
				AND f.position < (SELECT position FROM definitions WHERE id = $5)`, w.id, ev.Seq, m[1], doKinds[m[2]], d.ID).Scan(&n))
		return m[2], n > 0
	case says("nothing of it is published"):
		return "unpublished", d.Version == 0 && len(w.modes[d.ID]) == 1
	case says("it is switched off"):
		return "off", mode == automation.ModeOff
	case mode == automation.ModeOff:
		return "it was off", false
	case says("(max_runs)"):
		return "max_runs", used >= d.Draft.MaxRuns
	case says("it ran already for the time"), says("it had run already for what that event comes from"):
		return "ran before", used > 0 || slices.ContainsFunc(told.Runs, func(r runs.Past) bool {
			return r.DefinitionID == d.ID && (len(r.Episodes) > 0 || r.Cause.Origin == ev.OriginSeq())
		})
	case says("it is paused on"), says("it was paused when"):
		n := 0
		testhouse.Must(w, w.Pool.QueryRow(w.Context(),
			`SELECT count(*) FROM pauses WHERE conversation_id = $1 AND definition_id = $2 AND created_at <= $3`,
			w.id, d.ID, w.handling(ev).at).Scan(&n))
		return "paused", n > 0
	case says("none of its conditions listens"), says("none of them listens"):
		return "not listening", !q.Program.Listens(ev)
	case says("is not in its mailbox"), says("happened in another mailbox"):
		return "elsewhere", ev.MailboxID != d.MailboxID || w.found(d, ev, told).MailboxID != d.MailboxID
	case says("the conversation is deleted"):
		return "gone", w.found(d, ev, told).State == conversation.StateDeleted
	case says("before the workflow was first switched"):
		return "earlier", len(w.modes[d.ID]) > 1
	case oneOf.MatchString(x.Answer):
		facts := q.Facts
		facts.Conversation, facts.Now = w.found(d, ev, told), w.handling(ev).at
		return "condition", q.Program.Evaluate(facts).Holds != automation.True
	}
	return "no reason is given", false
}

// handling is the one in which the event was handled.
func (w *witness) handling(ev conversation.Event) handling {
	i := slices.IndexFunc(w.handled, func(h handling) bool { return h.after >= ev.Seq })
	h := w.handled[i]
	if h.before == 0 { // while time passed nobody wrote: what time led to is handled at once
		h.at = ev.At
	}
	return h
}

// found is the conversation as the workflow found it when the event was handled: as the
// event left it, with what workflows did before its turn.
func (w *witness) found(d automation.Workflow, ev conversation.Event, told runs.History) conversation.Conversation {
	replay := conversation.NewReplay(told.Now, told.Events, told.Messages)
	for _, other := range told.Events {
		sees := other.Seq <= ev.Seq || other.Cause.Run == "" && other.OriginSeq() == ev.OriginSeq()
		for _, r := range told.Runs {
			first := r.Seq < ev.Seq || r.Seq == ev.Seq && r.Before && !r.Stopped || r.Trigger == automation.TriggerTime && !r.DueAt.After(ev.At)
			sees = sees || other.Cause.Run == string(r.ID) && first && !r.CreatedAt.After(w.handling(ev).at)
		}
		if sees {
			replay.Happen(other)
		}
	}
	return replay.Conversation()
}
