package remote

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/smarticks/smarticks/client"
)

// Workflows are the commands about workflows.
type Workflows struct {
	List listCommand `cmd:"" help:"List the workflows in their order."`
	Show showCommand `cmd:"" help:"Show a workflow in words."`

	Check  checkCommand  `cmd:"" help:"Check workflow files: what is written, and with a server what they name."`
	Plan   planCommand   `cmd:"" help:"Print what apply would do: 0 nothing, 2 something, 1 an error."`
	Apply  applyCommand  `cmd:"" help:"Make a server's workflows what files say."`
	Export exportCommand `cmd:"" help:"Write a server's workflows as files."`
}

type listCommand struct {
	Server  `embed:""`
	Mailbox string `help:"Only those of this mailbox: its address, name or id."`
}

// Run lists the workflows.
func (r *listCommand) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	boxes, err := mailboxes(ctx, c, r.Mailbox)
	if err != nil {
		return err
	}
	for _, m := range boxes {
		fmt.Fprintln(out, m.Email)
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for w, err := range c.Workflows(ctx, m.ID) {
			if err != nil {
				return err
			}
			fmt.Fprintf(table, "  %d\t%s\t%s\t%s\n", w.Position, w.Mode, version(w), w.Name+remark(w))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func version(w client.Workflow) string {
	if w.Version == 0 {
		return "unpublished"
	}
	return fmt.Sprint("version ", w.Version)
}

// remark is what a person should know of a workflow in a list.
func remark(w client.Workflow) string {
	switch {
	case w.OffReason != "":
		return "  (switched off: " + w.OffReason + ")"
	case w.PausedAt != nil:
		return "  (paused: " + w.PausedReason + ")"
	case w.Version > 0 && w.HasUnpublishedChanges:
		return "  (the draft is not published)"
	}
	return ""
}

type showCommand struct {
	Server   `embed:""`
	Workflow string `arg:"" help:"Its name or id."`
	Mailbox  string `help:"The mailbox that it is in, where several have one of that name."`
}

// Run shows one workflow.
func (r *showCommand) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	w, err := workflow(ctx, c, r.Mailbox, r.Workflow)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s, %s, %s%s\n", w.Name, w.Type, w.Mode, version(w), remark(w))
	for _, s := range w.Sentences {
		fmt.Fprintln(out, "  "+s)
	}
	fmt.Fprintln(out, "id "+w.ID)
	return nil
}
