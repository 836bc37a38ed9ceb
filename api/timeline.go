package api

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation"
	"github.com/smarticks/smarticks/automation/runs"
	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/delivery"
)

// timelineStore knows everything that happened.
type timelineStore interface {
	// Timeline returns at most limit events after the seq, and all that belongs to
	// them.
	Timeline(ctx context.Context, who access.Caller, id conversation.ID, after int64, limit int) (runs.Timeline, []delivery.Delivery, error)
}

// TimelineEntry is one thing that happened: an event, or a run of a workflow
// right after the event that led to it.
type TimelineEntry struct {
	Seq      int64     `json:"seq" doc:"Of the event; a run has that of the event that led to it."`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind" doc:"The kind of event, or run."`
	Who      Who       `json:"who"`
	Sentence string    `json:"sentence"`

	Message     *Message       `json:"message,omitempty"`
	Run         *TimelineRun   `json:"run,omitempty"`
	Deliveries  []DeliveryLine `json:"deliveries,omitempty" doc:"What an agent's reply sent out."`
	CausedByRun string         `json:"caused_by_run,omitempty" doc:"The run whose action made this event."`
}

// Who did something.
type Who struct {
	Kind conversation.ActorKind `json:"kind"`
	ID   string                 `json:"id,omitempty"`
	Name string                 `json:"name"`
}

// TimelineRun is a run with its reasons and what came of it.
type TimelineRun struct {
	ID          automation.RunID    `json:"id"`
	Workflow    Named               `json:"workflow"`
	Version     int                 `json:"version"`
	Mode        automation.Mode     `json:"mode"`
	Trigger     automation.Trigger  `json:"trigger" doc:"event, time, manual, consider or undo"`
	State       automation.RunState `json:"state"`
	Reason      string              `json:"reason,omitempty"`
	DueAt       *time.Time          `json:"due_at,omitempty"`
	Explanation []ExplainedGroup    `json:"explanation" doc:"All groups must hold; in a group any condition."`
	Actions     []ActionLine        `json:"actions"`
}

// Named is something with its name.
type Named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// ExplainedGroup holds when any of its rows holds.
type ExplainedGroup struct {
	Holds string         `json:"holds" enum:"true,false,unknown"`
	Rows  []ExplainedRow `json:"rows"`
}

// ExplainedRow is a condition, whether it holds, and the value that was looked at.
type ExplainedRow struct {
	Holds    string `json:"holds" enum:"true,false,unknown"`
	Sentence string `json:"sentence"`
	Actual   string `json:"actual,omitempty"`
	Why      string `json:"why,omitempty"`
	Words    string `json:"words" doc:"All of it in one sentence."`
}

// ActionLine is an action and what came of it.
type ActionLine struct {
	Do         string                 `json:"do"`
	State      automation.ActionState `json:"state"`
	Reason     string                 `json:"reason,omitempty"`
	Sentence   string                 `json:"sentence"`
	Words      string                 `json:"words" doc:"All of it in one sentence."`
	Deliveries []DeliveryLine         `json:"deliveries,omitempty"`
}

// DeliveryLine is how far something that leaves the house has come.
type DeliveryLine struct {
	ID         delivery.ID    `json:"id"`
	Kind       delivery.Kind  `json:"kind"`
	State      delivery.State `json:"state"`
	Attempts   int            `json:"attempts"`
	Reason     string         `json:"reason,omitempty"`
	NextAt     *time.Time     `json:"next_at,omitempty"`
	FinishedAt *time.Time     `json:"finished_at,omitempty"`
}

type timelines struct{ store timelineStore }

type timelineInput struct {
	ByID
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"200" doc:"How many events at most."`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before."`
}

func (h timelines) get(ctx context.Context, who access.Caller, in *timelineInput) (page[TimelineEntry], error) {
	var after int64
	if in.Cursor != "" {
		text, err := cursor(in.Cursor)
		if after, err = parseSeq(text, err); err != nil {
			return page[TimelineEntry]{}, errCursor()
		}
	}
	t, out, err := h.store.Timeline(ctx, who, conversation.ID(in.ID), after, in.Limit+1)
	if err != nil {
		return page[TimelineEntry]{}, err
	}
	w := newTimelineWriter(t, out)
	if len(t.Events) > in.Limit {
		t.Events = t.Events[:in.Limit]
		w.page.NextCursor = nextCursor(strconv.FormatInt(t.Events[in.Limit-1].Seq, 10))
	}
	for _, e := range t.Events {
		w.event(e)
	}
	return w.page, nil
}

