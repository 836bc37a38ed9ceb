package demo

import (
	"context"
	"slices"
	"time"
)

// coming is one thing that a forecast says.
type coming struct {
	At       time.Time `json:"at"`
	What     string    `json:"what"`
	Trigger  string    `json:"trigger"`
	Workflow string    `json:"workflow"`
	Sentence string    `json:"sentence"`
}

// foretell prints what will happen to the story's conversation if nobody acts.
// What has happened already is not foretold.
func (d *demo) foretell(ctx context.Context, s story) ([]coming, error) {
	var f struct {
		Now   time.Time `json:"now"`
		Items []coming  `json:"items"`
	}
	if err := d.api.Do(ctx, "GET", "/v1/conversations/"+s.conversation+"/forecast?horizon=1h", nil, &f); err != nil {
		return nil, err
	}
	items := slices.DeleteFunc(f.Items, func(c coming) bool { return c.What != "run" || c.Trigger != "time" })
	if len(items) == 0 {
		return nil, nil
	}
	d.say("\n== Forecast: what will happen to it if nobody acts\n   %s", s.title)
	for _, c := range items {
		d.say("   at %s, in %.1fs: %s", c.At.Format("15:04:05.000"), c.At.Sub(f.Now).Seconds(), c.Sentence)
	}
	return items, nil
}

// cameTrue prints when what was foretold happened.
func (d *demo) cameTrue(ctx context.Context, s story, foretold []coming) error {
	if len(foretold) == 0 {
		return nil
	}
	items, err := d.timeline(ctx, s)
	if err != nil {
		return err
	}
	for _, c := range foretold {
		for _, it := range items {
			if it.Run != nil && it.Run.Trigger == "time" && it.Run.Workflow.Name == c.Workflow {
				d.say("   forecast for %s, came at %s: %.3fs later", c.At.Format("15:04:05.000"), it.At.Format("15:04:05.000"),
					it.At.Sub(c.At).Seconds())
				break
			}
		}
	}
	return nil
}
