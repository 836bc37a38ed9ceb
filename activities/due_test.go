package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/internal/testhouse"
)

// reasons says why the conversation's due times led to no run, as its timeline
// has them.
func (h *house) reasons(id conversation.ID) string {
	h.Helper()
	timeline, _, err := h.Store.Timeline(h.Context(), access.System(), id, 0, 50)
	testhouse.Must(h, err)
	var out []string
	for _, r := range timeline.Runs {
		if r.State != automation.RunSkipped {
			continue
		}
		if words := runs.SkipSentence(r.Reason); words == r.Reason || r.DueAt.IsZero() || r.Name != "w" || r.VersionNumber != 1 {
			h.Errorf("%s is told as %q, due at %v, of version %d of %q", r.Reason, words, r.DueAt, r.VersionNumber, r.Name)
		}
		out = append(out, r.Reason)
	}
	return strings.Join(out, " ")
}

func (h *house) change(id conversation.ID, ch conversation.Change) {
	h.Helper()
	_, err := h.Store.ChangeConversation(h.Context(), access.System(), id, ch)
	testhouse.Must(h, err)
}

// Each reason for which a due time leads to no run is recorded once. Between the
// mail and the due time nothing is advanced, as when everything was down.
func TestADueTimeThatLeadsToNoRunIsRecordedWithItsReason(t *testing.T) {
	t.Parallel()
	hour := rows(row("waiting_since", "longer_than", "1h"))
	for _, c := range []struct {
		name   string
		w      automation.Definition
		missed func(h *house, id conversation.ID, w automation.Workflow) // two hours after the mail
		want   string                                                    // the reasons
		did    []string                                                  // nil: the skip is all
	}{
		{"the conditions changed", automation.Definition{Conditions: append(hour[:1:1], rows(row("status", "is", "active"))...)},
			func(h *house, id conversation.ID, _ automation.Workflow) {
				closed := conversation.StatusClosed
				h.change(id, conversation.Change{Status: &closed})
			}, runs.SkipConditionsChanged, nil},
		{"the episode moved", automation.Definition{Conditions: rows(row("last_customer_reply", "in_the_last", "3h"),
			row("created", "not_in_the_last", "1h"))}, func(h *house, id conversation.ID, _ automation.Workflow) {
			h.reply(id, id)
		}, runs.SkipEpisodeMoved, []string{"w skipped", "w done add_tags=done"}},
		{"the workflow is off", automation.Definition{Conditions: hour}, func(h *house, _ conversation.ID, w automation.Workflow) {
			off := automation.ModeOff
			_, err := h.Store.PatchDefinition(h.Context(), access.System(), w.ID, automation.WorkflowPatch{Mode: &off})
			testhouse.Must(h, err)
		}, runs.SkipWorkflowOff, []string{" skipped"}},
		{"the conversation moved away", automation.Definition{Conditions: hour}, func(h *house, id conversation.ID, _ automation.Workflow) {
			other := h.Mailbox("other@smarticks.test")
			h.change(id, conversation.Change{MailboxID: &other.ID})
		}, runs.SkipWorkflowOff, []string{" skipped"}},
		{"the conversation is deleted", automation.Definition{Conditions: hour}, func(*house, conversation.ID, automation.Workflow) {},
			runs.SkipConversationGone, []string{"first done delete=done", "w skipped"}},
		{"it is too late", automation.Definition{Conditions: hour, TooLateAfter: 30 * time.Minute},
			func(*house, conversation.ID, automation.Workflow) {}, runs.SkipTooLate, nil},
		{"it ran as often as it may", automation.Definition{Conditions: []automation.Group{
			{Any: []automation.Condition{row("created", "not_in_the_last", "1h"), row("last_customer_reply", "in_the_last", "90m")}},
			{Any: []automation.Condition{row("waiting_since", "longer_than", "1h")}},
		}}, func(*house, conversation.ID, automation.Workflow) {}, runs.SkipMaxRuns, []string{"w done add_tags=done", "w skipped"}},
		{"it is paused", automation.Definition{Conditions: hour}, func(h *house, _ conversation.ID, w automation.Workflow) {
			_, err := h.Pool.Exec(h.Context(), `UPDATE definitions SET paused_at = now(), paused_reason = 'a test' WHERE id = $1`, w.ID)
			testhouse.Must(h, err)
		}, runs.SkipPaused, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			c.w.Name, c.w.Actions = "w", []automation.Action{tag("overdue")}
			w := h.workflow(c.w)
			if c.want == runs.SkipConversationGone {
				h.workflow(automation.Definition{Name: "first", Conditions: rows(row("waiting_since", "longer_than", "59m")),
					Actions: []automation.Action{{Do: automation.DoDelete}}})
			}
			id := h.mail("Hello", "")
			h.advance(id)
			h.Later(2 * time.Hour)
			c.missed(h, id, w)
			for range 3 { // once and for all
				h.advance(id)
			}
			if got := h.reasons(id); got != c.want {
				t.Errorf("reasons %q, want %q; runs %q", got, c.want, h.did(id))
			}
			if c.did == nil {
				c.did = []string{"w skipped"}
			}
			h.wants(id, c.did...)
		})
	}
}

