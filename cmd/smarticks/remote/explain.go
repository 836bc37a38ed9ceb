package remote

import (
	"context"
	"fmt"
	"io"
)

// Explain says why a workflow ran on a conversation, or why not.
type Explain struct {
	Server       `embed:""`
	Conversation string `arg:"" help:"Its number or id."`
	Workflow     string `arg:"" help:"Its name or id."`
	Mailbox      string `help:"The mailbox that the workflow is in, where several have one of that name."`
}

// Run explains.
func (r *Explain) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	v, err := conversation(ctx, c, r.Conversation)
	if err != nil {
		return err
	}
	w, err := workflow(ctx, c, r.Mailbox, r.Workflow)
	if err != nil {
		return err
	}
	x, err := c.Explain(ctx, v.ID, w.ID)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, x.Answer)
	for _, f := range x.Findings {
		fmt.Fprintln(out, "  "+f.Sentence)
	}
	if len(x.Explanation) > 0 {
		fmt.Fprintf(out, "The conditions now: %s\n", x.Holds)
		printGroups(out, x.Explanation)
	}
	return nil
}
