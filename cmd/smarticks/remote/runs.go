package remote

import (
	"context"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// Runs lists runs with their reasons.
type Runs struct {
	Server       `embed:""`
	Conversation string `help:"Of this conversation: its number or id."`
	Workflow     string `help:"Of this workflow: its name or id."`
	Mailbox      string `help:"The mailbox that the workflow is in, where several have one of that name."`
	Limit        int    `default:"20" help:"How many at most."`
	Reasons      bool   `help:"With every condition and what was looked at."`
}

// Run lists the runs, the newest first.
func (r *Runs) Run(ctx context.Context, out io.Writer) error {
	if (r.Conversation == "") == (r.Workflow == "") {
		return errs.New("remote.Runs", errs.Invalid, "whose runs? Give --conversation or --workflow")
	}
	c, err := r.Client()
	if err != nil {
		return err
	}
	list, err := r.list(ctx, c)
	if err != nil {
		return err
	}
	n := 0
	for run, err := range list {
		if err != nil {
			return err
		}
		if n++; n > r.Limit {
			fmt.Fprintf(out, "… there are more: --limit %d\n", r.Limit*2)
			break
		}
		printRun(out, run, r.Reasons)
	}
	if n == 0 {
		fmt.Fprintln(out, "There is none.")
	}
	return nil
}

func (r *Runs) list(ctx context.Context, c *client.Client) (iter.Seq2[client.Run, error], error) {
	if r.Conversation != "" {
		v, err := conversation(ctx, c, r.Conversation)
		return c.ConversationRuns(ctx, v.ID), err
	}
	w, err := workflow(ctx, c, r.Mailbox, r.Workflow)
	return c.WorkflowRuns(ctx, w.ID), err
}

func printRun(out io.Writer, run client.Run, reasons bool) {
	watched := ""
	if run.Mode == "watch" {
		watched = ", watch"
	}
	fmt.Fprintf(out, "%s  %s, version %d, by %s%s: %s\n", run.CreatedAt.UTC().Format(time.DateTime), run.WorkflowName, run.Version,
		run.Trigger, watched, run.State)
	if run.Reason != "" {
		fmt.Fprintln(out, "  because "+run.Reason)
	}
	if reasons {
		printGroups(out, run.Explanation)
	}
	for _, a := range run.Actions {
		fmt.Fprintln(out, "  "+a.Words)
	}
}

// printGroups prints conditions with what was looked at.
func printGroups(out io.Writer, groups []client.Group) {
	for _, g := range groups {
		for i, row := range g.Rows {
			word := "and"
			if i > 0 {
				word = " or"
			}
			fmt.Fprintf(out, "  %s %s\n", word, row.Words)
		}
	}
}
