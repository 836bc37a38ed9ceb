package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/smarticks/smarticks/client"
)

type conversation struct {
	ID      string   `json:"id"`
	Number  int64    `json:"number"`
	Subject string   `json:"subject"`
	Status  string   `json:"status"`
	Tags    []string `json:"tags"`
}

// item is one line of a timeline, as the API shows it.
type item struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"`
	Kind     string    `json:"kind"`
	Sentence string    `json:"sentence"`
	Run      *run      `json:"run"`
}

type run struct {
	Workflow    named    `json:"workflow"`
	Version     int      `json:"version"`
	State       string   `json:"state"`
	Reason      string   `json:"reason"`
	Trigger     string   `json:"trigger"`
	Explanation []group  `json:"explanation"`
	Actions     []action `json:"actions"`
}

type group struct {
	Holds string `json:"holds"`
	Rows  []struct {
		Holds    string `json:"holds"`
		Sentence string `json:"sentence"`
		Actual   string `json:"actual"`
	} `json:"rows"`
}

type action struct {
	Do         string `json:"do"`
	State      string `json:"state"`
	Reason     string `json:"reason"`
	Sentence   string `json:"sentence"`
	Deliveries []struct {
		ID    string `json:"id"`
		State string `json:"state"`
	} `json:"deliveries"`
}

// sent reports whether all deliveries of the action are in the state.
func (a action) sent(state string) bool {
	for _, d := range a.Deliveries {
		if d.State != state {
			return false
		}
	}
	return len(a.Deliveries) > 0
}

func (d *demo) timeline(ctx context.Context, s story) ([]item, error) {
	return client.All(client.List[item](ctx, d.api, "/v1/conversations/"+s.conversation+"/timeline", nil))
}

// print prints the conversation's timeline: what happened, and for each run why.
func (d *demo) print(ctx context.Context, s story) error {
	var c conversation
	if err := d.api.Do(ctx, "GET", "/v1/conversations/"+s.conversation, nil, &c); err != nil {
		return err
	}
	items, err := d.timeline(ctx, s)
	if err != nil {
		return err
	}
	d.say("\n== %s\n   #%d %q, %s, tags: %s", s.title, c.Number, c.Subject, c.Status, orNone(strings.Join(c.Tags, ", ")))
	var start time.Time
	for _, it := range items {
		if start.IsZero() {
			start = it.At
		}
		d.say("   %8s  %s", fmt.Sprintf("%.1fs", it.At.Sub(start).Seconds()), it.Sentence)
		if it.Run != nil {
			d.printRun(*it.Run)
		}
	}
	return nil
}

func (d *demo) printRun(r run) {
	for _, g := range r.Explanation {
		for _, row := range g.Rows {
			d.say("             %s %-50s [%s]", mark(row.Holds), row.Sentence, row.Actual)
		}
	}
	for _, a := range r.Actions {
		line := a.Sentence + ": " + a.State
		if a.Reason != "" {
			line += ", " + a.Reason
		}
		for _, del := range a.Deliveries {
			line += ", " + del.State
		}
		d.say("             -> %s", line)
	}
}

func mark(holds string) string {
	switch holds {
	case "true":
		return "yes:"
	case "false":
		return "no: "
	default:
		return "?:  "
	}
}

func orNone(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}