func parseSeq(text string, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// timelineWriter puts the parts together.
type timelineWriter struct {
	page       page[TimelineEntry]
	timeline   runs.Timeline
	runs       map[int64][]runs.Run
	deliveries map[delivery.ID]delivery.Delivery
	replies    map[int64][]DeliveryLine // of no run, by seq
}

func newTimelineWriter(t runs.Timeline, out []delivery.Delivery) *timelineWriter {
	w := &timelineWriter{
		page: page[TimelineEntry]{Items: []TimelineEntry{}}, timeline: t, runs: map[int64][]runs.Run{},
		deliveries: map[delivery.ID]delivery.Delivery{}, replies: map[int64][]DeliveryLine{},
	}
	for _, r := range t.Runs {
		w.runs[r.Seq] = append(w.runs[r.Seq], r)
	}
	for _, d := range out {
		w.deliveries[d.ID] = d
		if d.RunID == "" {
			w.replies[d.Seq] = append(w.replies[d.Seq], showDeliveryLine(d))
		}
	}
	return w
}

func (w *timelineWriter) name(id string) string { return cmp.Or(w.timeline.Names[id], id) }

func (w *timelineWriter) who(a conversation.Actor) Who {
	if a.ID == "" {
		return Who{Kind: a.Kind, Name: string(a.Kind)}
	}
	return Who{a.Kind, a.ID, w.name(a.ID)}
}

func (w *timelineWriter) event(e conversation.Event) {
	entry := TimelineEntry{
		Seq: e.Seq, At: e.At, Kind: string(e.Kind), Who: w.who(e.Actor), Sentence: e.Sentence(w.name),
		Deliveries: w.replies[e.Seq], CausedByRun: e.Cause.Run,
	}
	if m, ok := w.timeline.Messages[e.MessageID]; ok {
		text := []rune(m.Text)
		long := len(text) > runs.TimelineText
		if long {
			m.Text = string(text[:runs.TimelineText])
		}
		shown := showMessage(m)
		shown.Shortened = long
		entry.Message = &shown
	}
	w.page.Items = append(w.page.Items, entry)
	for _, r := range w.runs[e.Seq] {
		w.run(r)
	}
}

func (w *timelineWriter) run(r runs.Run) {
	actor := conversation.Actor{Kind: conversation.ActorWorkflow, ID: string(r.DefinitionID)}
	shown := TimelineRun{
		ID: r.ID, Workflow: Named{string(r.DefinitionID), r.Name}, Version: r.VersionNumber, Mode: r.Mode, Trigger: r.Trigger,
		State: r.State, Reason: r.Reason, DueAt: orNull(r.DueAt), Explanation: showVerdict(r.Verdict), Actions: []ActionLine{},
	}
	for _, a := range r.Actions {
		line := ActionLine{Do: a.Do, State: a.State, Reason: a.Reason, Sentence: a.Sentence, Words: a.Words()}
		for _, id := range a.Delivery {
			if d, ok := w.deliveries[delivery.ID(id)]; ok {
				line.Deliveries = append(line.Deliveries, showDeliveryLine(d))
			}
		}
		shown.Actions = append(shown.Actions, line)
	}
	who := Who{actor.Kind, actor.ID, r.Name}
	if r.Trigger == automation.TriggerUndo {
		who = w.who(r.Actor)
	}
	w.page.Items = append(w.page.Items, TimelineEntry{
		Seq: r.Seq, At: r.CreatedAt, Kind: "run", Who: who, Sentence: w.runSentence(r), Run: &shown,
	})
}

func (w *timelineWriter) runSentence(r runs.Run) string {
	what := fmt.Sprintf("The workflow “%s” (version %d)", r.Name, r.VersionNumber)
	because := map[automation.Trigger]string{
		automation.TriggerEvent:    "because its conditions held",
		automation.TriggerTime:     "because its time had come",
		automation.TriggerConsider: "because it was to be looked at again",
		automation.TriggerManual:   "because " + w.name(r.Actor.ID) + " asked for it",
	}[r.Trigger]
	switch {
	case r.Trigger == automation.TriggerUndo:
		return w.undoSentence(r, what)
	case r.State == automation.RunAsked:
		return what + " is about to run " + because
	case r.State == automation.RunSkipped:
		return what + " did not run: " + runs.SkipSentence(r.Reason)
	case r.State == automation.RunRefused:
		return what + " was not run: " + r.Reason
	case r.State == automation.RunLimited:
		return what + " did nothing, since its mail might not go: " + r.Reason
	case r.State == automation.RunFailed:
		return what + " ran " + because + ", and failed: " + r.Reason
	case r.Mode == automation.ModeWatch:
		return what + " only watches; it would have run " + because
	default:
		return what + " ran " + because
	}
}

func (w *timelineWriter) undoSentence(r runs.Run, workflow string) string {
	did := "What " + strings.Replace(workflow, "The", "the", 1) + " did"
	because := ", because " + w.name(r.Actor.ID) + " asked for it"
	switch r.State {
	case automation.RunAsked:
		return did + " is about to be undone" + because
	case automation.RunDone:
		return did + " was undone" + because
	default:
		return did + " was not undone: " + r.Reason
	}
}

func showVerdict(v automation.Verdict) []ExplainedGroup {
	out := []ExplainedGroup{}
	for _, g := range v.Groups {
		shown := ExplainedGroup{Holds: g.Holds.String(), Rows: []ExplainedRow{}}
		for _, r := range g.Rows {
			shown.Rows = append(shown.Rows, ExplainedRow{r.Holds.String(), r.Sentence, r.Actual, r.Why, r.Words()})
		}
		out = append(out, shown)
	}
	return out
}

func showDeliveryLine(d delivery.Delivery) DeliveryLine {
	line := DeliveryLine{ID: d.ID, Kind: d.Kind, State: d.State, Attempts: d.Attempts, Reason: d.Reason, FinishedAt: orNull(d.FinishedAt)}
	if !d.State.Final() {
		line.NextAt = orNull(d.NextAt)
	}
	return line
}
