package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/smarticks/smarticks/client"
	"github.com/smarticks/smarticks/errs"
)

// ErrChanges says that a plan has changes: not a failure, and not nothing.
var ErrChanges = errors.New("the plan has changes")

type checkCommand struct {
	Server  `embed:""`
	Folder  `embed:""`
	Offline bool `help:"Do not ask the server, even if one is named."`
}

// Run checks the files, and with a server what they name too.
func (r *checkCommand) Run(ctx context.Context, out io.Writer) error {
	set, err := r.read()
	if err != nil {
		return err
	}
	n := 0
	for _, m := range set.Mailboxes {
		n += len(m.Workflows)
	}
	if r.Offline || !r.Known() {
		fmt.Fprintf(out, "%d workflows are well written. What they name is not looked at without a server.\n", n)
		return nil
	}
	c, err := r.Client()
	if err != nil {
		return err
	}
	found, err := targets(ctx, c, set)
	if err != nil {
		return err
	}
	for _, t := range found {
		p, err := c.Plan(ctx, t.id, client.Wanted{Workflows: t.files.Trees()})
		if err != nil {
			return placed(t.files, err)
		}
		printWarnings(out, p.Warnings)
	}
	fmt.Fprintf(out, "%d workflows are well written, and all that they name is there.\n", n)
	return nil
}

type planCommand struct {
	Server `embed:""`
	Folder `embed:""`
	Prune  bool   `help:"Delete workflows of these mailboxes that the files do not name."`
	Out    string `help:"Keep the plan in this file, for apply --plan." type:"path"`
}

// saved is a plan that is kept for apply.
type saved struct {
	Mailboxes []savedMailbox `json:"mailboxes"`
}

// savedMailbox is what is sent to apply it.
type savedMailbox struct {
	Mailbox string        `json:"mailbox"` // address
	ID      string        `json:"id"`
	Wanted  client.Wanted `json:"wanted"`
}

// Run prints what apply would do. It ends with ErrChanges when that is something.
func (r *planCommand) Run(ctx context.Context, out io.Writer) error {
	c, err := r.Client()
	if err != nil {
		return err
	}
	s, changes, err := plan(ctx, c, r.Folder, r.Prune, out)
	if err != nil {
		return err
	}
	if r.Out != "" {
		text, err := json.MarshalIndent(s, "", " ")
		if err != nil {
			return err
		}
		if err := write(r.Out, append(text, '\n')); err != nil {
			return err
		}
	}
	if changes {
		return ErrChanges
	}
	return nil
}

// plan asks the server for the plan of each mailbox of the folder and prints it.
func plan(ctx context.Context, c *client.Client, f Folder, prune bool, out io.Writer) (s saved, changes bool, err error) {
	set, err := f.read()
	if err != nil {
		return s, false, err
	}
	found, err := targets(ctx, c, set)
	if err != nil {
		return s, false, err
	}
	for _, t := range found {
		wanted := client.Wanted{Workflows: t.files.Trees(), Prune: prune}
		p, err := c.Plan(ctx, t.id, wanted)
		if err != nil {
			return s, false, placed(t.files, err)
		}
		printPlan(out, t.files.Address, p)
		wanted.Base = p.Base
		s.Mailboxes = append(s.Mailboxes, savedMailbox{t.files.Address, t.id, wanted})
		changes = changes || !p.Empty()
	}
	return s, changes, nil
}

type applyCommand struct {
	Server `embed:""`
	Dir    string `arg:"" optional:"" help:"The folder with the files, or one file." type:"path"`
	Prune  bool   `help:"Delete workflows of these mailboxes that the files do not name."`
	Plan   string `help:"Apply a plan that plan --out kept, as it was." type:"path"`
}

// Run makes the server's workflows what the files say, mailbox by mailbox, each all
// or nothing.
func (r *applyCommand) Run(ctx context.Context, out io.Writer) error {
	if (r.Dir == "") == (r.Plan == "") {
		return errs.New("remote.apply", errs.Invalid, "apply what? Give a folder, or --plan")
	}
	c, err := r.Client()
	if err != nil {
		return err
	}
	s, changes := saved{}, true
	if r.Plan == "" {
		s, changes, err = plan(ctx, c, Folder{r.Dir}, r.Prune, out)
	} else {
		s, err = readPlan(r.Plan)
	}
	if err != nil || !changes {
		return err
	}
	for _, m := range s.Mailboxes {
		p, err := c.Apply(ctx, m.ID, m.Wanted)
		if err != nil {
			return err
		}
		if r.Plan != "" {
			printPlan(out, m.Mailbox, p)
		}
	}
	fmt.Fprintln(out, "Done.")
	return nil
}

func readPlan(path string) (saved, error) {
	const op = "remote.readPlan"
	var s saved
	text, err := os.ReadFile(path) //nolint:gosec // the file that the user names
	if err != nil {
		return s, errs.Wrap(op, errs.Invalid, "the plan cannot be read", err)
	}
	if err := json.Unmarshal(text, &s); err != nil || len(s.Mailboxes) == 0 {
		return s, errs.New(op, errs.Invalid, shown(path)+" is no plan that plan --out kept")
	}
	return s, nil
}