func TestWhatCameTooLateIsUsedUpAndSaidByExplain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.workflow(automation.Definition{
		Name: "w", MaxRuns: 5, TooLateAfter: 30 * time.Minute, Actions: []automation.Action{tag("overdue")},
		Conditions: []automation.Group{{Any: []automation.Condition{
			row("waiting_since", "longer_than", "1h"), row("last_customer_reply", "not_in_the_last", "70m"),
			row("created", "not_in_the_last", "119m"),
		}}},
	})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(4 * time.Hour)
	if got := h.explains(id, w.ID); !strings.Contains(got, "too long ago for it to run (too_late_after)") {
		t.Errorf("before it is looked at, explain says %s", got)
	}
	h.advance(id)
	h.wants(id, "w skipped") // one for all three
	due := h.Conversation(id).WaitingSince.Add(time.Hour)
	if got := h.Column(`SELECT due_at = $1 FROM runs`, due); len(got) != 1 || got[0] != "true" {
		t.Errorf("the skip is not of %v: %q", due, got)
	}
	if got := h.explains(id, w.ID); !strings.Contains(got,
		"episode: its time was "+due.UTC().Format("2006-01-02 15:04:05")+" UTC, and that had passed for more than 30m (too_late_after)") {
		t.Errorf("explain says %s", got)
	}
	h.agentReplies(id, "We look at it.")
	h.reply(id, id)
	h.advance(id)
	h.Later(61 * time.Minute) // a new wait, looked at in time
	h.advance(id)
	h.wants(id, "w skipped", "w done add_tags=done")
}

// What an outage made miss the opening of one day is not done at that of the next,
// where its conditions hold again.
func TestAMissedOpeningIsTooLateTheNextDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "w", TooLateAfter: 30 * time.Minute, Actions: []automation.Action{tag("overdue")},
		Conditions: rows(row("waiting_since", "longer_than", "1h"), row("created", "not_in_the_last", "30m"),
			row("time_of_day", "between", h.clock(90*time.Minute))),
	})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(24*time.Hour + 95*time.Minute)
	h.advance(id)
	h.wants(id, "w skipped") // one for both rows
	if got := h.reasons(id); got != runs.SkipTooLate {
		t.Errorf("reasons %q", got)
	}
}

// clock is a stretch of the day, 20 minutes long, that begins in so long.
func (h *house) clock(in time.Duration) string {
	h.Helper()
	var from, to string
	testhouse.Must(h, h.Pool.QueryRow(h.Context(), `SELECT to_char(at, 'HH24:MI'), to_char(at + interval '20 minutes', 'HH24:MI')
		FROM (SELECT now() AT TIME ZONE 'UTC' + make_interval(secs => $1) AS at) AS opening`, in.Seconds()).Scan(&from, &to))
	return from + "-" + to
}

// Of two rows of which one came too late the other one runs.
func TestOnlyWhatCameTooLateIsSkipped(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{
		Name: "w", TooLateAfter: 30 * time.Minute, Actions: []automation.Action{tag("overdue")},
		Conditions: []automation.Group{{Any: []automation.Condition{row("waiting_since", "longer_than", "1h"),
			row("created", "not_in_the_last", "110m")}}},
	})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(2 * time.Hour)
	h.advance(id)
	h.wants(id, "w skipped", "w done add_tags=done")
}

// A rule that is published for conversations that were there before, and one that
// is made shorter, come too late for what has long been due.
func TestANewRuleIsTooLateForWhatIsLongDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(24 * time.Hour)
	h.workflow(automation.Definition{
		Name: "w", ApplyToEarlier: true, TooLateAfter: time.Hour, Actions: []automation.Action{tag("overdue")},
		Conditions: rows(row("waiting_since", "longer_than", "8h")),
	})
	for range 2 { // the first finds that it is due
		h.advance(id)
	}
	h.wants(id, "w skipped")
	if got := h.reasons(id); got != runs.SkipTooLate {
		t.Errorf("reasons %q", got)
	}
}

func TestADueTimeThatIsMissedByLessThanTooLateAfterRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.workflow(automation.Definition{Name: "overdue", Conditions: rows(row("waiting_since", "longer_than", "1h")),
		TooLateAfter: 61 * time.Minute, Actions: []automation.Action{tag("overdue")}})
	id := h.mail("Hello", "")
	h.advance(id)
	h.Later(2 * time.Hour)
	h.advance(id)
	h.wants(id, "overdue done add_tags=done")
}

// A conversation that waits for an opening waits for another one when the hours, or
// the time zone, are changed, though nothing happens to it.
func TestChangedHoursMoveADueTimeThatIsWaitedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := time.Now().UTC()
	h.Later(now.Truncate(24 * time.Hour).Add(36 * time.Hour).Sub(now)) // tomorrow at noon
	hours := func(from, to int, zone string) {
		t.Helper()
		var all conversation.BusinessHours
		for d := range all.Days {
			all.Days[d] = []conversation.Interval{{From: from, To: to}}
		}
		_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{Hours: &all, TimeZone: &zone})
		testhouse.Must(t, err)
		h.rollOut()
	}
	hours(9*60, 10*60, "UTC")
	woken := func(id conversation.ID) bool {
		return len(h.Column(`SELECT id FROM outbox WHERE conversation_id = $1`, id)) > 0
	}
	due := func(id conversation.ID) string {
		t.Helper()
		h.advance(id)
		return h.Column(`SELECT to_char(next_due AT TIME ZONE 'UTC', 'HH24:MI') FROM conversations WHERE id = $1`, id)[0]
	}
	quiet := h.mail("Before there is any due time", "")
	h.advance(quiet)
	hours(9*60, 11*60, "UTC")
	if woken(quiet) {
		t.Error("woken, though no workflow counts time")
	}
	h.workflow(automation.Definition{
		Name: "w", Actions: []automation.Action{tag("overdue")},
		Conditions: rows(row("waiting_since", "longer_than", "30m"), row("business_hours", "is", "inside"), row("status", "is", "active")),
	})
	id := h.mail("Hello", "")
	if got := due(id); got != "09:00" {
		t.Fatalf("due at %s", got)
	}
	for _, c := range []struct {
		from int
		zone string
		want string
	}{{14 * 60, "UTC", "14:00"}, {14 * 60, "Asia/Tokyo", "05:00"}} {
		hours(c.from, c.from+60, c.zone)
		if !woken(id) {
			t.Errorf("not woken by hours from minute %d in %s", c.from, c.zone)
		}
		if got := due(id); got != c.want {
			t.Errorf("due at %s, want %s", got, c.want)
		}
	}
	name := "Another name"
	_, err := h.Store.ChangeMailbox(t.Context(), access.System(), h.support.ID, conversation.MailboxChange{Name: &name})
	testhouse.Must(t, err)
	if woken(id) {
		t.Error("woken by another name")
	}
}
